using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Records;

namespace Tarn.Core.Jobs;

/// <summary>A job as it was read: identified to the store by the exact bytes it was read from.</summary>
public sealed class Job
{
    internal Job(Id128 id, JobRecord record, byte[] bytes) => (Id, Record, Bytes) = (id, record, bytes);

    /// <summary>The id: 32 hexadecimal digits, in the order of creation.</summary>
    public Id128 Id { get; }

    /// <summary>What is stored of it.</summary>
    public JobRecord Record { get; }

    internal byte[] Bytes { get; }

    /// <summary>Adds the mark of a key to the batch that changes the key.</summary>
    public void Mark(KeyValueBatch batch, JobItem item, JobMark mark)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(mark);
        batch.Put(item.MarkKey(Id), mark.Encode());
    }
}

/// <summary>There are too many jobs that have not ended.</summary>
public sealed class TooManyJobsException(string message) : Exception(message);

/// <summary>The requester has called another job so already.</summary>
public sealed class JobTokenException(string message) : Exception(message);

/// <summary>The rows of jobs. docs/design/jobs.md.</summary>
/// <param name="store">Where the rows are.</param>
/// <param name="clock">The time of creations.</param>
/// <param name="random">Generates ids.</param>
public sealed class JobStore(IKeyValueStore store, TimeProvider clock, IRandomSource random)
{
    /// <summary>So many ended jobs of an organization are kept.</summary>
    public const int MaxKept = 1000;

    /// <summary>For so long an ended job is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private const int Page = 500;

    private readonly OptimisticTransaction _transactions = new(store, clock, random);

    /// <summary>Stores a new job, unless too many have not ended: counted and stored in one commit, so that no two requests pass the limits together.</summary>
    /// <returns>The job, or the one that was stored when the same was asked for with the same <see cref="JobRecord.Token"/>.</returns>
    /// <exception cref="TooManyJobsException">The organization, or the server, has too many that have not ended.</exception>
    /// <exception cref="JobTokenException">The requester has used the token for something else.</exception>
    public ValueTask<Job> CreateAsync(JobRecord record, JobOptions limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(limits);
        byte[] owner = record.Requester.Owner.ToArray();
        byte[]? token = record.Token is null ? null : record.Requester.TokenKey(record.Token);
        return _transactions.RunAsync(
            Tables.JobCreationKey,
            async _ =>
            {
                byte[]? last = await store.GetAsync(Tables.JobCreationKey, cancellationToken);
                if (token is not null && await store.GetAsync(token, cancellationToken) is { } known && await FindAsync(Id128.Read(known), cancellationToken) is { } made)
                {
                    return JobParameters.AreSame(made.Record.Parameters, record.Parameters) ? Decision.Done(made) : throw new JobTokenException("the token was used for another job");
                }

                IReadOnlyList<KeyValueEntry> unfinished = await store.ScanAsync([Tables.JobUnfinished, 0], [Tables.JobUnfinished + 1], limits.Unfinished, reverse: false, cancellationToken);
                int own = unfinished.Count(row => row.Value.AsSpan().SequenceEqual(owner));
                if (own >= limits.UnfinishedOfOrganization || unfinished.Count >= limits.Unfinished)
                {
                    throw new TooManyJobsException(own >= limits.UnfinishedOfOrganization
                        ? $"{own} jobs of the organization have not ended: wait for the end of one, or cancel one"
                        : "the server has too many jobs that have not ended: try again later");
                }

                Id128 id = Id128.Create(random) with { High = Timestamps.Microseconds(clock) };
                byte[] bytes = record.Encode();
                var batch = new KeyValueBatch();
                if (record.Parameters is { Deletes: true, DryRun: false, Versions: not JobVersions.Markers })
                {
                    // It may be the one that makes room on a full disk.
                    batch.AsRemoval();
                }

                batch.Check(Tables.JobCreationKey, last).Put(Tables.JobCreationKey, Bytes(id))
                    .Check(Tables.JobIdKey(id), null).Put(Tables.JobIdKey(id), bytes)
                    .Put(Tables.JobByOrganizationKey(owner, id), [])
                    .Put(Tables.JobUnfinishedKey(id), owner);
                if (token is not null)
                {
                    batch.Put(token, Bytes(id));
                }

                return Decision.Commit(batch, new Job(id, record, bytes));
            },
            cancellationToken);
    }

