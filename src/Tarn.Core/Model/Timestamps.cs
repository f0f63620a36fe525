namespace Tarn.Core.Model;

/// <summary>Now, in the units that records and ids have.</summary>
internal static class Timestamps
{
    /// <summary>Unix milliseconds, cut to the second: S3 gives modification times to the second.</summary>
    public static long Seconds(TimeProvider clock) => clock.GetUtcNow().ToUnixTimeSeconds() * 1000;

    /// <summary>Microseconds since 1970: what version ids grow by.</summary>
    public static ulong Microseconds(TimeProvider clock) =>
        (ulong)((clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
}
