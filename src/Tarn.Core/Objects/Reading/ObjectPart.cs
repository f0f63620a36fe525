using Tarn.Core.Hashing;

namespace Tarn.Core.Objects.Reading;

/// <summary>One part of a completed multipart object.</summary>
/// <param name="Place">Counted from 1.</param>
/// <param name="Offset">Where in the object it begins.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Checksum">The part's own checksum, when the upload named an algorithm.</param>
public sealed record ObjectPart(int Place, long Offset, long Size, Checksum? Checksum);
