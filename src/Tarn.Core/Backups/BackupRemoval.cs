using Tarn.Core.Blobs;
using Tarn.Core.Consistency;

namespace Tarn.Core.Backups;

/// <summary>Removes a backup, and what no other backup of the place needs.</summary>
public static class BackupRemoval
{
    /// <summary>Removes a backup.</summary>
    /// <param name="target">The place.</param>
    /// <param name="name">The backup; its manifest may be damaged.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it; the next removal goes on.</param>
    /// <returns>False when there is no such backup.</returns>
    /// <exception cref="BackupDamagedException">What another backup needs is not known, because it is damaged; nothing is removed.</exception>
    /// <exception cref="IOException">The place cannot be read or written.</exception>
    public static async Task<bool> RunAsync(IBackupTarget target, string name, BackupProgress progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names = await target.NamesAsync(cancellationToken);
        if (!names.Contains(name) && !(await target.UnfinishedAsync(cancellationToken)).Contains(name))
        {
            return false;
        }

        await using Needed needed = await NeededAsync(target, names.Where(other => other != name), progress, cancellationToken);
        await target.BeginAsync(name, cancellationToken);
        await target.RemoveManifestAsync(name, cancellationToken);
        await ClearAsync(target, needed, progress, cancellationToken);
        progress.Phase = "done";
        return true;
    }

    /// <summary>Removes what no backup of the place needs: what was left where one was made or removed and came to no end.</summary>
    /// <exception cref="BackupDamagedException">What a backup needs is not known, because it is damaged; nothing is removed.</exception>
    /// <exception cref="IOException">The place cannot be read or written.</exception>
    internal static async Task ClearAsync(IBackupTarget target, BackupProgress progress, CancellationToken cancellationToken)
    {
        await using Needed needed = await NeededAsync(target, await target.NamesAsync(cancellationToken), progress, cancellationToken);
        await ClearAsync(target, needed, progress, cancellationToken);
    }

    private static async Task ClearAsync(IBackupTarget target, Needed needed, BackupProgress progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> unfinished = await target.UnfinishedAsync(cancellationToken);
        progress.Phase = "removing blobs";
        await RemoveBlobsAsync(target, needed.BlobLists, progress, cancellationToken);
        progress.Phase = "removing files";
        var gone = new List<string>();
        await foreach (string file in target.ListAsync(cancellationToken))
        {
            if (!needed.Files.Contains(file))
            {
                gone.Add(file);
            }
        }

        foreach (string file in gone)
        {
            await target.RemoveAsync(file, cancellationToken);
        }

        foreach (string name in unfinished)
        {
            await target.EndAsync(name, cancellationToken);
        }
    }

    /// <summary>What backups need. All of it is read and compared before anything is removed.</summary>
    private static async Task<Needed> NeededAsync(IBackupTarget target, IEnumerable<string> names, BackupProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "reading backups";
        Needed? needed = new();
        Needed made = needed;
        try
        {
            foreach (string name in names)
            {
                BackupManifest manifest = await BackupManifest.ReadAsync(target, name, cancellationToken) ?? throw new BackupDamagedException($"the backup {name} disappeared");
                made.Files.UnionWith(manifest.Files.Select(static file => file.Sha256));
                if (manifest.File(BackupManifest.BlobListName) is { } blobs)
                {
                    made.BlobLists.Add(await OpenAsync(target, blobs, cancellationToken));
                }

                if (manifest.File(BackupManifest.DiskListName) is { } disks)
                {
                    await using Stream content = await OpenAsync(target, disks, cancellationToken);
                    made.Files.UnionWith(TreeEntry.ReadAll(content).Where(static entry => entry.Kind == TreeKind.File).Select(static entry => entry.File.Sha256));
                }
            }

            needed = null;
            return made;
        }
        finally
        {
            if (needed is not null)
            {
                await needed.DisposeAsync();
            }
        }
    }

    private static async ValueTask<Stream> OpenAsync(IBackupTarget target, BackupFile list, CancellationToken cancellationToken)
    {
        (Stream? content, BackupProblem? problem) = await VerifiedFile.OpenListAsync(target, list, read: null, cancellationToken);
        return content ?? throw new BackupDamagedException($"nothing was removed, because what another backup needs is not known: {problem!.Detail}");
    }

    /// <summary>Lists are in the order of ids, as are the directories of blobs, so a directory at a time is in memory.</summary>
    private static async ValueTask RemoveBlobsAsync(IBackupTarget target, List<Stream> lists, BackupProgress progress, CancellationToken cancellationToken)
    {
        DirectoryCursor<(BlobId Id, CopiedBlob Blob)>[] cursors = [.. lists.Select(list => BlobList.Cursor(list, cancellationToken))];
        await using var stored = new DirectoryCursor<BlobInfo>(target.Blobs.ListAsync(cancellationToken), static info => info.Id, cancellationToken);
        for (int directory = 0; directory < 256; directory++)
        {
            var needed = new HashSet<BlobId>();
            foreach (DirectoryCursor<(BlobId Id, CopiedBlob Blob)> cursor in cursors)
            {
                needed.UnionWith(await cursor.ReadAsync(directory).Select(static row => row.Id).ToListAsync(cancellationToken));
            }

            foreach (BlobInfo info in await stored.ReadAsync(directory).Where(info => !needed.Contains(info.Id)).ToListAsync(cancellationToken))
            {
                await target.Blobs.DeleteAsync(info.Id, cancellationToken);
                progress.AddBlob();
            }
        }
    }

    private sealed class Needed : IAsyncDisposable
    {
        public HashSet<string> Files { get; } = new(StringComparer.Ordinal);

        public List<Stream> BlobLists { get; } = [];

        public async ValueTask DisposeAsync()
        {
            foreach (Stream list in BlobLists)
            {
                await list.DisposeAsync();
            }
        }
    }
}
