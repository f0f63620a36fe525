namespace Tarn.Core.Cache;

/// <summary>
/// A frame in a slot of a slab. Who reads it pins it; its slot is used again only once it is retired and nobody has it pinned, so a reader never sees the bytes of another frame.
/// </summary>
/// <param name="header">What its slab says of it.</param>
/// <param name="slab">The slab; null only in tests of what is evicted.</param>
/// <param name="slot">The slot.</param>
internal sealed class CachedFrame(SlotHeader header, Slab? slab, int slot)
{
    private const int Retired = 1 << 30;
    private const int MaxUses = 3;

    private int _state;
    private int _uses;
    private int _readTo;

    /// <summary>Which of its blocks were verified lately.</summary>
    public VerifiedMarks Verified;

    public FrameKey Key => header.Key;

    public ulong Bucket => header.Bucket;

    /// <summary>When it was fetched, in milliseconds since 1970.</summary>
    public long Fetched => header.Fetched;

    /// <summary>The CRC64NVME of each block.</summary>
    public ulong[] Checksums => header.Checksums;

    public SlotHeader Header => header;

    public Slab Slab => slab!;

    public int Slot => slot;

    /// <summary>Where its bytes begin in the slab's file.</summary>
    public long DataAt { get; } = slab?.SlotAt(slot) ?? 0;

    public bool IsRetired => (Volatile.Read(ref _state) & Retired) != 0;

    public bool IsPinned => (Volatile.Read(ref _state) & ~Retired) != 0;

    /// <summary>How often it was used since it was put into its queue: up to 3.</summary>
    public int Uses => Volatile.Read(ref _uses);

    // Its place in the queues, and what the clock said when it was put there: for FrameStore and its queues alone.
    internal CachedFrame? Newer { get; set; }

    internal CachedFrame? Older { get; set; }

    internal FrameQueue? Queue { get; set; }

    internal long Queued { get; set; }

    /// <summary>Keeps its slot as it is until <see cref="Unpin"/>; false once it is retired.</summary>
    public bool TryPin()
    {
        int state = Volatile.Read(ref _state);
        while ((state & Retired) == 0)
        {
            int found = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (found == state)
            {
                return true;
            }

            state = found;
        }

        return false;
    }

    /// <returns>Whether the slot is free now, which the caller says to the slab.</returns>
    public bool Unpin() => Interlocked.Decrement(ref _state) == Retired;

    /// <summary>Retires it unless it is pinned. If it does, the slot is free.</summary>
    public bool TryRetireUnpinned() => Interlocked.CompareExchange(ref _state, Retired, 0) == 0;

    /// <summary>Retires it, pinned or not.</summary>
    /// <returns>Whether the slot is free now; otherwise it is once it is unpinned, or whoever retired it has freed it.</returns>
    public bool Retire() => Interlocked.Or(ref _state, Retired) == 0;

    /// <summary>
    /// Notes a read, which counts as a use unless it goes on where the last one ended: otherwise somebody who reads a frame once, in several reads, would use it several times.
    /// </summary>
    public void Note(int offset, int count)
    {
        if (Volatile.Read(ref _readTo) != offset && _uses < MaxUses)
        {
            // Two at once may count as one.
            Volatile.Write(ref _uses, _uses + 1);
        }

        Volatile.Write(ref _readTo, offset + count);
    }

    /// <summary>Says where the last read ended that the frame's fetch has answered.</summary>
    public void Continue(int readTo) => Volatile.Write(ref _readTo, readTo);

    internal void SetUses(int uses) => Volatile.Write(ref _uses, uses);
}
