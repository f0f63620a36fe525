using System.Buffers.Binary;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Samples;

/// <summary>Reads the samples of buckets.</summary>
public sealed class SampleReader
{
    private readonly IKeyValueReader _store;

    internal SampleReader(IKeyValueReader store) => _store = store;

    /// <summary>Reads samples of a bucket in order of time. An hour or day of which there is none was not sampled, which is not the same as a sample of 0.</summary>
    /// <param name="bucketId">The bucket's id.</param>
    /// <param name="step">Hours or days.</param>
    /// <param name="from">The first hour or day.</param>
    /// <param name="to">The last one.</param>
    /// <param name="limit">The largest number of samples.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="IOException">The store failed, or a sample is damaged.</exception>
    public async ValueTask<IReadOnlyList<(uint Number, BucketSample Sample)>> ReadAsync(
        ulong bucketId, SampleStep step, uint from, uint to, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(
            Tables.SampleKey(step.Table, bucketId, from), [.. Tables.SampleKey(step.Table, bucketId, to), 0], limit, reverse: false, cancellationToken);
        return [.. rows.Select(static row => (BinaryPrimitives.ReadUInt32BigEndian(row.Key.AsSpan(9)), Rows.Decode(row.Key, row.Value, BucketSample.Decode)))];
    }
}
