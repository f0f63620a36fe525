using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Maintenance;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>Compares the counts of buckets with the rows. While everything is being counted, and where rows cannot be read, nothing follows from a difference.</summary>
internal sealed class CountCheck(CheckRun run)
{
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        NeededRow recount = await run.GetAsync(Tables.RecountKey, cancellationToken);
        if (run.Summary.IsIncomplete || recount.Value is not { } row || !Rows.Decode(Tables.RecountKey, row, RecountRecord.Decode).IsDone)
        {
            return;
        }

        var rows = new Dictionary<ulong, BucketCounts>();
        var counted = new Dictionary<ulong, BucketCounts>();
        await new CountedRows(
            run.Rows,
            (_, prefix, cancellation) => run.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), cancellation),
            (bucket, counts) => rows[bucket] = rows.GetValueOrDefault(bucket) + counts).RunAsync(cancellationToken);
        await foreach (KeyValueEntry entry in run.ScanAsync([Tables.BucketCounts], [Tables.BucketCounts + 1], cancellationToken))
        {
            counted[CountedRows.BucketOf(entry.Key)] = BucketCounts.Decode(entry.Value);
        }

        foreach (ulong bucket in rows.Keys.Union(counted.Keys).Order())
        {
            if (!run.Summary.IsIncomplete && rows.GetValueOrDefault(bucket) != counted.GetValueOrDefault(bucket))
            {
                await run.ReportAsync(
                    FindingKind.Counts, Tables.BucketCountsKey(bucket),
                    $"The bucket is counted as {counted.GetValueOrDefault(bucket)}, but its rows add up to {rows.GetValueOrDefault(bucket)}.");
            }
        }
    }
}
