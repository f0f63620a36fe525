using System.Collections.Concurrent;
using System.Text;
using Tarn.Core.Blobs;
using Tarn.Core.Consistency;

namespace Tarn.Core.Backups;

/// <summary>Makes a backup. What an earlier one brought to the target is not copied again. docs/design/backup.md</summary>
public static class BackupCreation
{
    /// <summary>So many blobs are copied at once: copies wait for devices most of the time.</summary>
    private const int Parallel = 4;

    /// <summary>Makes a backup, and verifies what it copies.</summary>
    /// <param name="source">What it is made of.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="hold">Keeps the blobs meanwhile; begun before the checkpoint was made.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends it. What it has copied stays for the next backup; the target does not list it.</param>
    /// <returns>The backup. It lists what is damaged, and so not in it. Its note is there until <see cref="BackupRemoval.TidyAsync"/>.</returns>
    /// <exception cref="IOException">The target cannot be written, or the metadata cannot be read.</exception>
    public static async Task<BackupManifest> RunAsync(
        BackupSource source, IBackupTarget target, BackupHold hold, BackupProgress progress, TimeProvider clock, CancellationToken cancellationToken)
    {
        await target.BeginAsync(source.Name, cancellationToken);
        var earlier = new EarlierBackups(target, source.StoreId);
        var damaged = new List<BackupProblem>();
        NamedBlobs? named = null;
        if (!source.MetadataOnly)
        {
            progress.Phase = "reading metadata";
            named = await NamedBlobs.ReadAsync(source.Rows, cancellationToken);
            hold.Narrow(named);
            progress.Expect(named.Count, named.Bytes);
            damaged.AddRange(named.Unreadable.Select(BackupProblem.OfRow));
        }

        progress.Phase = "copying metadata";
        (IReadOnlyList<BackupFile> files, IReadOnlyList<BackupProblem> rotten) = await MetadataFiles.AddAsync(source, target, earlier, progress, cancellationToken);
        damaged.AddRange(rotten);
        var manifest = new BackupManifest
        {
            Name = source.Name,
            Started = source.Started.UtcDateTime,
            Finished = default,
            MetadataOnly = source.MetadataOnly,
            WithoutDisks = source.WithoutDisks,
            StoreId = source.StoreId,
            Format = source.Format,
            Change = source.Change,
            DisksDirectory = source.DisksDirectory,
            MasterKeyId = source.MasterKeyId,
            Files = files,
            Damaged = damaged,
        };
        if (named is not null)
        {
            progress.Phase = "copying blobs";
            manifest = await CopyBlobsAsync(manifest, source, target, earlier, named, hold, progress, cancellationToken);
            hold.Release();
        }

        if (!source.MetadataOnly && !source.WithoutDisks && source.DisksDirectory is { } disks)
        {
            progress.Phase = "copying disks";
            manifest = manifest with { Damaged = [.. manifest.Damaged, .. await DiskRelocation.MissingAsync(source.Rows, disks, cancellationToken)] };
            if (Directory.Exists(disks))
            {
                manifest = await CopyDisksAsync(manifest, source, target, earlier, disks, progress, cancellationToken);
            }
        }

        if (source.MasterKey is { } key)
        {
            manifest = manifest with { Files = [.. manifest.Files, await AddTextAsync(source, target, BackupManifest.MasterKeyName, key + "\n", cancellationToken)] };
        }

        progress.Phase = "finishing";
        manifest = manifest with { Finished = clock.GetUtcNow().UtcDateTime };

        // Who cancels lets go of what was held. From here on it is whole, whoever cancels.
        cancellationToken.ThrowIfCancellationRequested();
        await ThrowIfClearedAsync(target, manifest.Name);
        await target.WriteManifestAsync(manifest.Name, manifest.Encode(), CancellationToken.None);
        progress.Phase = "done";
        return manifest;
    }

