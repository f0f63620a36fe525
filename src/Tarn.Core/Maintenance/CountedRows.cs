using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Records;

namespace Tarn.Core.Maintenance;

/// <summary>Reads all rows that count, and tells what each adds to which bucket. A row that does not decode adds nothing; one of a newer build ends it.</summary>
/// <param name="scan">Reads all rows with a prefix, which must not change meanwhile.</param>
/// <param name="add">Is told what a row adds.</param>
internal sealed class CountedRows(Func<byte[], CancellationToken, IAsyncEnumerable<KeyValueEntry>> scan, Action<ulong, BucketCounts> add)
{
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        foreach (byte table in new[] { Tables.Current, Tables.Marker, Tables.History })
        {
            await foreach (KeyValueEntry row in scan([table], cancellationToken))
            {
                if (Rows.TryDecode(row.Key, row.Value, ObjectRecord.Decode) is { } version)
                {
                    add(Tables.BucketOf(row.Key), table == Tables.History ? version.CountsAsOlder : version.CountsAsNewest);
                }
            }
        }

        await foreach (KeyValueEntry row in scan([Tables.Upload], cancellationToken))
        {
            add(Tables.BucketOf(row.Key), BucketCounts.Upload);
            await AddPartsAsync(Tables.BucketOf(row.Key), Tables.UploadOf(row.Key).Value, cancellationToken);
        }

        // What is left of uploads that ended counts until it is removed.
        await foreach (KeyValueEntry row in scan([Tables.Reclaim], cancellationToken))
        {
            if (Rows.TryDecode(row.Key, row.Value, ReclaimRecord.Decode) is { Kind: ReclaimKind.Upload, BucketId: not 0 } ended)
            {
                await AddPartsAsync(ended.BucketId, ended.Id, cancellationToken);
            }
        }
    }

    private async ValueTask AddPartsAsync(ulong bucket, Id128 upload, CancellationToken cancellationToken)
    {
        await foreach (KeyValueEntry row in scan(Tables.PartPrefix(upload), cancellationToken))
        {
            if (Rows.TryDecode(row.Key, row.Value, PartRecord.Decode) is { } part)
            {
                add(bucket, part.Counts);
            }
        }
    }
}
