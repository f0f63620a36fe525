namespace Tarn.Core.Lifecycle;

/// <summary>Keeps a walk from taking more of the machine than it is allowed: waits when it is ahead of its pace.</summary>
internal sealed class LifecyclePace(int perSecond, TimeProvider clock)
{
    private long _start = clock.GetTimestamp();
    private long _count;

    public void Count(int versions) => Interlocked.Add(ref _count, versions);

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan due = TimeSpan.FromSeconds((double)Interlocked.Read(ref _count) / perSecond);
        TimeSpan ahead = due - clock.GetElapsedTime(_start);
        if (ahead >= TimeSpan.FromMilliseconds(1))
        {
            await Task.Delay(ahead, clock, cancellationToken);
        }

        // What was slow once is no credit for being fast later.
        _start = clock.GetTimestamp();
        Interlocked.Exchange(ref _count, 0);
    }
}
