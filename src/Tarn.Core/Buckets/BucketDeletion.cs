using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Buckets;

/// <summary>Deletes empty buckets: marks the bucket, so that no write to it commits, and then checks that it is empty.</summary>
internal sealed class BucketDeletion(IKeyValueStore store, TimeProvider clock)
{
    /// <summary>How long a mark is valid; an older one is left over from an interrupted deletion.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>Deletes the bucket.</summary>
    /// <exception cref="S3Exception">BucketNotEmpty; OperationAborted when another request changes the bucket meanwhile.</exception>
    public async ValueTask RunAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        if (!await IsEmptyAsync(bucket, cancellationToken))
        {
            throw NotEmpty(bucket);
        }

        // Marked first: the second check sees what committed before the mark, and nothing commits after it.
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        Bucket marked = await ReplaceAsync(bucket, bucket.Record with { DeletingSince = now }, cancellationToken)
            ?? throw new S3Exception(S3Error.OperationAborted);

        // Not cancelled from here on: the mark would block writers until it lapses.
        if (!await IsEmptyAsync(marked, CancellationToken.None))
        {
            await ReplaceAsync(marked, marked.Record with { DeletingSince = 0 }, CancellationToken.None);
            throw NotEmpty(bucket);
        }

        KeyValueBatch batch = marked.Guard(new KeyValueBatch())
            .AsRemoval()
            .Delete(Tables.BucketKey(bucket.Name.Value))
            .Delete(Tables.BucketByOwnerKey(bucket.OwnerId, bucket.Name.Value))
            .Delete(Tables.LifecycleCursorKey(marked.Id))
            .Put(Tables.ReclaimKey(now, new Id128(0, bucket.Id)), new ReclaimRecord(ReclaimKind.Bucket, new Id128(0, bucket.Id)).Encode());
        foreach (BucketConfiguration kind in Enum.GetValues<BucketConfiguration>().Where(marked.Has))
        {
            batch.Delete(Tables.BucketConfigurationKey(marked.Id, kind));
        }

        if (!await store.CommitAsync(batch, CancellationToken.None))
        {
            throw new S3Exception(S3Error.OperationAborted);
        }
    }

    /// <summary>Throws while a valid mark of a DeleteBucket is on the bucket.</summary>
    /// <exception cref="S3Exception">OperationAborted.</exception>
    public void ThrowIfDeleted(Bucket bucket)
    {
        long marked = bucket.Record.DeletingSince;
        if (marked != 0 && clock.GetUtcNow().ToUnixTimeMilliseconds() - marked < Lease.TotalMilliseconds)
        {
            throw new S3Exception(S3Error.OperationAborted);
        }
    }

    private async ValueTask<Bucket?> ReplaceAsync(Bucket bucket, BucketRecord record, CancellationToken cancellationToken)
    {
        (KeyValueBatch batch, Bucket replaced) = bucket.Replace(record);
        return await store.CommitAsync(batch, cancellationToken) ? replaced : null;
    }

    private async ValueTask<bool> IsEmptyAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        foreach (byte[] from in new[] { Tables.CurrentKey(bucket.Id, []), Tables.MarkerKey(bucket.Id, []), Tables.HistoryTable(bucket.Id) })
        {
            if ((await store.ScanAsync(from, KeyCodec.PrefixEnd(from), 1, reverse: false, cancellationToken)).Count > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static S3Exception NotEmpty(Bucket bucket) => new(S3Error.BucketNotEmpty) { Details = [new("BucketName", bucket.Name.Value)] };
}
