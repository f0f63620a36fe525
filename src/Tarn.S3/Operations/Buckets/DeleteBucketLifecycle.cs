using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>DELETE /bucket?lifecycle: no rules any more; none to delete is fine. Source: Amazon S3 API Reference, DeleteBucketLifecycle.</summary>
internal sealed class DeleteBucketLifecycle(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        if (context.RequiredBucket.Has(BucketConfiguration.Lifecycle))
        {
            await buckets.SetConfigurationAsync(context.RequiredBucket, BucketConfiguration.Lifecycle, null, context.CancellationToken);
        }

        context.Response.StatusCode = 204;
    }
}