    /// <summary>Where nothing locks, another process may have taken the backup for one that came to no end: it removes the note before the data.</summary>
    private static async ValueTask ThrowIfClearedAsync(IBackupTarget target, string name)
    {
        if (!(await target.NotesAsync(CancellationToken.None)).Contains(name))
        {
            await target.BeginAsync(name, CancellationToken.None);
            throw new IOException($"another process removed from {target.Place} what this backup copied: only one may write there");
        }
    }

    private static async ValueTask<BackupManifest> CopyBlobsAsync(
        BackupManifest manifest, BackupSource source, IBackupTarget target, EarlierBackups before, NamedBlobs named, BackupHold hold, BackupProgress progress, CancellationToken cancellationToken)
    {
        var problems = new ConcurrentDictionary<BlobId, DataProblem>();
        var copy = new VerifiedCopy(source.Blobs, target.Blobs, progress.Add) { TryShare = source.ShareBlob };
        string listPath = Path.Combine(source.Scratch, BackupManifest.BlobListName);
        await using Stream earlierList = await before.OpenListAsync(BackupManifest.BlobListName, cancellationToken) ?? Stream.Null;
        await using var earlier = BlobList.Cursor(earlierList, cancellationToken);
        await using var stored = new DirectoryCursor<BlobInfo>(target.Blobs.ListAsync(cancellationToken), static info => info.Id, cancellationToken);
        await using (var list = new FileStream(listPath, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            for (int directory = 0; directory < 256; directory++)
            {
                var there = new Dictionary<BlobId, BlobInfo>();
                await foreach (BlobInfo info in stored.ReadAsync(directory))
                {
                    there[info.Id] = info;
                }

                var listed = new Dictionary<BlobId, CopiedBlob>();
                await foreach ((BlobId id, CopiedBlob blob) in earlier.ReadAsync(directory))
                {
                    listed[id] = blob;
                }

                IReadOnlyList<NamedBlob> wanted = named.In(directory);
                var copied = new CopiedBlob[wanted.Count];
                await System.Threading.Tasks.Parallel.ForAsync(
                    0,
                    wanted.Count,
                    new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken },
                    async (i, token) => copied[i] = await CopyAsync(copy, source, target, named, wanted[i], there, listed, progress, token));
                for (int i = 0; i < wanted.Count; i++)
                {
                    if (copied[i].Problem is { } problem)
                    {
                        problems[wanted[i].Id] = problem;
                        if (!copied[i].IsKept)
                        {
                            continue;
                        }
                    }

                    BlobList.Write(list, wanted[i].Id, copied[i]);
                    manifest = manifest with
                    {
                        Blobs = manifest.Blobs + 1,
                        BlobBytes = manifest.BlobBytes + copied[i].Length,
                        CopiedBytes = manifest.CopiedBytes + (copied[i].IsNew ? copied[i].Length : 0),
                    };
                }

                hold.Advance(directory + 1);
            }
        }

        return manifest with
        {
            Files = [.. manifest.Files, await AddAsync(target, BackupManifest.BlobListName, listPath, cancellationToken)],
            Damaged = [.. manifest.Damaged, .. await DamageNames.OfAsync(source.Rows, source.Blobs, problems, cancellationToken)],
        };
    }

    private static async ValueTask<BackupManifest> CopyDisksAsync(
        BackupManifest manifest, BackupSource source, IBackupTarget target, EarlierBackups before, string directory, BackupProgress progress, CancellationToken cancellationToken)
    {
        await using Stream? earlier = await before.OpenListAsync(BackupManifest.DiskListName, cancellationToken);
        TreeCopy.Copied copied = await TreeCopy.RunAsync(
            directory, target, earlier, Path.Combine(source.Scratch, BackupManifest.DiskListName), progress, cancellationToken);
        return manifest with
        {
            Files = [.. manifest.Files, await AddAsync(target, BackupManifest.DiskListName, copied.List, cancellationToken)],
            DiskFiles = copied.Files,
            DiskBytes = copied.Bytes,
            Damaged = [.. manifest.Damaged, .. copied.Problems],
            Notices = [.. manifest.Notices, .. copied.Notices],
        };
    }

