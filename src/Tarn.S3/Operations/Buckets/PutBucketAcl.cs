using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket?acl: from the headers or the body. Source: Amazon S3 API Reference, PutBucketAcl.</summary>
internal sealed class PutBucketAcl(BucketCatalog buckets, AclRequest acls, UploadAccess uploads) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        Bucket bucket = context.RequiredBucket;
        BucketAccess access = context.FoundAccess;
        RequestedAcl requested = await acls.ReadAsync(context, bucket.OwnerId, ofBucket: true);
        if (!access.TakesAcls)
        {
            if (!requested.SaysOnlyThatTheOwnerHasEverything(bucket.OwnerId))
            {
                throw new S3Exception(S3Error.AccessControlListNotSupported);
            }
        }
        else
        {
            AccessControlList acl = requested.For(bucket.OwnerId, bucketOwnerId: null);
            uploads.DemandNotBlocked(context, access, acl);
            await buckets.SetConfigurationAsync(
                bucket, BucketConfiguration.Acl, acl.IsPrivate(bucket.OwnerId) ? null : acl.Encode(), context.CancellationToken);
        }

        context.Response.ContentLength = 0;
    }
}
