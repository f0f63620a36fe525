using System.Diagnostics;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Jobs;

/// <summary>Whom a running job asks whether to go on, and tells what happens.</summary>
public interface IJobWatcher
{
    /// <summary>Whether somebody asked to end the job.</summary>
    bool IsCancelled { get; }

    /// <summary>Whether the job leaves its turn to another, after so many pages.</summary>
    bool IsTurnOver(int pages);

    /// <summary>Is told after each page.</summary>
    void Advanced(Job job);

    /// <summary>Is told of a defect or of damage that a key met.</summary>
    void Failed(Job job, ObjectKey key, Exception failure);
}

/// <summary>
/// Runs jobs page by page. The change of a key and the mark that it is done are one commit, and the cursor moves behind a page in one commit with the counts, the errors
/// and the removal of its marks: a job that is interrupted anywhere does nothing twice and leaves nothing out. docs/design/jobs.md.
/// </summary>
public sealed class JobRunner
{
    private readonly JobStore _jobs;
    private readonly JobWalk _walk;
    private readonly JobAccess _access;
    private readonly JobPace _pace;
    private readonly JobOptions _options;
    private readonly TimeProvider _clock;
    private readonly IReadOnlyDictionary<JobKind, IJobWork> _work;

    internal JobRunner(
        JobStore jobs, JobWalk walk, JobAccess access, JobPace pace, JobOptions options, TimeProvider clock, IReadOnlyDictionary<JobKind, IJobWork> work)
    {
        _jobs = jobs;
        _walk = walk;
        _access = access;
        _pace = pace;
        _options = options;
        _clock = clock;
        _work = work;
    }

    /// <summary>Runs a job from where it was interrupted, to its end or until it leaves its turn to another.</summary>
    /// <param name="id">The job.</param>
    /// <param name="watcher">Is asked and told.</param>
    /// <param name="stopping">Interrupts the job: it goes on with the next run.</param>
    /// <returns>The job then; null when it is gone or had ended.</returns>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    /// <exception cref="StoreFailedException">The store accepts no writes until a restart: it goes on then.</exception>
    /// <exception cref="Exception">The run failed: the job is as it was, and can be run again.</exception>
    public async Task<Job?> RunAsync(Id128 id, IJobWatcher watcher, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(watcher);
        long now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        Job? begun = await _jobs.ChangeAsync(
            id,
            record => record with { State = JobState.Running, Reason = null, Started = record.Started == 0 && !watcher.IsCancelled && !record.IsCancelRequested ? now : record.Started },
            stopping);
        if (begun is null || begun.Record.IsOver)
        {
            return null;
        }

        using Activity? span = S3Telemetry.Activities.StartActivity("Job");
        Job? ended = await RunAsync(begun, watcher, stopping);
        span?.SetTag("tarn.job.id", id.ToString())
            .SetTag("tarn.job.kind", begun.Record.Parameters.Kind.ToString().ToLowerInvariant())
            .SetTag("tarn.job.done", (ended?.Record.Counts.Done ?? 0) - begun.Record.Counts.Done)
            .SetTag("tarn.job.failed", (ended?.Record.Counts.Failed ?? 0) - begun.Record.Counts.Failed);
        if (ended?.Record.State == JobState.Failed)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }

