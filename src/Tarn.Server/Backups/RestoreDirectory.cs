using System.Text;
using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.Backups;
using Tarn.Core.Blobs;
using Tarn.Core.Files;
using Tarn.Core.Identity;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;

namespace Tarn.Server.Backups;

/// <summary>
/// Makes a new data directory of a backup. Until it is finished the directory has a file by which no server starts on it. docs/design/backup.md
/// </summary>
internal static class RestoreDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Restores a backup.</summary>
    /// <param name="target">The place of the backup.</param>
    /// <param name="manifest">The backup.</param>
    /// <param name="path">The new data directory; missing or empty.</param>
    /// <param name="masterKey">The text of the master key to put there; null for none.</param>
    /// <param name="more">Where blobs are taken from that the place does not have; null: nowhere.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it; the directory stays unfinished.</param>
    /// <returns>The objects of which data is missing.</returns>
    /// <exception cref="StartupException">The directory cannot be used.</exception>
    /// <exception cref="IOException">The backup cannot be read, or the directory cannot be written.</exception>
    public static async Task<IReadOnlyList<BackupProblem>> RunAsync(
        IBackupTarget target,
        BackupManifest manifest,
        string path,
        string? masterKey,
        IBlobStore? more,
        BackupProgress progress,
        CancellationToken cancellationToken)
    {
        path = RealPath.Of(path);
        string marker = Begin(path);
        string meta = Path.Combine(path, "meta"), blobs = Path.Combine(path, "blobs");
        DurableDirectory.Create(meta, OwnerOnly);
        DurableDirectory.Create(blobs, OwnerOnly);
        StoreId.Ensure(SystemRandomSource.Instance, manifest.StoreId, path, meta, blobs);
        using DataDirectory data = DataDirectory.Open(path, SystemRandomSource.Instance, isRebuild: true);
        await BackupRestoration.CopyMetadataAsync(target, manifest, data.Metadata, progress, cancellationToken);
        IReadOnlyList<BackupProblem> problems;
        await using (RocksDbReader rows = RocksDbReader.Open(data.Metadata, new RocksDbOptions()))
        await using (var into = new FileBlobStore(data.Blobs, fsync: true))
        {
            progress.Begin("verifying metadata");
            IReadOnlyList<BackupProblem> damaged = [.. (await rows.VerifyAsync(progress: null, cancellationToken)).Damage.Select(BackupProblem.Of)];
            problems = [.. damaged, .. await BackupRestoration.CopyBlobsAsync(target, manifest, rows, into, more, progress, cancellationToken)];
        }

        if (manifest.File(BackupManifest.DiskListName) is not null)
        {
            DurableDirectory.Create(data.Disks);
            problems = [.. problems, .. await TreeRestoration.RunAsync(target, manifest, data.Disks, progress, cancellationToken)];
        }

        progress.Begin("finishing");
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(data.Metadata, new RocksDbOptions()))
        {
            if (manifest.DisksDirectory is { } from)
            {
                problems = [.. problems, .. await DiskRelocation.RunAsync(store, from, data.Disks, cancellationToken)];
            }

            await RestoredDamage.RecordAsync(store, problems, TimeProvider.System, cancellationToken);
            problems = [.. problems, .. await RestoredJobs.EndAsync(store, TimeProvider.System, SystemRandomSource.Instance, cancellationToken)];
        }

        data.RaiseFormat();
        if (masterKey is not null)
        {
            AtomicFile.Write(Path.Combine(path, DataDirectory.MasterKeyName), Encoding.UTF8.GetBytes(masterKey + "\n"));
        }

        KeptOrphans.Keep(path, $"It was restored from the backup {manifest.Name}: data that no row refers to may be newer than the backup.");
        FileSync.Directory(data.Metadata);
        File.Delete(marker);
        FileSync.Directory(path);
        progress.Begin("done");
        return problems;
    }

    /// <summary>The text of the master key that is in the backup.</summary>
    /// <exception cref="BackupDamagedException">It is damaged.</exception>
    public static async Task<string> MasterKeyAsync(IBackupTarget target, BackupManifest manifest, CancellationToken cancellationToken)
    {
        BackupFile file = manifest.File(BackupManifest.MasterKeyName)!;
        await using Stream content = await target.OpenAsync(file.Sha256, cancellationToken) ?? throw new BackupDamagedException("the master key is missing in the backup");
        using var reader = new StreamReader(content, Encoding.UTF8);
        string text = (await reader.ReadToEndAsync(cancellationToken)).Trim();
        return MasterKey.From(text)?.Id == manifest.MasterKeyId ? text : throw new BackupDamagedException("the master key in the backup is damaged");
    }

    private static string Begin(string path)
    {
        string marker = Path.Combine(path, DataDirectory.Restoring);
        try
        {
            if (File.Exists(marker))
            {
                throw new StartupException($"{path} is that of an unfinished restore: remove it first");
            }

            if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            {
                throw new StartupException($"{path} is not empty; a restore makes a new data directory");
            }

            DurableDirectory.Create(path, OwnerOnly);
            AtomicFile.Write(marker, "unfinished\n"u8);
            return marker;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot make the data directory {path}: {e.Message}", e);
        }
    }
}
