using Tarn.Core.Maintenance;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Removes data that nothing refers to any more, beginning with what an earlier process left.</summary>
internal sealed partial class ReclaimService(ReclaimWorker worker, TimeProvider clock, ILogger<ReclaimService> logger) : BackgroundWork(logger)
{
    // Recorded before any request is served: anything older was left by another process.
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();

    protected override Task RunAsync(CancellationToken stopping) => worker.RunAsync(_startedAt, Failed, stopping);

    protected override void LogFailed(Exception e) => Log(logger, e);

    [LoggerMessage(EventIds.ReclaimFailed, LogLevel.Error, "Reclaiming space failed; it is tried again later")]
    private static partial void Log(ILogger logger, Exception exception);
}
