using Tarn.Core.Lifecycle;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Applies lifecycle rules.</summary>
internal sealed partial class LifecycleService(LifecycleWorker worker, ILogger<LifecycleService> logger) : BackgroundWork(logger)
{
    private readonly LifecycleMetrics _metrics = new(worker.Tally);

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    protected override Task RunAsync(CancellationToken stopping) => worker.RunAsync(Failed, stopping);

    protected override void LogFailed(Exception e) => Log(logger, e);

    [LoggerMessage(EventIds.LifecycleFailed, LogLevel.Error, "Applying lifecycle rules failed; it is tried again later")]
    private static partial void Log(ILogger logger, Exception exception);
}
