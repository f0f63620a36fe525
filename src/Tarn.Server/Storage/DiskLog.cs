using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Reading;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Storage;

/// <summary>Logs changes of the file systems that disks show, and what listings of disks leave out.</summary>
internal static partial class DiskLog
{
    public static void LeftOut(ILogger logger, Disk disk, LeftOutReason reason, string path) => LogLeftOut(logger, disk.Id.Value, reason, path);

    public static void Mounts(ILogger logger, Disk disk, MountNotice notice, string what)
    {
        switch (notice)
        {
            case MountNotice.NotServed: LogNotServed(logger, disk.Id.Value, disk.Name, what); break;
            case MountNotice.ServedAgain: LogServedAgain(logger, disk.Id.Value, disk.Name, what); break;
            case MountNotice.Learned: LogLearned(logger, disk.Id.Value, disk.Name, what); break;
            case MountNotice.NotNoted: LogNotNoted(logger, disk.Id.Value, disk.Name, what); break;
        }
    }

    public static void UploadsLeft(ILogger logger, Disk disk, string why) => LogUploadsLeft(logger, disk.Id.Value, disk.Name, why, disk.RootPath);

    [LoggerMessage(EventIds.DiskUploadsLeft, LogLevel.Warning, "Disk {Disk} ({Name}) was deleted, and uploads to it that were not completed could not be removed: {Why}. If there are any, they are in .tarn-uploads/{Disk} in {Root}")]
    private static partial void LogUploadsLeft(ILogger logger, string disk, string name, string why, string root);

    [LoggerMessage(EventIds.DiskNotServed, LogLevel.Warning, "Disk {Disk} ({Name}) is not served, since it differs from what was attached: {What}. Mount it again, or accept what is there now: tarn disk accept {Disk}")]
    private static partial void LogNotServed(ILogger logger, string disk, string name, string what);

    [LoggerMessage(EventIds.DiskServedAgain, LogLevel.Information, "Disk {Disk} ({Name}) is served again: {What}")]
    private static partial void LogServedAgain(ILogger logger, string disk, string name, string what);

    [LoggerMessage(EventIds.DiskMountsLearned, LogLevel.Information, "Disk {Disk} ({Name}) is from now on expected to have: {What}")]
    private static partial void LogLearned(ILogger logger, string disk, string name, string what);

    [LoggerMessage(EventIds.DiskMountsNotNoted, LogLevel.Warning, "The file systems of disk {Disk} ({Name}) could not be recorded, so they are unknown after a restart: {What}")]
    private static partial void LogNotNoted(ILogger logger, string disk, string name, string what);

    [LoggerMessage(EventIds.DiskLeftOut, LogLevel.Warning, "Listings of disk {Disk} leave entries out: {Reason}, for example at {Path}; the metric tarn_disk_left_out_total counts them")]
    private static partial void LogLeftOut(ILogger logger, string disk, LeftOutReason reason, string path);
}