        return ended;
    }

    /// <summary>Ends a job that cannot be run.</summary>
    /// <param name="job">The job as it was last read.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="cancellationToken">Cancels the operation until its commit is submitted.</param>
    /// <returns>The job at its end; null when it is gone or had ended.</returns>
    public async Task<Job?> FailAsync(Job job, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        return await AdvanceAsync(job, null, PageResult.None, await _jobs.MarksAsync(job.Id, cancellationToken), JobState.Failed, reason, cancellationToken);
    }

    private async Task<Job?> RunAsync(Job job, IJobWatcher watcher, CancellationToken stopping)
    {
        JobMarks marks = await _jobs.MarksAsync(job.Id, stopping);
        for (int pages = 1; ; pages++)
        {
            JobPage? page = null;
            string? reason = null;
            PageResult result = PageResult.None;
            if (!watcher.IsCancelled && !job.Record.IsCancelRequested)
            {
                try
                {
                    page = await ReadAsync(job.Record, stopping);
                    result = await new JobPageRun(_jobs, _access, _pace, _clock, _work[job.Record.Parameters.Kind], job, page, marks, watcher).RunAsync(_options.Concurrency, stopping);
                    reason = result.Reason;
                }
                catch (JobStoppedException e)
                {
                    reason = e.Message;
                }
                catch (S3Exception e) when (!JobPageRun.Passes(e))
                {
                    reason = e.Message;
                }
            }

            bool isCancelled = watcher.IsCancelled || job.Record.IsCancelRequested;
            JobState state = reason is not null ? JobState.Failed
                : result.IsWhole && page is { IsLast: true } ? JobState.Succeeded
                : isCancelled ? JobState.Cancelled
                : JobState.Running;
            Job? saved = await AdvanceAsync(job, page, result, marks, state, reason, stopping);
            if (saved is null || state != JobState.Running)
            {
                return saved;
            }

            job = saved;
            watcher.Advanced(job);
            if (watcher.IsTurnOver(pages))
            {
                return job;
            }
        }
    }

    /// <summary>Moves the cursor behind a page, or ends the job, and counts what was done, now and before an interruption.</summary>
    private async Task<Job?> AdvanceAsync(
        Job job, JobPage? page, PageResult result, JobMarks marks, JobState state, string? reason, CancellationToken cancellationToken)
    {
        var outcomes = new List<JobOutcome>(result.Outcomes);
        var errors = new List<JobError>(result.Errors);
        IReadOnlyList<PassedMark> passed = marks.Take(state == JobState.Running ? page : null);
        foreach (PassedMark mark in passed)
        {
            bool isListed = mark.Mark.Copied is not null && page is not null && mark.IsOfAny(job, page.Items);
            if (isListed && mark.IsOfAny(job, result.Worked))
            {
                // Counted by what became of it now.
                continue;
            }

            // A source that was copied and is not listed any more was deleted by somebody else.
            bool isGone = page is not null && !isListed && mark.IsWithin(page);
            (JobOutcome outcome, JobError? error) = isGone ? (JobOutcome.Done(mark.Mark.Bytes), null) : await _jobs.LeftAsync(job, mark, cancellationToken);
            outcomes.Add(outcome);
            if (error is not null)
            {
                errors.Add(error);
            }
        }

        long now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        return await _jobs.AdvanceAsync(
            job.Id,
            record => record with
            {
                Counts = outcomes.Aggregate(record.Counts, static (counts, outcome) => counts.With(outcome)),
                State = state,
                Reason = reason,
                Attempts = 0,
                IsAfterHeld = result.IsEndHeld,
                Finished = state == JobState.Running ? 0 : now,
            },
            page,
            passed,
            errors,
            cancellationToken);
    }

    /// <summary>Reads the next page if the requester may still list what is in it.</summary>
    private async ValueTask<JobPage> ReadAsync(JobRecord job, CancellationToken cancellationToken)
    {
        Principal principal = await _access.RequesterAsync(job, cancellationToken);
        AccessTarget source = await _access.SourceAsync(job, cancellationToken);
        await _access.ThrowIfMayNotListAsync(job, principal, source, cancellationToken);
        return await _walk.ReadAsync(job, source.Bucket, _options.PageSize, cancellationToken);
    }
}

/// <summary>What was done with a page.</summary>
/// <param name="Outcomes">Of each item.</param>
/// <param name="Errors">Why items failed.</param>
/// <param name="Worked">The items that were worked on.</param>
/// <param name="Reason">Why the job cannot go on; null when it can.</param>
/// <param name="IsWhole">Whether all items were worked on.</param>
/// <param name="IsEndHeld">Whether the page ends within the versions of a key of which one was not deleted.</param>
internal sealed record PageResult(
    IReadOnlyList<JobOutcome> Outcomes, IReadOnlyList<JobError> Errors, IReadOnlyList<JobItem> Worked, string? Reason, bool IsWhole, bool IsEndHeld)
{
    public static PageResult None { get; } = new([], [], [], null, IsWhole: false, IsEndHeld: false);
}
