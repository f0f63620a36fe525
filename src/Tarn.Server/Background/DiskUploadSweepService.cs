using Tarn.Core.Disks.Writing;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Removes uploads to disks that were abandoned.</summary>
internal sealed partial class DiskUploadSweepService(StagingSweep sweep, ILogger<DiskUploadSweepService> logger) : BackgroundWork(logger)
{
    protected override Task RunAsync(CancellationToken stopping) => sweep.RunAsync(Failed, stopping);

    protected override void LogFailed(Exception e) => Log(logger, e);

    [LoggerMessage(EventIds.DiskSweepFailed, LogLevel.Error, "Removing abandoned uploads of a disk failed; it is tried again later")]
    private static partial void Log(ILogger logger, Exception exception);
}
