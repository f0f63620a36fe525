using System.Text;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Backups;

/// <summary>Names the objects and parts that damaged blobs belong to.</summary>
internal static class DamageNames
{
    /// <summary>One problem for each object, version or part that has data of the blobs; one for a blob that belongs to none.</summary>
    /// <exception cref="IOException">Rows cannot be read.</exception>
    public static async ValueTask<List<BackupProblem>> OfAsync(
        IKeyValueReader rows, IBlobStore blobs, IReadOnlyDictionary<BlobId, DataProblem> problems, CancellationToken cancellationToken)
    {
        var named = new List<BackupProblem>();
        if (problems.Count == 0)
        {
            return named;
        }

        var run = new CheckRun(rows, blobs, new CheckOptions { ReadsData = false }, found =>
        {
            named.Add(Of(found));
            return default;
        }, progress: null);
        await foreach (KeyValueEntry row in run.ScanAsync([Tables.Bucket], [Tables.Bucket + 1], cancellationToken))
        {
            if (RowDecoders.Problem(row) is null)
            {
                BucketRecord record = Rows.Decode(row.Key, row.Value, BucketRecord.Decode);
                run.Buckets.TryAdd(record.Id, (Encoding.UTF8.GetString(row.Key.AsSpan(1)), record));
            }
        }

        var held = new List<(BlobId Id, Holder Holder)>();
        await ExtentRows.ReadAsync(
            rows,
            (row, part, extent) =>
            {
                if (problems.ContainsKey(extent.Blob))
                {
                    held.Add((extent.Blob, new Holder(row, extent.Reference, extent.Offset, extent.End, extent.Stored, part)));
                }
            },
            static (_, _) => { },
            cancellationToken);
        var report = new HolderReport(run);
        foreach ((BlobId id, Holder holder) in held)
        {
            await report.AddAsync(problems[id].Kind, id.Value, holder, problems[id].Detail, cancellationToken);
        }

        await report.FinishAsync(cancellationToken);
        HashSet<BlobId> known = [.. held.Select(static pair => pair.Id)];
        named.AddRange(problems.Where(pair => !known.Contains(pair.Key)).Select(static pair => Of(new Finding(pair.Value.Kind, pair.Value.Detail) { Data = pair.Key.ToString() })));
        return named;
    }

    /// <summary>The same for a manifest or a report.</summary>
    public static BackupProblem Of(Finding finding) => BackupProblem.Of(finding.Kind, finding.Detail) with
    {
        Data = finding.Data,
        Bucket = finding.Bucket,
        Key = finding.Key,
        VersionId = finding.Version,
        UploadId = finding.Upload,
        Part = finding.Part,
    };
}
