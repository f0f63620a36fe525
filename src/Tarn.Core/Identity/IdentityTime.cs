using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Times as the records of identity keep them: Unix milliseconds.</summary>
internal static class IdentityTime
{
    private static readonly long Last = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <exception cref="RecordFormatException">The number is beyond the end of the calendar.</exception>
    public static DateTimeOffset FromStored(long milliseconds) => milliseconds <= Last
        ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
        : throw new RecordFormatException("A record's time is beyond the end of the calendar.");

    /// <summary>Converts a stored time; 0 is null.</summary>
    public static DateTimeOffset? FromStoredOrNone(long milliseconds) => milliseconds == 0 ? null : FromStored(milliseconds);

    /// <summary>Truncates to the whole second, so that the answer and the stored value agree.</summary>
    public static DateTimeOffset Seconds(this DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
