namespace Tarn.Core.Cache;

/// <summary>
/// A cache of frames of immutable blobs on a local device. What it gives is what the blob has, verified, or an exception; when the device is full, slow, damaged or gone, it gives what the source has.
/// docs/design/block-cache.md says how.
/// </summary>
public sealed class BlockCache : IAsyncDisposable
{
    // How often a reader waits for fetches of others that fail before it fetches by itself.
    private const int MaxFailuresOfOthers = 2;

    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(10);

    private readonly BlockCacheOptions _options;
    private readonly ClearNotes _clears;
    private readonly TimeProvider _time;
    private readonly CacheCounters _counters = new();
    private readonly DeviceHealth _health;
    private readonly FrameStore _store;
    private readonly StoredReads _reads;
    private readonly FrameFetches _fetches;
    private readonly FrameWriter _writer;
    private readonly ITimer? _sweep;
    private int _isClosed;

    private BlockCache(BlockCacheOptions options, CacheDirectory directory, ICacheFiles files, ICacheObserver observer, TimeProvider time, IRandomSource random)
    {
        (_options, _clears, _time) = (options, directory.Clears, time);
        _health = new DeviceHealth(time, options.DevicePause, observer, _counters);
        _store = new FrameStore(options, directory, files, time, random, _counters, _health);
        _reads = new StoredReads(_store, _health, observer, _counters, time, options.DeviceTimeout);
        _fetches = new FrameFetches(_store, options.FetchMemory, _counters, observer);
        _writer = new FrameWriter(_store, _fetches, _health, _counters, time, options.FetchMemory / 2);
        _fetches.Writer = _writer.TryWrite;
        if (options.MaxAge is { } age)
        {
            var period = TimeSpan.FromTicks(Math.Clamp(age.Ticks / 8, TimeSpan.TicksPerSecond, TimeSpan.TicksPerHour));
            _sweep = time.CreateTimer(_ => _store.DropOld(), null, period, period);
        }
    }

    /// <summary>What the cache has and has done.</summary>
    public BlockCacheStatistics Statistics => new()
    {
        Frames = _store.Count,
        FrameBytes = _store.FrameBytes,
        UsedBytes = _store.UsedBytes,
        Capacity = _options.Capacity,
        HitBytes = Interlocked.Read(ref _counters.HitBytes),
        JoinedBytes = Interlocked.Read(ref _counters.JoinedBytes),
        MissBytes = Interlocked.Read(ref _counters.MissBytes),
        FetchedBytes = Interlocked.Read(ref _counters.FetchedBytes),
        Fills = Interlocked.Read(ref _counters.Fills),
        FillBytes = Interlocked.Read(ref _counters.FillBytes),
        Unwritten = Interlocked.Read(ref _counters.Unwritten),
        Evictions = Interlocked.Read(ref _counters.Evictions),
        EvictedBytes = Interlocked.Read(ref _counters.EvictedBytes),
        Expired = Interlocked.Read(ref _counters.Expired),
        DamagedFrames = Interlocked.Read(ref _counters.DamagedFrames),
        DamagedStoredFrames = Interlocked.Read(ref _counters.DamagedStoredFrames),
        DeviceErrors = Interlocked.Read(ref _counters.DeviceErrors),
        IsDevicePaused = _health.AreReadsPaused || _health.AreWritesPaused,
        FetchesInFlight = _fetches.Running,
        FetchesWaiting = _fetches.Waiting,
        FetchMemoryUsed = _fetches.MemoryUsed,
    };

    /// <summary>Opens a cache and finds the frames of earlier runs.</summary>
    /// <param name="options">Where, and how much.</param>
    /// <param name="observer">Is told of failures.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">The source of randomness.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="CacheDirectoryException">The directory is in use, has other things in it, or cannot be written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of bounds.</exception>
    public static ValueTask<BlockCache> OpenAsync(BlockCacheOptions options, ICacheObserver observer, TimeProvider time, IRandomSource random, CancellationToken cancellationToken) =>
        OpenAsync(options, observer, time, random, new CacheFiles(), cancellationToken);

