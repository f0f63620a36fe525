using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.S3.Jobs;

namespace Tarn.Server.Jobs;

/// <summary>A job that waits or is under way in this process.</summary>
internal sealed class ActiveJob(Job job, JobTally tally, Action<Job, ObjectKey, Exception> failed, Func<ActiveJob, int, bool> isTurnOver) : IJobWatcher
{
    private volatile TaskCompletionSource _rest = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Job _last = job;
    private volatile bool _isCancelled = job.Record.IsCancelRequested;

    public Id128 Id => _last.Id;

    /// <summary>As it was last stored by its run.</summary>
    public Job Last => _last;

    public JobOwner Owner => _last.Record.Requester.Owner;

    public bool IsRunning { get; set; }

    /// <summary>Whether it waits for a while after a failure.</summary>
    public bool IsResting { get; set; }

    /// <summary>How often its run failed since it last came forward, whether or not that could be stored.</summary>
    public int Attempts { get; set; } = job.Record.Attempts;

    /// <summary>Its place among those that wait: that of its last turn.</summary>
    public long Turn { get; set; }

    public bool IsCancelled => _isCancelled;

    /// <summary>Completes when this process works on the job no more, for good or for a while.</summary>
    public Task Rests => _rest.Task;

    /// <summary>Has the job end once the keys that it works on are done.</summary>
    public void Cancel() => _isCancelled = true;

    /// <summary>Tells those who wait for it that it is not worked on.</summary>
    public void Rest()
    {
        TaskCompletionSource waited = _rest;
        _rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waited.TrySetResult();
    }

    public bool IsTurnOver(int pages) => !_isCancelled && isTurnOver(this, pages);

    public void Advanced(Job job)
    {
        tally.Advanced(_last.Record.Counts, job.Record.Counts);
        _last = job;
        Attempts = 0;
    }

    public void Failed(Job job, ObjectKey key, Exception failure) => failed(job, key, failure);
}
