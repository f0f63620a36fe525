using Tarn.Core.Policy;

namespace Tarn.Core.Access;

/// <summary>Who can be given an action by a bucket policy or an access control list.</summary>
public enum Reach : byte
{
    /// <summary>Everybody, anonymous callers included.</summary>
    Anyone,

    /// <summary>Any signed request, of any organization.</summary>
    Signed,

    /// <summary>Nobody outside the organization that owns the bucket.</summary>
    OwnersOrganization,
}

/// <summary>
/// Limits whom bucket policies and access control lists can give an action to. Sources: Amazon S3 API Reference, PutBucketPolicy, GetBucketPolicy and
/// DeleteBucketPolicy ("405 Method Not Allowed"); Amazon S3 User Guide, "Multipart upload API and permissions".
/// docs/reference/access-control.md has the table.
/// </summary>
public static class ActionReach
{
    /// <summary>
    /// Whether the action can give others than the organization's own users access to what is in the bucket: by lists, by making lists count, by
    /// removing the public access block, by allowing pages of other origins, or by having requests logged to where others read.
    /// </summary>
    public static bool Publishes(S3Action action) => action is S3Action.PutBucketAcl or S3Action.PutObjectAcl or S3Action.PutObjectVersionAcl
        or S3Action.PutBucketOwnershipControls or S3Action.PutBucketPublicAccessBlock or S3Action.PutBucketCORS
        or S3Action.PutBucketLogging;

    /// <summary>The widest group of requesters that can be given the action.</summary>
    public static Reach Of(S3Action action) => action switch
    {
        // Access settings stay with the owner: a requester who could change or read them could gain everything else.
        S3Action.GetBucketPolicy or S3Action.PutBucketPolicy or S3Action.DeleteBucketPolicy
            or S3Action.GetBucketPublicAccessBlock or S3Action.PutBucketPublicAccessBlock
            or S3Action.GetBucketOwnershipControls or S3Action.PutBucketOwnershipControls

            // "You must be the bucket owner", and its target is one of the owner's other buckets. Source: Amazon S3 API Reference, PutBucketLogging.
            or S3Action.PutBucketLogging => Reach.OwnersOrganization,

        // S3 gives these to the bucket's owner, who can grant them to identified requesters.
        S3Action.DeleteBucket or S3Action.PutBucketVersioning or S3Action.PutBucketTagging or S3Action.DeleteBucketTagging
            or S3Action.PutLifecycleConfiguration or S3Action.DeleteLifecycleConfiguration or S3Action.PutBucketCORS
            or S3Action.PutAccelerateConfiguration or S3Action.PutAnalyticsConfiguration or S3Action.PutBucketAbac
            or S3Action.CreateBucketMetadataTableConfiguration or S3Action.DeleteBucketMetadataTableConfiguration
            or S3Action.PutBucketNotification or S3Action.PutBucketObjectLockConfiguration or S3Action.PutBucketRequestPayment
            or S3Action.PutBucketWebsite or S3Action.DeleteBucketWebsite or S3Action.PutEncryptionConfiguration
            or S3Action.PutIntelligentTieringConfiguration or S3Action.PutInventoryConfiguration or S3Action.PutMetricsConfiguration
            or S3Action.PutReplicationConfiguration => Reach.Signed,

        // Anonymous callers cannot create uploads, so they own none.
        S3Action.AbortMultipartUpload or S3Action.ListMultipartUploadParts => Reach.Signed,
        _ => Reach.Anyone,
    };
}
