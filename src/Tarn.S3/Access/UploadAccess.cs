using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Access;

/// <summary>Who will own what a request writes, and the access control list that it gets.</summary>
/// <param name="OwnerId">Canonical user id.</param>
/// <param name="OwnerName">Display name.</param>
/// <param name="Acl">Null when the owner alone may do anything.</param>
internal readonly record struct UploadGrant(string OwnerId, string OwnerName, AccessControlList? Acl);

/// <summary>Finds that out. Source: Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".</summary>
internal sealed class UploadAccess(AclHeaders acls, Denials denials)
{
    /// <summary>Whom S3 takes anonymous requests for: the owner of what they write.</summary>
    public const string AnonymousId = "65a011a29cdf8ec533ec3d1ccaae921c";

    /// <exception cref="S3Exception">AccessControlListNotSupported; AccessDenied when public lists are blocked; and what <see cref="AclHeaders"/> refuses.</exception>
    public async ValueTask<UploadGrant> ReadAsync(S3Context context)
    {
        Bucket bucket = context.RequiredBucket;
        BucketAccess access = context.FoundAccess;
        IHeaderDictionary headers = context.Request.UploadHeaders;
        (string ownerId, string ownerName) = Requester(context.Principal);
        RequestedAcl? requested = AclHeaders.Any(headers)
            ? await acls.ReadAsync(headers, ofBucket: false, [bucket.OwnerId, ownerId], context.CancellationToken)
            : null;
        if (!access.TakesAcls)
        {
            // "private" is what holds in such a bucket anyway, and what several programs always send.
            return requested is null or { Canned: "private" } || requested.SaysOnlyThatTheOwnerHasEverything(bucket.OwnerId)
                ? new UploadGrant(bucket.OwnerId, bucket.OwnerName, null)
                : throw new S3Exception(S3Error.AccessControlListNotSupported);
        }

        if (access.Ownership == ObjectOwnership.BucketOwnerPreferred && requested is { Canned: "bucket-owner-full-control" })
        {
            (ownerId, ownerName) = (bucket.OwnerId, bucket.OwnerName);
        }

        AccessControlList? acl = requested?.For(ownerId, bucket.OwnerId);
        ThrowIfAclBlocked(context, access, acl);
        return new UploadGrant(ownerId, ownerName, acl is null || acl.IsPrivate(ownerId) ? null : acl);
    }

    /// <summary>The owner of a delete marker.</summary>
    public static string MarkerOwner(S3Context context) =>
        context.FoundAccess.TakesAcls ? Requester(context.Principal).Id : context.RequiredBucket.OwnerId;

    /// <summary>Refuses a list that grants something to the world where that is blocked.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public void ThrowIfAclBlocked(S3Context context, BucketAccess access, AccessControlList? acl)
    {
        if (acl is { IsPublic: true } && access.Block.BlockPublicAcls)
        {
            throw denials.Refuse(context, DenialKind.PublicAccessBlock, "The list grants something to the world, and the bucket has BlockPublicAcls.");
        }
    }

    /// <summary>Who asks, as owners are named.</summary>
    public static (string Id, string Name) Requester(Principal? principal) =>
        principal is null ? (AnonymousId, "anonymous") : (principal.OwnerId, principal.DisplayName);
}
