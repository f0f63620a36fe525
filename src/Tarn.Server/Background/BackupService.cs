using Tarn.Core.Backups;
using Tarn.Server.Backups;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Does the work on backups that is asked for, one job after the other.</summary>
internal sealed partial class BackupService(BackupJobs jobs, BackupRunner runner, ILogger<BackupService> logger) : BackgroundWork(logger)
{
    /// <summary>So many damaged objects get a line of their own.</summary>
    private const int MaxLines = 100;

    private readonly BackupMetrics _metrics = new(jobs);

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        RemoveLeftovers();
        await foreach (BackupJob job in jobs.TakeAsync(stopping))
        {
            LogBegun(logger, job.Request.Work, job.Id, job.Request.Target);
            try
            {
                await runner.RunAsync(job, stopping);
            }
            catch (InvalidOperationException e)
            {
                Failed(e);
            }

            Report(job);
        }
    }

    protected override void LogFailed(Exception e) => LogUnexpected(logger, e);

    private void RemoveLeftovers()
    {
        try
        {
            runner.RemoveLeftovers();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failed(e);
        }
    }

    private void Report(BackupJob job)
    {
        foreach (BackupProblem problem in job.Problems.Take(MaxLines))
        {
            LogDamaged(logger, job.Id, problem.Bucket ?? "-", problem.Key ?? "-", problem.VersionId ?? "-", problem.Data ?? "-", problem.Detail);
        }

        if (job.Error is { } error)
        {
            LogNotDone(logger, job.Request.Work, job.Id, job.Request.Target, error);
        }
        else
        {
            _metrics.Done(job);
            LogDone(logger, job.Request.Work, job.Id, job.Request.Target, job.Progress.DoneBlobs, job.Progress.DoneBytes, job.Progress.CopiedBytes, job.Problems.Count);
        }
    }

    [LoggerMessage(EventIds.BackupBegun, LogLevel.Information, "{Work} of backup {Id} in {Target} has begun")]
    private static partial void LogBegun(ILogger logger, BackupWork work, string id, string target);

    [LoggerMessage(EventIds.BackupDone, LogLevel.Information, "{Work} of backup {Id} in {Target} is done: {Blobs} blobs, {Bytes} bytes, {Copied} of them copied; {Problems} damaged")]
    private static partial void LogDone(ILogger logger, BackupWork work, string id, string target, long blobs, long bytes, long copied, int problems);

    [LoggerMessage(EventIds.BackupNotDone, LogLevel.Error, "{Work} of backup {Id} in {Target} failed: {Error}")]
    private static partial void LogNotDone(ILogger logger, BackupWork work, string id, string target, string error);

    [LoggerMessage(EventIds.BackupDamage, LogLevel.Error, "Backup {Id} met damage: bucket {Bucket}, key {Key}, version {Version}, data {Data}: {What} See docs/operations/backup.md")]
    private static partial void LogDamaged(ILogger logger, string id, string bucket, string key, string version, string data, string what);

    [LoggerMessage(EventIds.BackupUnexpected, LogLevel.Error, "Work on backups failed unexpectedly")]
    private static partial void LogUnexpected(ILogger logger, Exception exception);
}