    /// <summary>The same, with a file system that tests make fail.</summary>
    internal static async ValueTask<BlockCache> OpenAsync(
        BlockCacheOptions options, ICacheObserver observer, TimeProvider time, IRandomSource random, ICacheFiles files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var cache = new BlockCache(options, CacheDirectory.Open(options.Directory), files, observer, time, random);
        try
        {
            await Task.Run(
                () =>
                {
                    cache._store.Load(cancellationToken);
                    cache.ClearsDone = cache._clears.Read();
                },
                cancellationToken);
            return cache;
        }
        catch (Exception e)
        {
            await cache.DisposeAsync();
            throw e is IOException or UnauthorizedAccessException ? new CacheDirectoryException($"The cache cannot use the directory {options.Directory}: {e.Message}", e) : e;
        }
    }

    /// <summary>
    /// Reads bytes of a frame: from the cache, from a fetch that is going on, which gives blocks as they come, or from a fetch that it starts. Waits while there is no memory for a fetch, first come,
    /// first served.
    /// </summary>
    /// <param name="key">The frame.</param>
    /// <param name="offset">Where, counted from the frame's start.</param>
    /// <param name="buffer">Receives the bytes: as many as there are at once, at least one.</param>
    /// <param name="bucket">The bucket that is read: a frame that is fetched is that bucket's when buckets are cleared.</param>
    /// <param name="use">Whether to look, and whether to fill.</param>
    /// <param name="source">Where the frame is fetched from.</param>
    /// <param name="cancellationToken">Ends the read. The fetch goes on.</param>
    /// <exception cref="ArgumentException">There can be no such frame, or it does not have the offset.</exception>
    /// <exception cref="FrameUnavailableException">The source does not give the bytes.</exception>
    /// <exception cref="FrameDamagedException">They came damaged from the source.</exception>
    public ValueTask<CacheRead> ReadAsync(FrameKey key, int offset, Memory<byte> buffer, ulong bucket, CacheUse use, IFrameSource source, CancellationToken cancellationToken)
    {
        ThrowIfInvalid(key);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, key.Length);
        buffer = buffer[..Math.Min(buffer.Length, key.Length - offset)];
        if (buffer.IsEmpty)
        {
            return ValueTask.FromResult(new CacheRead(0, CacheOrigin.Hit));
        }

        if (use == CacheUse.None)
        {
            return BypassAsync(key, offset, buffer, source, cancellationToken);
        }

        CachedFrame? frame = _store.Find(key);
        if (frame is not null)
        {
            int count = _reads.TryReadCached(frame, offset, buffer.Span);
            if (count > 0)
            {
                _store.Release(frame);
                return ValueTask.FromResult(_counters.Read(count, CacheOrigin.Hit) with { Checksums = frame.Checksums });
            }
        }

