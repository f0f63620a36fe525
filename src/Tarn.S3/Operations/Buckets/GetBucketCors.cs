using Tarn.Core.Buckets;
using Tarn.Core.Cors;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?cors. Source: Amazon S3 API Reference, GetBucketCors.</summary>
internal sealed class GetBucketCors(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        Bucket bucket = context.RequiredBucket;
        CorsConfiguration configuration =
            await buckets.GetConfigurationAsync(bucket, BucketConfiguration.Cors, CorsConfiguration.Decode, context.CancellationToken)
            ?? throw new S3Exception(S3Error.NoSuchCorsConfiguration) { Details = [new("BucketName", bucket.Name.Value)] };
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) => CorsXml.Write(ref xml, configuration));
    }
}
