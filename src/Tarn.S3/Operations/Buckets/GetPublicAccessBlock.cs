using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?publicAccessBlock. Source: Amazon S3 API Reference, GetPublicAccessBlock.</summary>
internal sealed class GetPublicAccessBlock : IOperation
{
    public Task ExecuteAsync(S3Context context)
    {
        if (!context.RequiredBucket.Has(BucketConfiguration.PublicAccessBlock))
        {
            throw new S3Exception(S3Error.NoSuchPublicAccessBlock) { Details = [new("BucketName", context.RequiredBucket.Name.Value)] };
        }

        PublicAccessBlock block = context.FoundAccess.Block;
        return ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("PublicAccessBlockConfiguration"u8);
            xml.Element("BlockPublicAcls"u8, block.BlockPublicAcls);
            xml.Element("IgnorePublicAcls"u8, block.IgnorePublicAcls);
            xml.Element("BlockPublicPolicy"u8, block.BlockPublicPolicy);
            xml.Element("RestrictPublicBuckets"u8, block.RestrictPublicBuckets);
            xml.End("PublicAccessBlockConfiguration"u8);
        });
    }
}
