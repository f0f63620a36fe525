namespace Tarn.Core.Lifecycle;

/// <summary>Keeps a walk from taking more of the machine than it is allowed: waits when it is ahead of its pace.</summary>
internal sealed class LifecyclePace(int perSecond, TimeProvider clock)
{
    /// <summary>Timers are no finer than this.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    /// <summary>What was slow once is little credit for being fast later: what a wait that took too long lost, not a burst.</summary>
    private static readonly TimeSpan MostCredit = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private long _since = clock.GetTimestamp();
    private TimeSpan _due;

    /// <summary>Counts what was looked at, and waits until it was time for it. Several may wait at once.</summary>
    public async ValueTask CountAsync(int versions, CancellationToken cancellationToken)
    {
        TimeSpan ahead = Ahead(versions);
        if (ahead >= ShortestWait)
        {
            await Task.Delay(ahead, clock, cancellationToken);
        }
    }

    private TimeSpan Ahead(int versions)
    {
        lock (_lock)
        {
            _due += TimeSpan.FromSeconds((double)versions / perSecond);
            TimeSpan ahead = _due - clock.GetElapsedTime(_since);
            if (ahead < -MostCredit)
            {
                _since = clock.GetTimestamp();
                _due = -MostCredit;
            }

            return ahead;
        }
    }
}
