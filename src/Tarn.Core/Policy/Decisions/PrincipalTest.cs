using Tarn.Core.Identity;

namespace Tarn.Core.Policy.Decisions;

/// <summary>Decides whom a statement applies to.</summary>
internal abstract class PrincipalTest
{
    /// <param name="principal">Null for an anonymous requester.</param>
    public abstract bool Matches(Principal? principal);

    /// <summary>Whether it matches only principals of one organization.</summary>
    public abstract bool IsWithin(string organizationId, string canonicalId);

    /// <summary>Every principal that the statement names, in Principal or NotPrincipal.</summary>
    public abstract IEnumerable<PolicyPrincipal> Named { get; }

    /// <summary>Whether it matches anyone at all, conditions aside.</summary>
    public abstract bool IsOpen { get; }
}

/// <summary>The principals that a Principal or NotPrincipal element lists.</summary>
internal sealed class NamedPrincipals
{
    /// <summary>Ids of organizations, by name or as <c>…:ORG:root</c>.</summary>
    public HashSet<string> Organizations { get; } = new(StringComparer.Ordinal);

    /// <summary>Hex digits; case is ignored.</summary>
    public HashSet<string> CanonicalIds { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Organization and user name.</summary>
    public HashSet<(string Organization, string User)> Users { get; } = [];

    public bool Everyone { get; set; }

    public IEnumerable<PolicyPrincipal> All =>
    [
        .. Organizations.Select(static organization => new PolicyPrincipal(organization, null, null)),
        .. Users.Select(static user => new PolicyPrincipal(user.Organization, user.User, null)),
        .. CanonicalIds.Select(static id => new PolicyPrincipal(null, null, id)),
    ];

    /// <summary>Whether it lists nobody outside an organization.</summary>
    public bool AreWithin(string organizationId, string canonicalId) =>
        !Everyone && Organizations.All(listed => listed == organizationId) && Users.All(listed => listed.Organization == organizationId)
        && CanonicalIds.All(listed => listed.Equals(canonicalId, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it lists the principal or the organization that it belongs to.</summary>
    public bool Include(Principal? principal) =>
        Everyone || (principal is not null && (IncludeOrganization(principal) || IncludeUser(principal)));

    /// <summary>Whether it lists the principal itself: listing an organization does not list its users.</summary>
    public bool Name(Principal? principal) =>
        Everyone || (principal is not null && (principal.IsRoot ? IncludeOrganization(principal) : IncludeUser(principal)));

    private bool IncludeOrganization(Principal principal) =>
        (Organizations.Count > 0 && Organizations.Contains(principal.OrganizationId))
        || (CanonicalIds.Count > 0 && CanonicalIds.Contains(principal.OwnerId));

    private bool IncludeUser(Principal principal) =>
        Users.Count > 0 && principal.UserName is { } user && Users.Contains((principal.OrganizationId, user));
}

/// <summary>Principal: the listed principals, and everyone of a listed organization.</summary>
internal sealed class ListedPrincipals(NamedPrincipals named) : PrincipalTest
{
    public override bool IsOpen => named.Everyone;

    public override IEnumerable<PolicyPrincipal> Named => named.All;

    public override bool IsWithin(string organizationId, string canonicalId) => named.AreWithin(organizationId, canonicalId);

    public override bool Matches(Principal? principal) => named.Include(principal);
}

/// <summary>
/// NotPrincipal: everyone who is not listed. A Deny spares only principals that are listed themselves, an Allow excludes whole organizations: the
/// stricter reading of each. Source: IAM User Guide, "IAM JSON policy elements: NotPrincipal".
/// </summary>
internal sealed class UnlistedPrincipals(NamedPrincipals named, bool deny) : PrincipalTest
{
    public override bool IsOpen => !named.Everyone;

    public override IEnumerable<PolicyPrincipal> Named => named.All;

    public override bool IsWithin(string organizationId, string canonicalId) => false;

    public override bool Matches(Principal? principal) => !(deny ? named.Name(principal) : named.Include(principal));
}

/// <summary>
/// The principals of an organization policy: users and groups of its own organization. <c>*</c> is everyone in it and, in a Deny, everyone outside
/// too, since a Deny protects the organization's buckets.
/// </summary>
internal sealed class MemberPrincipals(string organization, bool deny, bool everyone, HashSet<string> users, HashSet<string> groups, bool root) : PrincipalTest
{
    public override bool IsOpen => everyone;

    public override IEnumerable<PolicyPrincipal> Named => users.Select(user => new PolicyPrincipal(organization, user, null));

    public override bool IsWithin(string organizationId, string canonicalId) => organizationId == organization;

    public override bool Matches(Principal? principal)
    {
        if (everyone && deny)
        {
            return true;
        }

        if (principal is null || principal.OrganizationId != organization)
        {
            return false;
        }

        return everyone
            || (root && principal.IsRoot)
            || (principal.UserName is { } user && users.Contains(user))
            || (groups.Count > 0 && IsInGroup(principal.Groups));
    }

    private bool IsInGroup(IReadOnlyList<string> memberships)
    {
        for (int i = 0; i < memberships.Count; i++)
        {
            if (groups.Contains(memberships[i]))
            {
                return true;
            }
        }

        return false;
    }
}
