using static Tarn.Server.Cli.Buckets.Settings.SettingMember;

namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>One of S3's settings of a bucket, as a file has it.</summary>
/// <param name="Name">Its member in the file, and its sub-resource.</param>
/// <param name="Root">The root element and its members; null for the policy, which is JSON.</param>
internal sealed record SettingKind(string Name, SettingMember? Root)
{
    /// <summary>The error code of a server where it is not set; null where it then has an empty document.</summary>
    public string? NotSet { get; init; }

    /// <summary>How it is removed; null: by DELETE.</summary>
    public SettingRemoval Removal { get; init; } = SettingRemoval.Delete;

    /// <summary>The permission to set it; to remove it <see cref="ActionToRemove"/>.</summary>
    public required string Action { get; init; }

    /// <summary>The permission to remove it.</summary>
    public string ActionToRemove { get => field ?? Action; init; }

    /// <summary>The member without which it is not set; null: it is set whenever it has a document.</summary>
    public string? Essential { get; init; }
}

/// <summary>How a setting is removed.</summary>
internal enum SettingRemoval
{
    Delete,

    /// <summary>By putting its document without anything in it.</summary>
    EmptyDocument,

    /// <summary>By putting the canned ACL <c>private</c>.</summary>
    PrivateAcl,

    /// <summary>S3 cannot remove it.</summary>
    Never,
}

/// <summary>
/// The settings that a file has, in its order. The JSON is that of the AWS CLI (<c>aws s3api get-bucket-…</c>). Source: AWS CLI Command Reference and Amazon S3 API
/// Reference, the actions of each; what this server does not implement is not in the table, so that a file with it is refused.
/// </summary>
internal static class SettingKinds
{
    public const string Policy = "policy", Acl = "acl", Ownership = "ownershipControls", PublicAccessBlock = "publicAccessBlock", Versioning = "versioning";

    /// <summary>The flags of a public access block. The first two refuse requests; the last two take effect on what is there.</summary>
    public const string BlockAcls = "BlockPublicAcls", BlockPolicy = "BlockPublicPolicy", IgnoreAcls = "IgnorePublicAcls", RestrictBuckets = "RestrictPublicBuckets";

    private static readonly SettingMember[] TagMembers = [Text("Key").Required(), Text("Value").Required()];

    private static readonly SettingMember GrantMember = Of(
        "Grant",
        Of("Grantee", Type("CanonicalUser", "Group"), Text("ID"), Text("URI"), Remark("DisplayName")).With("Type", ("CanonicalUser", "ID"), ("Group", "URI")).Required(),
        Text("Permission", "FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP").Required());

    private static readonly string[] GrantOrder = ["Grantee", "Permission"];

    public static readonly IReadOnlyList<SettingKind> All =
    [
        new(Versioning, Of("VersioningConfiguration", Text("Status", "Enabled", "Suspended").Required())) { Removal = SettingRemoval.Never, Essential = "Status", Action = "s3:PutBucketVersioning" },
        new(
            "lifecycle",
            Of(
                "LifecycleConfiguration",
                Of(
                    "Rule",
                    Text("ID").Required("without one the server makes one up, which is another each time"),
                    Text("Status", "Enabled", "Disabled").Required(),
                    Text("Prefix"),
                    Of("Filter", [.. Conditions(), Of("Tag", TagMembers), Of("And", [.. Conditions(), Of("Tag", TagMembers).Many("Tags").Sorted("Key")])]),
                    Of("Expiration", Text("Date"), Number("Days"), Flag("ExpiredObjectDeleteMarker")),
                    Of("NoncurrentVersionExpiration", Number("NoncurrentDays"), Number("NewerNoncurrentVersions")),
                    Of("AbortIncompleteMultipartUpload", Number("DaysAfterInitiation"))).Many("Rules").Required().Counted(1),
                Header("TransitionDefaultMinimumObjectSize", "x-amz-transition-default-minimum-object-size", "all_storage_classes_128K", "varies_by_storage_class")))
        {
            NotSet = "NoSuchLifecycleConfiguration", Action = "s3:PutLifecycleConfiguration", ActionToRemove = "s3:DeleteLifecycleConfiguration",
        },
        new("tagging", Of("Tagging", Of("Tag", TagMembers).Many("TagSet", "TagSet").Required().Sorted("Key"))) { NotSet = "NoSuchTagSet", Action = "s3:PutBucketTagging", ActionToRemove = "s3:DeleteBucketTagging" },
        new(
            "cors",
            Of(
                "CORSConfiguration",
                Of(
                    "CORSRule",
                    Text("ID"),
                    Text("AllowedHeader").Many("AllowedHeaders"),
                    Text("AllowedMethod").Many("AllowedMethods").Required().Counted(1),
                    Text("AllowedOrigin").Many("AllowedOrigins").Required().Counted(1),
                    Text("ExposeHeader").Many("ExposeHeaders"),
                    Number("MaxAgeSeconds")).Many("CORSRules").Required().Counted(1)))
        {
            NotSet = "NoSuchCORSConfiguration", Action = "s3:PutBucketCORS",
        },
        new(
            Ownership,
            Of("OwnershipControls", Of("Rule", Text("ObjectOwnership", "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter").Required()).Many("Rules").Required().Counted(1, 1)))
        {
            NotSet = "OwnershipControlsNotFoundError", Action = "s3:PutBucketOwnershipControls",
        },
        new(PublicAccessBlock, Of("PublicAccessBlockConfiguration", Flag(BlockAcls), Flag(IgnoreAcls), Flag(BlockPolicy), Flag(RestrictBuckets)))
        {
            NotSet = "NoSuchPublicAccessBlockConfiguration", Action = "s3:PutBucketPublicAccessBlock",
        },
        new(
            Acl,
            Of(
                "AccessControlPolicy",
                Of("Owner", Text("ID").Required(), Remark("DisplayName")).Required(),
                GrantMember.Many("Grants", "AccessControlList").Required().Sorted(GrantOrder)))
        {
            Removal = SettingRemoval.PrivateAcl, Action = "s3:PutBucketAcl",
        },
        new(
            "logging",
            Of(
                "BucketLoggingStatus",
                Of(
                    "LoggingEnabled",
                    Text("TargetBucket").Required(),
                    GrantMember.Many("TargetGrants", "TargetGrants").Sorted(GrantOrder),
                    Text("TargetPrefix").Required(),
                    Of("TargetObjectKeyFormat", Of("SimplePrefix"), Of("PartitionedPrefix", Text("PartitionDateSource", "EventTime", "DeliveryTime")))).Required()))
        {
            Removal = SettingRemoval.EmptyDocument, Essential = "LoggingEnabled", Action = "s3:PutBucketLogging",
        },
        new(Policy, null) { NotSet = "NoSuchBucketPolicy", Action = "s3:PutBucketPolicy", ActionToRemove = "s3:DeleteBucketPolicy" },
    ];

    public static SettingKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);

    private static SettingMember[] Conditions() => [Text("Prefix"), Number("ObjectSizeGreaterThan"), Number("ObjectSizeLessThan")];
}
