using Tarn.Core.Blobs;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Backups;

/// <summary>Brings back the metadata and the blobs of a backup.</summary>
public static class BackupRestoration
{
    private const int Parallel = 4;

    /// <summary>Copies the metadata into a directory, and verifies it.</summary>
    /// <param name="target">The place.</param>
    /// <param name="manifest">The backup.</param>
    /// <param name="directory">An empty directory.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BackupDamagedException">A file is damaged or missing.</exception>
    /// <exception cref="IOException">The place cannot be read, or the directory cannot be written.</exception>
    public static async Task CopyMetadataAsync(
        IBackupTarget target, BackupManifest manifest, string directory, BackupProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "copying metadata";
        progress.Expect(manifest.Blobs, manifest.BlobBytes + manifest.MetadataBytes);
        foreach (BackupFile file in manifest.MetadataFiles)
        {
            await VerifiedFile.CopyAsync(target, file, Path.Combine(directory, Path.GetFileName(file.Name)), cancellationToken);
            progress.Add(file.Length);
        }
    }

    /// <summary>Copies the blobs that the restored rows name, and verifies them.</summary>
    /// <param name="target">The place.</param>
    /// <param name="manifest">The backup.</param>
    /// <param name="rows">The rows of the backup.</param>
    /// <param name="into">Where the blobs go.</param>
    /// <param name="more">Where blobs are taken from that the place does not have; null: nowhere.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The objects of which data is missing, because it could not be found or is damaged.</returns>
    /// <exception cref="IOException">The blobs cannot be written, or the rows cannot be read.</exception>
    public static async Task<IReadOnlyList<BackupProblem>> CopyBlobsAsync(
        IBackupTarget target, BackupManifest manifest, IKeyValueReader rows, IBlobStore into, IBlobStore? more, BackupProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "reading metadata";
        NamedBlobs named = await NamedBlobs.ReadAsync(rows, cancellationToken);
        if (manifest.MetadataOnly)
        {
            progress.Expect(named.Count, named.Bytes);
        }

        progress.Phase = "copying blobs";
        (Dictionary<BlobId, ulong> bare, BackupProblem? unlisted) = await BareAsync(target, manifest, cancellationToken);
        var problems = new System.Collections.Concurrent.ConcurrentDictionary<BlobId, DataProblem>();
        var copies = new List<VerifiedCopy> { new(target.Blobs, into, progress.Add) };
        if (more is not null)
        {
            copies.Add(new VerifiedCopy(more, into, progress.Add));
        }

        for (int directory = 0; directory < 256; directory++)
        {
            await System.Threading.Tasks.Parallel.ForEachAsync(
                named.In(directory),
                new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken },
                async (blob, token) =>
                {
                    if (await ProblemAsync(copies, blob, bare, into, token) is { } problem)
                    {
                        problems[blob.Id] = problem;
                    }

                    progress.AddBlob();
                });
        }

        List<BackupProblem> found = await DamageNames.OfAsync(rows, into, problems, cancellationToken);
        if (unlisted is not null)
        {
            found.Add(unlisted with { Detail = $"{unlisted.Detail} Data without checksums of its own, which builds before layout 1 of blobs wrote, was restored unverified." });
        }

        return found;
    }

    private static async ValueTask<DataProblem?> ProblemAsync(
        List<VerifiedCopy> copies, NamedBlob blob, Dictionary<BlobId, ulong> bare, IBlobStore into, CancellationToken cancellationToken)
    {
        DataProblem? first = null;
        foreach (VerifiedCopy copy in copies)
        {
            CopiedBlob copied = await copy.RunAsync(blob.Id, blob.Stored, blob.Least, known: null, cancellationToken);
            if (copied.Problem is null && copied.IsBare && bare.TryGetValue(blob.Id, out ulong crc) && crc != copied.Crc)
            {
                await into.DeleteAsync(blob.Id, cancellationToken);
                copied = copied with { Problem = new DataProblem(FindingKind.Damaged, "The blob does not match its checksum.") };
            }

            if (copied.Problem is null)
            {
                return null;
            }

            // What is damaged says more than that another place does not have it.
            first = first is null or { Kind: FindingKind.Missing } ? copied.Problem : first;
        }

        return first;
    }

    /// <summary>The checksums of the blobs that have none of their own.</summary>
    private static async ValueTask<(Dictionary<BlobId, ulong> Crcs, BackupProblem? Problem)> BareAsync(IBackupTarget target, BackupManifest manifest, CancellationToken cancellationToken)
    {
        var bare = new Dictionary<BlobId, ulong>();
        if (manifest.File(BackupManifest.BlobListName) is not { } list)
        {
            return (bare, null);
        }

        (Stream? content, BackupProblem? problem) = await VerifiedFile.OpenListAsync(target, list, read: null, cancellationToken);
        await using (content)
        {
            await foreach ((BlobId id, CopiedBlob blob) in BlobList.ReadAsync(content ?? Stream.Null, cancellationToken))
            {
                if (blob.IsBare)
                {
                    bare[id] = blob.Crc;
                }
            }
        }

        return (bare, problem);
    }
}
