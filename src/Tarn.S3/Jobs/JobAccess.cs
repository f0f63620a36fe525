using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Policy;
using Tarn.S3.Access;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Jobs;

/// <summary>A job cannot go on. The message says why.</summary>
internal sealed class JobStoppedException(string message) : Exception(message);

/// <summary>A key is left out: what is there now is not what the job was asked for.</summary>
internal sealed class JobSkippedException() : Exception("What is there was put after the job was asked for.");

/// <summary>
/// What a job may do: decided for each key, as the requester is then, by the code that decides S3 requests. Nothing is kept from one key to the next, so a
/// right that is taken away counts from the next key on. What takes long to decide is paced.
/// </summary>
internal sealed class JobAccess(AccessDecider decider, BucketCatalog buckets, JobRequesters requesters, JobPace pace, TimeProvider clock)
{
    /// <summary>The time that policies are decided by.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>The requester as it is now.</summary>
    /// <exception cref="JobStoppedException">The credentials that asked for the job no longer authenticate the requester.</exception>
    public async ValueTask<Principal> RequesterAsync(JobRecord job, CancellationToken cancellationToken) =>
        await requesters.FindAsync(job.Requester, cancellationToken)
            ?? throw new JobStoppedException("the credentials that asked for the job have expired, or were revoked, or their user is gone");

    /// <summary>The bucket whose keys the job walks, as it is now.</summary>
    /// <exception cref="JobStoppedException">It is gone.</exception>
    public ValueTask<AccessTarget> SourceAsync(JobRecord job, CancellationToken cancellationToken) =>
        FindAsync(job.Parameters.Bucket, job.BucketId, cancellationToken);

    /// <summary>The bucket that gets copies, as it is now.</summary>
    /// <exception cref="JobStoppedException">It is gone.</exception>
    public ValueTask<AccessTarget> DestinationAsync(JobRecord job, CancellationToken cancellationToken) =>
        FindAsync(job.Parameters.Destination, job.DestinationId, cancellationToken);

    /// <summary>Throws unless the requester has a permission.</summary>
    /// <param name="job">The job.</param>
    /// <param name="principal">The requester.</param>
    /// <param name="target">The bucket or the object.</param>
    /// <param name="permission">The permission.</param>
    /// <param name="facts">What policies may have conditions on.</param>
    /// <param name="stored">The object as it was just read; null to have it read where it matters.</param>
    /// <param name="creates">Whether the object is created: the owner of the one that it replaces does not matter.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <returns>The only owner whose objects may be replaced or deleted; null for any.</returns>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask<string?> ThrowIfDeniedAsync(
        JobRecord job, Principal principal, AccessTarget target, Permission permission, JobFacts facts, StoredObject? stored, bool creates, CancellationToken cancellationToken)
    {
        var scope = new DecisionScope();
        Decided decided = await decider.DecideAsync(
            principal, target, permission, new JobConditions(job.Origin, facts with { Version = target.Version }, clock, scope), stored, creates, cancellationToken);
        await pace.DecidedAsync(scope.Spent, cancellationToken);
        return decided.Decision.Allowed
            ? AccessDecider.OnlyOver(decided.Decision, permission.Action, principal, target.Bucket)
            : throw new S3Exception(S3Error.AccessDenied, $"{permission.Action.Name()} on {target.Arn} is not allowed");
    }

    /// <summary>Throws unless the requester may list what the job walks: it learns the names of keys by the job's errors and counts.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask ThrowIfMayNotListAsync(JobRecord job, Principal principal, AccessTarget source, CancellationToken cancellationToken)
    {
        bool versions = job.Parameters.WalksVersions || job.Parameters.Kind == JobKind.Restore;
        Permission permission = versions ? new Permission(S3Action.ListBucket, S3Action.ListBucketVersions) : new Permission(S3Action.ListBucket);
        await ThrowIfDeniedAsync(
            job, principal, source, permission, new JobFacts { Prefix = job.Parameters.Prefix }, stored: null, creates: false, cancellationToken);
    }

    /// <summary>Throws if nothing could allow the requester any of the permissions anywhere in the bucket.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask ThrowIfHopelessAsync(Principal principal, AccessTarget target, Permission permission, CancellationToken cancellationToken)
    {
        if (await decider.DenyHopelessAsync(principal, target, [permission], cancellationToken) is not null)
        {
            throw new S3Exception(S3Error.AccessDenied, $"{permission.Action.Name()} in {target.Arn} is not allowed");
        }
    }

    /// <summary>Finds a bucket with its access settings.</summary>
    /// <exception cref="S3Exception">NoSuchBucket, InvalidBucketName; AccessDenied for a disk, which cannot be written.</exception>
    public async ValueTask<AccessTarget> FindAsync(string name, CancellationToken cancellationToken)
    {
        Bucket bucket = BucketName.TryParse(name, out BucketName parsed)
            ? await buckets.GetForWriteAsync(parsed, cancellationToken)
            : throw new S3Exception(S3Error.InvalidBucketName, $"'{name}' is not the name of a bucket");
        return new AccessTarget(bucket, await BucketAccess.LoadAsync(buckets, bucket, cancellationToken));
    }

    private async ValueTask<AccessTarget> FindAsync(string name, ulong id, CancellationToken cancellationToken)
    {
        try
        {
            AccessTarget found = await FindAsync(name, cancellationToken);
            return found.Bucket.Id == id ? found : throw Gone(name);
        }
        catch (S3Exception e) when (e.Error == S3Error.NoSuchBucket)
        {
            throw Gone(name);
        }
    }

    private static JobStoppedException Gone(string name) => new($"the bucket {name} is gone");
}
