using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>GET /bucket?acl. Where lists do not count, the one that says so. Source: Amazon S3 API Reference, GetBucketAcl.</summary>
internal sealed class GetBucketAcl(AclXml xml) : IOperation
{
    public Task ExecuteAsync(S3Context context)
    {
        string owner = context.AnyBucket.OwnerId;
        return xml.WriteAsync(context, owner, (context.FoundAccess.Acl ?? AccessControlList.Private(owner)).Grants);
    }
}
