using System.Buffers;

namespace Tarn.Core.Cache;

/// <summary>The memory of a frame that is fetched, held by the fetch, by who writes it to the device and by readers while they copy from it. The last one returns it.</summary>
/// <param name="length">Bytes of the frame.</param>
/// <param name="released">Is told how much memory was returned.</param>
internal sealed class FrameBuffer(int length, Action<int> released)
{
    private readonly byte[] _memory = ArrayPool<byte>.Shared.Rent(SizeOf(length));
    private int _holders = 1;

    public Memory<byte> Memory => _memory.AsMemory(0, length);

    /// <summary>Bytes of memory that a frame takes.</summary>
    public static int SizeOf(int length) => SlabLayout.SlotSize(SlabLayout.ClassOf(length));

    /// <summary>Holds the memory; false when it was returned.</summary>
    public bool TryHold()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int found = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (found == holders)
            {
                return true;
            }

            holders = found;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            ArrayPool<byte>.Shared.Return(_memory);
            released(SizeOf(length));
        }
    }
}
