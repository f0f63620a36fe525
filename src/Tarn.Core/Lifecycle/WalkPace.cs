namespace Tarn.Core.Lifecycle;

/// <summary>Limits the rate of a walk: waits when the walk is ahead of its pace.</summary>
internal sealed class WalkPace(int perSecond, TimeProvider clock)
{
    /// <summary>The resolution of timers.</summary>
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(1);

    /// <summary>The most a slow stretch is credited later: enough to make up for a wait that took too long, not for a burst.</summary>
    private static readonly TimeSpan MaxCredit = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private long _since = clock.GetTimestamp();
    private TimeSpan _due;

    /// <summary>Counts what was examined, and waits while it is ahead of the pace. Several callers may wait at once.</summary>
    public async ValueTask CountAsync(int examined, CancellationToken cancellationToken)
    {
        TimeSpan ahead = Ahead(examined);
        if (ahead >= MinWait)
        {
            await Task.Delay(ahead, clock, cancellationToken);
        }
    }

    private TimeSpan Ahead(int examined)
    {
        lock (_lock)
        {
            _due += TimeSpan.FromSeconds((double)examined / perSecond);
            TimeSpan ahead = _due - clock.GetElapsedTime(_since);
            if (ahead < -MaxCredit)
            {
                _since = clock.GetTimestamp();
                _due = -MaxCredit;
            }

            return ahead;
        }
    }
}
