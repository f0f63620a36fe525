namespace Tarn.Core.Policy;

/// <summary>
/// The permission that a request needs. The names are those in policies without <c>s3:</c>; see <see cref="S3Actions"/>.
/// Sources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"; CoreWeave AI Object Storage S3 compatibility.
/// </summary>
public enum S3Action : byte
{
    /// <summary><c>s3:ListAllMyBuckets</c>: ListBuckets.</summary>
    ListAllMyBuckets,

    /// <summary><c>s3:CreateBucket</c>.</summary>
    CreateBucket,
    /// <summary><c>s3:DeleteBucket</c>.</summary>
    DeleteBucket,
    /// <summary><c>s3:ListBucket</c>: ListObjects, ListObjectsV2 and HeadBucket.</summary>
    ListBucket,
    /// <summary><c>s3:ListBucketVersions</c>: ListObjectVersions.</summary>
    ListBucketVersions,
    /// <summary><c>s3:ListBucketMultipartUploads</c>: ListMultipartUploads.</summary>
    ListBucketMultipartUploads,
    /// <summary><c>s3:GetBucketLocation</c>.</summary>
    GetBucketLocation,
    /// <summary><c>s3:GetBucketVersioning</c>.</summary>
    GetBucketVersioning,
    /// <summary><c>s3:PutBucketVersioning</c>.</summary>
    PutBucketVersioning,
    /// <summary><c>s3:GetBucketTagging</c>.</summary>
    GetBucketTagging,
    /// <summary><c>s3:PutBucketTagging</c>.</summary>
    PutBucketTagging,
    /// <summary><c>s3:DeleteBucketTagging</c>.</summary>
    DeleteBucketTagging,
    /// <summary><c>s3:GetLifecycleConfiguration</c>: GetBucketLifecycleConfiguration.</summary>
    GetLifecycleConfiguration,
    /// <summary><c>s3:PutLifecycleConfiguration</c>: PutBucketLifecycleConfiguration.</summary>
    PutLifecycleConfiguration,
    /// <summary><c>s3:DeleteLifecycleConfiguration</c>: DeleteBucketLifecycle.</summary>
    DeleteLifecycleConfiguration,
    /// <summary><c>s3:GetBucketPolicy</c>.</summary>
    GetBucketPolicy,
    /// <summary><c>s3:PutBucketPolicy</c>.</summary>
    PutBucketPolicy,
    /// <summary><c>s3:DeleteBucketPolicy</c>.</summary>
    DeleteBucketPolicy,
    /// <summary><c>s3:GetBucketPolicyStatus</c>.</summary>
    GetBucketPolicyStatus,
    /// <summary><c>s3:GetBucketAcl</c>.</summary>
    GetBucketAcl,
    /// <summary><c>s3:PutBucketAcl</c>.</summary>
    PutBucketAcl,
    /// <summary><c>s3:GetBucketPublicAccessBlock</c>: GetPublicAccessBlock.</summary>
    GetBucketPublicAccessBlock,
    /// <summary><c>s3:PutBucketPublicAccessBlock</c>: PutPublicAccessBlock and DeletePublicAccessBlock.</summary>
    PutBucketPublicAccessBlock,
    /// <summary><c>s3:GetBucketOwnershipControls</c>.</summary>
    GetBucketOwnershipControls,
    /// <summary><c>s3:PutBucketOwnershipControls</c>: PutBucketOwnershipControls and DeleteBucketOwnershipControls.</summary>
    PutBucketOwnershipControls,
    /// <summary><c>s3:GetBucketCORS</c>: GetBucketCors.</summary>
    GetBucketCORS,
    /// <summary><c>s3:PutBucketCORS</c>: PutBucketCors and DeleteBucketCors.</summary>
    PutBucketCORS,

