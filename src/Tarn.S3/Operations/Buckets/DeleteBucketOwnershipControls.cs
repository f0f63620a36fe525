using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>
/// DELETE /bucket?ownershipControls: the bucket's owner owns everything then, as in a bucket that never had the setting.
/// Source: Amazon S3 API Reference, DeleteBucketOwnershipControls.
/// </summary>
internal sealed class DeleteBucketOwnershipControls(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        if (context.FoundAccess.Acl is not null)
        {
            throw new S3Exception(S3Error.InvalidBucketAclWithObjectOwnership);
        }

        await buckets.RemoveConfigurationAsync(context.RequiredBucket, BucketConfiguration.OwnershipControls, context.CancellationToken);
        context.Response.StatusCode = 204;
    }
}
