using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>PUT /bucket/key?tagging: replaces all tags of a version. Source: Amazon S3 API Reference, PutObjectTagging.</summary>
internal sealed class PutObjectTagging(ObjectReader reader, ObjectAmender amender) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        TagSet tags = await context.Caller.ReadTagsAsync(TagLimits.Object);
        StoredObject tagged = await amender.SetTagsAsync(
            context.RequiredBucket, context.Key, () => ObjectLookup.FindAsync(context, reader), tags.Pairs, context.CancellationToken);
        VersionParameter.Write(context.Response, context.RequiredBucket, tagged);
        context.Response.ContentLength = 0;
    }
}