    // Settings that Tarn does not have: they can be read as unset and turned off.
    /// <summary><c>s3:GetAccelerateConfiguration</c>.</summary>
    GetAccelerateConfiguration,
    /// <summary><c>s3:PutAccelerateConfiguration</c>.</summary>
    PutAccelerateConfiguration,
    /// <summary><c>s3:GetAnalyticsConfiguration</c>.</summary>
    GetAnalyticsConfiguration,
    /// <summary><c>s3:PutAnalyticsConfiguration</c>.</summary>
    PutAnalyticsConfiguration,
    /// <summary><c>s3:GetBucketAbac</c>.</summary>
    GetBucketAbac,
    /// <summary><c>s3:PutBucketAbac</c>.</summary>
    PutBucketAbac,
    /// <summary><c>s3:GetBucketLogging</c>.</summary>
    GetBucketLogging,
    /// <summary><c>s3:PutBucketLogging</c>.</summary>
    PutBucketLogging,
    /// <summary><c>s3:GetBucketMetadataTableConfiguration</c>.</summary>
    GetBucketMetadataTableConfiguration,
    /// <summary><c>s3:CreateBucketMetadataTableConfiguration</c>.</summary>
    CreateBucketMetadataTableConfiguration,
    /// <summary><c>s3:DeleteBucketMetadataTableConfiguration</c>.</summary>
    DeleteBucketMetadataTableConfiguration,
    /// <summary><c>s3:GetBucketNotification</c>.</summary>
    GetBucketNotification,
    /// <summary><c>s3:PutBucketNotification</c>.</summary>
    PutBucketNotification,
    /// <summary><c>s3:GetBucketObjectLockConfiguration</c>.</summary>
    GetBucketObjectLockConfiguration,
    /// <summary><c>s3:PutBucketObjectLockConfiguration</c>.</summary>
    PutBucketObjectLockConfiguration,
    /// <summary><c>s3:GetBucketRequestPayment</c>.</summary>
    GetBucketRequestPayment,
    /// <summary><c>s3:PutBucketRequestPayment</c>.</summary>
    PutBucketRequestPayment,
    /// <summary><c>s3:GetBucketWebsite</c>.</summary>
    GetBucketWebsite,
    /// <summary><c>s3:PutBucketWebsite</c>.</summary>
    PutBucketWebsite,
    /// <summary><c>s3:DeleteBucketWebsite</c>.</summary>
    DeleteBucketWebsite,
    /// <summary><c>s3:GetEncryptionConfiguration</c>.</summary>
    GetEncryptionConfiguration,
    /// <summary><c>s3:PutEncryptionConfiguration</c>.</summary>
    PutEncryptionConfiguration,
    /// <summary><c>s3:GetIntelligentTieringConfiguration</c>.</summary>
    GetIntelligentTieringConfiguration,
    /// <summary><c>s3:PutIntelligentTieringConfiguration</c>.</summary>
    PutIntelligentTieringConfiguration,
    /// <summary><c>s3:GetInventoryConfiguration</c>.</summary>
    GetInventoryConfiguration,
    /// <summary><c>s3:PutInventoryConfiguration</c>.</summary>
    PutInventoryConfiguration,
    /// <summary><c>s3:GetMetricsConfiguration</c>.</summary>
    GetMetricsConfiguration,
    /// <summary><c>s3:PutMetricsConfiguration</c>.</summary>
    PutMetricsConfiguration,
    /// <summary><c>s3:GetReplicationConfiguration</c>.</summary>
    GetReplicationConfiguration,
    /// <summary><c>s3:PutReplicationConfiguration</c>.</summary>
    PutReplicationConfiguration,

    /// <summary><c>s3:GetObject</c>: GetObject and HeadObject, and the source of a copy.</summary>
    GetObject,
    /// <summary><c>s3:GetObjectVersion</c>: the same requests as <see cref="GetObject"/>, with a version id.</summary>
    GetObjectVersion,
    /// <summary><c>s3:GetObjectAttributes</c>.</summary>
    GetObjectAttributes,
    /// <summary><c>s3:GetObjectVersionAttributes</c>.</summary>
    GetObjectVersionAttributes,
    /// <summary><c>s3:GetObjectAcl</c>.</summary>
    GetObjectAcl,
    /// <summary><c>s3:GetObjectVersionAcl</c>.</summary>
    GetObjectVersionAcl,
    /// <summary><c>s3:GetObjectTagging</c>.</summary>
    GetObjectTagging,
    /// <summary><c>s3:GetObjectVersionTagging</c>.</summary>
    GetObjectVersionTagging,
    /// <summary><c>s3:PutObject</c>: PutObject, CopyObject and the creation, parts and completion of multipart uploads.</summary>
    PutObject,
    /// <summary><c>s3:PutObjectAcl</c>.</summary>
    PutObjectAcl,
    /// <summary><c>s3:PutObjectVersionAcl</c>.</summary>
    PutObjectVersionAcl,
    /// <summary><c>s3:PutObjectTagging</c>.</summary>
    PutObjectTagging,
    /// <summary><c>s3:PutObjectVersionTagging</c>.</summary>
    PutObjectVersionTagging,
    /// <summary><c>s3:DeleteObject</c>: DeleteObject and DeleteObjects.</summary>
    DeleteObject,
    /// <summary><c>s3:DeleteObjectVersion</c>: DeleteObject and DeleteObjects with a version id.</summary>
    DeleteObjectVersion,
    /// <summary><c>s3:DeleteObjectTagging</c>.</summary>
    DeleteObjectTagging,
    /// <summary><c>s3:DeleteObjectVersionTagging</c>.</summary>
    DeleteObjectVersionTagging,
    /// <summary><c>s3:AbortMultipartUpload</c>.</summary>
    AbortMultipartUpload,
    /// <summary><c>s3:ListMultipartUploadParts</c>: ListParts.</summary>
    ListMultipartUploadParts,
    /// <summary><c>s3:GetObjectLegalHold</c>.</summary>
    GetObjectLegalHold,
    /// <summary><c>s3:PutObjectLegalHold</c>.</summary>
    PutObjectLegalHold,
    /// <summary><c>s3:GetObjectRetention</c>.</summary>
    GetObjectRetention,
    /// <summary><c>s3:PutObjectRetention</c>.</summary>
    PutObjectRetention,
}

/// <summary>The kinds of resource that an action applies to.</summary>
[Flags]
public enum S3ResourceKinds : byte
{
    /// <summary>No resource.</summary>
    None = 0,

    /// <summary>No bucket at all: a listing of buckets.</summary>
    Service = 1,
    /// <summary>A bucket.</summary>
    Bucket = 2,
    /// <summary>An object, or a key that has none yet.</summary>
    Object = 4,
}
