namespace Tarn.Core.Lifecycle;

/// <summary>Keeps a walk from taking more of the machine than it is allowed: waits when it is ahead of its pace.</summary>
internal sealed class LifecyclePace(int perSecond, TimeProvider clock)
{
    /// <summary>Timers are no finer than this.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    /// <summary>What was slow once is little credit for being fast later: what a wait that took too long lost, not a burst.</summary>
    private static readonly TimeSpan MostCredit = TimeSpan.FromMilliseconds(10);

    private long _since = clock.GetTimestamp();
    private TimeSpan _due;
    private long _count;

    public void Count(int versions) => Interlocked.Add(ref _count, versions);

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        _due += TimeSpan.FromSeconds((double)Interlocked.Exchange(ref _count, 0) / perSecond);
        TimeSpan ahead = _due - clock.GetElapsedTime(_since);
        if (ahead >= ShortestWait)
        {
            await Task.Delay(ahead, clock, cancellationToken);
        }
        else if (ahead < -MostCredit)
        {
            _since = clock.GetTimestamp();
            _due = -MostCredit;
        }
    }
}
