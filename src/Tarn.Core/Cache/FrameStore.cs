using System.Collections.Concurrent;

namespace Tarn.Core.Cache;

/// <summary>
/// Which frames are on the device, and in which slots. Looking for one takes no lock; what changes the set does. Slots are given out by one thread, the one that writes.
/// </summary>
internal sealed partial class FrameStore : IDisposable
{
    // What the file system needs for the directory and the small files in it.
    private const long DirectoryBytes = 64 * 1024;

    private readonly BlockCacheOptions _options;
    private readonly CacheDirectory _directory;
    private readonly ICacheFiles _files;
    private readonly TimeProvider _time;
    private readonly IRandomSource _random;
    private readonly CacheCounters _counters;
    private readonly DeviceHealth _health;
    private readonly SlabLayout _layout;
    private readonly long? _maxAge;

    private readonly ConcurrentDictionary<FrameKey, CachedFrame> _index = new();
    private readonly Lock _gate = new();
    private readonly EvictionQueues[] _queues = [.. Enumerable.Range(0, SlabLayout.Classes).Select(static _ => new EvictionQueues())];
    private readonly Stack<Slab>[] _withRoom = [.. Enumerable.Range(0, SlabLayout.Classes).Select(static _ => new Stack<Slab>())];
    private readonly List<Slab> _slabs = [];
    private long _usedBytes = DirectoryBytes;
    private long _frameBytes;
    private int _nextNumber;

    // Bytes that were added, by which time is measured that matters for what is evicted.
    private long _clock;

    public FrameStore(BlockCacheOptions options, CacheDirectory directory, ICacheFiles files, TimeProvider time, IRandomSource random, CacheCounters counters, DeviceHealth health)
    {
        (_options, _directory, _files, _time, _random, _counters, _health) = (options, directory, files, time, random, counters, health);
        _layout = SlabLayout.For(options.Capacity);
        _maxAge = options.MaxAge is { } age ? (long)age.TotalMilliseconds : null;
    }

    public int Count => _index.Count;

    public long FrameBytes => Interlocked.Read(ref _frameBytes);

    public long UsedBytes => Interlocked.Read(ref _usedBytes);

    public SlabLayout Layout => _layout;

    /// <summary>Now, in milliseconds since 1970.</summary>
    public long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public bool Contains(FrameKey key) => _index.TryGetValue(key, out CachedFrame? frame) && !frame.IsRetired && !IsOld(frame.Fetched);

    public bool IsPinned(FrameKey key) => _index.TryGetValue(key, out CachedFrame? frame) && frame.IsPinned;

    /// <summary>Whether what was fetched then must not be used any more. So is what was fetched in the future: a clock was wrong.</summary>
    public bool IsOld(long fetched) => _maxAge is { } most && Now - fetched is var age && (age > most || age < -most);

    /// <summary>Finds a frame and pins it; null when it is not there.</summary>
    public CachedFrame? Find(FrameKey key)
    {
        if (!_index.TryGetValue(key, out CachedFrame? frame))
        {
            return null;
        }

        if (IsOld(frame.Fetched))
        {
            if (Drop(frame))
            {
                Interlocked.Increment(ref _counters.Expired);
            }

            return null;
        }

        return frame.TryPin() ? frame : null;
    }

    /// <summary>Unpins a frame.</summary>
    public void Release(CachedFrame frame)
    {
        if (frame.Unpin())
        {
            lock (_gate)
            {
                Free(frame);
            }
        }
    }

    /// <summary>Drops a frame, pinned or not; false when somebody else has.</summary>
    public bool Drop(CachedFrame frame)
    {
        lock (_gate)
        {
            if (frame.IsRetired)
            {
                return false;
            }

            frame.Queue?.Remove(frame);
            Forget(frame);
            if (frame.Retire())
            {
                Free(frame);
            }

            return true;
        }
    }

    /// <summary>Drops what is too old.</summary>
    public void DropOld()
    {
        foreach ((_, CachedFrame frame) in _index)
        {
            if (IsOld(frame.Fetched) && Drop(frame))
            {
                Interlocked.Increment(ref _counters.Expired);
            }
        }
    }

    /// <summary>Drops the frames of a bucket, or all.</summary>
    public void DropBucket(ulong? bucket)
    {
        foreach ((_, CachedFrame frame) in _index)
        {
            if (bucket is null || frame.Bucket == bucket)
            {
                Drop(frame);
            }
        }
    }

    /// <summary>Publishes a frame that was written.</summary>
    public void Publish(CachedFrame frame)
    {
        lock (_gate)
        {
            if (!_index.TryAdd(frame.Key, frame))
            {
                Free(frame);
                return;
            }

            frame.Slab.Frames[frame.Slot] = frame;
            _queues[frame.Slab.Class].Add(frame, _clock += frame.Key.Length);
            Interlocked.Add(ref _frameBytes, frame.Key.Length);
        }
    }

    /// <summary>Gives back the slot of a frame that was not written.</summary>
    public void Abandon(CachedFrame frame)
    {
        lock (_gate)
        {
            Free(frame);
        }
    }

    public void Dispose()
    {
        foreach (Slab slab in _slabs)
        {
            slab.File.Dispose();
        }

        _directory.Dispose();
    }

    private void Forget(CachedFrame frame)
    {
        if (_index.TryRemove(KeyValuePair.Create(frame.Key, frame)))
        {
            Interlocked.Add(ref _frameBytes, -frame.Key.Length);
        }
    }

    private void Free(CachedFrame frame)
    {
        frame.Slab.Free(frame.Slot);
        List(frame.Slab);
    }

    private void List(Slab slab)
    {
        if (!slab.IsListed && !slab.IsFull)
        {
            slab.IsListed = true;
            _withRoom[slab.Class].Push(slab);
        }
    }
}
