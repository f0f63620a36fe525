namespace Tarn.Core.Policy;

/// <summary>A principal that a policy names: an organization, one of its users or roles, or the holder of a canonical user id.</summary>
/// <param name="Organization">The organization's id; null with <paramref name="CanonicalId"/>.</param>
/// <param name="User">The user's name; null for the organization itself.</param>
/// <param name="CanonicalId">64 hex digits; null with <paramref name="Organization"/>.</param>
public readonly record struct PolicyPrincipal(string? Organization, string? User, string? CanonicalId)
{
    /// <summary>What follows <c>role/</c>: a role's name or <c>ISSUER:SUBJECT</c>; null for others.</summary>
    public string? Role { get; init; }

    /// <summary>Parses the form that <see cref="ToString"/> writes; false when the text names no single principal.</summary>
    public static bool TryParse(string text, out PolicyPrincipal principal)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (PrincipalArn.TryParseRole(text, out string owner, out string role))
        {
            principal = new PolicyPrincipal(owner, null, null) { Role = role };
            return true;
        }

        bool isArn = PrincipalArn.TryParse(text, out string organization, out string? user);
        principal = isArn ? new PolicyPrincipal(organization, user, null) : new PolicyPrincipal(null, null, text);
        return isArn || Identity.IdentityRules.CanonicalId(text) is null;
    }

    /// <summary>An ARN, or the canonical user id.</summary>
    public override string ToString() => CanonicalId ?? $"arn:aws:iam::{Organization}:{(Role is not null ? $"role/{Role}" : User is null ? "root" : $"user/{User}")}";
}
