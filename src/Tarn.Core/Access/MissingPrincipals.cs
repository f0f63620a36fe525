using Tarn.Core.Identity;
using Tarn.Core.Policy;

namespace Tarn.Core.Access;

/// <summary>
/// Finds principals that a policy names and that do not exist: usually a mistake, though the policy may be put before the principal is created. AWS
/// refuses such a policy.
/// </summary>
public static class MissingPrincipals
{
    /// <summary>Names that a warning repeats.</summary>
    private const int MaxNamed = 10;

    /// <returns>Those that do not exist, as ARNs or canonical user ids.</returns>
    public static async ValueTask<IReadOnlyList<string>> FindAsync(
        IEnumerable<PolicyPrincipal> named, IAccountDirectory accounts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(named);
        ArgumentNullException.ThrowIfNull(accounts);
        var missing = new List<string>();
        foreach (PolicyPrincipal principal in named)
        {
            bool exists = principal.Role is { } role
                ? await accounts.RoleExistsAsync(principal.Organization!, role, cancellationToken)
                : principal.CanonicalId is { } id
                ? await accounts.FindByCanonicalIdAsync(id.ToLowerInvariant(), cancellationToken) is not null
                : await accounts.ExistsAsync(principal.Organization!, principal.User, cancellationToken);
            if (!exists)
            {
                missing.Add(principal.ToString());
            }
        }

        return missing;
    }

    /// <summary>One line for people; printable ASCII, as names are.</summary>
    public static string Warning(IReadOnlyList<string> missing)
    {
        ArgumentNullException.ThrowIfNull(missing);
        string more = missing.Count > MaxNamed ? $" and {missing.Count - MaxNamed} more" : "";
        return $"The policy names principals that do not exist: {string.Join(", ", missing.Take(MaxNamed))}{more}";
    }
}
