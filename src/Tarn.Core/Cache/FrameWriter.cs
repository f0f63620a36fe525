using Tarn.Core.Files;

namespace Tarn.Core.Cache;

/// <summary>
/// Writes fetched frames to the device, on a thread of its own, so that readers never wait for that. When the device is behind by half of the memory for fetches, frames are not written. First the
/// bytes, then the header: a process that ends in between leaves no header, or that of another frame, whose checksums do not match the bytes.
/// </summary>
internal sealed class FrameWriter(FrameStore store, FrameFetches fetches, DeviceHealth health, CacheCounters counters, TimeProvider time, long maxPending) : IDisposable
{
    // One, since it gives out slots: FrameStore counts on that.
    private readonly DiskThreads _thread = new(1, "Cache write");
    private readonly byte[] _header = new byte[SlotHeader.Size];
    private long _pending;

    /// <summary>Queues a frame; false when the device is behind or left alone.</summary>
    public bool TryWrite(FrameFetch fetch)
    {
        int size = FrameBuffer.SizeOf(fetch.Key.Length);
        if (health.AreWritesPaused)
        {
            return false;
        }

        if (Interlocked.Add(ref _pending, size) > maxPending || fetch.Hold() is not { } memory)
        {
            Interlocked.Add(ref _pending, -size);
            return false;
        }

        _ = _thread.RunAsync(() =>
        {
            bool isStored = false;
            try
            {
                isStored = !fetch.IsCleared && !health.AreWritesPaused && TryStore(fetch, memory.Memory.Span);
            }
            finally
            {
                Interlocked.Add(ref _pending, -size);
                if (!isStored)
                {
                    Interlocked.Increment(ref counters.Unwritten);
                }

                fetches.Written(fetch, isStored);
                memory.Release();
            }
        });
        return true;
    }

    /// <summary>Drops the frames of a bucket, or all, and makes what the device has of them unknown to later runs; after what is being written.</summary>
    /// <returns>How many slabs could not be written.</returns>
    public async Task<int> EraseAsync(ulong? bucket)
    {
        int failed = 0;
        await _thread.RunAsync(() =>
        {
            // Again: a frame may have been published since.
            store.DropBucket(bucket);
            failed = store.Erase(bucket);
        });
        return failed;
    }

    /// <summary>Does something on the device, after what is being written.</summary>
    public Task RunAsync(Action action) => _thread.RunAsync(action);

    /// <summary>Completes when what is queued now is written.</summary>
    public Task FlushAsync() => _thread.RunAsync(static () => { });

    /// <summary>Writes what is queued.</summary>
    public void Dispose() => _thread.Dispose();

    private bool TryStore(FrameFetch fetch, ReadOnlySpan<byte> bytes)
    {
        var header = new SlotHeader(fetch.Key, fetch.Bucket, fetch.Fetched, fetch.Checksums);
        if (store.Admit(header) is not { } frame)
        {
            return false;
        }

        try
        {
            Write(frame, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            store.Abandon(frame);
            health.FailWrite(e);
            return false;
        }

        frame.Continue(fetch.ReadTo);
        if (fetch.IsCleared)
        {
            store.Abandon(frame);
            return false;
        }

        store.Publish(frame);
        health.SucceedWrite();
        Interlocked.Increment(ref counters.Fills);
        Interlocked.Add(ref counters.FillBytes, bytes.Length);
        return true;
    }

    private void Write(CachedFrame frame, ReadOnlySpan<byte> bytes)
    {
        Slab slab = frame.Slab;
        if (!slab.IsMarked)
        {
            store.Mark(slab);
        }

        // What is in the page cache after a write is what was verified.
        ulong begun = frame.Verified.Begin();
        slab.File.Write(frame.DataAt, bytes);
        frame.Header.Write(_header, slab.Epoch, frame.Slot);
        slab.File.Write(SlabLayout.HeaderAt(frame.Slot), _header);
        frame.Verified.Add(begun, VerifiedMarks.Bits(0, frame.Checksums.Length - 1), VerifiedMarks.Period(time));
        slab.File.StartWritingBack(frame.DataAt, bytes.Length);
    }
}
