using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Lifecycle;
using Tarn.Core.Model;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?lifecycle. Source: Amazon S3 API Reference, GetBucketLifecycleConfiguration.</summary>
internal sealed class GetBucketLifecycleConfiguration(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        Bucket bucket = context.RequiredBucket;
        LifecycleConfiguration configuration =
            await buckets.GetConfigurationAsync(bucket, BucketConfiguration.Lifecycle, LifecycleConfiguration.Decode, context.CancellationToken)
            ?? throw new S3Exception(S3Error.NoSuchLifecycleConfiguration) { Details = [new("BucketName", bucket.Name.Value)] };
        TransitionMinimumHeader.Write(context.Response.Headers, configuration.Minimum);
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) => LifecycleXmlWriter.Write(ref xml, configuration));
    }
}
