using Tarn.Backends.Files;
using Tarn.Server.Storage;

namespace Tarn.Server.Backups;

/// <summary>
/// Ends a backup before what it holds makes writes fail: the blobs that are kept for it, and the tables of its checkpoint, take room that writes need.
/// </summary>
internal static class SpaceWatch
{
    /// <summary>Bytes that a backup leaves free: twice what blobs leave to the metadata, so that it ends before writes are refused.</summary>
    public const long LeftFree = 512L << 20;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Watches until cancelled.</summary>
    /// <param name="job">The backup; it is cancelled when room runs short, or that cannot be known.</param>
    /// <param name="letGo">Gives back the room that the backup keeps; called when it was cancelled.</param>
    /// <param name="isShort">Says what runs short; null when nothing does.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    public static async Task RunAsync(BackupJob job, Func<Task> letGo, Func<string?> isShort, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (Find(isShort) is { } what)
                {
                    job.Cancel(what);
                    await letGo();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The backup has ended.
        }
    }

    /// <summary>What runs short on the devices of the stores; null when nothing does.</summary>
    /// <param name="devices">The stores.</param>
    /// <param name="takesRoom">Whether the backup takes room of the blobs' device: it keeps blobs that would have been removed, or its place is there.</param>
    public static string? Shortage(StoreDevices devices, bool takesRoom)
    {
        if (takesRoom && FileSystemSpace.Of(devices.BlobsPath).FreeBytes < LeftFree)
        {
            return "the disk of the blobs runs full, and the backup takes room there; it was ended so that writes go on";
        }

        return FileSystemSpace.Of(devices.MetadataPath).FreeBytes < LeftFree / 2
            ? "the disk of the metadata runs full, and the backup keeps files of it; it was ended so that writes go on"
            : null;
    }

    private static string? Find(Func<string?> isShort)
    {
        try
        {
            return isShort();
        }
        catch (IOException e)
        {
            return $"the room on the server's disks is not known; the backup was ended so that writes go on: {e.Message}";
        }
    }
}
