using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket?tagging: replaces all tags. Source: Amazon S3 API Reference, PutBucketTagging.</summary>
internal sealed class PutBucketTagging(BucketCatalog buckets) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        TagSet tags = await context.Caller.ReadTagsAsync(TagLimits.Bucket);
        await buckets.SetConfigurationAsync(
            context.RequiredBucket, BucketConfiguration.Tagging, tags.Count == 0 ? null : tags.Encode(), context.CancellationToken);
        context.Response.StatusCode = 204;
    }
}
