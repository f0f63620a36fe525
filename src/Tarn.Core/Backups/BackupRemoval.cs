using Tarn.Core.Blobs;

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
        if (!names.Contains(name))
        {
            return false;
        }

        progress.Phase = "reading backups";
        var files = new HashSet<string>(StringComparer.Ordinal);
        List<BackupFile> lists = [], disks = [];
        foreach (string other in names.Where(other => other != name))
        {
            byte[] content = await target.ReadManifestAsync(other, cancellationToken) ?? throw new BackupDamagedException($"the backup {other} disappeared");
            BackupManifest manifest = BackupManifest.Decode(other, content);
            files.UnionWith(manifest.Files.Select(static file => file.Sha256));
            Add(manifest.File(BackupManifest.BlobListName), lists);
            Add(manifest.File(BackupManifest.DiskListName), disks);
        }

        foreach (BackupFile list in lists.Concat(disks))
        {
            if (await BackupVerification.ProblemAsync(target, list, static _ => { }, cancellationToken) is { } problem)
            {
                throw new BackupDamagedException($"nothing was removed, because what another backup needs is not known: {problem.Detail}");
            }
        }

        foreach (BackupFile list in disks)
        {
            await using var content = new BufferedStream((await target.OpenListAsync(list.Sha256, cancellationToken))!, 1 << 16);
            while (TreeEntry.Read(content) is { } entry)
            {
                if (entry.Kind == TreeKind.File)
                {
                    files.Add(BackupVerification.FileOf(entry).Sha256);
                }
            }
        }

        await target.RemoveManifestAsync(name, cancellationToken);
        progress.Phase = "removing blobs";
        await RemoveBlobsAsync(target, lists, progress, cancellationToken);
        progress.Phase = "removing files";
        var gone = new List<string>();
        await foreach (string file in target.ListAsync(cancellationToken))
        {
            if (!files.Contains(file))
            {
                gone.Add(file);
            }
        }

        foreach (string file in gone)
        {
            await target.RemoveAsync(file, cancellationToken);
        }

        progress.Phase = "done";
        return true;
    }

    private static void Add(BackupFile? list, List<BackupFile> to)
    {
        if (list is not null)
        {
            to.Add(list);
        }
    }

    /// <summary>Lists are in the order of ids, as are the directories of blobs, so a directory at a time is in memory.</summary>
    private static async ValueTask RemoveBlobsAsync(IBackupTarget target, List<BackupFile> lists, BackupProgress progress, CancellationToken cancellationToken)
    {
        var cursors = new List<ListCursor>();
        try
        {
            foreach (BackupFile list in lists)
            {
                cursors.Add(new ListCursor((await target.OpenListAsync(list.Sha256, cancellationToken))!, cancellationToken));
            }

            for (int directory = 0; directory < 256; directory++)
            {
                var needed = new HashSet<BlobId>();
                foreach (ListCursor cursor in cursors)
                {
                    await cursor.ReadAsync(directory, (id, _) => needed.Add(id));
                }

                var gone = new List<BlobId>();
                await foreach (BlobInfo info in target.Blobs.ListAsync(directory, cancellationToken))
                {
                    if (info.Id.Directory != directory)
                    {
                        break;
                    }

                    if (!needed.Contains(info.Id))
                    {
                        gone.Add(info.Id);
                    }
                }

                foreach (BlobId id in gone)
                {
                    await target.Blobs.DeleteAsync(id, cancellationToken);
                    progress.AddBlob();
                }
            }
        }
        finally
        {
            foreach (ListCursor cursor in cursors)
            {
                await cursor.DisposeAsync();
            }
        }
    }
}
