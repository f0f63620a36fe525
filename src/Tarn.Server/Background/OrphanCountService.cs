using Tarn.Core.Maintenance;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Counts, once a day, the blobs that no row refers to.</summary>
internal sealed partial class OrphanCountService(OrphanScan scan, ILogger<OrphanCountService> logger) : BackgroundWork(logger)
{
    protected override Task RunAsync(CancellationToken stopping) => scan.RunAsync(Failed, stopping);

    protected override void LogFailed(Exception e) => Log(logger, e);

    [LoggerMessage(EventIds.OrphanCountFailed, LogLevel.Warning, "Counting blobs that no row refers to failed; it is tried again in a day")]
    private static partial void Log(ILogger logger, Exception exception);
}
