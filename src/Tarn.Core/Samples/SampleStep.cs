namespace Tarn.Core.Samples;

/// <summary>The times that samples are taken of: hours or days of UTC, numbered from the Unix epoch.</summary>
/// <param name="Table">The table of these samples.</param>
/// <param name="Seconds">The length of the time.</param>
/// <param name="Kept">How many of the times with samples are kept.</param>
public sealed record SampleStep(byte Table, int Seconds, int Kept)
{
    /// <summary>Hours, kept for 90 days in which a server runs.</summary>
    public static SampleStep Hour { get; } = new(Records.Tables.HourSample, 3600, 90 * 24);

    /// <summary>Days, kept for three years in which a server runs.</summary>
    public static SampleStep Day { get; } = new(Records.Tables.DaySample, 86_400, 3 * 366);

    /// <summary>The number of the hour or day that a time is in; 0 for times before the epoch.</summary>
    public uint NumberOf(DateTimeOffset time) => (uint)Math.Clamp(time.ToUnixTimeSeconds() / Seconds, 0, uint.MaxValue);

    /// <summary>When an hour or day begins.</summary>
    public DateTimeOffset StartOf(uint number) => DateTimeOffset.FromUnixTimeSeconds((long)number * Seconds);
}
