using Tarn.Core.Scrubbing;

namespace Tarn.Server.Control.Tarn;

/// <summary>A blob that nothing refers to and that was set aside.</summary>
internal sealed record OrphanView
{
    /// <summary>The blob's id.</summary>
    public required string Id { get; init; }

    /// <summary>Bytes stored.</summary>
    public required long Size { get; init; }

    /// <summary>When it was set aside.</summary>
    public required DateTime Since { get; init; }

    /// <summary>The bucket that it was written for, as the blob says itself.</summary>
    public string? Bucket { get; init; }

    /// <summary>The key that it was written for.</summary>
    public string? Key { get; init; }

    /// <summary>The upload of which it is a part.</summary>
    public string? UploadId { get; init; }

    /// <summary>The number of that part.</summary>
    public int? PartNumber { get; init; }

    /// <summary>When it was written.</summary>
    public DateTime? Written { get; init; }

    public static OrphanView Of(OrphanBlob orphan) => new()
    {
        Id = orphan.Id.ToString(),
        Size = orphan.Length,
        Since = orphan.Since.UtcDateTime,
        Bucket = orphan.Bucket,
        Key = orphan.Key?.ToString(),
        UploadId = orphan.Upload?.ToString(),
        PartNumber = orphan.Upload is null ? null : orphan.PartNumber,
        Written = orphan.Written?.UtcDateTime,
    };
}

/// <param name="Orphans">One page of them.</param>
/// <param name="KeptBecause">Why none is removed by itself; absent when they are, once their retention is over.</param>
/// <param name="NextCursor">Where to continue; absent on the last page.</param>
internal sealed record OrphanList(IReadOnlyList<OrphanView> Orphans, string? KeptBecause, string? NextCursor);

/// <param name="Blobs">How many were removed.</param>
/// <param name="Bytes">Their size in bytes.</param>
internal sealed record OrphansDropped(long Blobs, long Bytes);
