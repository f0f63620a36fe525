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
        await RemoveAsync(store, Tables.HourSample, bucketId, cancellationToken);
        await RemoveAsync(store, Tables.DaySample, bucketId, cancellationToken);
    }

    private static async ValueTask RemoveAsync(IKeyValueStore store, byte table, ulong bucketId, CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(
                Tables.SampleKey(table, bucketId, 0), [.. Tables.SampleKey(table, bucketId, uint.MaxValue), 0], Page, reverse: false, cancellationToken);
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
