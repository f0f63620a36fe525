using Tarn.Core.Errors;

namespace Tarn.Core.Model;

/// <summary>
/// The grants of access to a bucket or an object. The owner is not part of it: that is in the bucket's or object's own
/// record. Source: Amazon S3 User Guide, "Access control list (ACL) overview".
/// </summary>
public sealed class AccessControlList
{
    /// <summary>The maximum number of grants in a list. Source: as above, "Canned ACL" section.</summary>
    public const int MaxGrants = 100;

    private AccessControlList(IReadOnlyList<Grant> grants) => Grants = grants;

    /// <summary>The grants, in the order they were given.</summary>
    public IReadOnlyList<Grant> Grants { get; }

    /// <summary>Whether it grants anything to everyone or to all authenticated requesters.</summary>
    public bool IsPublic => Grants.Any(static grant => grant.Grantee.IsPublic);

    /// <summary>Creates the default list, which grants full control to the owner.</summary>
    public static AccessControlList Private(string ownerId) => new([new Grant(Grantee.Canonical(ownerId), AclPermission.FullControl)]);

    /// <summary>Creates a list of grants that a client sent.</summary>
    /// <exception cref="S3Exception">InvalidRequest for more than <see cref="MaxGrants"/>.</exception>
    public static AccessControlList Create(IEnumerable<Grant> grants)
    {
        Grant[] list = [.. grants];
        return list.Length <= MaxGrants
            ? new AccessControlList(list)
            : throw new S3Exception(S3Error.InvalidRequest, $"An access control list can have at most {MaxGrants} grants.");
    }

    /// <summary>Whether only the owner has access, with full control: the default, which is not stored.</summary>
    public bool IsPrivate(string ownerId) =>
        Grants is [{ Permission: AclPermission.FullControl } only] && only.Grantee == Grantee.Canonical(ownerId);

    /// <summary>Finds the first grant that gives a requester a permission; null when none does.</summary>
    /// <param name="permission">One permission.</param>
    /// <param name="canonicalId">Canonical user id of the requester's organization if grants to it count; null otherwise.</param>
    /// <param name="authenticated">Whether the request is signed.</param>
    /// <param name="ignorePublic">Ignores public grants (IgnorePublicAcls).</param>
    public Grant? FindGrant(AclPermission permission, string? canonicalId, bool authenticated, bool ignorePublic)
    {
        foreach (Grant grant in Grants)
        {
            bool applies = grant.Grantee.Kind switch
            {
                GranteeKind.CanonicalUser => canonicalId is not null && grant.Grantee.Id == canonicalId,
                GranteeKind.AllUsers => !ignorePublic,
                GranteeKind.AuthenticatedUsers => authenticated && !ignorePublic,
                _ => false,
            };
            if (applies && grant.Permission.HasFlag(permission))
            {
                return grant;
            }
        }

        return null;
    }

    /// <summary>Creates a list of stored grants; a single grant without a grantee stands for an empty list.</summary>
    internal static AccessControlList FromStorage(IReadOnlyList<Grant> grants) => new(grants is [{ Grantee.Kind: 0 }] ? [] : grants);
}
