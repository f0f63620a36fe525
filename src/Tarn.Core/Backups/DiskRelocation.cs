using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Backups;

/// <summary>Lets the rows of made disks name the directory that a restored store has them in. Attached disks stay where they are.</summary>
public static class DiskRelocation
{
    private const int Page = 1000;

    /// <summary>Changes the rows.</summary>
    /// <param name="store">The restored metadata, which nobody else uses.</param>
    /// <param name="from">The directory of made disks that the rows name.</param>
    /// <param name="to">The directory that they are in now.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The rows that do not decode, and so are left as they are.</returns>
    public static async Task<IReadOnlyList<BackupProblem>> RunAsync(IKeyValueStore store, string from, string to, CancellationToken cancellationToken)
    {
        var problems = new List<BackupProblem>();
        byte[] key = [Tables.Disk], end = [Tables.Disk + 1];
        IReadOnlyList<KeyValueEntry> rows;
        do
        {
            rows = await store.ScanAsync(key, end, Page, reverse: false, cancellationToken);
            foreach (KeyValueEntry row in rows)
            {
                if (Decode(row, problems) is not { } record)
                {
                    continue;
                }

                if (!record.IsAttached && FilePaths.IsWithin(record.RootPath, from))
                {
                    // The file systems that the disk consisted of are not those here: they are learned when it is read.
                    DiskRecord moved = record with { RootPath = Path.Combine(to, Path.GetRelativePath(from, record.RootPath)), Mounts = [] };
                    await store.CommitAsync(new KeyValueBatch().Check(row.Key, row.Value).Put(row.Key, moved.Encode()), cancellationToken);
                }
            }

            key = rows.Count > 0 ? [.. rows[^1].Key, 0] : key;
        }
        while (rows.Count == Page);
        return problems;
    }

    /// <summary>Finds the made disks that rows name and of which there is no directory.</summary>
    internal static async ValueTask<IReadOnlyList<BackupProblem>> MissingAsync(IKeyValueReader rows, string directory, CancellationToken cancellationToken)
    {
        var problems = new List<BackupProblem>();
        byte[] key = [Tables.Disk], end = [Tables.Disk + 1];
        IReadOnlyList<KeyValueEntry> page;
        do
        {
            page = await rows.ScanAsync(key, end, Page, reverse: false, cancellationToken);
            foreach (KeyValueEntry row in page)
            {
                if (Decode(row, problems) is { IsAttached: false } record && FilePaths.IsWithin(record.RootPath, directory) && !Directory.Exists(record.RootPath))
                {
                    problems.Add(new BackupProblem("missing", $"The directory {record.RootPath} of a made disk is missing, so its files are not in the backup."));
                }
            }

            key = page.Count > 0 ? [.. page[^1].Key, 0] : key;
        }
        while (page.Count == Page);
        return problems;
    }

    private static DiskRecord? Decode(KeyValueEntry row, List<BackupProblem> problems)
    {
        try
        {
            return Rows.Decode(row.Key, row.Value, DiskRecord.Decode);
        }
        catch (RecordFormatException e)
        {
            problems.Add(new BackupProblem("unreadable", $"{e.Message.TrimEnd('.')}: the disk does not name the new directory."));
            return null;
        }
    }
}
