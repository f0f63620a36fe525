using Tarn.Core.Blobs;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Backups;

/// <summary>Reads every byte of a backup and compares it with its checksum, and looks whether everything is there that its rows need.</summary>
public static class BackupVerification
{
    /// <summary>Verifies a backup.</summary>
    /// <param name="target">The place.</param>
    /// <param name="manifest">The backup.</param>
    /// <param name="open">Opens the metadata in a directory to read.</param>
    /// <param name="scratch">A directory that exists and is empty, for the metadata.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is wrong, also what was when the backup was made.</returns>
    /// <exception cref="IOException">The place cannot be read.</exception>
    public static async Task<IReadOnlyList<BackupProblem>> RunAsync<T>(
        IBackupTarget target, BackupManifest manifest, Func<string, T> open, string scratch, BackupProgress progress, CancellationToken cancellationToken)
        where T : IKeyValueReader, IVerifiableStore, IAsyncDisposable
    {
        // What was damaged when it was made is missing in it, so it is not intact.
        var problems = new List<BackupProblem>(manifest.Damaged);
        progress.Expect(manifest.Blobs, manifest.BlobBytes + manifest.Files.Sum(static file => file.Length));
        progress.Phase = "verifying files";
        int before = problems.Count;
        foreach (BackupFile file in manifest.Files.Where(static file => file.Name is not (BackupManifest.BlobListName or BackupManifest.DiskListName)))
        {
            await AddAsync(file);
        }

        bool isMetadataDamaged = problems.Skip(before).Any(static problem => BackupManifest.IsMetadata(problem.Data ?? ""));
        progress.Phase = "verifying blobs";
        var damaged = new Dictionary<BlobId, DataProblem>();
        HashSet<BlobId>? listed = null;
        await using (Stream? list = await OpenAsync(BackupManifest.BlobListName))
        {
            if (list is not null)
            {
                listed = [];
                await foreach ((BlobId id, CopiedBlob blob) in BlobList.ReadAsync(list, cancellationToken))
                {
                    listed.Add(id);
                    if (await VerifiedCopy.ProblemAsync(target.Blobs, id, blob, progress.Add, cancellationToken) is { } problem)
                    {
                        damaged[id] = problem;
                    }

                    progress.AddBlob();
                }
            }
        }

        progress.Phase = "verifying disks";
        progress.Expect(0, manifest.DiskBytes);
        await using (Stream? list = await OpenAsync(BackupManifest.DiskListName))
        {
            foreach (TreeEntry entry in TreeEntry.ReadAll(list ?? Stream.Null).Where(static entry => entry.Kind == TreeKind.File))
            {
                await AddAsync(entry.File);
            }
        }

        progress.Phase = "verifying metadata";
        foreach (BackupFile file in manifest.MetadataFiles)
        {
            await target.FetchAsync(file.Sha256, Path.Combine(scratch, Path.GetFileName(file.Name)), cancellationToken);
        }

        await CheckRowsAsync(target, manifest, open, scratch, listed, isMetadataDamaged, damaged, problems, progress, cancellationToken);
        progress.Phase = "done";
        return [.. problems.Distinct()];

        async ValueTask AddAsync(BackupFile file)
        {
            if (await VerifiedFile.ProblemAsync(target, file, progress.Add, cancellationToken) is { } problem)
            {
                problems.Add(problem);
            }
        }

        async ValueTask<Stream?> OpenAsync(string name)
        {
            if (manifest.File(name) is not { } file)
            {
                return null;
            }

            (Stream? content, BackupProblem? problem) = await VerifiedFile.OpenListAsync(target, file, progress.Add, cancellationToken);
            problems.AddRange(problem is null ? [] : [problem]);
            return content;
        }
    }

    private static async ValueTask CheckRowsAsync<T>(
        IBackupTarget target,
        BackupManifest manifest,
        Func<string, T> open,
        string scratch,
        HashSet<BlobId>? listed,
        bool isMetadataDamaged,
        Dictionary<BlobId, DataProblem> damaged,
        List<BackupProblem> problems,
        BackupProgress progress,
        CancellationToken cancellationToken)
        where T : IKeyValueReader, IVerifiableStore, IAsyncDisposable
    {
        try
        {
            await using T rows = open(scratch);
            foreach (StoreDamage damage in (await rows.VerifyAsync(null, cancellationToken)).Damage)
            {
                problems.Add(BackupProblem.Of(damage));
            }

            NamedBlobs named = await NamedBlobs.ReadAsync(rows, cancellationToken);
            problems.AddRange(named.Unreadable.Select(BackupProblem.OfRow));
            if (!manifest.MetadataOnly)
            {
                await (listed is null
                    ? AddNamedAsync(target, manifest, named, damaged, progress, cancellationToken)
                    : AddUnlistedAsync(manifest, named, listed, damaged, cancellationToken));
            }

            problems.AddRange(await DamageNames.OfAsync(rows, target.Blobs, damaged, cancellationToken));
        }
        catch (Exception e) when (e is StoreDamagedException || (e is IOException or UnauthorizedAccessException && isMetadataDamaged))
        {
            // Where every file has its checksum, it is this machine that cannot open them, and not the backup that is damaged.
            problems.Add(BackupProblem.Of(FindingKind.Metadata, $"The metadata cannot be read: {e.Message.TrimEnd('.')}."));
            problems.AddRange(damaged.Select(static pair => DamageNames.Of(new Finding(pair.Value.Kind, pair.Value.Detail) { Data = pair.Key.ToString() })));
        }
    }

    /// <summary>Without the list, the blobs that the rows name are read: those without checksums of their own only need to be there.</summary>
    private static async ValueTask AddNamedAsync(
        IBackupTarget target, BackupManifest manifest, NamedBlobs named, Dictionary<BlobId, DataProblem> damaged, BackupProgress progress, CancellationToken cancellationToken)
    {
        HashSet<string> known = [.. manifest.Damaged.Select(static problem => problem.Data ?? "")];
        for (int directory = 0; directory < 256; directory++)
        {
            foreach (NamedBlob blob in named.In(directory).Where(blob => !known.Contains(blob.Id.ToString())))
            {
                if (await VerifiedCopy.ProblemAsync(target.Blobs, blob.Id, blob.Stored, blob.Least, progress.Add, cancellationToken) is { } problem)
                {
                    damaged[blob.Id] = problem;
                }

                progress.AddBlob();
            }
        }
    }

    /// <summary>Blobs that rows name and the list does not, unless they were damaged when the backup was made.</summary>
    private static ValueTask AddUnlistedAsync(
        BackupManifest manifest, NamedBlobs named, HashSet<BlobId> listed, Dictionary<BlobId, DataProblem> damaged, CancellationToken cancellationToken)
    {
        HashSet<string> known = [.. manifest.Damaged.Select(static problem => problem.Data ?? "")];
        for (int directory = 0; directory < 256; directory++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (NamedBlob blob in named.In(directory).Where(blob => !listed.Contains(blob.Id) && !known.Contains(blob.Id.ToString())))
            {
                damaged[blob.Id] = new DataProblem(FindingKind.Missing, "The blob is not in the backup.");
            }
        }

        return default;
    }
}
