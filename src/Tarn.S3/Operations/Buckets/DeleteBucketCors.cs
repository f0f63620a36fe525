using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>DELETE /bucket?cors: no page of another origin is let in any more; no rules to delete is fine. Source: Amazon S3 API Reference, DeleteBucketCors.</summary>
internal sealed class DeleteBucketCors(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        if (context.RequiredBucket.Has(BucketConfiguration.Cors))
        {
            await buckets.SetConfigurationAsync(context.RequiredBucket, BucketConfiguration.Cors, null, context.CancellationToken);
        }

        context.Response.StatusCode = 204;
    }
}
