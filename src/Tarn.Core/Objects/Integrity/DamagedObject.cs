using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;

namespace Tarn.Core.Objects.Integrity;

/// <summary>An object, or a part of an upload in progress, of which stored data was found damaged.</summary>
/// <param name="Bucket">The bucket's name; null when there is no such bucket any more.</param>
/// <param name="Key">The key.</param>
/// <param name="Version">The version as clients name it; null for a part.</param>
/// <param name="Upload">The upload of a part; null for an object.</param>
/// <param name="PartNumber">The part's number; 0 for an object.</param>
/// <param name="Data">The id of the blob, of the row of a small object, or of the manifest.</param>
/// <param name="Kind">What is wrong with it.</param>
/// <param name="Offset">The first damaged byte of that data.</param>
/// <param name="Length">Bytes from there on that hold all the damage found; null for all the rest.</param>
/// <param name="FirstSeen">When the damage was found.</param>
/// <param name="LastSeen">When it was last met.</param>
/// <param name="IsGone">Whether the object is gone, and others still share the damaged data.</param>
public sealed record DamagedObject(
    string? Bucket, ObjectKey Key, string? Version, UploadId? Upload, int PartNumber, Id128 Data, DamageKind Kind, long Offset, long? Length,
    DateTimeOffset FirstSeen, DateTimeOffset LastSeen, bool IsGone = false)
{
    internal static DamagedObject From(Id128 data, string? bucket, DamageRecord record) => new(
        bucket, ObjectKey.FromUtf8(record.Key), record.Version, record.Upload, record.PartNumber, data, record.Kind, record.Offset,
        record.Length == long.MaxValue ? null : record.Length,
        DateTimeOffset.FromUnixTimeMilliseconds(record.FirstSeen), DateTimeOffset.FromUnixTimeMilliseconds(record.LastSeen));
}
