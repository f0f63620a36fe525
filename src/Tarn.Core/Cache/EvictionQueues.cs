namespace Tarn.Core.Cache;

/// <summary>
/// Decides which frame of a size class gives way: S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023). New frames enter a small queue, a tenth of all; those used
/// there go on to the main queue, the others leave, and only their fingerprints stay for a while. A frame that comes back meanwhile enters the main queue, where frames that were used go round again.
/// So a scan passes through the small queue and touches nothing else, and a hit only counts. Not for use by several threads at once.
/// </summary>
internal sealed class EvictionQueues
{
    // A frame that is used again once while it is in the small queue stays: a fetch costs more than a little room.
    private const int UsesToStay = 1;
    private const int SmallShare = 10;

    private readonly FrameQueue _small = new();
    private readonly FrameQueue _main = new();
    private readonly GhostKeys _ghosts = new();

    /// <summary>Frames in the queues.</summary>
    public int Count => _small.Count + _main.Count;

    /// <summary>Adds a new frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="clock">Bytes that were added to the cache so far.</param>
    public void Add(CachedFrame frame, long clock)
    {
        frame.Queued = clock;
        (_ghosts.Remove(frame.Key.Fingerprint) ? _main : _small).Add(frame);
    }

    /// <summary>Adds a frame of an earlier run, of whose use nothing is known.</summary>
    public void AddOld(CachedFrame frame) => _main.Add(frame);

    /// <summary>Retires the frame that is worth least, and takes it out; null when all are pinned.</summary>
    public CachedFrame? Evict(long clock)
    {
        // Each frame goes from the small queue to the main one at most once, and round in that at most three times, unless it is pinned or used meanwhile.
        for (int left = (Count * 5) + 1; left > 0 && Next() is { } frame; left--)
        {
            bool isSmall = frame.Queue == _small;
            if (isSmall ? frame.Uses >= UsesToStay : frame.Uses > 0)
            {
                Stay(frame, isSmall ? 0 : frame.Uses - 1, clock);
            }
            else if (frame.TryRetireUnpinned())
            {
                frame.Queue!.Remove(frame);
                if (isSmall)
                {
                    // As many as the main queue has frames, as its authors found best.
                    _ghosts.Add(frame.Key.Fingerprint, Math.Max(Count, 16));
                }

                return frame;
            }
            else
            {
                Stay(frame, 0, clock);
            }
        }

        return null;
    }

    /// <summary>For how many bytes added to the cache the frame that would leave next has been in its queue; null when there is none.</summary>
    public long? NextAge(long clock) => Next() is { } frame ? clock - frame.Queued : null;

    /// <summary>Lets the frame that would leave next go round if it was used, so that a class in use keeps its slabs.</summary>
    /// <returns>Whether it was used.</returns>
    public bool SpareNext(long clock)
    {
        if (Next() is not { Uses: > 0 } frame)
        {
            return false;
        }

        Stay(frame, frame.Queue == _small ? 0 : frame.Uses - 1, clock);
        return true;
    }

    private CachedFrame? Next() => _small.Oldest is not null && (_main.Oldest is null || _small.Count * SmallShare >= Count) ? _small.Oldest : _main.Oldest;

    private void Stay(CachedFrame frame, int uses, long clock)
    {
        frame.Queue!.Remove(frame);
        frame.SetUses(uses);
        frame.Queued = clock;
        _main.Add(frame);
    }
}
