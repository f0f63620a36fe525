using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Model;

namespace Tarn.S3.Pipeline;

/// <summary>
/// The region of every bucket, and whether a refusal concerns an existing bucket: clients that sign for another region, or not at all, learn
/// the region from the answer.
/// </summary>
/// <param name="name">The server's region, as configured now.</param>
/// <param name="buckets">The object buckets.</param>
internal sealed class BucketRegion(string name, BucketCatalog buckets)
{
    public string Name => name;

    /// <summary>Whether the bucket exists. For disks the answer is the same for every valid name, so that it reveals nothing.</summary>
    public async ValueTask<bool> ExistsAsync(string? bucket, CancellationToken cancellationToken)
    {
        if (DiskId.HasShape(bucket))
        {
            return true;
        }

        try
        {
            return BucketName.TryParse(bucket, out BucketName parsed) && await buckets.FindAsync(parsed, cancellationToken) is not null;
        }
        catch (IOException)
        {
            // The refusal matters more than the region and is sent without it.
            return false;
        }
    }
}
