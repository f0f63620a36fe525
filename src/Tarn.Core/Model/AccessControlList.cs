using Tarn.Core.Errors;

namespace Tarn.Core.Model;

/// <summary>
/// Who may do what with a bucket or an object beside its owner. The owner is not part of it: the bucket's or object's own record
/// has that. Source: Amazon S3 User Guide, "Access control list (ACL) overview".
/// </summary>
public sealed class AccessControlList
{
    /// <summary>Source: as above, "Canned ACL" section.</summary>
    public const int MaxGrants = 100;

    private AccessControlList(IReadOnlyList<Grant> grants) => Grants = grants;

    public IReadOnlyList<Grant> Grants { get; }

    /// <summary>Whether it grants anything to everyone, or to everyone who signs.</summary>
    public bool IsPublic => Grants.Any(static grant => grant.Grantee.IsPublic);

    /// <summary>The list that everything has unless told otherwise: the owner may do everything.</summary>
    public static AccessControlList Private(string ownerId) => new([new Grant(Grantee.Canonical(ownerId), AclPermission.FullControl)]);

    /// <exception cref="S3Exception">InvalidRequest for more than <see cref="MaxGrants"/>.</exception>
    public static AccessControlList Create(IEnumerable<Grant> grants)
    {
        Grant[] list = [.. grants];
        return list.Length <= MaxGrants
            ? new AccessControlList(list)
            : throw new S3Exception(S3Error.InvalidRequest, $"An access control list can have at most {MaxGrants} grants.");
    }

    /// <summary>Whether the owner alone may do everything, and nobody else anything: what is stored as nothing at all.</summary>
    public bool IsPrivate(string ownerId) =>
        Grants is [{ Permission: AclPermission.FullControl } only] && only.Grantee == Grantee.Canonical(ownerId);

    /// <summary>Whether the owner of the bucket is granted everything: all that an object in a bucket without lists may say.</summary>
    public bool GrantsFullControl(string canonicalId) =>
        Grants.Any(grant => grant.Grantee == Grantee.Canonical(canonicalId) && grant.Permission == AclPermission.FullControl);

    /// <summary>The first grant that gives a requester a permission; null when none does.</summary>
    /// <param name="permission">One permission.</param>
    /// <param name="canonicalId">The requester's organization, if grants to it are to count; null otherwise.</param>
    /// <param name="authenticated">Whether the request is signed.</param>
    /// <param name="ignorePublic">Leaves out what is granted to the world (IgnorePublicAcls).</param>
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

    /// <summary>A list of grants that were read; one without a grantee stands for an empty list.</summary>
    internal static AccessControlList FromStorage(IReadOnlyList<Grant> grants) => new(grants is [{ Grantee.Kind: 0 }] ? [] : grants);
}
