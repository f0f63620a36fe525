using Tarn.Core.Blobs;
using Tarn.Core.Model;

namespace Tarn.Core.Scrubbing;

/// <summary>A blob that nothing refers to and that was set aside.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Length">Bytes stored.</param>
/// <param name="Since">When it was set aside.</param>
public sealed record OrphanBlob(BlobId Id, long Length, DateTimeOffset Since)
{
    /// <summary>The bucket that it was written for, as the blob says itself; null when it does not.</summary>
    public string? Bucket { get; init; }

    /// <summary>The key that it was written for.</summary>
    public ObjectKey? Key { get; init; }

    /// <summary>The upload of which it is a part; null for a whole object.</summary>
    public UploadId? Upload { get; init; }

    /// <summary>The number of that part; 0 for a whole object.</summary>
    public int PartNumber { get; init; }

    /// <summary>When it was written, as the blob says itself.</summary>
    public DateTimeOffset? Written { get; init; }
}
