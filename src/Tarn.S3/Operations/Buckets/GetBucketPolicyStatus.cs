using Tarn.Core.Errors;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?policyStatus: whether the bucket policy is public. Source: Amazon S3 API Reference, GetBucketPolicyStatus.</summary>
internal sealed class GetBucketPolicyStatus : IOperation
{
    public Task ExecuteAsync(S3Context context)
    {
        bool isPublic = (context.FoundAccess.Policy
            ?? throw new S3Exception(S3Error.NoSuchBucketPolicy) { Details = [new("BucketName", context.RequiredBucket.Name.Value)] }).IsPublic;
        return ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("PolicyStatus"u8);
            xml.Element("IsPublic"u8, isPublic);
            xml.End("PolicyStatus"u8);
        });
    }
}
