namespace Tarn.Core.Lifecycle;

/// <summary>
/// Counts lifecycle days. A day begins at midnight UTC; a day of another length, which only tests use, begins at a multiple of it since 1970.
/// Source: Amazon S3 User Guide, "Understanding object expiration": the days are added to the time, and the sum is rounded up to
/// the next midnight UTC.
/// </summary>
public sealed class LifecycleDay
{
    /// <summary>Defines a day of another length.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive.</exception>
    public LifecycleDay(TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, TimeSpan.Zero);
        Length = length;
    }

    /// <summary>A day of 24 hours.</summary>
    public static LifecycleDay Real { get; } = new(TimeSpan.FromDays(1));

    /// <summary>How long the day is.</summary>
    public TimeSpan Length { get; }

    /// <summary>Returns the first beginning of a day that is later than the given number of days after a time.</summary>
    public DateTimeOffset After(DateTimeOffset time, int days)
    {
        Int128 ticks = (Int128)(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) + ((Int128)Length.Ticks * days);
        Int128 start = Floor(ticks) + Length.Ticks + DateTimeOffset.UnixEpoch.Ticks;
        return start > DateTimeOffset.MaxValue.Ticks ? DateTimeOffset.MaxValue : new DateTimeOffset((long)start, TimeSpan.Zero);
    }

    /// <summary>Returns the number of the day of a time, counted from 1970.</summary>
    public long Number(DateTimeOffset time) => (long)(Floor(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / Length.Ticks);

    private Int128 Floor(Int128 ticks)
    {
        Int128 rest = ticks % Length.Ticks;
        return ticks - rest - (rest < 0 ? Length.Ticks : 0);
    }
}
