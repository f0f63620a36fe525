using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>Computes the CRC-32C of a file from the device: around the page cache where the file system can, so that neither a good copy there hides damage nor the read displaces others'.</summary>
internal static class FileChecksum
{
    private const int PieceBytes = 1 << 20;
    private const int Alignment = 4096;

    /// <summary>Reads a file; returns its checksum and length.</summary>
    /// <param name="file">The file, open for reading.</param>
    /// <param name="read">Awaited after each piece, with its length in bytes.</param>
    /// <param name="cancellationToken">Ends the reading after the present piece.</param>
    /// <exception cref="IOException">The device fails.</exception>
    public static async ValueTask<(uint Crc32C, long Bytes)> ReadAsync(SafeFileHandle file, Func<int, ValueTask> read, CancellationToken cancellationToken)
    {
        FileSync.TrySetDirect(file, direct: true);
        nint buffer = Allocate();
        try
        {
            uint crc = 0;
            long at = 0;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int length = Read(file, buffer, at, ref crc);
                at += length;
                if (length > 0)
                {
                    await read(length);
                }

                // A direct read must begin at a multiple of the sector, so what follows a short one is read by the cache, which finds the end.
                if (length < PieceBytes)
                {
                    if (length == 0)
                    {
                        return (crc, at);
                    }

                    FileSync.TrySetDirect(file, direct: false);
                }
            }
        }
        finally
        {
            Free(buffer);
        }
    }

    private static unsafe int Read(SafeFileHandle file, nint buffer, long at, ref uint crc)
    {
        Span<byte> piece = new((void*)buffer, PieceBytes);
        int length = RandomAccess.Read(file, piece, at);
        crc = Crc32C.Append(crc, piece[..length]);
        return length;
    }

    private static unsafe nint Allocate() => (nint)NativeMemory.AlignedAlloc(PieceBytes, Alignment);

    private static unsafe void Free(nint buffer) => NativeMemory.AlignedFree((void*)buffer);
}
