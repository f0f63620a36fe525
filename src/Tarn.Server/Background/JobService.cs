using Tarn.Core.Jobs;
using Tarn.Server.Connections;
using Tarn.Server.Jobs;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Runs jobs over many keys.</summary>
internal sealed partial class JobService : BackgroundWork
{
    private readonly JobScheduler _scheduler;
    private readonly ILogger _logger;
    private readonly JobMetrics _metrics;

    public JobService(JobScheduler scheduler, JobPace pace, HostCapacity capacity, ILogger<JobService> logger) : base(logger)
    {
        _scheduler = scheduler;
        _logger = logger;
        _metrics = new JobMetrics(scheduler);
        pace.InFlight = () => capacity.S3Budget.InFlight;
    }

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    protected override Task RunAsync(CancellationToken stopping) => _scheduler.RunAsync(Failed, stopping);

    protected override void LogFailed(Exception e) => Log(_logger, e);

    [LoggerMessage(EventIds.JobFailed, LogLevel.Error, "Jobs met a failure outside of a run: a row of a job that does not decode is left out, and old jobs are removed later")]
    private static partial void Log(ILogger logger, Exception exception);
}
