using Tarn.Core.Identity;

namespace Tarn.Core.Policy.Decisions;

/// <summary>Decides whom a statement applies to.</summary>
internal abstract class PrincipalTest
{
    /// <param name="principal">Null for an anonymous requester.</param>
    public abstract bool Matches(Principal? principal);

    /// <summary>Whether it lists the principal itself.</summary>
    public abstract bool Names(Principal? principal);

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

    /// <summary>Services, by their names.</summary>
    public HashSet<string> Services { get; } = new(StringComparer.Ordinal);

    /// <summary>Organization and what follows <c>role/</c>.</summary>
    public HashSet<(string Organization, string Role)> Roles { get; } = [];

    /// <summary>Organization and ARN of sessions of roles.</summary>
    public HashSet<(string Organization, string Arn)> Sessions { get; } = [];

    public bool Everyone { get; set; }

    public IEnumerable<PolicyPrincipal> All =>
    [
        .. Roles.Select(static role => new PolicyPrincipal(role.Organization, null, null) { Role = role.Role }),
        .. Organizations.Select(static organization => new PolicyPrincipal(organization, null, null)),
        .. Users.Select(static user => new PolicyPrincipal(user.Organization, user.User, null)),
        .. CanonicalIds.Select(static id => new PolicyPrincipal(null, null, id)),
    ];

    /// <summary>Whether it lists nobody outside an organization.</summary>
    public bool AreWithin(string organizationId, string canonicalId) =>
        !Everyone && Services.Count == 0 && Organizations.All(listed => listed == organizationId) && Users.All(listed => listed.Organization == organizationId)
        && Roles.All(listed => listed.Organization == organizationId) && Sessions.All(listed => listed.Organization == organizationId)
        && CanonicalIds.All(listed => listed.Equals(canonicalId, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it lists the principal or the organization that it belongs to.</summary>
    public bool Include(Principal? principal) =>
        Everyone || (principal is not null && (IncludeOrganization(principal) || IncludeUser(principal) || IncludeService(principal)));

    /// <summary>Whether it lists the principal, or the organization of which it is a member: a workload that exchanged a token of its own is none.</summary>
    public bool Admit(Principal? principal) =>
        Everyone || (principal is not null && ((!principal.IsWorkload && IncludeOrganization(principal)) || IncludeUser(principal) || IncludeService(principal)));

    /// <summary>Whether it lists the principal itself: listing an organization does not list its users.</summary>
    public bool Name(Principal? principal) =>
        Everyone || (principal is not null && (principal.IsRootUser ? IncludeOrganization(principal) : IncludeUser(principal) || IncludeService(principal)));

    /// <summary>Whether it lists the principal itself, and not only everyone.</summary>
    public bool Single(Principal? principal) => !Everyone && Name(principal);

    private bool IncludeOrganization(Principal principal) =>
        (Organizations.Count > 0 && Organizations.Contains(principal.OrganizationId))
        || (CanonicalIds.Count > 0 && CanonicalIds.Contains(principal.OwnerId));

    private bool IncludeUser(Principal principal) =>
        (Users.Count > 0 && principal.UserName is { } user && Users.Contains((principal.OrganizationId, user)))
        || (Roles.Count > 0 && principal.Role is { } role && Roles.Contains((principal.OrganizationId, role)))
        || (Sessions.Count > 0 && principal.SessionName is not null && Sessions.Contains((principal.OrganizationId, principal.Arn)));

    private bool IncludeService(Principal principal) =>
        Services.Count > 0 && principal.ServiceName is { } service && Services.Contains(service);
}

/// <summary>Principal: the listed principals, and everyone of a listed organization; in an Allow, of its workloads only those that are listed themselves.</summary>
internal sealed class ListedPrincipals(NamedPrincipals named, bool deny) : PrincipalTest
{
    public override bool IsOpen => named.Everyone;

    public override IEnumerable<PolicyPrincipal> Named => named.All;

    public override bool IsWithin(string organizationId, string canonicalId) => named.AreWithin(organizationId, canonicalId);

    public override bool Names(Principal? principal) => named.Single(principal);

    public override bool Matches(Principal? principal) => deny ? named.Include(principal) : named.Admit(principal);
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

    public override bool Names(Principal? principal) => false;

    public override bool Matches(Principal? principal) => !(deny ? named.Name(principal) : named.Include(principal));
}

/// <summary>
/// The principals of an organization policy: users, groups and roles of its own organization. <c>*</c> is everyone in it and, in a Deny, everyone outside
/// too, since a Deny protects the organization's buckets; in an Allow, no workload that exchanged a token of its own.
/// </summary>
internal sealed class MemberPrincipals(string organization, bool deny, bool everyone, HashSet<string> users, HashSet<string> groups, HashSet<string> roles, bool root)
    : PrincipalTest
{
    public override bool IsOpen => everyone;

    public override IEnumerable<PolicyPrincipal> Named =>
    [
        .. users.Select(user => new PolicyPrincipal(organization, user, null)),
        .. roles.Select(role => new PolicyPrincipal(organization, null, null) { Role = role }),
    ];

    public override bool IsWithin(string organizationId, string canonicalId) => organizationId == organization;

    public override bool Names(Principal? principal) => principal is not null && principal.OrganizationId == organization && Lists(principal);

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

        return (everyone && !principal.IsWorkload) || Lists(principal) || (groups.Count > 0 && IsInGroup(principal.Groups));
    }

    private bool Lists(Principal principal) =>
        (root && principal.IsRootUser) || (principal.UserName is { } user && users.Contains(user)) || (principal.Role is { } role && roles.Contains(role));

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
