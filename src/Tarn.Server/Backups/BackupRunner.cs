using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.Backups;
using Tarn.Core.Blobs;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Maintenance;
using Tarn.Server.Configuration;
using Tarn.Server.Identity;
using Tarn.Server.Storage;

namespace Tarn.Server.Backups;

/// <summary>Does the work on backups of a running server.</summary>
internal sealed class BackupRunner(ServerOptions options, Engines engines, BackupPlaces places, ReclaimWorker reclaim, TimeProvider clock)
{
    /// <summary>Says what runs short while a backup runs; null when nothing does. The argument: whether it takes room of the blobs' device.</summary>
    public Func<bool, string?> Shortage { get; init; } = takesRoom =>
        engines.Open.Select(stores => SpaceWatch.Shortage(stores, takesRoom)).FirstOrDefault(static what => what is not null);

    /// <summary>Called between the checkpoint and the copies, for tests.</summary>
    public Func<CancellationToken, ValueTask>? CheckpointTaken { get; init; }

    /// <summary>The blobs that are read at this moment, if they are files.</summary>
    private FileBlobStore? Files => (engines.Mirror?.LeadingBlobs ?? engines.Blobs) as FileBlobStore;

    /// <summary>A directory on the metadata's device, so that the checkpoint shares its files.</summary>
    private static string StagingOf(StoreDevices stores) => Path.Combine(stores.MetadataPath, "backup");

    /// <summary>Throws if a job cannot be begun, before anything is done.</summary>
    /// <exception cref="BackupRefusedException">It cannot.</exception>
    public void ThrowIfImpossible(BackupRequest request)
    {
        places.Resolve(request.Target);
        if (request.Work == BackupWork.Create && (engines.Metadata is not ICheckpointable || engines.Lead is null))
        {
            throw new BackupRefusedException("the engine of the metadata cannot make a checkpoint");
        }
    }

