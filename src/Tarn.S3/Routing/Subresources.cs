using System.Collections.Frozen;

namespace Tarn.S3.Routing;

/// <summary>
/// The query parameters by which S3 names a sub-resource. One that no row of the operation table demands is refused as
/// NotImplemented instead of being ignored. Source: Amazon S3 API Reference, request syntax of each action.
/// </summary>
internal static class Subresources
{
    private static readonly FrozenSet<string> OfBuckets = FrozenSet.Create(
        StringComparer.Ordinal,
        "abac", "accelerate", "acl", "analytics", "cors", "encryption", "intelligent-tiering", "inventory", "lifecycle",
        "logging", "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable", "metadataTable", "metrics",
        "notification", "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication",
        "requestPayment", "session", "tagging", "versioning", "versions", "website",
        "delete", "location", "uploads");

    private static readonly FrozenSet<string> OfObjects = FrozenSet.Create(
        StringComparer.Ordinal,
        "acl", "annotation", "encryption", "legal-hold", "renameObject", "restore", "retention", "select", "tagging", "torrent",
        "attributes", "uploads", "uploadId");

    /// <summary>Every sub-resource, whatever its target.</summary>
    public static IEnumerable<string> All => OfBuckets.Union(OfObjects);

    /// <summary>True when S3 has this sub-resource on this kind of target.</summary>
    public static bool Exists(string name, S3Target target) => target switch
    {
        S3Target.Bucket => OfBuckets.Contains(name),
        S3Target.Object => OfObjects.Contains(name),
        _ => false,
    };
}
