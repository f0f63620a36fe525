namespace Tarn.Core.Policy.Documents;

/// <summary>
/// AWS actions that no request here needs. Policies written for AWS contain them, so they are accepted and never match.
/// Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
/// </summary>
internal static class ForeignActions
{
    private static readonly string[] OfBuckets =
    [
        "UpdateBucketMetadataInventoryTableConfiguration", "UpdateBucketMetadataJournalTableConfiguration",
        "ListTagsForResource", "TagResource", "UntagResource",
    ];

    private static readonly string[] OfObjects =
    [
        "BypassGovernanceRetention",
        "GetObjectTorrent", "GetObjectVersionTorrent",
        "GetObjectVersionForReplication", "InitiateReplication",
        "ObjectOwnerOverrideToBucketOwner",
        "ReplicateDelete", "ReplicateObject", "ReplicateTags",
        "RestoreObject",
    ];

    private static readonly string[] OfTheService =
    [
        "CreateAccessPoint", "DeleteAccessPoint", "GetAccessPoint", "ListAccessPoints",
        "GetAccessPointPolicy", "PutAccessPointPolicy", "DeleteAccessPointPolicy", "GetAccessPointPolicyStatus",
        "CreateMultiRegionAccessPoint", "DeleteMultiRegionAccessPoint", "GetMultiRegionAccessPoint", "ListMultiRegionAccessPoints",
        "GetAccountPublicAccessBlock", "PutAccountPublicAccessBlock",
        "CreateJob", "DescribeJob", "ListJobs", "UpdateJobPriority", "UpdateJobStatus",
        "GetJobTagging", "PutJobTagging", "DeleteJobTagging",
        "CreateStorageLensGroup", "GetStorageLensConfiguration", "PutStorageLensConfiguration", "DeleteStorageLensConfiguration",
        "ListStorageLensConfigurations", "GetStorageLensDashboard",
    ];

    public static IEnumerable<(string Name, S3ResourceKinds Kind)> All { get; } =
    [
        .. OfBuckets.Select(name => ($"s3:{name}", S3ResourceKinds.Bucket)),
        .. OfObjects.Select(name => ($"s3:{name}", S3ResourceKinds.Object)),
        .. OfTheService.Select(name => ($"s3:{name}", S3ResourceKinds.Service)),
    ];
}
