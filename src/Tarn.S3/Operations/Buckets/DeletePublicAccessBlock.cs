using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>DELETE /bucket?publicAccessBlock; none to delete is fine. Source: Amazon S3 API Reference, DeletePublicAccessBlock.</summary>
internal sealed class DeletePublicAccessBlock(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        await buckets.RemoveConfigurationAsync(context.RequiredBucket, BucketConfiguration.PublicAccessBlock, context.CancellationToken);
        context.Response.StatusCode = 204;
    }
}
