using Tarn.Core.Errors;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.S3.Jobs;
using Tarn.Server.Auditing;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Jobs;

/// <summary>
/// Runs jobs, a few at once and in turns, and ends them. At the start of the server it takes up those that a stop or a crash interrupted.
/// </summary>
internal sealed partial class JobScheduler : IDisposable
{
    private static readonly TimeSpan TrimEvery = TimeSpan.FromDays(1);

    private readonly JobStore _jobs;
    private readonly JobRunner _runner;
    private readonly JobOptions _options;
    private readonly AuditLog _audit;
    private readonly TimeProvider _clock;
    private readonly ILogger<JobScheduler> _logger;
    private readonly JobQueue _queue;
    private readonly SemaphoreSlim _changed = new(0);
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _runs = [];
    private CancellationToken _stopping;

    public JobScheduler(JobStore jobs, JobRunner runner, JobOptions options, AuditLog audit, TimeProvider clock, ILogger<JobScheduler> logger)
    {
        (_jobs, _runner, _options, _audit, _clock, _logger) = (jobs, runner, options, audit, clock, logger);
        _queue = new JobQueue(options);
    }

    /// <summary>What was done since the process started.</summary>
    public JobTally Tally { get; } = new();

    /// <summary>How many jobs are under way, and how many wait.</summary>
    public (int Running, int Queued) Active => _queue.Counts;

    /// <summary>Stores a job and has it run when its turn comes.</summary>
    /// <exception cref="TooManyJobsException">The organization, or the server, has too many that have not ended.</exception>
    /// <exception cref="JobTokenException">The requester has used the token for something else.</exception>
    public async ValueTask<Job> StartAsync(JobRecord record, CancellationToken cancellationToken)
    {
        Job job = await _jobs.CreateAsync(record, _options, cancellationToken);
        if (!job.Record.IsOver)
        {
            Add(job);
        }

        return job;
    }

    /// <summary>Ends a job, when the keys that it works on are done.</summary>
    /// <returns>The job at its end, or as it is if it ends later; null when there is none, or it had ended already.</returns>
    public async ValueTask<Job?> CancelAsync(Id128 id, CancellationToken cancellationToken)
    {
        // Stored before anything else: if the server stops now, the job ends when it is taken up again.
        Job? job = await _jobs.ChangeAsync(id, static record => record with { IsCancelRequested = true }, cancellationToken);
        if (job is null || job.Record.IsOver)
        {
            return null;
        }

        (Task rests, ActiveJob? waited) = _queue.Cancel(id);
        if (waited is not null)
        {
            // One that waits ends by a run too: what an earlier one has left behind is counted and told.
            Begin(waited);
        }

        await rests.WaitAsync(cancellationToken);
        return await _jobs.FindAsync(id, cancellationToken);
    }

