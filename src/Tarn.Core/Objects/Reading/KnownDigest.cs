using Tarn.Core.Hashing;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// What an object's record knows of its bytes as a whole: a checksum of them, or the MD5 that is its ETag. Whoever reads all of them compares them with it,
/// before new digests are made of bytes that no block checksum vouches for.
/// </summary>
internal sealed class KnownDigest : IDisposable
{
    private readonly StreamHasher? _hasher;
    private readonly byte[] _expected;

    private KnownDigest(StreamHasher? hasher, byte[] expected) => (_hasher, _expected) = (hasher, expected);

    /// <summary>The hashers to feed with all the bytes; none when nothing is known.</summary>
    public StreamHasher[] Hashers => _hasher is null ? [] : [_hasher];

    public static KnownDigest Of(StoredObject found) =>
        found.Checksum is { Type: ChecksumType.FullObject } kept ? new(StreamHasher.Create(kept.Algorithm), kept.Value)
        : found.ETag.Parts == 0 ? new(StreamHasher.CreateMd5(), found.ETag.ToMd5())
        : new(null, []);

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
