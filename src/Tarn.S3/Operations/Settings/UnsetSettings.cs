using Tarn.Core.Errors;
using Tarn.S3.Documents;
using Tarn.S3.Routing;
using Tarn.S3.Wire;
using static Tarn.S3.Operations.Settings.SettingRequest;

namespace Tarn.S3.Operations.Settings;

/// <summary>
/// All of S3's settings that this server does not implement. Source: Amazon S3 API Reference, the actions named and "List of error codes".
/// </summary>
internal static class UnsetSettings
{
    public static readonly IReadOnlyList<UnsetSetting> OfBuckets =
    [
        new("encryption", Get("GetBucketEncryption", "s3:GetEncryptionConfiguration"), Put("PutBucketEncryption", "s3:PutEncryptionConfiguration"),
            Delete("DeleteBucketEncryption", "s3:PutEncryptionConfiguration"))
        {
            NotSet = S3Error.ServerSideEncryptionConfigurationNotFound,
        },
        new("object-lock", Get("GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
            Put("PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"))
        {
            NotSet = S3Error.ObjectLockConfigurationNotFound, Document = DocumentShapes.ObjectLock,
        },
        new("replication", Get("GetBucketReplication", "s3:GetReplicationConfiguration"), Put("PutBucketReplication", "s3:PutReplicationConfiguration"),
            Delete("DeleteBucketReplication", "s3:PutReplicationConfiguration"))
        {
            NotSet = S3Error.ReplicationConfigurationNotFound,
        },
        new("website", Get("GetBucketWebsite", "s3:GetBucketWebsite"), Put("PutBucketWebsite", "s3:PutBucketWebsite"),
            Delete("DeleteBucketWebsite", "s3:DeleteBucketWebsite"))
        {
            NotSet = S3Error.NoSuchWebsiteConfiguration,
        },
        new("notification", Get("GetBucketNotificationConfiguration", "s3:GetBucketNotification"),
            Put("PutBucketNotificationConfiguration", "s3:PutBucketNotification", "x-amz-skip-destination-validation"))
        {
            Unset = static (ref S3XmlWriter xml) => Empty(ref xml, "NotificationConfiguration"u8), Document = DocumentShapes.Notification,
        },
        new("requestPayment", Get("GetBucketRequestPayment", "s3:GetBucketRequestPayment"), Put("PutBucketRequestPayment", "s3:PutBucketRequestPayment"))
        {
            Unset = static (ref S3XmlWriter xml) => One(ref xml, "RequestPaymentConfiguration"u8, "Payer"u8, "BucketOwner"u8),
            Document = DocumentShapes.RequestPayment,
            Switch = new("Payer", On: "Requester", Off: "BucketOwner"),
        },
        new("accelerate", Get("GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"),
            Put("PutBucketAccelerateConfiguration", "s3:PutAccelerateConfiguration"))
        {
            Unset = static (ref S3XmlWriter xml) => Empty(ref xml, "AccelerateConfiguration"u8),
            Document = DocumentShapes.Accelerate,
            Switch = new("Status", On: "Enabled", Off: "Suspended"),
        },
        new("abac", Get("GetBucketAbac", "s3:GetBucketAbac"), Put("PutBucketAbac", "s3:PutBucketAbac"))
        {
            Unset = static (ref S3XmlWriter xml) => One(ref xml, "AbacStatus"u8, "Status"u8, "Disabled"u8),
            Document = DocumentShapes.Abac,
            Switch = new("Status", On: "Enabled", Off: "Disabled"),
        },
        new("inventory", ByIds("InventoryConfiguration", "s3:GetInventoryConfiguration", "s3:PutInventoryConfiguration"))
        {
            Unset = static (ref S3XmlWriter xml) => One(ref xml, "ListInventoryConfigurationsResult"u8, "IsTruncated"u8, "false"u8),
            NotSet = S3Error.NoSuchConfiguration,
        },
        new("metrics", ByIds("MetricsConfiguration", "s3:GetMetricsConfiguration", "s3:PutMetricsConfiguration"))
        {
            Unset = static (ref S3XmlWriter xml) => One(ref xml, "ListMetricsConfigurationsResult"u8, "IsTruncated"u8, "false"u8),
            NotSet = S3Error.NoSuchConfiguration,
        },
        new("analytics", ByIds("AnalyticsConfiguration", "s3:GetAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"))
        {
            Unset = static (ref S3XmlWriter xml) => One(ref xml, "ListBucketAnalyticsConfigurationResult"u8, "IsTruncated"u8, "false"u8),
            NotSet = S3Error.NoSuchConfiguration,
        },
        new("intelligent-tiering",
            ByIds("IntelligentTieringConfiguration", "s3:GetIntelligentTieringConfiguration", "s3:PutIntelligentTieringConfiguration"))
        {
            Unset = static (ref S3XmlWriter xml) => One(ref xml, "ListBucketIntelligentTieringConfigurationsOutput"u8, "IsTruncated"u8, "false"u8),
            NotSet = S3Error.NoSuchConfiguration,
        },
        new("metadataConfiguration", Metadata("MetadataConfiguration")) { NotSet = S3Error.MetadataConfigurationNotFound },
        new("metadataTable", Metadata("MetadataTableConfiguration")) { NotSet = S3Error.MetadataConfigurationNotFound },
    ];

    public static readonly IReadOnlyList<UnsetSetting> OfObjects =
    [
        new("retention", Get("GetObjectRetention", "s3:GetObjectRetention"), Put("PutObjectRetention", "s3:PutObjectRetention", "x-amz-bypass-governance-retention"))
        {
            Target = S3Target.Object, NotSet = S3Error.NoSuchObjectLockConfiguration, Document = DocumentShapes.Retention,
        },
        new("legal-hold", Get("GetObjectLegalHold", "s3:GetObjectLegalHold"), Put("PutObjectLegalHold", "s3:PutObjectLegalHold"))
        {
            Target = S3Target.Object,
            NotSet = S3Error.NoSuchObjectLockConfiguration,
            Document = DocumentShapes.LegalHold,
            Switch = new("Status", On: "ON", Off: "OFF"),
        },
    ];

    /// <summary>Both generations of metadata tables have the same permissions.</summary>
    private static SettingRequest[] Metadata(string kind) =>
    [
        new("GET", $"GetBucket{kind}", "s3:GetBucketMetadataTableConfiguration"),
        new("POST", $"CreateBucket{kind}", "s3:CreateBucketMetadataTableConfiguration"),
        new("DELETE", $"DeleteBucket{kind}", "s3:DeleteBucketMetadataTableConfiguration"),
    ];

    private static void Empty(ref S3XmlWriter xml, ReadOnlySpan<byte> root)
    {
        xml.StartRoot(root);
        xml.End(root);
    }

    private static void One(ref S3XmlWriter xml, ReadOnlySpan<byte> root, ReadOnlySpan<byte> element, ReadOnlySpan<byte> text)
    {
        xml.StartRoot(root);
        xml.Element(element, text);
        xml.End(root);
    }
}
