using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>Adds up what the rows of each bucket count, and compares that with its counts.</summary>
internal sealed class CountCheck(CheckRun run)
{
    private readonly Dictionary<ulong, BucketCounts> _found = [];
    private readonly Dictionary<ulong, BucketCounts> _counted = [];
    private readonly Dictionary<Id128, ulong> _bucketOf = [];
    private readonly Dictionary<Id128, long> _partBytes = [];
    private bool _isExact;
    private bool _isUnread;

    /// <summary>Adds a row that decodes.</summary>
    public void Add(KeyValueEntry row)
    {
        switch (row.Key[0])
        {
            case Tables.Current or Tables.Marker:
                Add(Tables.BucketOf(row.Key), Rows.Decode(row.Key, row.Value, ObjectRecord.Decode).CountsAsNewest);
                break;
            case Tables.History:
                Add(Tables.BucketOf(row.Key), Rows.Decode(row.Key, row.Value, ObjectRecord.Decode).CountsAsOlder);
                break;
            case Tables.Upload:
                Add(Tables.BucketOf(row.Key), BucketCounts.Upload);
                _bucketOf[Tables.UploadOf(row.Key).Value] = Tables.BucketOf(row.Key);
                break;
            case Tables.Part:
                Id128 upload = RowKeys.IdOf(row.Key);
                _partBytes[upload] = _partBytes.GetValueOrDefault(upload) + Rows.Decode(row.Key, row.Value, PartRecord.Decode).Size;
                break;
            case Tables.Reclaim when Rows.Decode(row.Key, row.Value, ReclaimRecord.Decode) is { Kind: ReclaimKind.Upload, BucketId: not 0 } ended:
                _bucketOf.TryAdd(ended.Id, ended.BucketId);
                break;
            case Tables.BucketCounts:
                _counted[Tables.BucketOf(row.Key)] = BucketCounts.Decode(row.Value);
                break;
            case Tables.Recount:
                _isExact = Rows.Decode(row.Key, row.Value, RecountRecord.Decode).IsDone;
                break;
        }
    }

    /// <summary>Notes that a row of a table cannot be read or decoded: if it counts, nothing follows from a difference.</summary>
    public void LeaveOut(byte table) => _isUnread |= IsCounted(table);

    /// <summary>Compares, once all rows were added.</summary>
    public async ValueTask FinishAsync()
    {
        if (!_isExact || _isUnread || run.Unread.Any(IsCounted))
        {
            run.Summary = run.Summary with { AreCountsCompared = false };
            return;
        }

        foreach ((Id128 upload, long bytes) in _partBytes)
        {
            if (_bucketOf.TryGetValue(upload, out ulong bucket))
            {
                Add(bucket, new BucketCounts { UploadBytes = bytes });
            }
        }

        foreach (ulong bucket in _found.Keys.Union(_counted.Keys).Order())
        {
            if (_found.GetValueOrDefault(bucket) != _counted.GetValueOrDefault(bucket))
            {
                await run.ReportAsync(
                    FindingKind.Counts, Tables.BucketCountsKey(bucket),
                    $"The bucket is counted as {_counted.GetValueOrDefault(bucket)}, but its rows add up to {_found.GetValueOrDefault(bucket)}.");
            }
        }
    }

    private static bool IsCounted(byte table) =>
        table is Tables.Current or Tables.Marker or Tables.History or Tables.Upload or Tables.Part or Tables.Reclaim or Tables.BucketCounts or Tables.Recount;

    private void Add(ulong bucket, BucketCounts counts) => _found[bucket] = _found.GetValueOrDefault(bucket) + counts;
}
