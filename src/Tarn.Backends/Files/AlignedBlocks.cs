using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Tarn.Backends.Files;

/// <summary>A pool of blocks of memory for input and output around the page cache (O_DIRECT).</summary>
/// <param name="size">Bytes of a block.</param>
/// <param name="maxPooled">Blocks that are kept for reuse.</param>
internal sealed class AlignedBlocks(int size, int maxPooled)
{
    /// <summary>The alignment of addresses, offsets and lengths that devices and file systems require.</summary>
    public const int Alignment = 4096;

    private readonly ConcurrentBag<Memory<byte>> _pool = [];

    public Memory<byte> Rent()
    {
        if (_pool.TryTake(out Memory<byte> pooled))
        {
            return pooled;
        }

        byte[] array = GC.AllocateUninitializedArray<byte>(size + Alignment, pinned: true);
        int misaligned = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) % Alignment);
        return array.AsMemory(misaligned == 0 ? 0 : Alignment - misaligned, size);
    }

    public void Return(Memory<byte> block)
    {
        if (_pool.Count < maxPooled)
        {
            _pool.Add(block);
        }
    }
}