    /// <summary>Finds a job; null when there is none.</summary>
    public async ValueTask<Job?> FindAsync(Id128 id, CancellationToken cancellationToken)
    {
        byte[] row = Tables.JobIdKey(id);
        return await store.GetAsync(row, cancellationToken) is { } bytes ? Read(row, bytes) : null;
    }

    /// <summary>An organization's jobs, the newest first.</summary>
    /// <param name="owner">The organization.</param>
    /// <param name="before">Only jobs older than this one; null for all.</param>
    /// <param name="limit">How many jobs to look at.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <returns>The jobs, without those whose rows do not decode, and where the next page continues; null after the last page.</returns>
    public ValueTask<(IReadOnlyList<Job> Jobs, Id128? Next)> ListAsync(JobOwner owner, Id128? before, int limit, CancellationToken cancellationToken) =>
        ListAsync(owner.ToArray(), before, limit, damaged: null, cancellationToken);

    private async ValueTask<(IReadOnlyList<Job> Jobs, Id128? Next)> ListAsync(byte[] owner, Id128? before, int limit, Action<Exception>? damaged, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.JobsOf(owner);
        byte[] to = before is { } id ? Tables.JobByOrganizationKey(owner, id) : KeyCodec.PrefixEnd(prefix);
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(prefix, to, limit + 1, reverse: true, cancellationToken);
        byte[][] keys = [.. rows.Take(limit).Select(static row => Tables.JobIdKey(Tables.JobOf(row.Key)))];
        byte[]?[] values = await store.GetAsync(keys, cancellationToken);
        Job[] jobs = [.. keys.Zip(values).Select(row => row.Second is null ? null : TryRead(row.First, row.Second, damaged)).OfType<Job>()];
        return (jobs, rows.Count > limit ? Tables.JobOf(rows[limit - 1].Key) : null);
    }

    /// <summary>All jobs that have not ended, the oldest first.</summary>
    /// <param name="damaged">Is told of each whose row does not decode, which is left out.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public async ValueTask<IReadOnlyList<Job>> UnfinishedAsync(Action<Exception> damaged, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(damaged);
        var jobs = new List<Job>();
        await foreach (KeyValueEntry row in store.AllAsync([Tables.JobUnfinished, 0], [Tables.JobUnfinished + 1], Page, cancellationToken))
        {
            try
            {
                if (await FindAsync(Id128.Read(row.Key.AsSpan(1)), cancellationToken) is { Record.IsOver: false } job)
                {
                    jobs.Add(job);
                }
            }
            catch (RecordFormatException e)
            {
                damaged(e);
            }
        }

