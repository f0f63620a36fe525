using Tarn.Server.Requests;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Finds the largest buckets, for the metrics of buckets.</summary>
internal sealed partial class BucketCensusService(BucketCensus census, ILogger<BucketCensusService> logger) : BackgroundWork(logger)
{
    protected override Task RunAsync(CancellationToken stopping) => census.RunAsync(Failed, stopping);

    protected override void LogFailed(Exception e) => Log(logger, e);

    [LoggerMessage(EventIds.CensusFailed, LogLevel.Error, "Finding the largest buckets failed; it is tried again later")]
    private static partial void Log(ILogger logger, Exception exception);
}
