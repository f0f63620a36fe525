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

/// <summary>An order to remove blobs that were set aside, which goes on by itself.</summary>
internal sealed record OrphanDropView
{
    /// <summary>The blob; absent: all.</summary>
    public string? Id { get; init; }

    /// <summary>How far it is: <c>running</c>, <c>done</c> or <c>failed</c>.</summary>
    public required string State { get; init; }

    /// <summary>Rows read so far to see whether any refers to them.</summary>
    public required long Rows { get; init; }

    /// <summary>How many blobs were removed.</summary>
    public required long Blobs { get; init; }

    /// <summary>Their size in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>How many were put back, because objects need them.</summary>
    public required long BroughtBack { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    public static OrphanDropView Of(OrphanDrop drop) => new()
    {
        Id = drop.Id?.ToString(),
        State = drop.State switch
        {
            OrphanDropState.Running => "running",
            OrphanDropState.Done => "done",
            _ => "failed",
        },
        Rows = drop.Rows,
        Blobs = drop.Dropped.Blobs,
        Bytes = drop.Dropped.Bytes,
        BroughtBack = drop.Dropped.BroughtBack,
        Error = drop.Error,
    };
}
