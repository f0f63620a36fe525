using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.Core.Objects;

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

    /// <summary>Describes a blob that was set aside, by its footer if that can be read; null when there is none with that id.</summary>
    internal static async ValueTask<OrphanBlob?> FindAsync(ISetAsideStore store, BlobId id, SetAsideRecord note, CancellationToken cancellationToken)
    {
        if (await BlobEnd.AsideLengthAsync(store, id, cancellationToken) is not { } length)
        {
            return null;
        }

        var orphan = new OrphanBlob(id, length, DateTimeOffset.FromUnixTimeMilliseconds(note.Since));
        try
        {
            if (await BlobEnd.ReadAsideAsync(store, id, cancellationToken) is { } end)
            {
                BlobFooter footer = BlobFooter.Decode(end.Footer);
                return orphan with
                {
                    Bucket = footer.BucketName,
                    Key = footer.Key,
                    Upload = footer.Upload,
                    PartNumber = footer.PartNumber,
                    Written = footer.Written == 0 ? null : DateTimeOffset.UnixEpoch.AddMicroseconds(footer.Written),
                };
            }
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            // It is listed without what it says of itself: that cannot be read.
        }

        return orphan;
    }
}
