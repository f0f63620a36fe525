using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Logging;

/// <summary>
/// Finds the bucket that gets a log object, and decides whether it takes it: it must have the owner of the bucket that the log is about, and no policy may
/// deny the object to the service that delivers logs. docs/design/access-logs.md
/// </summary>
internal sealed class LogTarget(BucketCatalog buckets, IOrganizationPolicySource organizations, TimeProvider clock)
{
    /// <summary>The bucket, and the access control list of the object; or why it does not take it.</summary>
    /// <exception cref="S3Exception">NoSuchBucket; OperationAborted while the bucket is being deleted.</exception>
    public async ValueTask<(Bucket? Bucket, AccessControlList? Acl, string? Refusal)> FindAsync(LogDestination destination, ObjectKey key, CancellationToken cancellationToken)
    {
        if (!BucketName.TryParse(destination.Logging.TargetBucket, out BucketName name))
        {
            return (null, null, "the target bucket does not exist");
        }

        Bucket bucket = await buckets.GetForWriteAsync(name, cancellationToken);
        if (bucket.OwnerId != destination.OwnerId)
        {
            return (null, null, "the target bucket has another owner");
        }

        BucketAccess access = await BucketAccess.LoadAsync(buckets, bucket, cancellationToken);
        OrganizationPolicies policies = await organizations.FindAsync(bucket.OwnerId, cancellationToken);
        if (IsDenied(S3Action.PutObject, destination, bucket, access, policies, key))
        {
            return (null, null, "a policy denies s3:PutObject to logging.s3.amazonaws.com");
        }

        if (!access.TakesAcls || await FindGrantsAsync(destination, cancellationToken) is not { Grants.Count: > 0 } grants)
        {
            return (bucket, null, null);
        }

        return IsDenied(S3Action.PutObjectAcl, destination, bucket, access, policies, key) ? (null, null, "it has target grants, and a policy denies s3:PutObjectAcl to logging.s3.amazonaws.com")
            : grants.IsPublic && access.Block.BlockPublicAcls ? (null, null, "a target grant is public, and the target bucket has BlockPublicAcls")
            : (bucket, WithOwner(grants, bucket.OwnerId), null);
    }

    /// <summary>The grants that the source has now for this target: nobody gets access by those of a setting that was replaced, or whose bucket is gone.</summary>
    private async ValueTask<AccessControlList?> FindGrantsAsync(LogDestination destination, CancellationToken cancellationToken)
    {
        Bucket? source = await buckets.FindAsync(BucketName.FromStorage(destination.Source), cancellationToken);
        return source?.Id == destination.SourceId && await buckets.GetSettingAsync(source, BucketLogging.Stored, cancellationToken) is { } logging
            && logging.TargetBucket == destination.Logging.TargetBucket ? logging.Grants : null;
    }

    /// <summary>The list with the owner's grant, without which the owner's users could not read what the owner pays for.</summary>
    private static AccessControlList WithOwner(AccessControlList grants, string ownerId) =>
        AccessControlList.FromStorage([.. AccessControlList.Private(ownerId).Grants, .. grants.Grants]);

    /// <summary>The owner of both buckets is the same, so nothing has to allow it: only a Deny counts.</summary>
    private bool IsDenied(S3Action action, LogDestination destination, Bucket bucket, BucketAccess access, OrganizationPolicies policies, ObjectKey key) =>
        AccessEvaluator.Decide(new AccessQuestion
        {
            Request = new PolicyRequest(action, bucket.Name.Value, key.Utf8, Principal.LogDelivery, new Conditions(destination, clock)),
            BucketOwnerId = bucket.OwnerId,
            Bucket = access,
            OwnerPolicies = policies,
        }).IsExplicitDeny;

    /// <summary>What a delivery has of a request. It does not leave the server, so it is as safe as TLS.</summary>
    private sealed class Conditions(LogDestination destination, TimeProvider clock) : IConditionSource
    {
        public ConditionValue Get(ConditionKey key, string? tagKey) => key switch
        {
            ConditionKey.SourceArn => ConditionValue.Of("arn:aws:s3:::" + destination.Source),
            ConditionKey.SourceAccount => ConditionValue.Of(destination.Account),
            ConditionKey.SecureTransport => ConditionValue.Of(true),
            ConditionKey.CurrentTime => ConditionValue.Of(clock.GetUtcNow()),
            _ => default,
        };
    }
}
