using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>DELETE /bucket/key?tagging: removes all tags of a version. Source: Amazon S3 API Reference, DeleteObjectTagging.</summary>
internal sealed class DeleteObjectTagging(ObjectReader reader, ObjectAmender amender) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        StoredObject cleared = await amender.SetTagsAsync(
            context.RequiredBucket, context.Key, () => ObjectLookup.FindAsync(context, reader), [], context.CancellationToken);
        VersionParameter.Write(context.Response, context.RequiredBucket, cleared);
        context.Response.StatusCode = 204;
    }
}
