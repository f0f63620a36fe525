using System.Globalization;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Files;

namespace Tarn.Core.Backups;

/// <summary>Brings the files of a checkpoint to a target. Tables never change, so one that an earlier backup has is not read again.</summary>
internal static class MetadataFiles
{
    public static async ValueTask<IReadOnlyList<BackupFile>> AddAsync(
        BackupSource source, IBackupTarget target, BackupProgress progress, CancellationToken cancellationToken)
    {
        Dictionary<string, BackupFile> before = await EarlierBackups.FilesAsync(target, source.StoreId, cancellationToken);
        FileInfo[] files = [.. new DirectoryInfo(source.MetadataDirectory).EnumerateFiles().Where(static file => IsNeeded(file.Name)).OrderBy(static file => file.Name, StringComparer.Ordinal)];
        progress.Expect(0, files.Sum(static file => file.Length));
        var added = new List<BackupFile>();
        foreach (FileInfo file in files)
        {
            string name = BackupManifest.MetadataPrefix + file.Name;
            await using FileStream content = file.OpenRead();
            string? stamp = IsTable(file.Name) ? Stamp(content) : null;
            if (stamp is not null && before.TryGetValue(name, out BackupFile? same) && same.Source == stamp && same.Length == content.Length
                && await target.HasAsync(same.Sha256, same.Length, cancellationToken))
            {
                added.Add(same);
                progress.Add(same.Length);
                continue;
            }

            (long length, string sha256, bool isNew) = await target.AddAsync(content, source.MayShare && stamp is not null, cancellationToken);
            added.Add(new BackupFile(name, length, sha256) { Source = stamp });
            progress.Add(length);
            progress.AddCopied(isNew ? length : 0);
        }

        return added;
    }

    /// <summary>RocksDB's diagnostic logs and the file of its lock are of no use elsewhere.</summary>
    private static bool IsNeeded(string name) => name != "LOCK" && name != "LOG" && !name.StartsWith("LOG.old", StringComparison.Ordinal);

    private static bool IsTable(string name) => name.EndsWith(".sst", StringComparison.Ordinal) || name.EndsWith(".blob", StringComparison.Ordinal);

    private static string? Stamp(FileStream file) => LinuxFiles.Stat(file.SafeFileHandle, out FileStat stat) == Errno.None
        ? string.Create(CultureInfo.InvariantCulture, $"{stat.Identity.Device:x}:{stat.Identity.Inode:x}:{stat.Modified.ToNumber():x}")
        : null;
}
