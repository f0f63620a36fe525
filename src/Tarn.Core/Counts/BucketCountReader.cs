using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Counts;

/// <summary>Reads how much buckets hold.</summary>
public sealed class BucketCountReader
{
    private readonly IKeyValueReader _store;

    internal BucketCountReader(IKeyValueReader store) => _store = store;

    /// <summary>Reads the counts of buckets; of one that does not exist they are 0.</summary>
    /// <exception cref="IOException">The store failed, or a row is not one of counts.</exception>
    public async ValueTask<BucketCounts[]> GetAsync(IReadOnlyList<ulong> bucketIds, CancellationToken cancellationToken)
    {
        byte[]?[] rows = await _store.GetAsync([.. bucketIds.Select(Tables.BucketCountsKey)], cancellationToken);
        return [.. rows.Select(BucketCounts.Decode)];
    }

    /// <summary>Whether the counts of all buckets are exact; otherwise everything is being counted, and they are not until that has ended.</summary>
    /// <exception cref="IOException">The store failed.</exception>
    public async ValueTask<bool> AreExactAsync(CancellationToken cancellationToken) =>
        await _store.GetAsync(Tables.RecountKey, cancellationToken) is { } row && Rows.Decode(Tables.RecountKey, row, RecountRecord.Decode).IsDone;
}
