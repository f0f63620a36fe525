using Tarn.Core.Disks.Listing;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>Lists a bucket of either kind.</summary>
internal sealed class BucketLister(ObjectLister objects, DiskLister disks)
{
    /// <summary>Lists the page after a key.</summary>
    /// <exception cref="Core.Errors.S3Exception">InvalidArgument for a delimiter that disks do not support.</exception>
    public async ValueTask<IListedPage> ListAsync(S3Context context, ListRequest request, byte[]? after)
    {
        ListQuery query = request.After(after);
        if (context.FoundDisk is not { } bucket)
        {
            return await objects.ListAsync(context.RequiredBucket, query, context.CancellationToken);
        }

        if (request.Delimiter is not ("" or "/"))
        {
            throw Arguments.Invalid("Disks support only the delimiter /", "delimiter", request.Delimiter);
        }

        var of = new DiskQuery
        {
            Prefix = query.Prefix,
            ByDirectory = request.Delimiter.Length > 0,
            After = query.After,
            MaxKeys = query.MaxKeys,
            AnyCharacter = request.Url,
        };
        return await disks.ListAsync(bucket.Disk, bucket.OwnerId, of, context.CancellationToken);
    }
}
