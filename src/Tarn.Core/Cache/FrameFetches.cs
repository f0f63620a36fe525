namespace Tarn.Core.Cache;

/// <summary>
/// The fetches that are going on, one for each frame at most, and the memory they take. A fetch for which there is no memory waits for its turn, first come, first served. A frame that was fetched
/// and is not on the device stays in memory until another fetch needs that.
/// </summary>
internal sealed class FrameFetches(FrameStore store, long memory, CacheCounters counters, ICacheObserver observer) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FrameKey, FrameFetch> _fetches = [];
    private readonly LinkedList<FrameFetch> _waiting = new();
    private readonly LinkedList<FrameFetch> _lingering = new();
    private readonly DamagedFrames _damaged = new();
    private readonly CancellationTokenSource _closing = new();
    private TaskCompletionSource? _idle;
    private long _used;
    private long _prefetching;
    private int _running;
    private bool _isClosed;

    // Whether memory is being looked for: what is returned meanwhile is for who looks.
    private bool _isStarting;

    /// <summary>Is given a frame that was fetched, and says whether it will write it, and call <see cref="Written"/>.</summary>
    public Func<FrameFetch, bool>? Writer { get; set; }

    public int Running => Volatile.Read(ref _running);

    public long MemoryUsed => Interlocked.Read(ref _used);

    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Finds the fetch of a frame or starts one.</summary>
    /// <param name="key">The frame.</param>
    /// <param name="bucket">The bucket that the reader reads.</param>
    /// <param name="source">Where to fetch from; null: only finds.</param>
    /// <param name="hasStarted">Whether it was started.</param>
    /// <param name="isBypassing">Whether a stored frame is to be fetched all the same, because the device cannot be read.</param>
    /// <returns>The fetch, which the reader gives back by <see cref="Leave"/>; null when there is none, or the frame is stored by now.</returns>
    public FrameFetch? Join(FrameKey key, ulong bucket, IFrameSource? source, bool isBypassing, out bool hasStarted)
    {
        hasStarted = false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(BlockCache));
            FrameFetch? fetch = Find(key);
            if (fetch is null)
            {
                if (source is null || (!isBypassing && store.Contains(key)))
                {
                    return null;
                }

                fetch = new FrameFetch(key, bucket, source);
                hasStarted = true;
                _fetches.Add(key, fetch);
                if (_waiting.Count > 0 || !TryStart(fetch))
                {
                    fetch.Waiting = _waiting.AddLast(fetch);
                }
            }

            fetch.Readers++;
            return fetch;
        }
    }

    /// <summary>Gives a fetch back. One that nobody waits for any more and that has not begun is given up.</summary>
    public void Leave(FrameFetch fetch)
    {
        lock (_gate)
        {
            if (--fetch.Readers > 0)
            {
                return;
            }

            if (fetch.Waiting is not null)
            {
                _waiting.Remove(fetch.Waiting);
                fetch.Waiting = null;
                Remove(fetch);
            }
            else if (fetch.Lingering is not null)
            {
                // Its memory is for who waits.
                StartWaiting();
            }
        }
    }

    /// <summary>Starts a fetch without a reader, unless there is one or the frame is stored.</summary>
    public PrefetchResult Prefetch(FrameKey key, ulong bucket, IFrameSource source)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return PrefetchResult.NoRoom;
            }

            FrameFetch? found = Find(key);
            if (found is { IsComplete: true } || store.Contains(key))
            {
                return PrefetchResult.Cached;
            }

            if (found is not null)
            {
                return PrefetchResult.Fetching;
            }

            // Half of the memory is left to readers.
            int size = FrameBuffer.SizeOf(key.Length);
            var fetch = new FrameFetch(key, bucket, source) { IsPrefetch = true };
            if (_waiting.Count > 0 || _prefetching + size > memory / 2 || !TryStart(fetch))
            {
                return PrefetchResult.NoRoom;
            }

            _prefetching += size;
            _fetches.Add(key, fetch);
            return PrefetchResult.Started;
        }
    }

    /// <summary>Is told that a frame was written, or was not.</summary>
    public void Written(FrameFetch fetch, bool isStored)
    {
        lock (_gate)
        {
            if (isStored || fetch.IsCleared || _isClosed)
            {
                Remove(fetch);
            }
            else
            {
                fetch.Lingering = _lingering.AddLast(fetch);
                StartWaiting();
                return;
            }
        }

        fetch.Retire();
    }

    /// <summary>Makes that no frame of a bucket, or none at all, is kept of what is being fetched.</summary>
    public void Clear(ulong? bucket)
    {
        FrameFetch[] retired;
        lock (_gate)
        {
            FrameFetch[] cleared = [.. _fetches.Values.Where(fetch => bucket is null || fetch.Bucket == bucket)];
            foreach (FrameFetch fetch in cleared)
            {
                fetch.IsCleared = true;
            }

            retired = [.. cleared.Where(static fetch => fetch.Lingering is not null)];
            foreach (FrameFetch fetch in retired)
            {
                Forget(fetch);
            }
        }

        foreach (FrameFetch fetch in retired)
        {
            fetch.Retire();
        }
    }

    /// <summary>Counts a damaged frame and tells of it, once until it comes right.</summary>
    public void Report(FrameDamagedException damage, FrameKey key)
    {
        Interlocked.Increment(ref counters.DamagedFrames);
        if (_damaged.Add(key))
        {
            observer.FrameDamaged(damage);
        }
    }

    /// <summary>Completes when no fetch is going on.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            return _running == 0 ? Task.CompletedTask : (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Ends all fetches.</summary>
    public async ValueTask DisposeAsync()
    {
        FrameFetch[] left;
        lock (_gate)
        {
            _isClosed = true;
            left = [.. _waiting, .. _lingering];
            foreach (FrameFetch fetch in _waiting)
            {
                fetch.Waiting = null;
            }

            _waiting.Clear();
        }

        foreach (FrameFetch fetch in left)
        {
            fetch.Fail(new ObjectDisposedException(nameof(BlockCache)));
        }

        await _closing.CancelAsync();
        await WhenIdle();
        _closing.Dispose();
    }

    private FrameFetch? Find(FrameKey key)
    {
        if (!_fetches.TryGetValue(key, out FrameFetch? fetch))
        {
            return null;
        }

        if (fetch.IsCleared || (fetch.IsComplete && store.IsOld(fetch.Fetched)))
        {
            // Its readers go on with it, and nobody joins them.
            if (fetch.Lingering is not null)
            {
                Forget(fetch);
                fetch.Retire();
            }
            else
            {
                Remove(fetch);
            }

            return null;
        }

        return fetch;
    }

    private bool TryStart(FrameFetch fetch)
    {
        int size = FrameBuffer.SizeOf(fetch.Key.Length);
        _isStarting = true;
        for (LinkedListNode<FrameFetch>? oldest = _lingering.First, next; oldest is not null && _used + size > memory; oldest = next)
        {
            next = oldest.Next;

            // Readers that have waited for it get it first: otherwise it would be fetched for them again.
            if (oldest.Value.Readers == 0)
            {
                Forget(oldest.Value);
                oldest.Value.Retire();
            }
        }

        _isStarting = false;
        if (_used + size > memory)
        {
            return false;
        }

        _used += size;
        _running++;
        fetch.Start(new FrameBuffer(fetch.Key.Length, Returned));

        // Not in the context of the reader that happens to be the first.
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Fetches.RunAsync(work.Fetch), (Fetches: this, Fetch: fetch), preferLocal: false);
        return true;
    }

    private void Returned(int size)
    {
        lock (_gate)
        {
            _used -= size;
            StartWaiting();
        }
    }

    private void StartWaiting()
    {
        while (!_isClosed && !_isStarting && _waiting.First is { } first && TryStart(first.Value))
        {
            first.Value.Waiting = null;
            _waiting.Remove(first);
        }
    }

    private async Task RunAsync(FrameFetch fetch)
    {
        try
        {
            fetch.Fetched = store.Now;
            await fetch.RunAsync(counters, _closing.Token);
            _damaged.Remove(fetch.Key);
            End(fetch, isRemoved: false);
            if (fetch.IsCleared || Writer?.Invoke(fetch) != true)
            {
                Interlocked.Increment(ref counters.Unwritten);
                Written(fetch, isStored: false);
            }
        }
#pragma warning disable CA1031 // Whatever a source throws, readers get it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            bool isClosing = _closing.IsCancellationRequested;
            if (e is FrameDamagedException damage)
            {
                Report(damage, fetch.Key);
            }
            else if (!isClosing)
            {
                observer.FetchFailed(fetch.Key, e);
            }

            End(fetch, isRemoved: true);
            fetch.Fail(isClosing ? new ObjectDisposedException(nameof(BlockCache)) : e is OperationCanceledException ? new FrameUnavailableException("The source did not answer in time.", e) : e);
        }
        finally
        {
            lock (_gate)
            {
                if (--_running == 0)
                {
                    _idle?.TrySetResult();
                    _idle = null;
                }
            }
        }
    }

    private void End(FrameFetch fetch, bool isRemoved)
    {
        lock (_gate)
        {
            if (fetch.IsPrefetch)
            {
                _prefetching -= FrameBuffer.SizeOf(fetch.Key.Length);
            }

            if (isRemoved)
            {
                Remove(fetch);
            }
        }
    }

    private void Forget(FrameFetch fetch)
    {
        if (fetch.Lingering is not null)
        {
            _lingering.Remove(fetch.Lingering);
            fetch.Lingering = null;
        }

        Remove(fetch);
    }

    private void Remove(FrameFetch fetch)
    {
        // There may be a newer one of the same frame, after this one was cleared.
        if (_fetches.TryGetValue(fetch.Key, out FrameFetch? found) && found == fetch)
        {
            _fetches.Remove(fetch.Key);
        }
    }
}
