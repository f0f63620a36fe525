using Microsoft.AspNetCore.Http;
using Tarn.Core.Buckets;
using Tarn.S3.Pipeline;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>DELETE /bucket, when it is empty. Source: Amazon S3 API Reference, DeleteBucket.</summary>
internal sealed class DeleteBucket(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        ObjectOnlyHeaders.RefuseConditions(context.Request.Headers);
        await buckets.DeleteAsync(context.RequiredBucket, context.CancellationToken);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
