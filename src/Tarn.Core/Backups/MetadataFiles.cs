using System.Globalization;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Files;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Backups;

/// <summary>Brings the files of a checkpoint to a target, and verifies them. Tables never change, so one that the last backup has is not read again.</summary>
internal static class MetadataFiles
{
    /// <returns>The files, and which are damaged. Those are in the backup, since the rest of them can be read, and are verified again by the next one.</returns>
    public static async ValueTask<(IReadOnlyList<BackupFile> Files, IReadOnlyList<BackupProblem> Damaged)> AddAsync(
        BackupSource source, IBackupTarget target, EarlierBackups earlier, BackupProgress progress, CancellationToken cancellationToken)
    {
        Dictionary<string, BackupFile> before = await earlier.FilesAsync(cancellationToken);
        FileInfo[] files = [.. new DirectoryInfo(source.MetadataDirectory).EnumerateFiles().Where(static file => IsNeeded(file.Name)).OrderBy(static file => file.Name, StringComparer.Ordinal)];
        progress.Expect(0, files.Sum(static file => file.Length));
        var added = new List<BackupFile>();
        var verified = new HashSet<string>(StringComparer.Ordinal);
        foreach (FileInfo file in files)
        {
            string name = BackupManifest.MetadataPrefix + file.Name;
            await using FileStream content = file.OpenRead();
            string? stamp = IsTable(file.Name) ? Stamp(content) : null;
            if (stamp is not null && before.TryGetValue(name, out BackupFile? same) && same.Source == stamp && same.Length == content.Length
                && await target.HasAsync(same.Sha256, same.Length, cancellationToken))
            {
                added.Add(same);
                verified.Add(file.Name);
                progress.Add(same.Length);
                continue;
            }

            (long length, string sha256, bool isNew) = await target.AddAsync(content, source.MayShare && stamp is not null, cancellationToken);
            added.Add(new BackupFile(name, length, sha256) { Source = stamp });
            progress.Add(length);
            progress.AddCopied(isNew ? length : 0);
        }

        if (source.Verify is null)
        {
            return (added, []);
        }

        progress.Phase = "verifying metadata";
        IReadOnlyList<StoreDamage> damage = (await source.Verify(verified, cancellationToken)).Damage;
        HashSet<string> damaged = [.. damage.Select(static found => BackupManifest.MetadataPrefix + found.File)];
        return ([.. added.Select(file => damaged.Contains(file.Name) ? file with { Source = null } : file)], [.. damage.Select(BackupProblem.Of)]);
    }

    /// <summary>RocksDB's diagnostic logs and the file of its lock are of no use elsewhere.</summary>
    private static bool IsNeeded(string name) => name != "LOCK" && name != "LOG" && !name.StartsWith("LOG.old", StringComparison.Ordinal);

    private static bool IsTable(string name) => name.EndsWith(".sst", StringComparison.Ordinal) || name.EndsWith(".blob", StringComparison.Ordinal);

    private static string? Stamp(FileStream file) => LinuxFiles.Stat(file.SafeFileHandle, out FileStat stat) == Errno.None
        ? string.Create(CultureInfo.InvariantCulture, $"{stat.Identity.Device:x}:{stat.Identity.Inode:x}:{stat.Modified.ToNumber():x}")
        : null;
}
