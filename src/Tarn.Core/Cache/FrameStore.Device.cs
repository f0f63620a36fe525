namespace Tarn.Core.Cache;

/// <content>What the slabs' files say of their frames: read when the cache is opened, made to say nothing when frames are cleared.</content>
internal sealed partial class FrameStore
{
    // Slabs whose files could not be opened.
    private int _unopened;

    /// <summary>
    /// Finds the frames of earlier runs, and removes slabs beyond the capacity. What a slab cannot say any more is not there; whether the bytes are what the headers say is seen when they are read.
    /// </summary>
    /// <exception cref="IOException">A file cannot be removed.</exception>
    public void Load(CancellationToken cancellationToken)
    {
        var found = new List<CachedFrame>();
        foreach (int number in _directory.Slabs())
        {
            cancellationToken.ThrowIfCancellationRequested();
            string path = _directory.SlabPath(number);
            if (_usedBytes + _layout.FileSize > _options.Capacity)
            {
                _files.Delete(path);
                continue;
            }

            _nextNumber = number + 1;
            _usedBytes += _layout.FileSize;
            try
            {
                ICacheFile file = _files.Open(path, _layout.FileSize);
                var slab = new Slab(number, file, _layout);
                _slabs.Add(slab);
                found.AddRange(ReadSlab(slab));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its frames are misses; it keeps its share of the capacity.
                _unopened += _slabs.Exists(slab => slab.Number == number) ? 0 : 1;
                _health.FailRead(e);
            }
        }

        Restore(found);
    }

    /// <summary>Makes what is on the device of a bucket's frames, or of all, unknown to later runs, also after a power cut: it may be noted as done. For the thread that writes.</summary>
    /// <returns>How many slabs could not be written.</returns>
    public int Erase(ulong? bucket)
    {
        int failed = _unopened;
        Slab[] slabs;
        lock (_gate)
        {
            slabs = [.. _slabs];
        }

        foreach (Slab slab in slabs)
        {
            try
            {
                EraseSlab(slab, bucket);
                slab.File.Sync();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _health.FailWrite(e);
                failed++;
            }
        }

        return failed;
    }

    /// <summary>Says in a slab's file which class it has, before the first slot of that class is written. For the thread that writes.</summary>
    /// <exception cref="IOException">The device failed.</exception>
    public void Mark(Slab slab)
    {
        slab.File.Write(0, _layout.Header(slab.Class, slab.Epoch));
        slab.IsMarked = true;
    }

    private List<CachedFrame> ReadSlab(Slab slab)
    {
        var frames = new List<CachedFrame>();
        byte[] headers = new byte[_layout.DataAt];
        if (!TryFill(slab.File, headers) || _layout.TryRead(headers) is not { } header)
        {
            return frames;
        }

        slab.Assign(header.Class, header.Epoch, isMarked: true);
        for (int slot = 0; slot < slab.Frames.Length; slot++)
        {
            ReadOnlySpan<byte> bytes = headers.AsSpan((int)SlabLayout.HeaderAt(slot), SlotHeader.Size);
            if (SlotHeader.TryRead(bytes, slab.Epoch, slot) is { } frame && SlabLayout.ClassOf(frame.Key.Length) == slab.Class && !IsOld(frame.Fetched))
            {
                slab.TakeSlot(slot);
                frames.Add(new CachedFrame(frame, slab, slot));
            }
        }

        List(slab);
        return frames;
    }

    /// <summary>Puts frames into the queues, the oldest first. Of one that is there twice, since it was evicted and came back, the newer stays.</summary>
    private void Restore(List<CachedFrame> found)
    {
        foreach (CachedFrame frame in found.OrderBy(static frame => frame.Fetched))
        {
            if (_index.TryGetValue(frame.Key, out CachedFrame? twin))
            {
                Drop(twin);
            }

            _index[frame.Key] = frame;
            frame.Slab.Frames[frame.Slot] = frame;
            _queues[frame.Slab.Class].AddOld(frame);
            _frameBytes += frame.Key.Length;
        }
    }

    private void EraseSlab(Slab slab, ulong? bucket)
    {
        if (slab.Class < 0)
        {
            // What it said could not be read, and must not be read later.
            slab.File.Write(0, new byte[SlabLayout.HeadersAt]);
            return;
        }

        if (bucket is null)
        {
            slab.Renew(_random.NextUInt64());
        }

        if (!slab.IsMarked)
        {
            // Now what headers there are of before are of another epoch.
            Mark(slab);
        }

        if (bucket is { } one)
        {
            EraseHeaders(slab, one);
        }
    }

    private void EraseHeaders(Slab slab, ulong bucket)
    {
        byte[] headers = new byte[_layout.DataAt];
        if (!TryFill(slab.File, headers))
        {
            return;
        }

        // Also those of frames that left, whose slots nothing has taken since.
        byte[] nothing = new byte[SlotHeader.Size];
        for (int slot = 0; slot < slab.Frames.Length; slot++)
        {
            if (SlotHeader.TryRead(headers.AsSpan((int)SlabLayout.HeaderAt(slot), SlotHeader.Size), slab.Epoch, slot)?.Bucket == bucket)
            {
                slab.File.Write(SlabLayout.HeaderAt(slot), nothing);
            }
        }
    }

    private static bool TryFill(ICacheFile file, Span<byte> buffer)
    {
        for (int filled = 0; filled < buffer.Length;)
        {
            int read = file.Read(filled, buffer[filled..]);
            if (read == 0)
            {
                return false;
            }

            filled += read;
        }

        return true;
    }
}
