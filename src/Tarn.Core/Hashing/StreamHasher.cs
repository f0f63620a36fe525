using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;
using Tarn.Core.Hashing.Lanes;

namespace Tarn.Core.Hashing;

/// <summary>
/// Hashes a stream of bytes that arrives in pieces. Reusable after <see cref="Finish()"/>; not thread-safe.
/// </summary>
public abstract class StreamHasher : IDisposable
{
    /// <summary>The size of the result in bytes.</summary>
    public abstract int HashSize { get; }

    /// <summary>Creates a hasher for MD5 (RFC 1321), the hash of ETags and Content-MD5.</summary>
    public static StreamHasher CreateMd5() => new DigestHasher(HashAlgorithmName.MD5);

    /// <summary>Creates a hasher for MD5 whose <see cref="AppendAsync"/> hashes several streams at once.</summary>
    public static StreamHasher CreateSharedMd5() => new Md5Hasher(Md5Scheduler.Shared);

    /// <summary>Creates a hasher for an algorithm.</summary>
    public static StreamHasher Create(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Sha1 => new DigestHasher(HashAlgorithmName.SHA1),
        ChecksumAlgorithm.Sha256 => new DigestHasher(HashAlgorithmName.SHA256),
        ChecksumAlgorithm.Sha512 => new DigestHasher(HashAlgorithmName.SHA512),
        ChecksumAlgorithm.Md5 => CreateMd5(),
        ChecksumAlgorithm.XxHash64 => new NonCryptographicHasher(new XxHash64()),
        ChecksumAlgorithm.XxHash3 => new NonCryptographicHasher(new XxHash3()),
        ChecksumAlgorithm.XxHash128 => new NonCryptographicHasher(new XxHash128()),
        _ => new CrcHasher(Crc.For(algorithm)),
    };

    /// <summary>Adds the next bytes of the stream, which may be none.</summary>
    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Adds the next bytes of the stream, which may be none.</summary>
    public void Append(ReadOnlySequence<byte> data)
    {
        foreach (ReadOnlyMemory<byte> segment in data)
        {
            Append(segment.Span);
        }
    }

    /// <summary>
    /// Adds the next bytes of the stream on another thread. Neither the hasher nor the bytes may be touched before the task has ended, whatever
    /// becomes of the caller: it is short, and cannot be cancelled. Await it once.
    /// </summary>
    /// <exception cref="InvalidOperationException">The bytes before are still being added, or adding them failed.</exception>
    public virtual ValueTask AppendAsync(ReadOnlySequence<byte> data) => new(Task.Run(() => Append(data)));

    /// <summary>Writes the hash of everything appended (CRCs and xxHash in big-endian order, the canonical form of each), and resets the hasher.</summary>
    /// <param name="destination">Receives <see cref="HashSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination is shorter than that.</exception>
    public abstract void Finish(Span<byte> destination);

    /// <summary>Returns the hash of everything appended, as <see cref="Finish(Span{byte})"/> writes it, and resets the hasher.</summary>
    public byte[] Finish()
    {
        byte[] hash = new byte[HashSize];
        Finish(hash);
        return hash;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases unmanaged memory of the hash.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
