using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?tagging. Source: Amazon S3 API Reference, GetBucketTagging.</summary>
internal sealed class GetBucketTagging(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        Bucket bucket = context.RequiredBucket;
        TagSet tags = await buckets.GetConfigurationAsync(bucket, BucketConfiguration.Tagging, TagSet.Decode, context.CancellationToken)
            ?? throw new S3Exception(S3Error.NoSuchTagSet) { Details = [new("BucketName", bucket.Name.Value)] };
        await ResponseXml.WriteAsync(context, TaggingXml.Document(tags.Pairs));
    }
}
