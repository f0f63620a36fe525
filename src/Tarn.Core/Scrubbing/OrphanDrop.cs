using Tarn.Core.Blobs;

namespace Tarn.Core.Scrubbing;

/// <summary>How far an order to remove blobs is that were set aside.</summary>
public enum OrphanDropState
{
    /// <summary>Rows are read that may refer to them, or they are being removed.</summary>
    Running,

    /// <summary>What no row refers to and no backup needs is removed.</summary>
    Done,

    /// <summary>It was not possible, or only in part.</summary>
    Failed,
}

/// <summary>An order to remove blobs that were set aside.</summary>
/// <param name="Id">The blob; null: all.</param>
/// <param name="State">How far it is.</param>
public sealed record OrphanDrop(BlobId? Id, OrphanDropState State)
{
    /// <summary>Rows read so far.</summary>
    public long Rows { get; init; }

    /// <summary>What was removed.</summary>
    public OrphansDropped Dropped { get; init; } = new(0, 0, 0);

    /// <summary>Why it failed; null if it did not.</summary>
    public string? Error { get; init; }
}

/// <summary>What came of an order to remove blobs that were set aside.</summary>
/// <param name="Blobs">How many were removed.</param>
/// <param name="Bytes">Their size in bytes.</param>
/// <param name="BroughtBack">How many were brought back, because rows refer to them.</param>
public sealed record OrphansDropped(long Blobs, long Bytes, long BroughtBack);
