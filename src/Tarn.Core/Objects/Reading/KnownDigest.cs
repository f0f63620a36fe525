using Tarn.Core.Hashing;
using Tarn.Core.Model;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// What the record of an object or part knows of its bytes as a whole: a checksum of them, or the MD5 that is its ETag. Whoever reads all of them compares them with it,
/// before new digests are made of bytes that no block checksum vouches for.
/// </summary>
internal sealed class KnownDigest : IDisposable
{
    private readonly StreamHasher? _hasher;
    private readonly byte[] _expected;

    private KnownDigest(StreamHasher? hasher, byte[] expected) => (_hasher, _expected) = (hasher, expected);

    /// <summary>Whether anything is known.</summary>
    public bool IsKnown => _hasher is not null;

    public static KnownDigest Of(StoredObject found) => Of(found.Checksum, found.ETag);

    /// <summary>Takes the checksum, or else the MD5 that the ETag is; neither may cover the bytes as they are.</summary>
    public static KnownDigest Of(Checksum? checksum, ETag etag) =>
        checksum is { Type: ChecksumType.FullObject } kept ? new(StreamHasher.Create(kept.Algorithm), kept.Value)
        : etag.Parts == 0 ? new(StreamHasher.CreateMd5(), etag.ToMd5())
        : new(null, []);

    /// <summary>Feeds the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _hasher?.Append(bytes);

    /// <summary>Whether the bytes that were fed are those that were stored, as far as is known.</summary>
    public bool Matches()
    {
        if (_hasher is null)
        {
            return true;
        }

        Span<byte> value = stackalloc byte[_hasher.HashSize];
        _hasher.Finish(value);
        return value.SequenceEqual(_expected);
    }

    public void Dispose() => _hasher?.Dispose();
}
