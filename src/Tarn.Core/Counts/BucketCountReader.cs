using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Counts;

/// <summary>Reads how much buckets hold.</summary>
public sealed class BucketCountReader
{
    private readonly IKeyValueReader _store;

    internal BucketCountReader(IKeyValueReader store) => _store = store;

    /// <summary>Reads the counts of buckets; of one that does not exist they are 0.</summary>
    /// <returns>The counts, and whether they are exact; otherwise everything is being counted, and they are not right until that has ended.</returns>
    /// <exception cref="IOException">The store failed.</exception>
    public async ValueTask<(BucketCounts[] Counts, bool AreExact)> GetAsync(IReadOnlyList<ulong> bucketIds, CancellationToken cancellationToken)
    {
        // Asked before and after: what was lost in between may be counted or not.
        byte[]? before = await _store.GetAsync(Tables.RecountKey, cancellationToken);
        BucketCounts?[] counts = await ReadAsync(_store, bucketIds, cancellationToken);
        byte[]? after = await _store.GetAsync(Tables.RecountKey, cancellationToken);
        bool areExact = before is not null && ByteStringComparer.Instance.Equals(before, after)
            && Rows.Decode(Tables.RecountKey, before, RecountRecord.Decode).IsDone && Array.TrueForAll(counts, static found => found is not null);
        return ([.. counts.Select(static found => found ?? default)], areExact);
    }

    /// <summary>Reads the counts of buckets; null for one whose row is damaged.</summary>
    /// <exception cref="IOException">The store failed.</exception>
    internal static async ValueTask<BucketCounts?[]> ReadAsync(IKeyValueReader store, IReadOnlyList<ulong> bucketIds, CancellationToken cancellationToken)
    {
        byte[][] rows = [.. bucketIds.Select(Tables.BucketCountsKey)];
        try
        {
            return [.. (await store.GetAsync(rows, cancellationToken)).Select(Decode)];
        }
        catch (StoreDamagedException)
        {
            var counts = new BucketCounts?[rows.Length];
            for (int i = 0; i < rows.Length; i++)
            {
                counts[i] = await ReadAsync(store, rows[i], cancellationToken);
            }

            return counts;
        }
    }

    private static async ValueTask<BucketCounts?> ReadAsync(IKeyValueReader store, byte[] row, CancellationToken cancellationToken)
    {
        try
        {
            return Decode(await store.GetAsync(row, cancellationToken));
        }
        catch (StoreDamagedException)
        {
            return null;
        }
    }

    private static BucketCounts? Decode(byte[]? value) => KeyValueCounter.Is(value) ? BucketCounts.Decode(value) : null;
}
