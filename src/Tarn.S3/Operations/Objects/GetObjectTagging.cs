using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>GET /bucket/key?tagging: an empty set when there are no tags. Source: Amazon S3 API Reference, GetObjectTagging.</summary>
internal sealed class GetObjectTagging(ObjectReader reader) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        StoredObject found = await ObjectLookup.FindAsync(context, reader);
        VersionParameter.Write(context.Response, context.RequiredBucket, found);
        await ResponseXml.WriteAsync(context, TaggingXml.Document(found.Metadata.Tags));
    }
}
