namespace Tarn.Core.Lifecycle;

/// <summary>Counts what the lifecycle worker did since the process started. Thread-safe.</summary>
public sealed class LifecycleTally
{
    private long _examined;
    private long _expired;
    private long _versionsDeleted;
    private long _markersRemoved;
    private long _uploadsAborted;
    private long _changed;
    private long _walks;
    private long _failures;
    private long _walked;

    /// <summary>Versions and uploads examined.</summary>
    public long Examined => Volatile.Read(ref _examined);

    /// <summary>Current versions expired.</summary>
    public long Expired => Volatile.Read(ref _expired);

    /// <summary>Noncurrent versions deleted.</summary>
    public long VersionsDeleted => Volatile.Read(ref _versionsDeleted);

    /// <summary>Delete markers removed.</summary>
    public long MarkersRemoved => Volatile.Read(ref _markersRemoved);

    /// <summary>Multipart uploads aborted.</summary>
    public long UploadsAborted => Volatile.Read(ref _uploadsAborted);

    /// <summary>Due actions that were skipped because the version or upload had changed.</summary>
    public long Changed => Volatile.Read(ref _changed);

    /// <summary>Walks of a bucket that came to its end.</summary>
    public long Walks => Volatile.Read(ref _walks);

    /// <summary>When the last of them did, in Unix seconds; 0 before the first.</summary>
    public long LastWalk => Volatile.Read(ref _walked);

    /// <summary>Walks that were interrupted by a failure, or could not begin; they go on later.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>All counts at this time.</summary>
    internal LifecycleCounts Counts => new(Examined, Expired, VersionsDeleted, MarkersRemoved, UploadsAborted, Changed);

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

    internal void CountWalk(DateTimeOffset now)
    {
        Interlocked.Increment(ref _walks);
        Volatile.Write(ref _walked, now.ToUnixTimeSeconds());
    }

    internal void CountFailure() => Interlocked.Increment(ref _failures);

    internal void CountAbort(LifecycleResult result) =>
        Interlocked.Increment(ref result == LifecycleResult.Applied ? ref _uploadsAborted : ref _changed);
}

/// <summary>The counts of a <see cref="LifecycleTally"/> at one time.</summary>
internal readonly record struct LifecycleCounts(long Examined, long Expired, long VersionsDeleted, long MarkersRemoved, long UploadsAborted, long Changed)
{
    /// <summary>What was counted after <paramref name="earlier"/>.</summary>
    public LifecycleCounts Since(LifecycleCounts earlier) => new(
        Examined - earlier.Examined, Expired - earlier.Expired, VersionsDeleted - earlier.VersionsDeleted,
        MarkersRemoved - earlier.MarkersRemoved, UploadsAborted - earlier.UploadsAborted, Changed - earlier.Changed);
}
