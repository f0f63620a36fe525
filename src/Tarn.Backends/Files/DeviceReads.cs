using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>
/// Reads a file from the device, leaving what is cached as it is: around the page cache (O_DIRECT), or, on a file system that has no such reads, through it, so that what was not
/// cached before is not afterwards, if the file system tells what is.
/// </summary>
internal sealed class DeviceReads : IDisposable
{
    private const int BlockSize = 1 << 20;
    private const int InvalidArgument = 22; // EINVAL

    private static readonly AlignedBlocks Blocks = new(BlockSize, maxPooled: 4);

    private readonly SafeFileHandle _file;
    private volatile bool _isDirect;

    private DeviceReads(SafeFileHandle file)
    {
        _file = file;
        _isDirect = FileSync.TrySetDirect(file, direct: true);
        if (!_isDirect)
        {
            PageCache.ReadNotAhead(file);
        }
    }

    /// <summary>Opens an open file once more.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static DeviceReads Open(SafeFileHandle file)
    {
        // By its descriptor, since its name may be gone.
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}");
        return new DeviceReads(BlobCalls.TryOpen(path) ?? throw new IOException($"{path} does not exist: /proc must be mounted."));
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads up to <paramref name="buffer"/>.Length bytes; 0 only at or past the end.</summary>
    /// <exception cref="IOException">The read failed.</exception>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_isDirect)
        {
            try
            {
                return await ReadDirectAsync(offset, buffer, cancellationToken);
            }
            catch (IOException e) when (e.HResult == InvalidArgument)
            {
                // Some file systems take the flag and refuse the reads: overlays, NFS, devices of larger sectors.
                _isDirect = false;
                FileSync.TrySetDirect(_file, direct: false);
                PageCache.ReadNotAhead(_file);
            }
        }

        return await ReadCachedAsync(offset, buffer, cancellationToken);
    }

    private async ValueTask<int> ReadDirectAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
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

    /// <summary>Reads through the cache. What is there is taken from there and stays: it may be the last right copy, and what the device has comes to light once it has left.</summary>
    private async ValueTask<int> ReadCachedAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int cached = PageCache.Read(_file, offset, buffer.Span);
        if (cached > 0)
        {
            return cached;
        }

        if (!PageCache.TellsWhatIsCached(_file))
        {
            // What was read may have been cached, and be the last right copy.
            return await RandomAccess.ReadAsync(_file, buffer, offset, cancellationToken);
        }

        int read = await RandomAccess.ReadAsync(_file, buffer[..UncachedFrom(offset, buffer.Length)], offset, cancellationToken);
        PageCache.Drop(_file, offset, read);
        return read;
    }

    /// <summary>How many bytes there are up to the next page that is cached: those pages are the last that may be dropped after a read.</summary>
    private int UncachedFrom(long offset, int most)
    {
        Span<byte> probe = stackalloc byte[1];
        for (long page = (offset & -Environment.SystemPageSize) + Environment.SystemPageSize; page < offset + most; page += Environment.SystemPageSize)
        {
            if (PageCache.Read(_file, page, probe) > 0)
            {
                return (int)(page - offset);
            }
        }

        return most;
    }
}