    /// <summary>Removes what a backup left that was under way when the process ended.</summary>
    public void RemoveLeftovers()
    {
        foreach (string staging in engines.Open.Select(StagingOf).Where(Directory.Exists))
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    /// <summary>Does a job to its end.</summary>
    public async Task RunAsync(BackupJob job, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(job.Cancellation, stopping);
        try
        {
            await (job.Request.Work switch
            {
                BackupWork.Create => CreateAsync(job, either.Token),
                BackupWork.Verify => VerifyAsync(job, either.Token),
                _ => DeleteAsync(job, either.Token),
            });
            job.End(job.Problems.Count > 0 ? BackupState.Damaged : BackupState.Succeeded, null, clock.GetUtcNow());
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            job.End(
                job.CancelReason is null ? BackupState.Cancelled : BackupState.Failed,
                job.CancelReason ?? (stopping.IsCancellationRequested ? "the server stopped" : "it was cancelled"),
                clock.GetUtcNow());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StartupException or BackupRefusedException)
        {
            job.End(BackupState.Failed, e.Message, clock.GetUtcNow());
        }
        catch (Exception e)
        {
            job.End(BackupState.Failed, "the server failed; its log says why", clock.GetUtcNow());
            throw new InvalidOperationException($"{job.Request.Work} of a backup failed unexpectedly.", e);
        }
    }

    private async Task CreateAsync(BackupJob job, CancellationToken cancellationToken)
    {
        string staging = StagingOf(engines.Lead!);
        await using IBackupTarget target = await places.OpenAsync(job.Request.Target, ReserveOf, cancellationToken);
        RemoveLeftovers();
        Directory.CreateDirectory(staging);
        var hold = new BackupHold();
        using var ended = new CancellationTokenSource();
        string scratch = target.CreateScratch();
        bool isBeside = SharesRoom(scratch);
        Directory.Delete(scratch);
        Task watch = Task.CompletedTask;
        try
        {
            if (!job.Request.MetadataOnly)
            {
                // Before the checkpoint: what is released from now on may be named by it.
                reclaim.Hold = hold;
            }

            watch = SpaceWatch.RunAsync(job, () => LetGoAsync(hold), () => Shortage(isBeside || hold.HasKept), clock, ended.Token);
            job.Progress.Begin("checkpoint");
            DateTimeOffset started = clock.GetUtcNow();
            string checkpoint = Path.Combine(staging, "checkpoint");
            ulong change = await ((ICheckpointable)engines.Metadata).CheckpointAsync(checkpoint, cancellationToken);
            if (CheckpointTaken is not null)
            {
                await CheckpointTaken(cancellationToken);
            }

            await using (RocksDbReader rows = RocksDbReader.Open(checkpoint, new RocksDbOptions()))
            {
                string? masterKeyId = await KeyRingRows.MasterKeyIdAsync(rows, cancellationToken);
                job.Manifest = await BackupCreation.RunAsync(
                    new BackupSource
                    {
                        Name = job.Id,
                        Started = started,
                        Rows = rows,
                        MetadataDirectory = checkpoint,
                        Verify = rows.VerifyWithoutAsync,
                        Change = change,
                        Blobs = engines.Blobs,
                        ShareBlob = ShareInto(target, job.Request.SameDevice),
                        MayShare = job.Request.SameDevice,
                        MetadataOnly = job.Request.MetadataOnly,
                        WithoutDisks = job.Request.WithoutDisks,
                        StoreId = StoreId.Of(engines.Lead!.Root),
                        Format = StoreFormat.Current,
                        DisksDirectory = engines.DisksPath,
                        MasterKeyId = masterKeyId,
                        MasterKey = job.Request.IncludeMasterKey ? MasterKeyText(masterKeyId) : null,
                        Scratch = staging,
                    },
                    target,
                    hold,
                    job.Progress,
                    clock,
                    cancellationToken);
            }

            job.Problems = job.Manifest.Damaged;
        }
        finally
        {
            await ended.CancelAsync();
            hold.Release();
            reclaim.Hold = null;
            RemoveLeftovers();
            await watch;
        }

        // Last: it may take long, and the checkpoint keeps room of the metadata's device.
        job.Manifest = await BackupRemoval.TidyAsync(target, job.Manifest, job.Progress, cancellationToken);
    }

    /// <summary>Removes at once what was kept, while what is under way still ends: the room is needed now.</summary>
    private async Task LetGoAsync(BackupHold hold)
    {
        hold.Release();
        reclaim.Hold = null;

        // A pass may run beside that of the worker: each step is one that may be repeated. What fails is tried again by the worker, which reports it.
        await reclaim.RunOnceAsync(static _ => { }, CancellationToken.None);
    }

    /// <summary>The text of the master key, if it is still the one that the checkpoint was written with.</summary>
    private string MasterKeyText(string? id)
    {
        string text = MasterKeySource.Text(options.MasterKey, Path.Combine(engines.Lead!.Root, DataDirectory.MasterKeyName));
        return id is null || MasterKey.From(text)?.Id == id
            ? text
            : throw new BackupRefusedException($"the master key that the server reads is not the one that the stored secrets are encrypted with ({id}), so it is not put into a backup");
    }

    private async Task VerifyAsync(BackupJob job, CancellationToken cancellationToken)
    {
        await using IBackupTarget target = await places.OpenToReadAsync(job.Request.Target, keeps: true, cancellationToken);
        job.Problems = await BackupReading.VerifyAsync(target, job.Request.Name, job.Progress, cancellationToken);
    }

    private async Task DeleteAsync(BackupJob job, CancellationToken cancellationToken)
    {
        // Nothing is made where there are no backups.
        await (await places.OpenToReadAsync(job.Request.Target, keeps: false, cancellationToken)).DisposeAsync();
        await using IBackupTarget target = await places.OpenAsync(job.Request.Target, ReserveOf, cancellationToken);
        if (!target.TryLockOutReaders(out IDisposable? alone))
        {
            throw new BackupRefusedException($"another process verifies or restores a backup in {target.Place}", isConflict: true);
        }

        using IDisposable? held = alone;
        if (!await BackupRemoval.RunAsync(target, job.Request.Name!, job.Progress, cancellationToken))
        {
            throw new BackupRefusedException($"there is no backup {job.Request.Name} in {target.Place}");
        }
    }

    /// <summary>Where a target is on a device of the stores, it leaves them room.</summary>
    private long ReserveOf(string path) => SharesRoom(path) ? SpaceWatch.LeftFree : 0;

    private bool SharesRoom(string path) => engines.Open.Any(stores => SameDevice.Shares(path, stores.BlobsPath) || SameDevice.Shares(path, stores.MetadataPath));

    /// <summary>How blobs come to the target without being copied; null where that is not possible.</summary>
    private Func<BlobId, bool>? ShareInto(IBackupTarget place, bool byLinks)
    {
        if (place is not DirectoryTarget target || Files is not { } source)
        {
            return null;
        }

        // Of a mirror, the side that leads is the one that was verified; when another one does, blobs are copied.
        string root = engines.Lead!.BlobsPath;
        return byLinks && SameDevice.Are(target.Place, root) ? id => Files == source && target.Files.TryLink(source, id)
            : SameDevice.CanClone(root, target.CreateScratch()) ? id => Files == source && target.Files.TryClone(source, id)
            : null;
    }
}
