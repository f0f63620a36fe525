using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Backups;

/// <summary>
/// Ends the jobs over many keys in the middle of which a backup was made: going on with them would repeat what the store was restored to undo, with rights that may have been taken away since.
/// </summary>
public static class RestoredJobs
{
    /// <summary>Why they ended, for people.</summary>
    public const string Reason = "it was restored from a backup: start it again";

    /// <summary>Ends them. Of a rename each key whose copy was made and whose source stays is told among its errors.</summary>
    /// <param name="store">The restored metadata, which nobody else uses.</param>
    /// <param name="clock">The time of their ends.</param>
    /// <param name="random">The randomness of waits.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A problem for each job whose row is damaged, which does not go on either.</returns>
    /// <exception cref="IOException">The rows cannot be read or written.</exception>
    public static async Task<IReadOnlyList<BackupProblem>> EndAsync(IKeyValueStore store, TimeProvider clock, IRandomSource random, CancellationToken cancellationToken)
    {
        var jobs = new JobStore(store, clock, random);
        var problems = new List<BackupProblem>();
        foreach (Job job in await jobs.UnfinishedAsync(Damaged, cancellationToken))
        {
            IReadOnlyList<PassedMark> marks;
            try
            {
                marks = (await jobs.MarksAsync(job.Id, cancellationToken)).Take(page: null);
            }
            catch (RecordFormatException e)
            {
                Damaged(e);
                marks = [];
            }

            var left = new List<(JobOutcome Outcome, JobError? Error)>();
            foreach (PassedMark mark in marks)
            {
                left.Add(await jobs.LeftAsync(job, mark, cancellationToken));
            }

            long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            await jobs.AdvanceAsync(
                job.Id,
                record => record with
                {
                    Counts = left.Aggregate(record.Counts, static (counts, key) => counts.With(key.Outcome)), State = JobState.Failed, Reason = Reason, Finished = now,
                },
                page: null,
                marks,
                [.. left.Select(static key => key.Error).OfType<JobError>()],
                cancellationToken);
        }

        return problems;

        void Damaged(Exception e) => problems.Add(BackupProblem.Of(Consistency.FindingKind.Unreadable, e.Message));
    }
}
