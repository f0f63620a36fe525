using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.Backups;
using Tarn.Core.Consistency;

namespace Tarn.Server.Backups;

/// <summary>Finds, lists and verifies backups, for the server and for commands that need none.</summary>
internal static class BackupReading
{
    /// <summary>A backup in a list: its manifest, or why it cannot be read; neither if it was begun, or its removal was, and came to no end.</summary>
    public sealed record Listed(string Name, BackupManifest? Manifest, string? Problem);

    /// <summary>All backups of a place, the oldest first, and then what is left of others.</summary>
    public static async Task<IReadOnlyList<Listed>> ListAsync(IBackupTarget target, CancellationToken cancellationToken)
    {
        var listed = new List<Listed>();
        foreach (string name in await target.NamesAsync(cancellationToken))
        {
            try
            {
                if (await BackupManifest.ReadAsync(target, name, cancellationToken) is { } manifest)
                {
                    listed.Add(new Listed(name, manifest, null));
                }
            }
            catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not CopyPlaceException)
            {
                listed.Add(new Listed(name, null, e.Message));
            }
        }

        listed.AddRange((await target.UnfinishedAsync(cancellationToken)).Select(static name => new Listed(name, null, null)));
        return listed;
    }

    /// <summary>Finds a backup.</summary>
    /// <param name="target">The place.</param>
    /// <param name="name">Its name; null: the newest that has blobs, or else the newest.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <exception cref="BackupRefusedException">There is none.</exception>
    /// <exception cref="BackupDamagedException">Its manifest is damaged.</exception>
    public static async Task<BackupManifest> FindAsync(IBackupTarget target, string? name, CancellationToken cancellationToken)
    {
        return name is null ? await FindNewestAsync(target, cancellationToken) : await ReadAsync(target, name, cancellationToken);
    }

    private static async Task<BackupManifest> FindNewestAsync(IBackupTarget target, CancellationToken cancellationToken)
    {
        BackupManifest? newest = null;
        foreach (string name in (await target.NamesAsync(cancellationToken)).Reverse())
        {
            BackupManifest manifest = await ReadAsync(target, name, cancellationToken);
            if (!manifest.MetadataOnly)
            {
                return manifest;
            }

            newest ??= manifest;
        }

        return newest ?? throw new BackupRefusedException($"there is no backup in {target.Place}");
    }

    private static async Task<BackupManifest> ReadAsync(IBackupTarget target, string name, CancellationToken cancellationToken) =>
        await BackupManifest.ReadAsync(target, name, cancellationToken) ?? throw new BackupRefusedException($"there is no backup {name} in {target.Place}");

    /// <summary>Verifies a backup.</summary>
    /// <param name="target">The place.</param>
    /// <param name="name">Its name; null: the newest that has blobs, or else the newest.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is damaged in it or missing, also since it was made.</returns>
    public static async Task<IReadOnlyList<BackupProblem>> VerifyAsync(IBackupTarget target, string? name, BackupProgress progress, CancellationToken cancellationToken)
    {
        BackupManifest manifest = await FindAsync(target, name, cancellationToken);
        string scratch = target.CreateScratch();
        try
        {
            return await BackupVerification.RunAsync(
                target, manifest, static directory => RocksDbReader.Open(directory, new RocksDbOptions()), scratch, progress, cancellationToken);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
