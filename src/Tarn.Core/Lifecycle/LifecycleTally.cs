namespace Tarn.Core.Lifecycle;

/// <summary>What the lifecycle worker did; counted by several threads at once.</summary>
public sealed class LifecycleTally
{
    private long _examined;
    private long _expired;
    private long _versionsDeleted;
    private long _markersRemoved;
    private long _uploadsAborted;
    private long _changed;

    /// <summary>Versions and uploads looked at.</summary>
    public long Examined => Volatile.Read(ref _examined);

    public long Expired => Volatile.Read(ref _expired);

    public long VersionsDeleted => Volatile.Read(ref _versionsDeleted);

    public long MarkersRemoved => Volatile.Read(ref _markersRemoved);

    public long UploadsAborted => Volatile.Read(ref _uploadsAborted);

    /// <summary>What was due but changed before it was done.</summary>
    public long Changed => Volatile.Read(ref _changed);

    internal void CountExamined(int count) => Interlocked.Add(ref _examined, count);

    internal void Count(LifecycleActionKind kind, LifecycleResult result)
    {
        if (result != LifecycleResult.Applied)
        {
            Interlocked.Increment(ref _changed);
            return;
        }

        Interlocked.Increment(ref kind == LifecycleActionKind.ExpireCurrent ? ref _expired
            : ref kind == LifecycleActionKind.DeleteVersion ? ref _versionsDeleted : ref _markersRemoved);
    }

    internal void CountAbort(LifecycleResult result) =>
        Interlocked.Increment(ref result == LifecycleResult.Applied ? ref _uploadsAborted : ref _changed);
}
