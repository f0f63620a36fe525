namespace Tarn.Core.Cache;

/// <summary>What a cache has and has done since it was opened.</summary>
public sealed record BlockCacheStatistics
{
    /// <summary>Frames on the device.</summary>
    public long Frames { get; init; }

    /// <summary>Bytes of data in these frames.</summary>
    public long FrameBytes { get; init; }

    /// <summary>Bytes of the device that the cache has taken.</summary>
    public long UsedBytes { get; init; }

    /// <summary>Bytes of the device that it may take.</summary>
    public long Capacity { get; init; }

    /// <summary>Bytes read that the cache had.</summary>
    public long HitBytes { get; init; }

    /// <summary>Bytes read from fetches that other reads had started.</summary>
    public long JoinedBytes { get; init; }

    /// <summary>Bytes read that were fetched for the read.</summary>
    public long MissBytes { get; init; }

    /// <summary>Bytes of blocks that came from sources, whoever they were for.</summary>
    public long FetchedBytes { get; init; }

    /// <summary>Frames that were written to the device.</summary>
    public long Fills { get; init; }

    /// <summary>Bytes of data in these frames.</summary>
    public long FillBytes { get; init; }

    /// <summary>Frames that were fetched and not written: the device is behind, or failed.</summary>
    public long Unwritten { get; init; }

    /// <summary>Frames that gave way to others.</summary>
    public long Evictions { get; init; }

    /// <summary>Bytes of data in these.</summary>
    public long EvictedBytes { get; init; }

    /// <summary>Frames that were dropped because they were too old.</summary>
    public long Expired { get; init; }

    /// <summary>Frames that came damaged from a source.</summary>
    public long DamagedFrames { get; init; }

    /// <summary>Frames of which the device gave damaged bytes.</summary>
    public long DamagedStoredFrames { get; init; }

    /// <summary>Calls that the device failed, or did not finish in time.</summary>
    public long DeviceErrors { get; init; }

    /// <summary>Whether the device is left alone for a while, because it failed.</summary>
    public bool IsDevicePaused { get; init; }

    /// <summary>Fetches that are going on.</summary>
    public long FetchesInFlight { get; init; }

    /// <summary>Fetches that wait for memory.</summary>
    public long FetchesWaiting { get; init; }

    /// <summary>Bytes of memory that fetches have.</summary>
    public long FetchMemoryUsed { get; init; }
}

/// <summary>Counts what a cache does.</summary>
internal sealed class CacheCounters
{
    public long HitBytes, JoinedBytes, MissBytes, FetchedBytes, Fills, FillBytes, Unwritten, Evictions, EvictedBytes, Expired, DamagedFrames, DamagedStoredFrames, DeviceErrors;

    /// <summary>Counts a read, and gives its result.</summary>
    public CacheRead Read(int count, CacheOrigin origin)
    {
        ref long counter = ref HitBytes;
        if (origin != CacheOrigin.Hit)
        {
            counter = ref origin == CacheOrigin.Joined ? ref JoinedBytes : ref MissBytes;
        }

        Interlocked.Add(ref counter, count);
        return new CacheRead(count, origin);
    }
}
