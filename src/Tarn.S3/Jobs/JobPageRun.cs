using Tarn.Core.Errors;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.S3.Requests;

namespace Tarn.S3.Jobs;

/// <summary>
/// Works on the keys of a page, some at once; the versions of a key one after the other, until one of them fails: each that follows hides it, or is hidden by what follows.
/// </summary>
internal sealed class JobPageRun(
    JobStore jobs, JobAccess access, JobPace pace, TimeProvider clock, IJobWork work, Job job, JobPage page, JobMarks marks, IJobWatcher watcher)
{
    /// <summary>How often a key is tried again after a failure that passes.</summary>
    private const int Retries = 3;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);

    private readonly JobItem[][] _keys = [.. page.Items.GroupBy(static item => item.Key).Select(static group => group.ToArray())];
    private readonly List<JobOutcome> _outcomes = [];
    private readonly List<JobError> _errors = [];
    private readonly List<JobItem> _worked = [];
    private int _next = -1;
    private volatile string? _reason;
    private volatile bool _isCutShort;
    private volatile bool _isEndHeld;

    /// <summary>Whether a failure is one of the moment: the server is busy, or something else changes the same.</summary>
    public static bool Passes(S3Exception refusal) =>
        refusal.Error.Status == 503 || refusal.Error == S3Error.OperationAborted || refusal.Error == S3Error.ConditionalRequestConflict;

    public async Task<PageResult> RunAsync(int concurrency, CancellationToken stopping)
    {
        await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrency, _keys.Length)).Select(_ => RunKeysAsync(stopping)));
        return new PageResult(_outcomes, _errors, _worked, _reason, !_isCutShort, _isEndHeld);
    }

    private async Task RunKeysAsync(CancellationToken stopping)
    {
        while (Interlocked.Increment(ref _next) is var at && at < _keys.Length)
        {
            (bool isHeld, bool isLater) = (_keys[at][0].IsHeld, false);
            foreach (JobItem item in _keys[at])
            {
                // A key that was begun is finished: nobody is left with half of a rename.
                if (_reason is not null || watcher.IsCancelled)
                {
                    _isCutShort = true;
                    return;
                }

                if (isHeld)
                {
                    // Counted; the version that failed is the one that is told.
                    bool isSkipped = IsLater(item);
                    Add(item, isSkipped ? JobOutcome.Skipped : JobOutcome.Failed, isLater && !isSkipped ? HeldByLater(item) : null);
                    isLater &= isSkipped;
                }
                else if (item.IsVersion && IsLater(item) && item.Stored.LastModified <= clock.GetUtcNow())
                {
                    // An upload that was begun earlier may be older than versions that were there: without them it would come to light.
                    Add(item, JobOutcome.Skipped);
                    (isHeld, isLater) = (true, true);
                }
                else if (!await RunAsync(item, stopping))
                {
                    isHeld = item.IsVersion;
                }
            }

            _isEndHeld |= isHeld && page.EndsWithin(_keys[at][0].Key);
        }
    }

    /// <returns>False when the item failed.</returns>
    private async Task<bool> RunAsync(JobItem item, CancellationToken stopping)
    {
        JobMark? mark = marks.Find(job, item);
        if (mark is { Copied: null })
        {
            // Done before the interruption; it is counted with its mark.
            return true;
        }

        for (int tried = 0; ; tried++)
        {
            try
            {
                await pace.WaitAsync(stopping);
                JobKey key = await JobKey.OpenAsync(access, job, item, mark, stopping);
                Add(item, await work.RunAsync(key, stopping));
                return true;
            }
            catch (Exception e) when (e is not (OperationCanceledException or StoreFailedException))
            {
                // A commit may have been applied although it failed, and a rename may have made its copy.
                mark = await jobs.MarkAsync(job, item, stopping);
                if (mark is { Copied: null })
                {
                    Add(item, JobOutcome.Done(mark.Bytes));
                    return true;
                }

                if (e is JobSkippedException)
                {
                    Add(item, JobOutcome.Skipped);
                    return true;
                }

                S3Exception refusal = Refusal.Of(e);
                if (e is JobStoppedException stopped)
                {
                    Stop(item, stopped, isCopied: mark is not null);
                    return false;
                }

                if (!Passes(refusal) || tried >= Retries)
                {
                    Fail(item, e, refusal, isCopied: mark is not null);
                    return false;
                }
            }

            await Task.Delay(FirstWait * Math.Pow(4, tried), clock, stopping);
        }
    }

    private bool IsLater(JobItem item) => !item.Stored.WrittenBy(job.Record.AskedBy);

    private static JobError HeldByLater(JobItem item) =>
        new(item.Key, item.Version, S3Error.OperationAborted.Code, "The version stays, and so do newer ones: an older one that was put after the job was asked for would come to light");

    private void Add(JobItem item, JobOutcome outcome, JobError? error = null)
    {
        lock (_outcomes)
        {
            _worked.Add(item);
            _outcomes.Add(outcome);
            if (error is not null)
            {
                _errors.Add(error);
            }
        }
    }

    private void Stop(JobItem item, JobStoppedException stopped, bool isCopied)
    {
        _reason = stopped.Message;
        _isCutShort = true;
        if (isCopied)
        {
            Add(item, JobOutcome.Failed, ErrorOf(item, S3Error.OperationAborted, stopped.Message, isCopied));
        }
    }

    private void Fail(JobItem item, Exception failure, S3Exception refusal, bool isCopied)
    {
        if (refusal.Error == S3Error.InternalError)
        {
            watcher.Failed(job, item.Key, failure);
        }
        else if (refusal.Error == S3Error.StorageFull)
        {
            // Every other key would fail in the same way.
            _reason = "there is no room left on the server";
        }

        Add(item, JobOutcome.Failed, ErrorOf(item, refusal.Error, refusal.Message, isCopied));
    }

    private static JobError ErrorOf(JobItem item, S3Error error, string message, bool isCopied) =>
        new(item.Key, item.Version, error.Code, isCopied ? $"The copy was made, and the source stays: {message}" : message);
}
