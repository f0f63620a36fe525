using System.Globalization;
using Tarn.Core;

namespace Tarn.Server.Backups;

/// <summary>The names of backups: the time at which one was begun, to the millisecond, and something random. They sort by time.</summary>
internal static class BackupNames
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmssfff'Z'";
    private const int Digits = 8;

    public static string Create(DateTimeOffset started, IRandomSource random) => string.Create(
        CultureInfo.InvariantCulture, $"{started.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{(uint)random.NextUInt64():x8}");

    /// <summary>Whether a text is a name, so that it can be part of a path.</summary>
    public static bool IsValid(string text) =>
        text.Split('-') is [var time, { Length: Digits } random]
        && DateTime.TryParseExact(time, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        && random.All(char.IsAsciiHexDigitLower);
}
