using System.Numerics;

namespace Tarn.Core.Cache;

/// <summary>A file of slots of one size class. <see cref="FrameStore"/> guards it: nothing here is for several threads at once.</summary>
internal sealed class Slab(int number, ICacheFile file, SlabLayout layout)
{
    private ulong[] _taken = [];
    private int _search;

    /// <summary>The number in its file's name.</summary>
    public int Number => number;

    public ICacheFile File => file;

    /// <summary>Its size class; −1 until it has one.</summary>
    public int Class { get; private set; } = -1;

    /// <summary>A random number that it got with its class, and that headers of its slots have.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>Whether the file has the class and the epoch.</summary>
    public bool IsMarked { get; set; }

    /// <summary>The frames in its slots, once they are published.</summary>
    public CachedFrame?[] Frames { get; private set; } = [];

    /// <summary>Slots that are taken: by frames, and by what is being written.</summary>
    public int Taken { get; private set; }

    /// <summary>Whether it is on the list of slabs that have free slots.</summary>
    public bool IsListed { get; set; }

    public bool IsFull => Taken == Frames.Length;

    /// <summary>Where a slot's bytes begin in the file.</summary>
    public long SlotAt(int slot) => layout.SlotAt(Class, slot);

    /// <summary>Gives an empty slab a class. Headers of before become those of another epoch.</summary>
    public void Assign(int sizeClass, ulong epoch, bool isMarked)
    {
        int slots = layout.Slots(sizeClass);
        (Class, Epoch, IsMarked, _search) = (sizeClass, epoch, isMarked, 0);
        Frames = new CachedFrame?[slots];
        _taken = new ulong[(slots + 63) / 64];
    }

    /// <summary>Invalidates all headers.</summary>
    public void Renew(ulong epoch) => (Epoch, IsMarked) = (epoch, false);

    /// <summary>Takes a free slot; there is one.</summary>
    public int Take()
    {
        // From where the last one was found on, so that a slot that the device fails is not the next one, too.
        for (int left = Frames.Length; left > 0; left--)
        {
            int slot = _search;
            ulong word = _taken[slot >> 6] >> (slot & 63);
            int run = Math.Min(BitOperations.TrailingZeroCount(~word), 64 - (slot & 63));
            if (run == 0)
            {
                _search = (slot + 1) % Frames.Length;
                TakeSlot(slot);
                return slot;
            }

            _search = slot + run >= Frames.Length ? 0 : slot + run;
        }

        throw new InvalidOperationException("The slab is full.");
    }

    /// <summary>Takes a slot for a frame of an earlier run.</summary>
    public void TakeSlot(int slot)
    {
        _taken[slot >> 6] |= 1UL << (slot & 63);
        Taken++;
    }

    public void Free(int slot)
    {
        _taken[slot >> 6] &= ~(1UL << (slot & 63));
        Frames[slot] = null;
        Taken--;
    }
}
