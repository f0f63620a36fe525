using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using static Tarn.S3.Operations.Settings.SettingRequest;

namespace Tarn.S3.Operations.Settings;

/// <summary>
/// ?acl of a bucket. Where no list is set, or ACLs are disabled, it is the list that gives the owner full control.
/// Source: Amazon S3 API Reference, GetBucketAcl and PutBucketAcl.
/// </summary>
internal static class AclSetting
{
    public static readonly BucketSetting<AccessControlList> Declaration = new(
        "acl",
        Get("GetBucketAcl", "s3:ListBucket", awsAction: "s3:GetBucketAcl"),
        Put("PutBucketAcl", "s3:PutBucketAcl", RequestMembers.Acl))
    {
        Stored = AccessSettings.Acl,
        Effective = static context => context.FoundAccess.Acl ?? AccessControlList.Private(context.AnyBucket.OwnerId),
        Format = new AclFormat(),
    };

    /// <summary>Reads the list from headers or a document; always answers with a document.</summary>
    private sealed class AclFormat : SettingFormat<AccessControlList>
    {
        public override async ValueTask<SettingChange<AccessControlList>> ReadAsync(S3Context context, SettingServices services)
        {
            Bucket bucket = context.RequiredBucket;
            RequestedAcl requested = await services.Acls.Requests.ReadAsync(context, bucket.OwnerId, ofBucket: true);
            if (!context.FoundAccess.TakesAcls)
            {
                return requested.SaysOnlyThatTheOwnerHasEverything(bucket.OwnerId)
                    ? default
                    : throw new S3Exception(S3Error.AccessControlListNotSupported);
            }

            AccessControlList acl = requested.For(bucket.OwnerId, bucketOwnerId: null);
            services.Acls.Uploads.ThrowIfAclBlocked(context, context.FoundAccess, acl);
            return acl.IsPrivate(bucket.OwnerId) ? default : new(acl);
        }

        public override Task WriteAsync(S3Context context, AccessControlList value, SettingServices services) =>
            services.Acls.Xml.WriteAsync(context, context.AnyBucket.OwnerId, value.Grants);
    }
}