        return LookAsync(frame, key, offset, buffer, bucket, use, source, cancellationToken);
    }

    /// <summary>Starts to fetch a frame that nobody waits for: read-ahead, prestaging.</summary>
    /// <returns>What becomes of it. Fetches without readers take half of the memory at most.</returns>
    public PrefetchResult Prefetch(FrameKey key, ulong bucket, IFrameSource source)
    {
        ThrowIfInvalid(key);
        return _fetches.Prefetch(key, bucket, source);
    }

    /// <summary>Whether a frame is on the device.</summary>
    public bool Contains(FrameKey key) => _store.Contains(key);

    /// <summary>Drops the frames that were fetched for a bucket, or all, also for later runs. Reads that have begun go on.</summary>
    /// <exception cref="IOException">The frames are dropped, but the device failed: some may come back when the cache is opened again.</exception>
    public async ValueTask ClearAsync(ulong? bucket, CancellationToken cancellationToken)
    {
        _fetches.Clear(bucket);
        _store.DropBucket(bucket);
        int failed = await _writer.EraseAsync(bucket).WaitAsync(cancellationToken);
        if (failed > 0)
        {
            throw new IOException($"{failed} files of the cache could not be cleared: when it is opened again, frames in them may come back. Clear it again, or stop it and remove what is in its directory.");
        }
    }

    /// <summary>The ids of the clears that were noted when the cache was opened: they need not be done again.</summary>
    public IReadOnlyList<string> ClearsDone { get; private set; } = [];

    /// <summary>Notes which clears are done, in the place of what was noted before, so that the next process knows. To be called once they are: a clear is durable when <see cref="ClearAsync"/> returns.</summary>
    /// <param name="ids">Their ids: letters and digits, 64 at most each, and <see cref="ClearNotes.MaxIds"/> of them.</param>
    /// <param name="cancellationToken">Ends the wait for the device.</param>
    /// <exception cref="ArgumentException">There are too many, or one is none.</exception>
    /// <exception cref="IOException">The device failed: what was noted before is noted still.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory cannot be written.</exception>
    public Task NoteClearsAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        byte[] notes = ClearNotes.Encode(ids);
        return _writer.RunAsync(() => _clears.Write(notes)).WaitAsync(cancellationToken);
    }

    /// <summary>Ends fetches, writes what is queued, and closes the files. A device that does not answer is waited for a few seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        _sweep?.Dispose();
        await _fetches.DisposeAsync();
        Task closing = Task.Run(() =>
        {
            _writer.Dispose();
            _reads.Dispose();
        });
        try
        {
            await closing.WaitAsync(ClosingTime, _time);
        }
        catch (TimeoutException e)
        {
            // Its threads are still in calls on the files, which end with the process.
            _health.FailWrite(e);
        }

        _store.Dispose();
    }

    /// <summary>Whether somebody, or the device for somebody who has left, reads a frame that is stored.</summary>
    internal bool IsPinned(FrameKey key) => _store.IsPinned(key);

    /// <summary>Completes when nothing is being fetched and what was fetched is written.</summary>
    internal async Task SettleAsync()
    {
        await _fetches.WhenIdle();
        await _writer.FlushAsync();
    }

    private async ValueTask<CacheRead> LookAsync(
        CachedFrame? frame, FrameKey key, int offset, Memory<byte> buffer, ulong bucket, CacheUse use, IFrameSource source, CancellationToken cancellationToken)
    {
        for (int failures = 0; failures < MaxFailuresOfOthers;)
        {
            if (frame is not null && await _reads.ReadAsync(frame, offset, buffer, cancellationToken) is > 0 and int stored)
            {
                return _counters.Read(stored, CacheOrigin.Hit) with { Checksums = frame.Checksums };
            }

            // A frame that is stored and was not read now is fetched again.
            FrameFetch? fetch = _fetches.Join(key, bucket, use == CacheUse.Fill ? source : null, isBypassing: frame is not null, out bool hasStarted);
            if (fetch is null && use == CacheUse.LookOnly && !(frame is null && _store.Contains(key)))
            {
                break;
            }

            if (fetch is not null)
            {
                CacheOrigin origin = hasStarted ? CacheOrigin.Miss : fetch.IsComplete ? CacheOrigin.Hit : CacheOrigin.Joined;
                try
                {
                    if (await fetch.ReadAsync(offset, buffer, cancellationToken) is > 0 and int fetched)
                    {
                        return _counters.Read(fetched, origin) with { Checksums = fetch.Checksums, Source = origin == CacheOrigin.Hit ? null : fetch.Source };
                    }
                }
                catch (FetchFailedException e)
                {
                    // The failure of another reader's source says nothing of this one's; damage does.
                    if (fetch.Source == source || e.InnerException is FrameDamagedException or ObjectDisposedException)
                    {
                        e.Cause.Throw();
                    }

                    failures++;
                }
                finally
                {
                    _fetches.Leave(fetch);
                }
            }

            frame = _store.Find(key);
        }

        return await BypassAsync(key, offset, buffer, source, cancellationToken);
    }

    private async ValueTask<CacheRead> BypassAsync(FrameKey key, int offset, Memory<byte> buffer, IFrameSource source, CancellationToken cancellationToken)
    {
        try
        {
            ulong[] checksums = new ulong[key.Blocks];
            int count = await PassThrough.ReadAsync(key, offset, buffer, checksums, source, _counters, cancellationToken);
            return _counters.Read(count, CacheOrigin.Miss) with { Checksums = checksums, Source = source };
        }
        catch (FrameDamagedException damage)
        {
            _fetches.Report(damage, key);
            throw;
        }
    }

    private static void ThrowIfInvalid(FrameKey key)
    {
        if (!key.IsValid)
        {
            throw new ArgumentException($"There is no frame {key}.", nameof(key));
        }
    }
}
