using Tarn.Core.Buckets;

namespace Tarn.Core.Disks.Catalog;

/// <summary>A disk presented as a bucket to one request.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="OwnerId">Canonical id of the disk's organization.</param>
/// <param name="OwnerName">Display name of the organization.</param>
public sealed record DiskBucket(Disk Disk, string OwnerId, string OwnerName) : IBucket
{
    /// <inheritdoc/>
    public string Name => Disk.Id.Value;

    /// <summary>A disk can be read and listed, never written.</summary>
    public BucketCapabilities Capabilities => BucketCapabilities.Reading | BucketCapabilities.Listing;
}
