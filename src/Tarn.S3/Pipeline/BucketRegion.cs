using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Pipeline;

/// <summary>
/// The region of every bucket, and whether a refusal concerns an existing bucket: clients that sign for another region, or not at all, learn
/// the region from the answer.
/// </summary>
/// <param name="name">The server's region, as configured now.</param>
/// <param name="buckets">The object buckets.</param>
/// <param name="findDisk">Finds a disk.</param>
internal sealed class BucketRegion(string name, BucketCatalog buckets, Func<DiskId, CancellationToken, ValueTask<DiskBucket?>> findDisk)
{
    public string Name => name;

    /// <summary>
    /// Notes the bucket or disk that a refused request concerns, and has the answer name the region if the bucket exists. For disks the answer is the same for every valid name, so that
    /// it reveals nothing.
    /// </summary>
    public async ValueTask NameAsync(S3Answer answer, string bucket, CancellationToken cancellationToken)
    {
        if (DiskId.HasShape(bucket))
        {
            answer.NameRegion();
        }

        try
        {
            if (DiskId.TryParse(bucket, out DiskId id))
            {
                if (await findDisk(id, cancellationToken) is { } disk)
                {
                    answer.Concerns(disk);
                }
            }
            else if (BucketName.TryParse(bucket, out BucketName parsed) && await buckets.FindAsync(parsed, cancellationToken) is { } found)
            {
                answer.Concerns(found);
            }
        }
        catch (IOException)
        {
            // The refusal matters more than the region and is sent without it.
        }
    }
}
