using Tarn.Core.Access;
using Tarn.Core.Model;

namespace Tarn.S3.Access;

/// <summary>The access control list that a request asks for: a canned one, whose grants depend on who owns what it is put on, or grants.</summary>
/// <param name="Canned">The name of a canned list; null when grants are spelled out.</param>
/// <param name="Grants">Only without <paramref name="Canned"/>.</param>
internal sealed record RequestedAcl(string? Canned, IReadOnlyList<Grant> Grants)
{
    /// <summary>The list itself.</summary>
    /// <param name="ownerId">The owner of the bucket or object that gets it.</param>
    /// <param name="bucketOwnerId">For an object, its bucket's owner; null for a bucket.</param>
    public AccessControlList For(string ownerId, string? bucketOwnerId) =>
        (Canned is null ? AccessControlList.Create(Grants) : CannedAcl.Expand(Canned, ownerId, bucketOwnerId))
        ?? throw new InvalidOperationException("The name of the canned list was not checked.");

    /// <summary>Whether a bucket that takes no lists takes this one: it says no more than what holds there anyway.</summary>
    public bool SaysOnlyThatTheOwnerHasEverything(string bucketOwnerId) => Canned is null
        ? Grants is [{ Permission: AclPermission.FullControl } only] && only.Grantee == Grantee.Canonical(bucketOwnerId)
        : Canned == "bucket-owner-full-control";
}
