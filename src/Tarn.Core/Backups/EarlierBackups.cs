namespace Tarn.Core.Backups;

/// <summary>
/// What earlier backups of a store have, so that it need not be read again. Each manifest is read once, the newest first, and as far as is needed. One that is damaged is passed over: it only saves
/// reading, and a verification reports it.
/// </summary>
/// <param name="target">The place.</param>
/// <param name="storeId">The store.</param>
internal sealed class EarlierBackups(IBackupTarget target, string storeId)
{
    private readonly List<BackupManifest> _read = [];
    private Stack<string>? _unread;

    /// <summary>The files of the newest backup of the store, by their names.</summary>
    public async ValueTask<Dictionary<string, BackupFile>> FilesAsync(CancellationToken cancellationToken) =>
        await ManifestAsync(0, cancellationToken) is { } newest ? newest.Files.ToDictionary(static file => file.Name, StringComparer.Ordinal) : [];

    /// <summary>Opens a list of the newest backup of the store that has one of that name, intact; null when there is none.</summary>
    public async ValueTask<Stream?> OpenListAsync(string name, CancellationToken cancellationToken)
    {
        for (int i = 0; await ManifestAsync(i, cancellationToken) is { } manifest; i++)
        {
            if (manifest.File(name) is { } list && (await VerifiedFile.OpenListAsync(target, list, read: null, cancellationToken)).Content is { } content)
            {
                return content;
            }
        }

        return null;
    }

    /// <summary>The manifest of a backup of the store, by its place from the newest on; null when there are no more.</summary>
    private async ValueTask<BackupManifest?> ManifestAsync(int place, CancellationToken cancellationToken)
    {
        _unread ??= new Stack<string>(await target.NamesAsync(cancellationToken));
        while (_read.Count <= place && _unread.TryPop(out string? name))
        {
            if (await TryReadAsync(name, cancellationToken) is { } manifest && manifest.StoreId == storeId)
            {
                _read.Add(manifest);
            }
        }

        return place < _read.Count ? _read[place] : null;
    }

    private async ValueTask<BackupManifest?> TryReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await BackupManifest.ReadAsync(target, name, cancellationToken);
        }
        catch (BackupDamagedException)
        {
            return null;
        }
    }
}
