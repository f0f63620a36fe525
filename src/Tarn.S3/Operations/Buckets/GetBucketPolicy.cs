using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?policy: the text as it was put. Source: Amazon S3 API Reference, GetBucketPolicy.</summary>
internal sealed class GetBucketPolicy(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        byte[] stored = await buckets.GetConfigurationBytesAsync(context.RequiredBucket, BucketConfiguration.Policy, context.CancellationToken)
            ?? throw new S3Exception(S3Error.NoSuchBucketPolicy) { Details = [new("BucketName", context.RequiredBucket.Name.Value)] };
        ReadOnlyMemory<byte> text = StoredBucketPolicy.Text(stored);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text, context.CancellationToken);
    }
}
