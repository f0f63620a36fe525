using Tarn.Core.Hashing;
using Tarn.Core.Model;

namespace Tarn.Core.Consistency;

/// <summary>What a record knows of all bytes of an object or part, to compare them with.</summary>
internal sealed class ExpectedDigest : IDisposable
{
    private readonly StreamHasher _hasher;
    private readonly byte[] _expected;

    private ExpectedDigest(StreamHasher hasher, byte[] expected) => (_hasher, _expected) = (hasher, expected);

    /// <summary>Takes the checksum, or else the MD5 that the ETag is; null when neither covers the bytes as they are.</summary>
    public static ExpectedDigest? Of(Checksum? checksum, ETag etag) =>
        checksum is { Type: ChecksumType.FullObject } kept ? new(StreamHasher.Create(kept.Algorithm), kept.Value)
        : etag.Parts == 0 ? new(StreamHasher.CreateMd5(), etag.ToMd5())
        : null;

    public void Append(ReadOnlySpan<byte> bytes) => _hasher.Append(bytes);

    /// <summary>Whether the bytes are those that were stored.</summary>
    public bool Matches()
    {
        Span<byte> value = stackalloc byte[_hasher.HashSize];
        _hasher.Finish(value);
        return value.SequenceEqual(_expected);
    }

    public void Dispose() => _hasher.Dispose();
}