        return jobs;
    }

    /// <summary>The mark of an item that a run has committed since the marks were read; null for none.</summary>
    public ValueTask<JobMark?> MarkAsync(Job job, JobItem item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(item);
        return Rows.FindAsync(store, item.MarkKey(job.Id), JobMark.Decode, cancellationToken);
    }

    /// <summary>Changes a job that has not ended.</summary>
    /// <returns>The job as it is then; null when there is none. One that has ended is returned unchanged.</returns>
    public ValueTask<Job?> ChangeAsync(Id128 id, Func<JobRecord, JobRecord> change, CancellationToken cancellationToken)
    {
        byte[] row = Tables.JobIdKey(id);
        return _transactions.RunAsync(
            row,
            async _ =>
            {
                if (await FindAsync(id, cancellationToken) is not { } job)
                {
                    return Decision.Done<Job?>(null);
                }

                if (job.Record.IsOver)
                {
                    return Decision.Done<Job?>(job);
                }

                JobRecord changed = change(job.Record);
                byte[] bytes = changed.Encode();
                KeyValueBatch batch = new KeyValueBatch().AsRemoval().Check(row, job.Bytes).Put(row, bytes);
                return Decision.Commit<Job?>(changed.IsOver ? batch.Delete(Tables.JobUnfinishedKey(id)) : batch, new Job(id, changed, bytes));
            },
            cancellationToken);
    }

    /// <summary>Moves a job's cursor behind a page, or ends the job: in one commit with the errors of the page, and with the removal of its marks.</summary>
    /// <param name="id">The job.</param>
    /// <param name="change">Returns the job with what was added.</param>
    /// <param name="page">The page that is done; null for none.</param>
    /// <param name="passed">The marks that the page leaves behind, besides those that its items have got.</param>
    /// <param name="errors">The keys that failed.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <returns>The job; null when it is gone, or has ended otherwise.</returns>
    public async ValueTask<Job?> AdvanceAsync(
        Id128 id, Func<JobRecord, JobRecord> change, JobPage? page, IReadOnlyList<PassedMark> passed, IReadOnlyList<JobError> errors,
        CancellationToken cancellationToken)
    {
        try
        {
            return await AdvanceAsync(errors);
        }
        catch (StorageFullException) when (errors.Count > 0)
        {
            // What failed is counted still; the room that is left is for what makes room.
            return await AdvanceAsync([]);
        }

        ValueTask<Job?> AdvanceAsync(IReadOnlyList<JobError> told)
        {
            byte[] row = Tables.JobIdKey(id);
            return _transactions.RunAsync(
                row,
                async _ =>
                {
                    if (await FindAsync(id, cancellationToken) is not { Record.IsOver: false } job)
                    {
                        return Decision.Done<Job?>(null);
                    }

                    JobRecord changed = change(job.Record);
                    changed = page is null || (changed.IsOver && changed.State != JobState.Succeeded)
                        ? changed
                        : changed with { AfterKey = page.AfterKey, AfterVersion = page.AfterVersion, IsAfterHeld = changed.IsAfterHeld && page.AfterVersion is not null };
                    var batch = new KeyValueBatch();
                    if (told.Count == 0)
                    {
                        // Deletions go on on a nearly full disk, which accepts only removals.
                        batch.AsRemoval();
                    }

                    changed = Tell(batch, id, changed, told);
                    byte[] bytes = changed.Encode();
                    batch.Check(row, job.Bytes).Put(row, bytes);
                    foreach (JobItem item in page?.Items ?? [])
                    {
                        batch.Delete(item.MarkKey(id));
                    }

                    foreach (PassedMark mark in passed)
                    {
                        batch.Delete(mark.Row);
                    }

                    return Decision.Commit<Job?>(changed.IsOver ? batch.Delete(Tables.JobUnfinishedKey(id)) : batch, new Job(id, changed, bytes));
                },
                cancellationToken);
        }
    }

    /// <summary>Adds the failures to a batch, as many as are kept.</summary>
    private static JobRecord Tell(KeyValueBatch batch, Id128 id, JobRecord record, IReadOnlyList<JobError> errors)
    {
        (int number, int size) = (record.Errors, record.ErrorBytes);
        foreach (JobError error in errors)
        {
            byte[] bytes = error.Encode();
            if (number >= JobRecord.MaxErrors || size + bytes.Length > JobRecord.MaxErrorBytes)
            {
                break;
            }

            batch.Put(Tables.JobErrorKey(id, number++), bytes);
            size += bytes.Length;
        }

        return record with { Errors = number, ErrorBytes = size };
    }

    /// <summary>The marks that an interrupted job left.</summary>
    public ValueTask<JobMarks> MarksAsync(Id128 id, CancellationToken cancellationToken) => JobMarks.LoadAsync(store, id, cancellationToken);

    /// <summary>What became of a key whose mark is left when a job ends.</summary>
    public async ValueTask<(JobOutcome Outcome, JobError? Error)> LeftAsync(Job job, PassedMark left, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(left);
        byte[]? source = left.Mark.Copied is null ? null : await store.GetAsync(Tables.CurrentKey(job.Record.BucketId, left.Key.Utf8), cancellationToken);
        if (source is null)
        {
            // Done, or somebody else deleted the source: the copy is all that is left, as was asked for.
            return (JobOutcome.Done(left.Mark.Bytes), null);
        }

        bool isCopied = StoredObject.FingerprintOf(source).AsSpan().SequenceEqual(left.Mark.Copied);
        return (JobOutcome.Failed, new JobError(
            left.Key, null, S3Error.OperationAborted.Code,
            isCopied ? "The copy was made, and the source stays: the job ended before it was deleted" : "The copy was made, and the source was changed after it was copied"));
    }

    /// <summary>The keys that failed, in the order in which they did.</summary>
    public async ValueTask<IReadOnlyList<JobError>> ErrorsAsync(Id128 id, int limit, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.JobKeysOf(id, Tables.JobErrorKind);
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), limit, reverse: false, cancellationToken);
        return [.. rows.Select(static row => Rows.Decode(row.Key, row.Value, JobError.Decode))];
    }

    /// <summary>Removes the ended jobs of an organization of which there are too many, or that ended too long ago.</summary>
    public ValueTask TrimAsync(JobOwner owner, CancellationToken cancellationToken) => TrimAsync(owner.ToArray(), damaged: null, cancellationToken);

    private async ValueTask TrimAsync(byte[] owner, Action<Exception>? damaged, CancellationToken cancellationToken)
    {
        long since = (clock.GetUtcNow() - Kept).ToUnixTimeMilliseconds();
        Id128? before = null;
        int kept = 0;
        do
        {
            (IReadOnlyList<Job> jobs, before) = await ListAsync(owner, before, Page, damaged, cancellationToken);
            foreach (Job job in jobs.Where(static job => job.Record.IsOver))
            {
                if (++kept > MaxKept || job.Record.Finished < since)
                {
                    await RemoveAsync(job, cancellationToken);
                }
            }
        }
        while (before is not null);
    }

    /// <summary>Removes what is left of the jobs of all organizations that ended too long ago.</summary>
    /// <param name="damaged">Is told of each whose row does not decode, which stays.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask TrimAllAsync(Action<Exception> damaged, CancellationToken cancellationToken)
    {
        byte[] from = [Tables.JobByOrganization];
        byte[] end = [Tables.JobByOrganization + 1];
        while (await store.ScanAsync(from, end, 1, reverse: false, cancellationToken) is [var row])
        {
            byte[] prefix = row.Key[..^Id128.Size];
            await TrimAsync(Tables.JobOwnerOf(row.Key), damaged, cancellationToken);
            from = KeyCodec.PrefixEnd(prefix);
        }
    }

    private async ValueTask RemoveAsync(Job job, CancellationToken cancellationToken)
    {
        byte[] prefix = [Tables.JobKey, .. Tables.JobIdKey(job.Id).AsSpan(1)];
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), Page, reverse: false, cancellationToken);
            KeyValueBatch batch = new KeyValueBatch().AsRemoval();
            foreach (KeyValueEntry row in rows)
            {
                batch.Delete(row.Key);
            }

            bool isLast = rows.Count < Page;
            if (isLast)
            {
                batch.Delete(Tables.JobIdKey(job.Id)).Delete(Tables.JobByOrganizationKey(job.Record.Requester.Owner.ToArray(), job.Id));
                if (job.Record.Token is { } token)
                {
                    batch.Delete(job.Record.Requester.TokenKey(token));
                }
            }

            await store.CommitAsync(batch, cancellationToken);
            if (isLast)
            {
                return;
            }
        }
    }

    private static byte[] Bytes(Id128 id) => Tables.JobIdKey(id)[1..];

    private static Job? TryRead(byte[] row, byte[] bytes, Action<Exception>? damaged)
    {
        try
        {
            return Read(row, bytes);
        }
        catch (RecordFormatException e)
        {
            damaged?.Invoke(e);
            return null;
        }
    }

    private static Job Read(byte[] row, byte[] bytes) => new(Id128.Read(row.AsSpan(1)), Rows.Decode(row, bytes, JobRecord.Decode), bytes);
}
