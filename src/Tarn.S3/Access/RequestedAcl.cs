using Tarn.Core.Access;
using Tarn.Core.Model;

namespace Tarn.S3.Access;

/// <summary>The access control list that a request asks for: grants, or a canned ACL, whose grants depend on the owner.</summary>
/// <param name="Canned">The name of a canned list; null when grants are spelled out.</param>
/// <param name="Grants">Only without <paramref name="Canned"/>.</param>
internal sealed record RequestedAcl(string? Canned, IReadOnlyList<Grant> Grants)
{
    /// <summary>Resolves the list.</summary>
    /// <param name="ownerId">The owner of the bucket or object.</param>
    /// <param name="bucketOwnerId">For an object, its bucket's owner; null for a bucket.</param>
    public AccessControlList For(string ownerId, string? bucketOwnerId) =>
        (Canned is null ? AccessControlList.Create(Grants) : CannedAcl.Expand(Canned, ownerId, bucketOwnerId))
        ?? throw new InvalidOperationException("The name of the canned list was not checked.");

    /// <summary>Whether a bucket with ACLs disabled accepts this one, because it changes nothing there.</summary>
    public bool SaysOnlyThatTheOwnerHasEverything(string bucketOwnerId) => Canned is null
        ? Grants is [{ Permission: AclPermission.FullControl } only] && only.Grantee == Grantee.Canonical(bucketOwnerId)
        : Canned == "bucket-owner-full-control";
}
