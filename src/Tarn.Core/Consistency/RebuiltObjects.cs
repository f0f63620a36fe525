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
    /// <summary>So many objects, or bytes of them, wait at most for one sync of their blobs.</summary>
    private const int AtOnce = 256;
    private const long BytesAtOnce = 1L << 30;

    private readonly List<Waiting> _waiting = [];
    private long _bytes;

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

    /// <summary>
    /// Makes an object of blobs, unless it is there. Its blobs are brought into the new store now; its row is written with those of others, once the blobs of all are durable: by
    /// <see cref="FlushAsync"/> at the latest.
    /// </summary>
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
        if (await store.Reader.FindAsync(bucket, footer.Key, place.ToString(), cancellationToken) is not null)
        {
            Note(record);
            return;
        }

        await TransferAsync(blobs, cancellationToken);
        _waiting.Add(new Waiting(bucket, footer.Key, place, record with { OwnerId = ownerId }, add));
        if (_waiting.Count >= AtOnce || (_bytes += record.Size) >= BytesAtOnce)
        {
            await FlushAsync(cancellationToken);
        }
    }

    /// <summary>Makes the blobs that were brought into the new store durable, and then writes the rows of their objects.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        await transfer.SyncAsync();
        foreach (Waiting made in _waiting)
        {
            await store.Writer.ReplaceAsync(
                made.Bucket,
                made.Key,
                WriteCondition.None,
                change =>
                {
                    made.Add(change);
                    return ValueTask.FromResult<ObjectRecord?>(made.Record);
                },
                cancellationToken,
                made.Place);
            Note(made.Record);
        }

        _waiting.Clear();
        _bytes = 0;
    }

    private void Note(ObjectRecord record)
    {
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

    /// <summary>An object whose blobs are there, and perhaps not durable.</summary>
    private sealed record Waiting(Bucket Bucket, ObjectKey Key, VersionId Place, ObjectRecord Record, Action<KeyChange> Add);
}
