using System.Text;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>Reads every row once: each must decode, and fit the rows that it needs.</summary>
internal sealed class RowCheck(CheckRun run)
{
    /// <summary>No key is as long.</summary>
    private static readonly byte[] BehindAll = [.. Enumerable.Repeat(byte.MaxValue, 4096)];

    private readonly VersionCheck _versions = new(run);
    private readonly UploadCheck _uploads = new(run);
    private readonly DamageCheck _damage = new(run);
    private readonly CountCheck _counts = new(run);

    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        await LoadBucketsAsync(cancellationToken);
        await _uploads.LoadAsync(cancellationToken);

        // Table by table, so that what cannot be read costs one table only; numbers without a table are read too, so that no row is left out.
        for (int table = 0; table <= byte.MaxValue; table++)
        {
            byte[] end = table < byte.MaxValue ? [(byte)(table + 1)] : BehindAll;
            await foreach (KeyValueEntry row in run.ScanAsync([(byte)table], end, cancellationToken))
            {
                try
                {
                    // Without knowing what the row holds, data may appear unreferenced that is not.
                    if (RowDecoders.Problem(row) is { } problem)
                    {
                        _counts.LeaveOut(row.Key[0]);
                        await run.ReportUnreadableAsync(row.Key, $"{problem.TrimEnd('.')}.");
                        continue;
                    }

                    _counts.Add(row);
                    await CheckAsync(row, cancellationToken);
                }
                catch (Exception e) when (run.IsFinding(e))
                {
                    await run.ReportUnreadableAsync(row.Key, $"The row cannot be checked: {e.Message}");
                }
            }
        }

        await _counts.FinishAsync();
    }

    private async ValueTask LoadBucketsAsync(CancellationToken cancellationToken)
    {
        await foreach (KeyValueEntry row in run.ScanAsync([Tables.Bucket], [Tables.Bucket + 1], cancellationToken))
        {
            if (RowDecoders.Problem(row) is not null)
            {
                run.Unread.Add(Tables.Bucket);
                continue;
            }

            BucketRecord record = Rows.Decode(row.Key, row.Value, BucketRecord.Decode);
            string name = Encoding.UTF8.GetString(row.Key.AsSpan(1));
            if (!run.Buckets.TryAdd(record.Id, (name, record)))
            {
                await run.ReportAsync(FindingKind.Inconsistent, row.Key, $"It has the id of the bucket {run.Buckets[record.Id].Name}.");
            }
        }
    }

    private async ValueTask CheckAsync(KeyValueEntry row, CancellationToken cancellationToken)
    {
        await CheckIndexAsync(row, cancellationToken);
        switch (row.Key[0])
        {
            case Tables.Bucket:
                await CheckBucketAsync(row, cancellationToken);
                break;
            case Tables.BucketConfiguration:
                await CheckSettingAsync(row);
                break;
            case Tables.Current or Tables.Marker or Tables.History or Tables.NullVersion:
                await _versions.CheckAsync(row, cancellationToken);
                break;
            case Tables.Upload or Tables.Part or Tables.AbortedUpload or Tables.Reclaim or Tables.Manifest or Tables.BlobReference:
                await _uploads.CheckAsync(row, cancellationToken);
                break;
            case Tables.Damage:
                await _damage.CheckAsync(row, cancellationToken);
                break;
        }
    }

    private async ValueTask CheckIndexAsync(KeyValueEntry row, CancellationToken cancellationToken)
    {
        foreach (byte[] wanted in IndexedRows.Wanted(row.Key, row.Value))
        {
            NeededRow found = await run.GetAsync(wanted, cancellationToken);
            if (found.IsAbsent || (IsReadable(wanted, found) && IndexedRows.Leads(wanted, found.Value!)?.AsSpan().SequenceEqual(row.Key) != true))
            {
                await run.ReportAsync(FindingKind.Inconsistent, row.Key, $"The row {Tables.Describe(wanted)}, by which it is found, is missing or leads elsewhere.");
            }
        }

        foreach (byte[] needed in IndexedRows.Needed(row.Key, row.Value))
        {
            if ((await run.GetAsync(needed, cancellationToken)).IsAbsent)
            {
                await run.ReportAsync(FindingKind.Inconsistent, row.Key, $"It belongs to the row {Tables.Describe(needed)}, which is missing.");
            }
        }

        if (IndexedRows.Own(row.Key, row.Value) is { } own && !own.AsSpan().SequenceEqual(row.Key))
        {
            await run.ReportAsync(FindingKind.Inconsistent, row.Key, $"The record is that of the row {Tables.Describe(own)}.");
        }

        if (IndexedRows.Leads(row.Key, row.Value) is { } holder)
        {
            NeededRow found = await run.GetAsync(holder, cancellationToken);
            if (found.IsAbsent || (IsReadable(holder, found) && !IndexedRows.Wanted(holder, found.Value!).Any(wanted => wanted.AsSpan().SequenceEqual(row.Key))))
            {
                await run.ReportAsync(
                    FindingKind.Inconsistent, row.Key, $"It leads to the row {Tables.Describe(holder)}, which {(found.IsAbsent ? "is missing" : "is another's")}.");
            }
        }
    }

    /// <summary>Whether a row is there and decodes; otherwise that is found where its table is read.</summary>
    private static bool IsReadable(byte[] row, NeededRow found) => found.Value is { } value && RowDecoders.Problem(new KeyValueEntry(row, value)) is null;

    private async ValueTask CheckBucketAsync(KeyValueEntry row, CancellationToken cancellationToken)
    {
        run.Summary = run.Summary with { Buckets = run.Summary.Buckets + 1 };
        BucketRecord record = Rows.Decode(row.Key, row.Value, BucketRecord.Decode);
        if (!BucketName.TryParse(Encoding.UTF8.GetString(row.Key.AsSpan(1)), out _))
        {
            await run.ReportAsync(FindingKind.Inconsistent, row.Key, "The key is not the name of a bucket.");
        }

        foreach (BucketConfiguration kind in Enum.GetValues<BucketConfiguration>())
        {
            if (Has(record, kind) && (await run.GetAsync(Tables.BucketConfigurationKey(record.Id, kind), cancellationToken)).IsAbsent)
            {
                await run.ReportAsync(FindingKind.Inconsistent, row.Key, $"The bucket has the setting {kind}, but its row is missing.");
            }
        }
    }

    private async ValueTask CheckSettingAsync(KeyValueEntry row)
    {
        RowKeys.TrySplit(row.Key, out ulong id, out _);
        if (!run.Buckets.TryGetValue(id, out (string Name, BucketRecord Record) bucket))
        {
            if (run.Unread.Contains(Tables.Bucket))
            {
                return;
            }

            await run.ReportAsync(FindingKind.Inconsistent, row.Key, "It is a setting of a bucket that does not exist.");
        }
        else if (!Has(bucket.Record, (BucketConfiguration)row.Key[^1]))
        {
            await run.ReportAsync(FindingKind.Inconsistent, row.Key, "The bucket's record says that it does not have this setting.");
        }
    }

    private static bool Has(BucketRecord record, BucketConfiguration kind) => (record.Configurations & (1UL << (int)kind)) != 0;
}
