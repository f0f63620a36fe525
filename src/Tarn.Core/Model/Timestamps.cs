namespace Tarn.Core.Model;

/// <summary>The current time in the units of records and ids.</summary>
internal static class Timestamps
{
    /// <summary>Unix milliseconds, truncated to the second, the precision of S3's modification times.</summary>
    public static long Seconds(TimeProvider clock) => clock.GetUtcNow().ToUnixTimeSeconds() * 1000;

    /// <summary>Microseconds since 1970, the unit of version ids.</summary>
    public static ulong Microseconds(TimeProvider clock) =>
        (ulong)((clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
}
