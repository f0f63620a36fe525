using Microsoft.AspNetCore.Http;
using Tarn.Core.Buckets;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>DELETE /bucket, when it is empty. Source: Amazon S3 API Reference, DeleteBucket.</summary>
internal sealed class DeleteBucket(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        await buckets.DeleteAsync(context.RequiredBucket, context.CancellationToken);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
