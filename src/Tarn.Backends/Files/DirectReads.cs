using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>Reads a file around the page cache (O_DIRECT): from the device, leaving what is cached as it is.</summary>
internal sealed class DirectReads : IDisposable
{
    private const int BlockSize = 1 << 20;

    private static readonly AlignedBlocks Blocks = new(BlockSize, maxPooled: 4);

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
        long start = offset & -AlignedBlocks.Alignment;
        int into = (int)(offset - start);
        int wanted = (int)Math.Min(BlockSize, (into + (long)buffer.Length + AlignedBlocks.Alignment - 1) & -AlignedBlocks.Alignment);
        Memory<byte> block = Blocks.Rent();
        try
        {
            int read = await RandomAccess.ReadAsync(_file, block[..wanted], start, cancellationToken);
            int count = Math.Clamp(read - into, 0, buffer.Length);
            block.Slice(into, count).CopyTo(buffer);
            return count;
        }
        finally
        {
            Blocks.Return(block);
        }
    }
}
