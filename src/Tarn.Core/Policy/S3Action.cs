namespace Tarn.Core.Policy;

/// <summary>
/// What a request needs permission for. The names are those of policies without their <c>s3:</c>; <see cref="S3Actions"/> has the rest.
/// Sources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"; CoreWeave AI Object Storage S3 compatibility.
/// </summary>
public enum S3Action : byte
{
    ListAllMyBuckets,

    CreateBucket,
    DeleteBucket,
    ListBucket,
    ListBucketVersions,
    ListBucketMultipartUploads,
    GetBucketLocation,
    GetBucketVersioning,
    PutBucketVersioning,
    GetBucketTagging,
    PutBucketTagging,
    DeleteBucketTagging,
    GetLifecycleConfiguration,
    PutLifecycleConfiguration,
    DeleteLifecycleConfiguration,
    GetBucketPolicy,
    PutBucketPolicy,
    DeleteBucketPolicy,
    GetBucketPolicyStatus,
    GetBucketAcl,
    PutBucketAcl,
    GetBucketPublicAccessBlock,
    PutBucketPublicAccessBlock,
    GetBucketOwnershipControls,
    PutBucketOwnershipControls,
    GetBucketCORS,
    PutBucketCORS,

    // Settings that are never set here, and that may yet be read and turned off.
    GetAccelerateConfiguration,
    PutAccelerateConfiguration,
    GetAnalyticsConfiguration,
    PutAnalyticsConfiguration,
    GetBucketAbac,
    PutBucketAbac,
    GetBucketLogging,
    PutBucketLogging,
    GetBucketMetadataTableConfiguration,
    CreateBucketMetadataTableConfiguration,
    DeleteBucketMetadataTableConfiguration,
    GetBucketNotification,
    PutBucketNotification,
    GetBucketObjectLockConfiguration,
    PutBucketObjectLockConfiguration,
    GetBucketRequestPayment,
    PutBucketRequestPayment,
    GetBucketWebsite,
    PutBucketWebsite,
    DeleteBucketWebsite,
    GetEncryptionConfiguration,
    PutEncryptionConfiguration,
    GetIntelligentTieringConfiguration,
    PutIntelligentTieringConfiguration,
    GetInventoryConfiguration,
    PutInventoryConfiguration,
    GetMetricsConfiguration,
    PutMetricsConfiguration,
    GetReplicationConfiguration,
    PutReplicationConfiguration,

    GetObject,
    GetObjectVersion,
    GetObjectAttributes,
    GetObjectVersionAttributes,
    GetObjectAcl,
    GetObjectVersionAcl,
    GetObjectTagging,
    GetObjectVersionTagging,
    PutObject,
    PutObjectAcl,
    PutObjectVersionAcl,
    PutObjectTagging,
    PutObjectVersionTagging,
    DeleteObject,
    DeleteObjectVersion,
    DeleteObjectTagging,
    DeleteObjectVersionTagging,
    AbortMultipartUpload,
    ListMultipartUploadParts,
    GetObjectLegalHold,
    PutObjectLegalHold,
    GetObjectRetention,
    PutObjectRetention,
}

/// <summary>The kinds of resource that an action can be about.</summary>
[Flags]
public enum S3ResourceKinds : byte
{
    None = 0,

    /// <summary>No bucket at all: a listing of buckets.</summary>
    Service = 1,
    Bucket = 2,
    Object = 4,
}
