using System.Security.Cryptography;
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
    /// <returns>What is wrong. What was damaged already when the backup was made is not in it.</returns>
    /// <exception cref="IOException">The place cannot be read.</exception>
    public static async Task<IReadOnlyList<BackupProblem>> RunAsync<T>(
        IBackupTarget target, BackupManifest manifest, Func<string, T> open, string scratch, BackupProgress progress, CancellationToken cancellationToken)
        where T : IKeyValueReader, IVerifiableStore, IAsyncDisposable
    {
        var problems = new List<BackupProblem>();
        progress.Expect(manifest.Blobs, manifest.BlobBytes + manifest.Files.Sum(static file => file.Length));
        progress.Phase = "verifying files";
        foreach (BackupFile file in manifest.Files)
        {
            if (await ProblemAsync(target, file, progress.Add, cancellationToken) is { } problem)
            {
                problems.Add(problem);
            }
        }

        progress.Phase = "verifying blobs";
        var damaged = new Dictionary<BlobId, DataProblem>();
        var listed = new HashSet<BlobId>();
        bool hasList = false;
        if (manifest.File(BackupManifest.BlobListName) is { } list && problems.TrueForAll(static problem => problem.Data != BackupManifest.BlobListName))
        {
            hasList = true;
            await using Stream content = (await target.OpenListAsync(list.Sha256, cancellationToken))!;
            await foreach (IReadOnlyList<(BlobId Id, CopiedBlob Blob)> some in BlobList.ReadAsync(content, cancellationToken))
            {
                foreach ((BlobId id, CopiedBlob blob) in some)
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

        if (manifest.File(BackupManifest.DiskListName) is { } disks && problems.TrueForAll(static problem => problem.Data != BackupManifest.DiskListName))
        {
            progress.Phase = "verifying disks";
            progress.Expect(0, manifest.DiskBytes);
            await using var content = new BufferedStream((await target.OpenListAsync(disks.Sha256, cancellationToken))!, 1 << 16);
            while (TreeEntry.Read(content) is { } entry)
            {
                if (entry.Kind == TreeKind.File && await ProblemAsync(target, FileOf(entry), progress.Add, cancellationToken) is { } problem)
                {
                    problems.Add(problem);
                }
            }
        }

        progress.Phase = "verifying metadata";
        foreach (BackupFile file in manifest.Files.Where(static file => IsMetadata(file.Name)))
        {
            await target.FetchAsync(file.Sha256, Path.Combine(scratch, Path.GetFileName(file.Name)), cancellationToken);
        }

        await CheckRowsAsync(target, manifest, open, scratch, hasList ? listed : null, damaged, problems, progress, cancellationToken);
        progress.Phase = "done";
        return problems;
    }

    /// <summary>Reads a file of a backup, and compares it with its checksum.</summary>
    internal static async ValueTask<BackupProblem?> ProblemAsync(IBackupTarget target, BackupFile file, Action<long> read, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream? content = await target.OpenAsync(file.Sha256, cancellationToken);
            if (content is null)
            {
                return new BackupProblem("missing", $"The file {file.Name} is missing.") { Data = file.Name };
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[1 << 20];
            long length = 0;
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and int count)
            {
                hash.AppendData(buffer, 0, count);
                length += count;
                read(count);
            }

            return length != file.Length ? new BackupProblem("wrong-length", $"The file {file.Name} has {length} bytes instead of {file.Length}.") { Data = file.Name }
                : Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256 ? new BackupProblem("damaged", $"The file {file.Name} does not match its checksum.") { Data = file.Name }
                : null;
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not BackupPlaceException)
        {
            return new BackupProblem("unreadable", $"The file {file.Name} cannot be read: {e.Message}") { Data = file.Name };
        }
    }

    /// <summary>A file of a disk as a file of the backup.</summary>
    internal static BackupFile FileOf(TreeEntry entry) =>
        new(BackupManifest.DiskListName + "/" + TreeCopy.Text(entry.Path), entry.Length, System.Text.Encoding.ASCII.GetString(entry.Content));

    private static async ValueTask CheckRowsAsync<T>(
        IBackupTarget target,
        BackupManifest manifest,
        Func<string, T> open,
        string scratch,
        HashSet<BlobId>? listed,
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
            problems.AddRange(named.Unreadable.Select(static row => new BackupProblem("unreadable", $"{row.TrimEnd('.')}: what it names is not in the backup.")));
            if (!manifest.MetadataOnly)
            {
                await (listed is null
                    ? AddNamedAsync(target, manifest, named, damaged, progress, cancellationToken)
                    : AddUnlistedAsync(manifest, named, listed, damaged, cancellationToken));
            }

            problems.AddRange(await DamageNames.OfAsync(rows, target.Blobs, damaged, cancellationToken));
        }
        catch (Exception e) when (e is StoreDamagedException || (e is IOException or UnauthorizedAccessException && problems.Exists(static problem => IsMetadata(problem.Data ?? ""))))
        {
            // Where every file has its checksum, it is this machine that cannot open them, and not the backup that is damaged.
            problems.Add(new BackupProblem("metadata", $"The metadata cannot be read: {e.Message.TrimEnd('.')}."));
            problems.AddRange(damaged.Select(static pair => DamageNames.Of(new Finding(pair.Value.Kind, pair.Value.Detail) { Data = pair.Key.ToString() })));
        }
    }

    private static bool IsMetadata(string name) => name.StartsWith(BackupManifest.MetadataPrefix, StringComparison.Ordinal);

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
