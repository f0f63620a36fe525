using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Model;

namespace Tarn.S3.Pipeline;

/// <summary>
/// The region of every bucket, and whether a refusal is about a bucket: clients that sign for another region, or not at all, learn from
/// the answer which one it is.
/// </summary>
/// <param name="name">The server's region, as configured now.</param>
/// <param name="buckets">The object buckets.</param>
internal sealed class BucketRegion(string name, BucketCatalog buckets)
{
    public string Name => name;

    /// <summary>Whether there is such a bucket. Of disks this does not tell: every name that one could have is answered alike.</summary>
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
            // The refusal that is on its way matters more than the region: it is sent without.
            return false;
        }
    }
}
