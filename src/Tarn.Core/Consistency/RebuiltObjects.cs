using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;

namespace Tarn.Core.Consistency;

/// <summary>Makes objects of blobs. Those of one key become versions of it, by the time at which they were written.</summary>
internal sealed class RebuiltObjects(ObjectStore store, RebuiltBuckets buckets, BlobTransfer transfer, string ownerId)
{
    /// <summary>Objects made.</summary>
    public long Count { get; private set; }

    /// <summary>Their size.</summary>
    public long Bytes { get; private set; }

    /// <summary>Buckets that they are in.</summary>
    public long Buckets => buckets.Count;

    /// <summary>Makes an object of a blob that is one as a whole.</summary>
    public ValueTask AddAsync(RebuiltBlob blob, CancellationToken cancellationToken)
    {
        // The version's id follows from the blob, so that a repeated rebuild finds it.
        var place = new VersionId(blob.Footer.Written, blob.Id.Value.Low | VersionId.WrittenLater);
        ObjectRecord record = new()
        {
            Size = blob.Size,
            LastModified = blob.LastModified,
            ETag = ETag.FromMd5(blob.Footer.Md5),
            OwnerId = ownerId,
            Metadata = blob.Footer.Metadata,
            Checksum = blob.Footer.Checksum,
            Data = new ObjectData.Extents([blob.Extent]),
        };
        return AddAsync(blob.Footer, place, record, [blob.Id], static _ => { }, cancellationToken);
    }

    /// <summary>Makes an object of blobs, unless it is there.</summary>
    /// <param name="footer">Says where.</param>
    /// <param name="place">The version's id, which is the same whenever the rebuild is repeated.</param>
    /// <param name="record">The object.</param>
    /// <param name="blobs">The blobs that it consists of.</param>
    /// <param name="add">Adds other rows to the commit.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="SourceUnreadableException">A blob cannot be read; nothing was made.</exception>
    public async ValueTask AddAsync(
        BlobFooter footer, VersionId place, ObjectRecord record, IReadOnlyList<BlobId> blobs, Action<KeyChange> add, CancellationToken cancellationToken)
    {
        Bucket bucket = await buckets.GetAsync(footer.BucketId, footer.BucketName, cancellationToken);
        if (await store.Reader.FindAsync(bucket, footer.Key, place.ToString(), cancellationToken) is null)
        {
            await TransferAsync(blobs, cancellationToken);
            record = record with { OwnerId = ownerId };
            await store.Writer.ReplaceAsync(
                bucket,
                footer.Key,
                WriteCondition.None,
                change =>
                {
                    add(change);
                    return ValueTask.FromResult<ObjectRecord?>(record);
                },
                cancellationToken,
                place);
        }

        Count++;
        Bytes += record.Size;
    }

    private async ValueTask TransferAsync(IReadOnlyList<BlobId> blobs, CancellationToken cancellationToken)
    {
        try
        {
            foreach (BlobId blob in blobs)
            {
                await transfer.RunAsync(blob, cancellationToken);
            }
        }
        catch (SourceUnreadableException)
        {
            foreach (BlobId blob in blobs)
            {
                await transfer.DropAsync(blob, cancellationToken);
            }

            throw;
        }
    }
}
