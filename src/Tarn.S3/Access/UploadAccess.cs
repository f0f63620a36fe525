using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.S3.Requests;

namespace Tarn.S3.Access;

/// <summary>The owner and the access control list of the object that a request writes.</summary>
/// <param name="OwnerId">Canonical user id.</param>
/// <param name="OwnerName">Display name.</param>
/// <param name="Acl">The list; null when only the owner has access.</param>
internal readonly record struct UploadGrant(string OwnerId, string OwnerName, AccessControlList? Acl);

/// <summary>Determines the owner and the access control list of an upload. Source: Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".</summary>
internal sealed class UploadAccess(AclHeaders acls, Denials denials)
{
    /// <summary>The canonical user id that S3 gives to anonymous requests; it owns what they write.</summary>
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
            // "private" changes nothing in such a bucket, and several programs always send it.
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
    public static string MarkerOwner(S3Context context) => OwnerOf(context.Principal, context.RequiredBucket, context.FoundAccess);

    /// <summary>The owner of a delete marker, and of an object without a list of its own.</summary>
    public static string OwnerOf(Principal? principal, Bucket bucket, BucketAccess access) => access.TakesAcls ? Requester(principal).Id : bucket.OwnerId;

    /// <summary>Refuses a public list where the bucket blocks public ACLs.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public void ThrowIfAclBlocked(S3Context context, BucketAccess access, AccessControlList? acl)
    {
        if (acl is { IsPublic: true } && access.Block.BlockPublicAcls)
        {
            throw denials.Refuse(context, DenialKind.PublicAccessBlock, "The access control list is public, and the bucket has BlockPublicAcls.");
        }
    }

    /// <summary>The requester's canonical user id and display name.</summary>
    public static (string Id, string Name) Requester(Principal? principal) =>
        principal is null ? (AnonymousId, "anonymous") : (principal.OwnerId, principal.DisplayName);
}