    /// <summary>Runs jobs until cancelled; returns when those that are under way have stopped.</summary>
    public async Task RunAsync(Action<Exception> failed, CancellationToken stopping)
    {
        _stopping = stopping;
        Task[] beside = [TrimAsync(failed, stopping), ResumeAsync(failed, stopping)];
        try
        {
            while (true)
            {
                while (_queue.Next() is { } job)
                {
                    Begin(job);
                }

                await _changed.WaitAsync(stopping);
            }
        }
        finally
        {
            Task[] running;
            lock (_lock)
            {
                running = [.. _runs, .. beside];
            }

            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes up the jobs that a stop or a crash interrupted. While they cannot be read, new ones run, and the reading is tried again.</summary>
    private async Task ResumeAsync(Action<Exception> failed, CancellationToken stopping)
    {
        for (int attempts = 0; ; attempts++)
        {
            try
            {
                foreach (Job job in await _jobs.UnfinishedAsync(failed, stopping))
                {
                    if (Add(job))
                    {
                        LogResumed(_logger, job.Id.ToString(), job.Record.Parameters.Kind, job.Record.Parameters.Bucket, job.Record.Counts.Done);
                    }
                }

                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }

            await Task.Delay(WaitAfter(attempts), _clock, stopping);
        }
    }

    private TimeSpan WaitAfter(int attempts) => _options.RetryAfter * Math.Pow(4, Math.Min(attempts, _options.MaxAttempts - 1));

    /// <summary>Has a run under way, which the stop of the server awaits.</summary>
    private void Begin(ActiveJob job)
    {
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested)
            {
                // It goes on with the next start.
                job.Rest();
                return;
            }

            var run = Task.Run(() => RunAsync(job), CancellationToken.None);
            _runs.Add(run);
            _ = run.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        void Forget(Task ended)
        {
            lock (_lock)
            {
                _runs.Remove(ended);
            }
        }
    }

    public void Dispose() => _changed.Dispose();

    private bool Add(Job job)
    {
        if (!_queue.Add(new ActiveJob(job, Tally, LogKeyFailed, _queue.IsTurnOver)))
        {
            return false;
        }

        _changed.Release();
        return true;
    }

    /// <summary>Runs a job to its end or for its turn; one whose run fails waits, and is run again.</summary>
    private async Task RunAsync(ActiveJob job)
    {
        while (!await RunOnceAsync(job))
        {
        }

        _changed.Release();
    }

    /// <returns>False when it is to be run again at once.</returns>
    private async Task<bool> RunOnceAsync(ActiveJob job)
    {
        try
        {
            Job? ran = await _runner.RunAsync(job.Id, job, _stopping);
            if (ran is { Record.IsOver: false })
            {
                return _queue.Yield(job);
            }

            await EndAsync(job, ran);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It goes on with the next start.
            job.Rest();
        }
        catch (StoreFailedException)
        {
            // Logged when it failed. Nothing can be written until a restart, when the job goes on.
            _queue.Remove(job);
        }
        catch (Exception e)
        {
            return await RetryAsync(job, e);
        }

        return true;
    }

    /// <param name="ended">The job at its end; null when it is gone.</param>
    private async Task EndAsync(ActiveJob job, Job? ended)
    {
        if (ended is null)
        {
            _queue.Remove(job);
            return;
        }

        job.Advanced(ended);
        _queue.Remove(job);
        Report(ended);
        try
        {
            await _jobs.TrimAsync(job.Owner, _stopping);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The job has ended all the same; what is too old goes another time.
            LogInterrupted(_logger, e, ended.Id.ToString(), ended.Record.Parameters.Bucket);
        }
    }

    /// <summary>Has a job whose run failed wait, with the reason, or end when it has failed too often.</summary>
    /// <returns>False when it was cancelled, and is run to its end at once.</returns>
    private async Task<bool> RetryAsync(ActiveJob job, Exception failure)
    {
        LogInterrupted(_logger, failure, job.Id.ToString(), job.Last.Record.Parameters.Bucket);
        int attempts = ++job.Attempts;
        try
        {
            string reason = "its run failed: " + (failure is S3Exception ? failure.Message : "see the server's log");
            Job? stored = attempts >= _options.MaxAttempts
                ? await _runner.FailAsync(job.Last, reason, _stopping)
                : await _jobs.ChangeAsync(job.Id, record => record with { State = JobState.Queued, Reason = reason, Attempts = attempts }, _stopping);
            if (stored is null or { Record.IsOver: true })
            {
                await EndAsync(job, stored);
                return true;
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It goes on with the next start.
            job.Rest();
            return true;
        }
        catch (Exception e)
        {
            // It stays as it was stored, and is tried again all the same.
            LogInterrupted(_logger, e, job.Id.ToString(), job.Last.Record.Parameters.Bucket);
        }

        // Who cancels a job waits for its end; only one that fails again and again waits all the same.
        if (!_queue.Rest(job, unlessCancelled: attempts < _options.MaxAttempts))
        {
            return false;
        }

        _ = WakeAsync(job, WaitAfter(attempts - 1));
        return true;
    }

    private async Task WakeAsync(ActiveJob job, TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, _clock, _stopping);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        _queue.Wake(job);
        _changed.Release();
    }

    /// <summary>Removes old jobs, now and every day.</summary>
    private async Task TrimAsync(Action<Exception> failed, CancellationToken stopping)
    {
        using var tick = new PeriodicTimer(TrimEvery, _clock);
        do
        {
            try
            {
                await _jobs.TrimAllAsync(failed, stopping);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }
        }
        while (await tick.WaitForNextTickAsync(stopping));
    }

    private void Report(Job job)
    {
        (string id, JobRecord record) = (job.Id.ToString(), job.Record);
        Tally.Ended(record.State);
        LogEnded(_logger, record.Parameters.Kind, id, record.Parameters.Bucket, record.State, record.Counts.Done, record.Counts.Failed, record.Reason ?? "-");
        if (_audit.IsOn)
        {
            _audit.Add(JobAudit.Ended(id, record));
        }
    }

    private void LogKeyFailed(Job job, ObjectKey key, Exception failure) => LogKey(_logger, failure, job.Id.ToString(), job.Record.Parameters.Bucket, key.ToString());

    [LoggerMessage(EventIds.JobResumed, LogLevel.Information, "Job {Id} ({Kind} in {Bucket}) is taken up again after {Done} keys")]
    private static partial void LogResumed(ILogger logger, string id, JobKind kind, string bucket, long done);

    [LoggerMessage(EventIds.JobEnded, LogLevel.Information, "{Kind} job {Id} in {Bucket} ended, {State}: {Done} keys done, {Failed} failed, reason {Reason}")]
    private static partial void LogEnded(ILogger logger, JobKind kind, string id, string bucket, JobState state, long done, long failed, string reason);

    [LoggerMessage(EventIds.JobInterrupted, LogLevel.Error, "Job {Id} in {Bucket} was interrupted by a failure; it is tried again, or goes on after the next start")]
    private static partial void LogInterrupted(ILogger logger, Exception exception, string id, string bucket);

    [LoggerMessage(EventIds.JobKeyFailed, LogLevel.Error, "Job {Id} met a failure in {Bucket} at key {Key}")]
    private static partial void LogKey(ILogger logger, Exception exception, string id, string bucket, string key);
}
