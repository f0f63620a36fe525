using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.S3.Access;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Jobs;

/// <summary>One key of a job, with the requester and the buckets as they are when its turn comes.</summary>
internal sealed class JobKey
{
    private readonly JobAccess _access;
    private readonly Job _job;

    private JobKey(JobAccess access, Job job, JobItem item, JobMark? mark, Principal principal, AccessTarget source, AccessTarget destination)
    {
        _access = access;
        _job = job;
        Item = item;
        Mark = mark;
        Principal = principal;
        Source = source with { Key = item.Key, Version = item.Version };
        Destination = destination;
    }

    public JobItem Item { get; }

    /// <summary>What is already done with it; null for nothing.</summary>
    public JobMark? Mark { get; }

    public JobParameters Parameters => _job.Record.Parameters;

    /// <summary>Until when an object must have been written to be one that the job was asked for, Unix microseconds.</summary>
    public long AskedBy => _job.Record.AskedBy;

    public Principal Principal { get; }

    /// <summary>The key, or the version of it.</summary>
    public AccessTarget Source { get; }

    /// <summary>The bucket that gets copies, without a key.</summary>
    public AccessTarget Destination { get; }

    /// <summary>The owner of what the requester writes in a bucket.</summary>
    public string OwnerIn(in AccessTarget target) => UploadAccess.OwnerOf(Principal, target.Bucket, target.Access);

    /// <exception cref="JobStoppedException">The requester or a bucket is gone.</exception>
    public static async ValueTask<JobKey> OpenAsync(JobAccess access, Job job, JobItem item, JobMark? mark, CancellationToken cancellationToken)
    {
        Principal principal = await access.RequesterAsync(job.Record, cancellationToken);
        AccessTarget source = await access.SourceAsync(job.Record, cancellationToken);
        AccessTarget destination = job.Record.DestinationId == 0 || job.Record.DestinationId == job.Record.BucketId ? source : await access.DestinationAsync(job.Record, cancellationToken);
        return new JobKey(access, job, item, mark, principal, source, destination);
    }

    /// <summary>The key with the requester and the buckets as they are now.</summary>
    /// <exception cref="JobStoppedException">The requester or a bucket is gone.</exception>
    public ValueTask<JobKey> AgainAsync(CancellationToken cancellationToken) => OpenAsync(_access, _job, Item, Mark, cancellationToken);

    /// <inheritdoc cref="JobAccess.ThrowIfDeniedAsync"/>
    public ValueTask<string?> ThrowIfDeniedAsync(
        AccessTarget target, Permission permission, CancellationToken cancellationToken, JobFacts facts = default, StoredObject? stored = null, bool creates = false) =>
        _access.ThrowIfDeniedAsync(_job.Record, Principal, target, permission, facts, stored, creates, cancellationToken);

    /// <summary>Throws if an object was put after the job was asked for.</summary>
    /// <exception cref="JobSkippedException">It was.</exception>
    /// <exception cref="S3Exception">InvalidRequest: that is not known.</exception>
    public void ThrowIfLater(StoredObject found)
    {
        if (!found.WrittenBy(AskedBy))
        {
            throw found.LastModified > _access.Now
                ? new S3Exception(S3Error.InvalidRequest, "The object's time is later than the server's clock, which may have been set back: it is not known whether the object is older than the job")
                : new JobSkippedException();
        }
    }

    /// <summary>Adds to the change of the key that it is done.</summary>
    public void Done(KeyValueBatch batch, long bytes) => _job.Mark(batch, Item, new JobMark { Bytes = bytes });

    /// <summary>Adds to the change of the key that the source was copied and is still to be deleted.</summary>
    public void Copied(KeyValueBatch batch, StoredObject source) => _job.Mark(batch, Item, new JobMark { Bytes = source.Size, Copied = source.Fingerprint() });

    /// <summary>The error for a key that has no object any more.</summary>
    public S3Exception Missing() => new(S3Error.NoSuchKey) { Details = [new("Key", Item.Key.ToString())] };
}

/// <summary>Does one kind of job with one key.</summary>
internal interface IJobWork
{
    /// <summary>Authorizes the requester, and then changes the key, unless the job is a dry run.</summary>
    /// <exception cref="S3Exception">The key failed, and was not changed; or, of a rename, it was copied and the source is as it was.</exception>
    /// <exception cref="JobStoppedException">The job cannot go on.</exception>
    /// <exception cref="JobSkippedException">The key is left out.</exception>
    ValueTask<JobOutcome> RunAsync(JobKey key, CancellationToken cancellationToken);
}
