using Tarn.Core.Scrubbing;
using Tarn.Server.Connections;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Scrubs: looks in passes whether all stored data is there and is what was stored; and removes orphans by order.</summary>
internal sealed partial class ScrubService : BackgroundWork
{
    private readonly ScrubWorker _worker;
    private readonly OrphanDrops _drops;
    private readonly ILogger _logger;
    private readonly ScrubMetrics _metrics;

    public ScrubService(ScrubWorker worker, OrphanShelf shelf, HostCapacity capacity, ILogger<ScrubService> logger) : base(logger)
    {
        _worker = worker;
        _drops = shelf.Drops;
        _logger = logger;
        _metrics = new ScrubMetrics(worker, shelf);
        worker.InFlight = () => capacity.S3Budget.InFlight;
        worker.Finished = Log;
    }

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    protected override Task RunAsync(CancellationToken stopping) => Task.WhenAll(_worker.RunAsync(Failed, stopping), _drops.RunAsync(stopping));

    protected override void LogFailed(Exception e) => LogFailed(_logger, e);

    private void Log(ScrubPass pass)
    {
        LogFinished(_logger, pass.Counts.Objects, pass.Counts.Bytes, pass.Finished!.Value - pass.Began, pass.Counts.Damaged);
        if (pass.Counts.Failures > 0)
        {
            LogIncomplete(_logger, pass.Counts.Failures, pass.Failures[0]);
        }
    }

    [LoggerMessage(EventIds.ScrubFailed, LogLevel.Error, "Scrubbing was interrupted by a failure; it goes on in a minute")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.ScrubFinished, LogLevel.Information, "Scrubbed {Objects} objects and parts with {Bytes} bytes in {Time}: {Damaged} damaged")]
    private static partial void LogFinished(ILogger logger, long objects, long bytes, TimeSpan time, long damaged);

    [LoggerMessage(EventIds.ScrubIncomplete, LogLevel.Error, "The scrub could not read everything: {Count} failures, the first one: {Failure} 'tarn scrub report' lists them")]
    private static partial void LogIncomplete(ILogger logger, long count, string failure);
}
