using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?ownershipControls. Source: Amazon S3 API Reference, GetBucketOwnershipControls.</summary>
internal sealed class GetBucketOwnershipControls : IOperation
{
    public Task ExecuteAsync(S3Context context)
    {
        if (!context.RequiredBucket.Has(BucketConfiguration.OwnershipControls))
        {
            throw new S3Exception(S3Error.OwnershipControlsNotFound) { Details = [new("BucketName", context.RequiredBucket.Name.Value)] };
        }

        ObjectOwnership ownership = context.FoundAccess.Ownership;
        return ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("OwnershipControls"u8);
            xml.Start("Rule"u8);
            xml.Element("ObjectOwnership"u8, OwnershipNames.Of(ownership));
            xml.End("Rule"u8);
            xml.End("OwnershipControls"u8);
        });
    }
}
