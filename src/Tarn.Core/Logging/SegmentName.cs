using System.Globalization;
using Tarn.Core.Model;

namespace Tarn.Core.Logging;

/// <summary>The name of a segment's file: <c>OPENED-ID.open</c> while lines are added to it, <c>OPENED-ID-SEALED.log</c> afterwards. Times are Unix milliseconds.</summary>
/// <param name="Opened">When it was created, before its first line.</param>
/// <param name="Id">Its id.</param>
/// <param name="Sealed">When it was sealed: the time of delivery in the keys of its objects; null while it is open.</param>
internal readonly record struct SegmentName(DateTimeOffset Opened, Id128 Id, DateTimeOffset? Sealed)
{
    private const string OpenSuffix = ".open";
    private const string SealedSuffix = ".log";

    /// <summary>Reads the name of a file; false for any other file.</summary>
    public static bool TryParse(string text, out SegmentName name)
    {
        name = default;
        bool isOpen = text.EndsWith(OpenSuffix, StringComparison.Ordinal);
        string[] parts = isOpen ? text[..^OpenSuffix.Length].Split('-')
            : text.EndsWith(SealedSuffix, StringComparison.Ordinal) ? text[..^SealedSuffix.Length].Split('-')
            : [];
        if (parts.Length != (isOpen ? 2 : 3) || Time(parts[0]) is not { } opened || !Id128.TryParse(parts[1], out Id128 id))
        {
            return false;
        }

        DateTimeOffset? ended = isOpen ? null : Time(parts[2]);
        name = new SegmentName(opened, id, ended);
        return isOpen || ended is not null;
    }

    public override string ToString() => Sealed is { } ended
        ? string.Create(CultureInfo.InvariantCulture, $"{Opened.ToUnixTimeMilliseconds():D14}-{Id}-{ended.ToUnixTimeMilliseconds():D14}{SealedSuffix}")
        : string.Create(CultureInfo.InvariantCulture, $"{Opened.ToUnixTimeMilliseconds():D14}-{Id}{OpenSuffix}");

    private static DateTimeOffset? Time(string text) =>
        text.Length == 14 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds) ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
}
