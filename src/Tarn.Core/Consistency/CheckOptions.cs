namespace Tarn.Core.Consistency;

/// <summary>How the stores are checked.</summary>
public sealed record CheckOptions
{
    /// <summary>Whether the bytes of all blobs and small objects are read and compared with their checksums.</summary>
    public bool ReadsData { get; init; } = true;

    /// <summary>
    /// Bytes of memory for the rows that are compared with the data at once, about. Where they need more, all rows of objects, parts and manifests are read again for
    /// each such part of the data, of which there are at most 256.
    /// </summary>
    public long MaxMemory { get; init; } = 1L << 30;

    /// <summary>Bytes of memory for a piece of data that a row refers to, without the row's key: an estimate for one holder.</summary>
    internal const int BytesPerPiece = 300;
}

/// <summary>How far a check is.</summary>
/// <param name="Rows">Rows of metadata read.</param>
/// <param name="Blobs">Blobs compared with the rows.</param>
/// <param name="Bytes">Bytes of blobs read.</param>
/// <param name="Problems">Problems found.</param>
public readonly record struct CheckProgress(long Rows, long Blobs, long Bytes, long Problems);

/// <summary>The result of a check.</summary>
public sealed record CheckSummary
{
    /// <summary>Buckets.</summary>
    public long Buckets { get; init; }

    /// <summary>Objects and versions, without delete markers.</summary>
    public long Objects { get; init; }

    /// <summary>Their size in bytes; shared data counts once for each object.</summary>
    public long ObjectBytes { get; init; }

    /// <summary>Multipart uploads in progress.</summary>
    public long Uploads { get; init; }

    /// <summary>Blobs in the blob store.</summary>
    public long Blobs { get; init; }

    /// <summary>Their size in bytes.</summary>
    public long BlobBytes { get; init; }

    /// <summary>Blobs whose bytes were read and are right.</summary>
    public long VerifiedBlobs { get; init; }

    /// <summary>Blobs without checksums that no record knows enough of to tell whether their bytes are right.</summary>
    public long UnverifiableBlobs { get; init; }

    /// <summary>Blobs that are waiting to be removed, or belong to uploads that were interrupted.</summary>
    public long ScheduledBlobs { get; init; }

    /// <summary>Blobs that nothing referred to and that a scrub has set aside.</summary>
    public long SetAsideBlobs { get; init; }

    /// <summary>Their size in bytes.</summary>
    public long SetAsideBytes { get; init; }

    /// <summary>Problems found.</summary>
    public long Problems { get; init; }

    /// <summary>Whether the counts of buckets were compared with the rows; not where rows could not be read, or where the store is still being counted.</summary>
    public bool AreCountsCompared { get; init; } = true;

    /// <summary>Whether rows could not be read, so that data may appear unreferenced that is not.</summary>
    public bool IsIncomplete { get; init; }
}
