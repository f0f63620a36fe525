namespace Tarn.Core.Backups;

/// <summary>Finds what earlier backups of a store have, so that it need not be read again. A manifest that is damaged is passed over: it only saves reading, and a verification reports it.</summary>
internal static class EarlierBackups
{
    /// <summary>The files of the newest backup of the store, by their names.</summary>
    public static async ValueTask<Dictionary<string, BackupFile>> FilesAsync(IBackupTarget target, string storeId, CancellationToken cancellationToken)
    {
        await foreach (BackupManifest manifest in ManifestsAsync(target, storeId, cancellationToken))
        {
            return manifest.Files.ToDictionary(static file => file.Name, StringComparer.Ordinal);
        }

        return [];
    }

    /// <summary>Opens a file of the newest backup of the store that has one of that name, if it is intact; null when there is none.</summary>
    public static async ValueTask<Stream?> OpenAsync(IBackupTarget target, string storeId, string name, CancellationToken cancellationToken)
    {
        await foreach (BackupManifest manifest in ManifestsAsync(target, storeId, cancellationToken))
        {
            if (manifest.File(name) is { } file && await BackupVerification.ProblemAsync(target, file, static _ => { }, cancellationToken) is null)
            {
                return await target.OpenListAsync(file.Sha256, cancellationToken) is { } content ? new BufferedStream(content, 1 << 16) : null;
            }
        }

        return null;
    }

    private static async IAsyncEnumerable<BackupManifest> ManifestsAsync(
        IBackupTarget target, string storeId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names = await target.NamesAsync(cancellationToken);
        foreach (string name in names.Reverse())
        {
            if (await ReadAsync(target, name, cancellationToken) is { } manifest && manifest.StoreId == storeId)
            {
                yield return manifest;
            }
        }
    }

    private static async ValueTask<BackupManifest?> ReadAsync(IBackupTarget target, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await target.ReadManifestAsync(name, cancellationToken) is { } content ? BackupManifest.Decode(name, content) : null;
        }
        catch (BackupDamagedException)
        {
            return null;
        }
    }
}
