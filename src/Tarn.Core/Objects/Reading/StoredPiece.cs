using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>The smallest run of an object's bytes of which a record knows a digest: the object itself, or one of its parts.</summary>
/// <param name="Start">Where in the object they begin.</param>
/// <param name="Extents">Where the bytes are.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Checksum">What the record knows; null when it knows none.</param>
/// <param name="ETag">Of a part, and of an object put in one request: the MD5.</param>
internal sealed record StoredPiece(long Start, IReadOnlyList<Extent> Extents, long Size, Checksum? Checksum, ETag ETag)
{
    /// <summary>What the bytes are compared with.</summary>
    public KnownDigest Known => KnownDigest.Of(Checksum, ETag);
}
