using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>DELETE /bucket?tagging; none to delete is fine. Source: Amazon S3 API Reference, DeleteBucketTagging.</summary>
internal sealed class DeleteBucketTagging(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        if (context.RequiredBucket.Has(BucketConfiguration.Tagging))
        {
            await buckets.SetConfigurationAsync(context.RequiredBucket, BucketConfiguration.Tagging, null, context.CancellationToken);
        }

        context.Response.StatusCode = 204;
    }
}
