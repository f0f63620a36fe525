using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.Objects.Multipart;
using static Tarn.S3.Documents.ElementShape;

namespace Tarn.S3.Documents;

/// <summary>
/// Every document that a request can carry, with all of S3's elements. Source: Amazon S3 API Reference, the request syntax of each action.
/// </summary>
internal static class DocumentShapes
{
    /// <summary>Bytes; enough for every document except lists.</summary>
    public const int DefaultLimit = 1024 * 1024;

    /// <summary>Bytes; enough for 1,000 keys to delete or 10,000 parts to complete.</summary>
    private const int ListLimit = 8 * 1024 * 1024;

    /// <summary>For lists whose limit is checked elsewhere, with an error of its own.</summary>
    private const int Some = 2000;

    public static readonly DocumentShape CreateBucket = new(
        Of("CreateBucketConfiguration", Text("LocationConstraint"), NotImplemented("Location"), NotImplemented("Bucket"), NotImplemented("Tags")),
        DefaultLimit);

    public static readonly DocumentShape Delete = new(
        Of(
            "Delete",
            Of("Object", Text("Key"), Text("VersionId"), Text("ETag"), Text("LastModifiedTime"), Text("Size")).Many(1000),
            Text("Quiet")),
        ListLimit);

    public static readonly DocumentShape Completion = new(
        Of("CompleteMultipartUpload", Of("Part", [Text("PartNumber"), Text("ETag"), .. Checksums()]).Many(MultipartUpload.MaxPartNumber)),
        ListLimit);

    public static readonly DocumentShape Versioning = new(
        Of("VersioningConfiguration", Text("Status"), Text("MfaDelete"), NotImplemented("ExcludedPrefixes"), NotImplemented("ExcludeFolders")),
        DefaultLimit);

    public static readonly DocumentShape Tagging = new(Of("Tagging", Of("TagSet", Tag().Many(Some))), DefaultLimit);

    public static readonly DocumentShape Lifecycle = new(Of("LifecycleConfiguration", LifecycleRule().Many(Some)), ListLimit);

    /// <summary>Limit: Amazon S3 API Reference, PutBucketCors.</summary>
    public static readonly DocumentShape Cors = new(
        Of(
            "CORSConfiguration",
            Of(
                "CORSRule", Text("ID"), Text("MaxAgeSeconds"), Text("AllowedHeader").Many(Some), Text("AllowedMethod").Many(Some),
                Text("AllowedOrigin").Many(Some), Text("ExposeHeader").Many(Some)).Many(Some)),
        64 * 1024);

    public static readonly DocumentShape Acl = new(
        Of(
            "AccessControlPolicy",
            Of("Owner", Text("ID"), Text("DisplayName")),
            Of("AccessControlList", Grant().Many(Some))),
        DefaultLimit)
    {
        Malformed = S3Error.MalformedAcl,
    };

    public static readonly DocumentShape OwnershipControls = new(Of("OwnershipControls", Of("Rule", Text("ObjectOwnership"))), DefaultLimit);

    public static readonly DocumentShape PublicAccessBlock = new(
        Of(
            "PublicAccessBlockConfiguration",
            Text("BlockPublicAcls"), Text("IgnorePublicAcls"), Text("BlockPublicPolicy"), Text("RestrictPublicBuckets")),
        DefaultLimit);

    public static readonly DocumentShape Logging = new(
        Of(
            "BucketLoggingStatus",
            Of(
                "LoggingEnabled",
                Text("TargetBucket"),
                Of("TargetGrants", Grant().Many(Some)),
                Text("TargetPrefix"),
                Of("TargetObjectKeyFormat", Of("SimplePrefix"), Of("PartitionedPrefix", Text("PartitionDateSource"))))),
        DefaultLimit);

    // Settings that can only be off here: the elements that are not implemented would turn them on.
    public static readonly DocumentShape Accelerate = new(Of("AccelerateConfiguration", Text("Status")), DefaultLimit);

    public static readonly DocumentShape Abac = new(Of("AbacStatus", Text("Status")), DefaultLimit);

    public static readonly DocumentShape Notification = new(
        Of(
            "NotificationConfiguration", NotImplemented("TopicConfiguration"), NotImplemented("QueueConfiguration"), NotImplemented("CloudFunctionConfiguration"),
            NotImplemented("EventBridgeConfiguration")),
        DefaultLimit);

    public static readonly DocumentShape RequestPayment = new(Of("RequestPaymentConfiguration", Text("Payer")), DefaultLimit);

    public static readonly DocumentShape ObjectLock = new(
        Of("ObjectLockConfiguration", NotImplemented("ObjectLockEnabled"), NotImplemented("Rule")), DefaultLimit);

    public static readonly DocumentShape Retention = new(Of("Retention", NotImplemented("Mode"), NotImplemented("RetainUntilDate")), DefaultLimit);

    public static readonly DocumentShape LegalHold = new(Of("LegalHold", Text("Status")), DefaultLimit);

    private static ElementShape Grant() =>
        Of("Grant", Of("Grantee", Text("ID"), Text("DisplayName"), Text("EmailAddress"), Text("URI")), Text("Permission"));

    private static ElementShape Tag() => Of("Tag", Text("Key"), Text("Value"));

    private static ElementShape LifecycleRule()
    {
        ElementShape[] conditions = [Text("Prefix"), Text("ObjectSizeGreaterThan"), Text("ObjectSizeLessThan")];
        const string Transitions = "Lifecycle transitions are not implemented: every storage class is stored alike.";
        return Of(
            "Rule",
            Text("ID"),
            Text("Status"),
            Text("Prefix"),
            Of("Filter", [.. conditions, Tag(), Of("And", [.. conditions, Tag().Many(Some)])]),
            Of("Expiration", Text("Date"), Text("Days"), Text("ExpiredObjectDeleteMarker")),
            Of("NoncurrentVersionExpiration", Text("NoncurrentDays"), Text("NewerNoncurrentVersions")),
            Of("AbortIncompleteMultipartUpload", Text("DaysAfterInitiation")),
            NotImplemented("Transition", Transitions),
            NotImplemented("NoncurrentVersionTransition", Transitions));
    }

    private static IEnumerable<ElementShape> Checksums() =>
        ChecksumAlgorithms.All.Select(algorithm => Text("Checksum" + ChecksumAlgorithms.Name(algorithm)));
}
