using System.Security.Cryptography;
using Tarn.Core.Consistency;

namespace Tarn.Core.Backups;

/// <summary>Reads files to their end, hashes them, and copies what was hashed.</summary>
public static class HashedCopy
{
    private const int BufferSize = 1 << 20;

    /// <summary>The size of a block of most file systems: fewer zeros cannot be a hole.</summary>
    private const int Block = 4096;

    /// <summary>Reads, hashes and copies. Blocks of zeros are not written but become holes, so that a sparse file stays one.</summary>
    /// <param name="from">What is read, from where it is.</param>
    /// <param name="to">An empty file that is written to; null: nothing is.</param>
    /// <param name="read">Is told how many bytes were read; null: nobody is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Bytes, and their SHA-256 in hexadecimal digits.</returns>
    /// <exception cref="CopyPlaceException">The place that is read from does not answer.</exception>
    /// <exception cref="IOException">A read failed, which is a <see cref="SourceUnreadableException"/>, or a write.</exception>
    public static async ValueTask<(long Length, string Sha256)> RunAsync(Stream from, FileStream? to, Action<long>? read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferSize];
        long length = 0;
        while (await ReadAsync(from, buffer, cancellationToken) is > 0 and int count)
        {
            hash.AppendData(buffer, 0, count);
            if (to is not null)
            {
                await WriteAsync(to, buffer.AsMemory(0, count), cancellationToken);
            }

            length += count;
            read?.Invoke(count);
        }

        // A hole at the end.
        if (to is not null && to.Length < length)
        {
            to.SetLength(length);
        }

        return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static async ValueTask<int> ReadAsync(Stream from, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await from.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not CopyPlaceException)
        {
            throw new SourceUnreadableException(e.Message, e);
        }
    }

    private static async ValueTask WriteAsync(FileStream to, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            int holes = Run(bytes.Span, isHole: true);
            to.Position += holes;
            bytes = bytes[holes..];
            int data = Run(bytes.Span, isHole: false);
            await to.WriteAsync(bytes[..data], cancellationToken);
            bytes = bytes[data..];
        }
    }

    /// <summary>Bytes from the start on of blocks that are all zeros, or all are not.</summary>
    private static int Run(ReadOnlySpan<byte> bytes, bool isHole)
    {
        int at = 0;
        while (at < bytes.Length && !bytes[at..Math.Min(at + Block, bytes.Length)].ContainsAnyExcept((byte)0) == isHole)
        {
            at = Math.Min(at + Block, bytes.Length);
        }

        return at;
    }
}
