using Tarn.Core.Jobs;

namespace Tarn.Server.Jobs;

/// <summary>What jobs did since the process started. Thread-safe.</summary>
internal sealed class JobTally
{
    private readonly long[] _ended = new long[Enum.GetValues<JobState>().Length];
    private long _done;
    private long _failed;

    /// <summary>Keys that are done.</summary>
    public long KeysDone => Interlocked.Read(ref _done);

    /// <summary>Keys that failed.</summary>
    public long KeysFailed => Interlocked.Read(ref _failed);

    /// <summary>Jobs that ended in a state.</summary>
    public long EndedIn(JobState state) => Interlocked.Read(ref _ended[(int)state]);

    /// <summary>Adds what a job has done since the last time.</summary>
    public void Advanced(JobCounts before, JobCounts after)
    {
        Interlocked.Add(ref _done, after.Done - before.Done);
        Interlocked.Add(ref _failed, after.Failed - before.Failed);
    }

    /// <summary>Adds a job that ended.</summary>
    public void Ended(JobState state) => Interlocked.Increment(ref _ended[(int)state]);
}