    private static async ValueTask<CopiedBlob> CopyAsync(
        VerifiedCopy copy,
        BackupSource source,
        IBackupTarget target,
        NamedBlobs named,
        NamedBlob blob,
        Dictionary<BlobId, BlobInfo> there,
        Dictionary<BlobId, CopiedBlob> listed,
        BackupProgress progress,
        CancellationToken cancellationToken)
    {
        CopiedBlob? known = listed.TryGetValue(blob.Id, out CopiedBlob found) ? found : null;
        CopiedBlob copied = await FindAsync(target, blob, there, known, cancellationToken) is { } length
            ? new CopiedBlob(length, IsBare: false, 0, IsNew: false, Problem: null)
            : await copy.RunAsync(blob.Id, blob.Stored, blob.Least, known, cancellationToken);
        if (copied is { IsBare: true, Problem: null } && (copied.IsNew || known is null) && await BareProblemAsync(source, target, named, blob.Id, copied, cancellationToken) is { } wrong)
        {
            // What was there stays: an earlier backup may list it, and it is all that there is.
            if (copied.IsNew && known is null)
            {
                await target.Blobs.DeleteAsync(blob.Id, cancellationToken);
            }

            copied = copied with { IsNew = false, Problem = wrong };
        }

        progress.AddBlob();
        if (copied.IsNew)
        {
            progress.AddCopied(copied.Length);
        }
        else if (copied.Problem is null)
        {
            progress.Add(copied.Length);
        }

        return copied;
    }

    /// <summary>
    /// The length of a blob that the target has; null when it has to be copied. What is damaged there is not removed: a copy replaces it, and if there is none, it is all that is left.
    /// A blob that the last backup does not list may be of a backup that was interrupted, so all of it is read.
    /// </summary>
    private static async ValueTask<long?> FindAsync(
        IBackupTarget target, NamedBlob blob, Dictionary<BlobId, BlobInfo> there, CopiedBlob? known, CancellationToken cancellationToken)
    {
        if (!there.TryGetValue(blob.Id, out BlobInfo info) || info.IsBare)
        {
            return null;
        }

        if (target.TrustsListing)
        {
            return blob.Stored == 0 || info.Length == blob.Stored ? info.Length : null;
        }

        if (known is not null)
        {
            return await VerifiedCopy.FindIntactAsync(target.Blobs, blob.Id, blob.Stored, cancellationToken);
        }

        var whole = new CopiedBlob(blob.Stored > 0 ? blob.Stored : info.Length, IsBare: false, 0, IsNew: false, Problem: null);
        return await VerifiedCopy.ProblemAsync(target.Blobs, blob.Id, whole, static _ => { }, cancellationToken) is null ? whole.Length : null;
    }

    /// <summary>Compares the copy of a blob without checksums with what the rows know of its bytes: a new checksum would make damage look right.</summary>
    private static async ValueTask<DataProblem?> BareProblemAsync(
        BackupSource source, IBackupTarget target, NamedBlobs named, BlobId id, CopiedBlob copied, CancellationToken cancellationToken)
    {
        if (named.HoldersOf(id) is not { } holders)
        {
            return null;
        }

        var run = new CheckRun(source.Rows, target.Blobs, new CheckOptions { ReadsData = true }, static _ => default, progress: null);
        return await new BlobCheck(run).ProblemAsync(new BlobInfo(id, copied.Length, default, IsBare: true), holders, cancellationToken);
    }

    private static async ValueTask<BackupFile> AddTextAsync(BackupSource source, IBackupTarget target, string name, string text, CancellationToken cancellationToken)
    {
        string path = Path.Combine(source.Scratch, name);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var file = new FileStream(path, options))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        }

        try
        {
            return await AddAsync(target, name, path, cancellationToken);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async ValueTask<BackupFile> AddAsync(IBackupTarget target, string name, string path, CancellationToken cancellationToken)
    {
        await using FileStream file = File.OpenRead(path);
        (long length, string sha256, _) = await target.AddAsync(file, mayShare: false, cancellationToken);
        return new BackupFile(name, length, sha256);
    }
}
