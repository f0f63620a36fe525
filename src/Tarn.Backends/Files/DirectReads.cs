using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>Reads a file around the page cache (O_DIRECT): from the device, leaving what is cached as it is.</summary>
internal sealed class DirectReads : IDisposable
{
    private const int BlockSize = 1 << 20;

    /// <summary>The alignment of addresses, offsets and lengths that devices and file systems require.</summary>
    private const int Alignment = 4096;

    private const int MaxPooled = 4;

    private static readonly ConcurrentBag<Memory<byte>> Pool = [];

    private readonly SafeFileHandle _file;

    private DirectReads(SafeFileHandle file) => _file = file;

    /// <summary>Opens an open file once more; null where the file system has no direct reads.</summary>
    public static DirectReads? TryOpen(SafeFileHandle file)
    {
        // By its descriptor, since its name may be gone.
        SafeFileHandle? again = BlobCalls.TryOpen(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}"));
        if (again is not null && FileSync.TrySetDirect(again, direct: true))
        {
            return new DirectReads(again);
        }

        again?.Dispose();
        return null;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads up to <paramref name="buffer"/>.Length bytes; 0 only at or past the end.</summary>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        long start = offset & -Alignment;
        int into = (int)(offset - start);
        int wanted = (int)Math.Min(BlockSize, (into + (long)buffer.Length + Alignment - 1) & -Alignment);
        Memory<byte> block = Rent();
        try
        {
            int read = await RandomAccess.ReadAsync(_file, block[..wanted], start, cancellationToken);
            int count = Math.Clamp(read - into, 0, buffer.Length);
            block.Slice(into, count).CopyTo(buffer);
            return count;
        }
        finally
        {
            if (Pool.Count < MaxPooled)
            {
                Pool.Add(block);
            }
        }
    }

    private static Memory<byte> Rent()
    {
        if (Pool.TryTake(out Memory<byte> pooled))
        {
            return pooled;
        }

        byte[] array = GC.AllocateUninitializedArray<byte>(BlockSize + Alignment, pinned: true);
        int misaligned = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) % Alignment);
        return array.AsMemory(misaligned == 0 ? 0 : Alignment - misaligned, BlockSize);
    }
}
