using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Samples;

/// <summary>Removes samples, a page at a time.</summary>
internal static class SampleRemoval
{
    private const int Page = 500;

    /// <summary>Removes all samples of a bucket, which was deleted.</summary>
    public static async ValueTask OfBucketAsync(IKeyValueStore store, ulong bucketId, CancellationToken cancellationToken)
    {
        await RemoveAsync(store, SampleStep.Hour, bucketId, uint.MaxValue, cancellationToken);
        await RemoveAsync(store, SampleStep.Day, bucketId, uint.MaxValue, cancellationToken);
    }

    /// <summary>Removes the samples of a bucket that are older than they are kept.</summary>
    public static async ValueTask ExpiredAsync(IKeyValueStore store, ulong bucketId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await RemoveAsync(store, SampleStep.Hour, bucketId, SampleStep.Hour.FirstKept(now), cancellationToken);
        await RemoveAsync(store, SampleStep.Day, bucketId, SampleStep.Day.FirstKept(now), cancellationToken);
    }

    private static async ValueTask RemoveAsync(IKeyValueStore store, SampleStep step, ulong bucketId, uint end, CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(
                Tables.SampleKey(step.Table, bucketId, 0), Tables.SampleKey(step.Table, bucketId, end), Page, reverse: false, cancellationToken);
            if (rows.Count == 0)
            {
                return;
            }

            KeyValueBatch batch = new KeyValueBatch().AsRemoval();
            foreach (KeyValueEntry row in rows)
            {
                batch.Delete(row.Key);
            }

            await store.CommitAsync(batch, cancellationToken);
        }
    }
}
