namespace Tarn.Core.Cache;

/// <content>Where the slot of a new frame comes from: a free one, a new slab, an empty slab, or a frame of the same class that gives way; and when a class gives up a slab to another.</content>
internal sealed partial class FrameStore
{
    // Slabs that are looked at when a class gives up one.
    private const int Candidates = 16;

    private int _nextCandidate;

    /// <summary>Takes a slot for a frame; null when there is no room, because all frames that could give way are being read. For one thread.</summary>
    public CachedFrame? Admit(SlotHeader header)
    {
        int sizeClass = SlabLayout.ClassOf(header.Key.Length);
        lock (_gate)
        {
            if (_index.ContainsKey(header.Key))
            {
                return null;
            }

            if (TakeFree(sizeClass, header) is { } free)
            {
                return free;
            }
        }

        Slab? added = TryGrow();
        lock (_gate)
        {
            if (added is not null)
            {
                _slabs.Add(added);
                Assign(added, sizeClass);
            }
            else if (_withRoom[sizeClass].Count == 0)
            {
                MakeRoom(sizeClass);
            }

            return TakeFree(sizeClass, header);
        }
    }

    private CachedFrame? TakeFree(int sizeClass, SlotHeader header)
    {
        Stack<Slab> withRoom = _withRoom[sizeClass];
        while (withRoom.TryPeek(out Slab? slab))
        {
            if (slab.Class == sizeClass && !slab.IsFull)
            {
                return new CachedFrame(header, slab, slab.Take());
            }

            withRoom.Pop();
            slab.IsListed = false;
        }

        return null;
    }

    private Slab? TryGrow()
    {
        if (UsedBytes + _layout.FileSize > _options.Capacity || _health.IsGrowthPaused)
        {
            return null;
        }

        try
        {
            ICacheFile file = _files.Create(_directory.SlabPath(_nextNumber), _layout.FileSize);
            Interlocked.Add(ref _usedBytes, _layout.FileSize);
            return new Slab(_nextNumber++, file, _layout);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The device may be full because of others: the cache goes on with what it has.
            _health.FailGrowth(e);
            return null;
        }
    }

    private void MakeRoom(int sizeClass)
    {
        if (_slabs.Find(static slab => slab.Taken == 0) is { } empty)
        {
            Assign(empty, sizeClass);
            return;
        }

        if (_queues[sizeClass].Count == 0)
        {
            // The first frame of its size: any other class gives up a slab.
            for (int other = 0; other < SlabLayout.Classes && !(other != sizeClass && TryTakeOver(other, sizeClass)); other++)
            {
            }

            return;
        }

        int idlest = IdlestOther(sizeClass);
        if (!(idlest >= 0 && TryTakeOver(idlest, sizeClass)) && _queues[sizeClass].Evict(_clock) is { } victim)
        {
            Leave(victim);
        }
    }

    /// <summary>The class whose next frame to leave has been idle for much longer than that of this class; −1 when there is none.</summary>
    private int IdlestOther(int sizeClass)
    {
        long most = ((_queues[sizeClass].NextAge(_clock) ?? 0) * 2) + _layout.DataSize;
        int idlest = -1;
        for (int other = 0; other < SlabLayout.Classes; other++)
        {
            if (other != sizeClass && _queues[other].NextAge(_clock) is { } idle && idle > most && !_queues[other].SpareNext(_clock))
            {
                (idlest, most) = (other, idle);
            }
        }

        return idlest;
    }

    /// <summary>Empties a slab of one class for another: of some, the one with the fewest frames in use.</summary>
    private bool TryTakeOver(int from, int sizeClass)
    {
        Slab? least = null;
        int leastUsed = int.MaxValue, looked = 0;
        for (int i = 0; i < _slabs.Count && looked < Candidates; i++)
        {
            Slab slab = _slabs[_nextCandidate = (_nextCandidate + 1) % _slabs.Count];
            if (slab.Class != from)
            {
                continue;
            }

            looked++;
            int frames = slab.Frames.Count(static frame => frame is { IsRetired: false, IsPinned: false });
            int used = slab.Frames.Count(static frame => frame?.Uses > 0);
            if (frames == slab.Taken && used < leastUsed)
            {
                (least, leastUsed) = (slab, used);
            }
        }

        if (least is null)
        {
            return false;
        }

        foreach (CachedFrame? frame in least.Frames)
        {
            // One that somebody has pinned meanwhile stays, and so does the slab.
            if (frame?.TryRetireUnpinned() == true)
            {
                frame.Queue?.Remove(frame);
                Leave(frame);
            }
        }

        if (least.Taken > 0)
        {
            return false;
        }

        Assign(least, sizeClass);
        return true;
    }

    private void Leave(CachedFrame victim)
    {
        Forget(victim);
        Free(victim);
        Interlocked.Increment(ref _counters.Evictions);
        Interlocked.Add(ref _counters.EvictedBytes, victim.Key.Length);
    }

    private void Assign(Slab slab, int sizeClass)
    {
        slab.Assign(sizeClass, _random.NextUInt64(), isMarked: false);

        // It may be on the list of its former class still, from which it is taken when it is met.
        slab.IsListed = true;
        _withRoom[sizeClass].Push(slab);
    }
}
