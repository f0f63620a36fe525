namespace Tarn.Tests.Architecture;

/// <summary>
/// The folders of each project, bottom up: a folder may use those that come before it in its list, and no other. ARCHITECTURE.md has the
/// drawing, docs/decisions/0012-floors.md the reasons.
/// </summary>
internal static class Floors
{
    public static readonly IReadOnlyDictionary<string, string[]> Of = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["Tarn.Core"] =
        [
            "", "Telemetry", "Errors", "Hashing/Lanes", "Hashing", "Model", "Media", "KeyValue", "Files", "Blobs", "Blobs/Layout", "Cache", "Records", "Mirroring", "Counts", "Buckets", "Samples", "Cors", "Identity",
            "Policy", "Policy/Decisions", "Policy/Documents", "Access", "Federation",
            "Objects/Ownership", "Objects", "Objects/Integrity", "Objects/Reading", "Objects/Listing", "Objects/Writing", "Objects/Multipart",
            "Logging", "Lifecycle", "Maintenance", "Scrubbing",
            "Disks/Linux", "Disks/Trees", "Disks/Mounts", "Disks/Catalog", "Disks/Reading", "Disks/Listing", "Disks/Writing", "Disks",
            "Sharing", "Acceleration", "Jobs", "Storage", "Consistency", "Backups", "Applications",
        ],
        ["Tarn.S3"] =
        [
            "Routing", "Telemetry", "Documents", "Wire", "Requests", "Auth/SigV4", "Auth/Bodies", "Auth/SigV2", "Auth", "Access", "Cors",
            "Reading", "Forms", "Sts",
            "Operations/Buckets", "Operations/Disks", "Operations/Settings", "Operations/Objects", "Operations/Multipart", "Operations/Service",
            "Operations", "Jobs", "Archives", "Sharing", "Pipeline", "",
        ],
        ["Tarn.Server"] =
        [
            "Configuration", "Telemetry", "Logging", "Connections", "Proxies", "Storage", "Identity", "Federation", "Auditing", "Backups", "Requests", "Acceleration", "Jobs", "Background",
            "Control", "Control/Tarn", "Control/Archil", "Control/CoreWeave", "Control/Endpoints", "Web", "Hosting",
            "Accelerator/Upstream", "Accelerator/Forwarding", "Accelerator/Registration", "Accelerator/Peers", "Accelerator/Reading", "Accelerator",
            "Cli", "Cli/Status", "Cli/Doctor/Checks", "Cli/Doctor/Accelerators", "Cli/Doctor", "Cli/Backups", "Cli/Fsck", "Cli/Completion", "Cli/Help", "Cli/Accelerators", "Cli/Applications", "Cli/Shares", "Cli/Policies", "Cli/Objects", "Cli/Scrubbing", "Cli/Buckets/Settings", "Cli/Buckets", "Cli/Requests", "Cli/Disks", "Cli/Jobs", "Cli/Keys", "Cli/Mirrors", "Cli/Organizations", "Cli/Tokens", "Cli/Users", "Cli/Issuers", "Cli/Roles", "",
        ],
        ["Tarn.Backends"] = ["Files", "Native", "RocksDb/Interop", "RocksDb/Recovery", "RocksDb"],
    };
}
