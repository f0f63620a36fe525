using System.Runtime.CompilerServices;
using Tarn.Core.Consistency;
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
        await foreach ((KeyValueEntry row, DiskRecord record) in MadeAsync(store, from, problems, cancellationToken))
        {
            // The file systems that the disk consisted of are not those here: they are learned when it is read.
            DiskRecord moved = record with { RootPath = Path.Combine(to, Path.GetRelativePath(from, record.RootPath)), Mounts = [] };
            await store.CommitAsync(new KeyValueBatch().Check(row.Key, row.Value).Put(row.Key, moved.Encode()), cancellationToken);
        }

        return problems;
    }

    /// <summary>Finds the made disks that rows name and of which there is no directory.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="directory">The directory of made disks.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public static async ValueTask<IReadOnlyList<BackupProblem>> MissingAsync(IKeyValueReader rows, string directory, CancellationToken cancellationToken)
    {
        var problems = new List<BackupProblem>();
        await foreach ((_, DiskRecord record) in MadeAsync(rows, directory, problems, cancellationToken))
        {
            if (!Directory.Exists(record.RootPath))
            {
                problems.Add(BackupProblem.Of(FindingKind.Missing, $"The directory {record.RootPath} of a made disk is missing, so its files are not in the backup."));
            }
        }

        return problems;
    }

    private static async IAsyncEnumerable<(KeyValueEntry Row, DiskRecord Record)> MadeAsync(
        IKeyValueReader rows, string directory, List<BackupProblem> problems, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (KeyValueEntry row in rows.AllAsync([Tables.Disk], [Tables.Disk + 1], Page, cancellationToken))
        {
            if (Decode(row, problems) is { IsAttached: false } record && FilePaths.IsWithin(record.RootPath, directory))
            {
                yield return (row, record);
            }
        }
    }

    private static DiskRecord? Decode(KeyValueEntry row, List<BackupProblem> problems)
    {
        try
        {
            return Rows.Decode(row.Key, row.Value, DiskRecord.Decode);
        }
        catch (RecordFormatException e)
        {
            problems.Add(BackupProblem.Of(FindingKind.Unreadable, $"{e.Message.TrimEnd('.')}: the disk does not name the new directory."));
            return null;
        }
    }
}
