using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Errors;
using Tarn.Core.Files;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Disks.Writing;

/// <summary>Removes files that are not written any more: uploads that nobody went on with, and what is left of requests that the server's end cut off.</summary>
public sealed class StagingSweep
{
    /// <summary>How long after its last byte an upload is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private readonly DiskCatalog _catalog;
    private readonly DiskMounts _mounts;
    private readonly UploadTurns _turns;
    private readonly TimeProvider _clock;

    internal StagingSweep(DiskCatalog catalog, DiskMounts mounts, UploadTurns turns, TimeProvider clock)
    {
        _catalog = catalog;
        _mounts = mounts;
        _turns = turns;
        _clock = clock;
    }

    /// <summary>Sweeps now and every hour, until cancelled.</summary>
    /// <param name="failed">Called for a disk whose sweep failed; the next one tries again.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(Every, _clock);
        do
        {
            await BackgroundSpan.RunAsync("SweepDiskUploads", async span => span?.SetTag("tarn.disk_uploads.removed", await SweepAsync(failed, cancellationToken)));
        }
        while (await tick.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Sweeps every disk that may be written to, once; returns how many files were removed.</summary>
    internal async Task<int> SweepAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        int removed = 0;
        try
        {
            await foreach (Disk disk in _catalog.ListAllAsync(cancellationToken))
            {
                try
                {
                    removed += disk.IsWritable ? await SweepAsync(disk, cancellationToken) : 0;
                }
                catch (S3Exception)
                {
                    // Its file system is not mounted, or the server is busy: it is the same disk next time.
                }
                catch (Exception e) when (e is IOException or DiskChangeRefusedException)
                {
                    failed(e);
                }
            }
        }
        catch (IOException e)
        {
            failed(e);
        }

        return removed;
    }

    private async Task<int> SweepAsync(Disk disk, CancellationToken cancellationToken)
    {
        using WatchedTree tree = await _mounts.OpenServedAsync(disk, cancellationToken);
        using Staging? staging = Staging.Open(tree.Tree, disk.Id);
        int removed = 0;
        foreach (IGrouping<string, string> upload in (staging?.Names() ?? []).GroupBy(name => name.Split('.')[0]))
        {
            // Whoever goes on with it waits, and finds either all of it or nothing.
            using UploadTurn? turn = _turns.TryEnter(DiskUploads.KeyOf(disk, upload.Key));
            if (turn is null || !upload.All(name => IsOld(staging!, name)) || !IsOld(staging!, upload.Key) || !IsOld(staging!, upload.Key + UploadNote.Suffix))
            {
                continue;
            }

            foreach (string name in upload.Order(StringComparer.Ordinal).Reverse())
            {
                // The note first: bytes without one are no upload.
                staging!.Remove(name);
                removed++;
            }
        }

        return removed;
    }

    /// <summary>Whether a file was last written to long ago, or is not there.</summary>
    private bool IsOld(Staging staging, string name) =>
        LinuxFiles.StatName(staging.Directory, Staging.Terminated(name), out FileStat stat) != Errno.None || stat.Changed.Age(_clock.GetUtcNow()) >= Kept;
}
