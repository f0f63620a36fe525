namespace Tarn.Core.Samples;

/// <summary>The times that samples are taken of: hours or days of UTC, numbered from the Unix epoch.</summary>
/// <param name="Table">The table of these samples.</param>
/// <param name="Seconds">The length of the time.</param>
/// <param name="Retention">How long samples are kept.</param>
public sealed record SampleStep(byte Table, int Seconds, TimeSpan Retention)
{
    /// <summary>Hours, kept for 90 days.</summary>
    public static SampleStep Hour { get; } = new(Records.Tables.HourSample, 3600, TimeSpan.FromDays(90));

    /// <summary>Days, kept for three years.</summary>
    public static SampleStep Day { get; } = new(Records.Tables.DaySample, 86_400, TimeSpan.FromDays(3 * 366));

    /// <summary>The number of the hour or day that a time is in; 0 for times before the epoch.</summary>
    public uint NumberOf(DateTimeOffset time) => (uint)Math.Clamp(time.ToUnixTimeSeconds() / Seconds, 0, uint.MaxValue);

    /// <summary>When an hour or day begins.</summary>
    public DateTimeOffset StartOf(uint number) => DateTimeOffset.FromUnixTimeSeconds((long)number * Seconds);

    /// <summary>The first one that is kept.</summary>
    internal uint FirstKept(DateTimeOffset now) => NumberOf(now - Retention);
}
