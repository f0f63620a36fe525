using System.IO.Hashing;
using System.Security.Cryptography;

namespace Tarn.Core.Hashing;

/// <summary>
/// Hashes a stream of bytes that arrives in pieces. Used again after <see cref="Finish"/>; by one thread at a time.
/// </summary>
public abstract class StreamHasher : IDisposable
{
    /// <summary>Bytes in the result.</summary>
    public abstract int HashSize { get; }

    /// <summary>MD5 (RFC 1321): what ETags and Content-MD5 are made of.</summary>
    public static StreamHasher CreateMd5() => new DigestHasher(HashAlgorithmName.MD5);

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

    /// <summary>Adds the next bytes of the stream; any number of them, none included.</summary>
    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Writes the hash of all that was appended (CRCs and xxHash in big-endian order, the canonical form of each), and starts afresh.</summary>
    /// <param name="destination">Where the first <see cref="HashSize"/> bytes are written.</param>
    /// <exception cref="ArgumentException">The destination is shorter than that.</exception>
    public abstract void Finish(Span<byte> destination);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the hash holds outside managed memory.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
