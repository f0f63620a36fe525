using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Access;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>PUT /bucket/key?acl: of a version, in place, from the headers or the body. Source: Amazon S3 API Reference, PutObjectAcl.</summary>
internal sealed class PutObjectAcl(ObjectReader reader, ObjectAmender amender, AclRequest acls, UploadAccess uploads) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        string bucketOwner = context.RequiredBucket.OwnerId;
        BucketAccess access = context.FoundAccess;
        StoredObject found = await ObjectLookup.FindAsync(context, reader);
        RequestedAcl requested = await acls.ReadAsync(context, access.TakesAcls ? found.OwnerId : bucketOwner, ofBucket: false);
        if (!access.TakesAcls)
        {
            if (!requested.SaysOnlyThatTheOwnerHasEverything(bucketOwner))
            {
                throw new S3Exception(S3Error.AccessControlListNotSupported);
            }
        }
        else
        {
            AccessControlList acl = requested.For(found.OwnerId, bucketOwner);
            uploads.ThrowIfAclBlocked(context, access, acl);

            // The list was read for one owner: an object that another owner has written since must not get it.
            string owner = found.OwnerId;
            found = await amender.SetAclAsync(
                context.RequiredBucket,
                context.Key,
                async () =>
                {
                    StoredObject now = await ObjectLookup.FindAsync(context, reader);
                    return now.OwnerId == owner ? now : throw new S3Exception(S3Error.OperationAborted);
                },
                acl.IsPrivate(owner) ? null : acl,
                context.CancellationToken);
        }

        VersionParameter.Write(context.Response, context.RequiredBucket, found);
        context.Response.ContentLength = 0;
    }
}
