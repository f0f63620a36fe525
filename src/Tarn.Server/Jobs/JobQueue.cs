using Tarn.Core.Jobs;
using Tarn.Core.Model;

namespace Tarn.Server.Jobs;

/// <summary>
/// The jobs of this process that have not ended, and whose turn it is: organizations take turns, and so do the jobs of each. Thread-safe.
/// </summary>
internal sealed class JobQueue(JobOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Id128, ActiveJob> _jobs = [];
    private readonly Dictionary<JobOwner, long> _turns = [];
    private long _turn;

    /// <summary>How many jobs are under way, and how many wait.</summary>
    public (int Running, int Queued) Counts
    {
        get
        {
            lock (_lock)
            {
                int running = _jobs.Values.Count(static job => job.IsRunning);
                return (running, _jobs.Count - running);
            }
        }
    }

    /// <summary>Adds a job that waits; false when it is there.</summary>
    public bool Add(ActiveJob job)
    {
        lock (_lock)
        {
            if (!_jobs.TryAdd(job.Id, job))
            {
                return false;
            }

            job.Turn = ++_turn;
            _turns.TryAdd(job.Owner, _turn);
            return true;
        }
    }

    /// <summary>Forgets a job.</summary>
    public void Remove(ActiveJob job)
    {
        lock (_lock)
        {
            _jobs.Remove(job.Id);
            job.Rest();
            if (!_jobs.Values.Any(other => other.Owner == job.Owner))
            {
                _turns.Remove(job.Owner);
            }
        }
    }

    /// <summary>The job whose turn it is; null when none may begin now.</summary>
    public ActiveJob? Next()
    {
        lock (_lock)
        {
            return _jobs.Values.Count(static job => job.IsRunning) < options.Running && First(except: null) is { } next ? Begin(next) : null;
        }
    }

    /// <summary>Marks a job as cancelled.</summary>
    /// <returns>
    /// What completes when it is worked on no more, and the job if it waited: the caller then runs it to its end, whosever turn it is. A completed task when it is not of this process.
    /// </returns>
    public (Task Rests, ActiveJob? Waited) Cancel(Id128 id)
    {
        lock (_lock)
        {
            if (!_jobs.TryGetValue(id, out ActiveJob? job))
            {
                return (Task.CompletedTask, null);
            }

            job.Cancel();
            return (job.Rests, job.IsRunning ? null : Begin(job));
        }
    }

    /// <summary>Puts a job behind those that wait; false when it was cancelled: the caller goes on with it to its end.</summary>
    public bool Yield(ActiveJob job)
    {
        lock (_lock)
        {
            if (job.IsCancelled)
            {
                return false;
            }

            job.IsRunning = false;
            job.Turn = _turns[job.Owner] = ++_turn;
            job.Rest();
            return true;
        }
    }

    /// <summary>Whether a job that has worked on so many pages keeps another from its turn.</summary>
    public bool IsTurnOver(ActiveJob job, int pages)
    {
        if (pages < options.PagesPerTurn)
        {
            return false;
        }

        lock (_lock)
        {
            return First(except: job) is not null;
        }
    }

    /// <summary>Has a job wait for a while; false when it was cancelled and must not wait: the caller goes on with it to its end.</summary>
    public bool Rest(ActiveJob job, bool unlessCancelled)
    {
        lock (_lock)
        {
            if (unlessCancelled && job.IsCancelled)
            {
                return false;
            }

            (job.IsRunning, job.IsResting) = (false, true);
            job.Rest();
            return true;
        }
    }

    /// <summary>Has a job wait for its turn again.</summary>
    public void Wake(ActiveJob job)
    {
        lock (_lock)
        {
            job.IsResting = false;
        }
    }

    private ActiveJob Begin(ActiveJob job)
    {
        job.IsRunning = true;
        job.IsResting = false;
        job.Turn = _turns[job.Owner] = ++_turn;
        return job;
    }

    /// <summary>Of the organization that waits for the longest, the job that does; as if one were not running.</summary>
    private ActiveJob? First(ActiveJob? except) => _jobs.Values
        .Where(job => job is { IsRunning: false, IsResting: false }
            && _jobs.Values.Count(other => other.IsRunning && other != except && other.Owner == job.Owner) < options.RunningOfOrganization)
        .MinBy(job => (_turns[job.Owner], job.Turn));
}
