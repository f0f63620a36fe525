using Tarn.Core.Hashing;

namespace Tarn.Core.Objects.Reading;

/// <summary>One part of a completed multipart object.</summary>
/// <param name="Place">Counted from 1.</param>
/// <param name="Offset">The part's first byte in the object.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Checksum">The part's checksum; null when the upload named no algorithm.</param>
public sealed record ObjectPart(int Place, long Offset, long Size, Checksum? Checksum);
