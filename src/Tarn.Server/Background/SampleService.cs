using System.Diagnostics.Metrics;
using Tarn.Core.Samples;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Writes what buckets held and what requests did to them, by hours and days.</summary>
internal sealed partial class SampleService : BackgroundWork
{
    private readonly SampleWorker _worker;
    private readonly ILogger _logger;
    private readonly Meter _meter = ServerTelemetry.CreateMeter();

    public SampleService(SampleWorker worker, ActivityLedger ledger, ILogger<SampleService> logger) : base(logger)
    {
        _worker = worker;
        _logger = logger;
        _meter.CreateObservableCounter(
            "tarn.samples.uncounted_requests", () => ledger.Uncounted, unit: "{request}", description: "Requests that no bucket's samples count, because requests to too many buckets are counted already.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override Task RunAsync(CancellationToken stopping) => _worker.RunAsync(Failed, stopping);

    protected override void LogFailed(Exception e) => Log(_logger, e);

    [LoggerMessage(EventIds.SamplesFailed, LogLevel.Error, "Writing samples of buckets failed; those of this hour are missing")]
    private static partial void Log(ILogger logger, Exception exception);
}
