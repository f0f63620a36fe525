using Tarn.Core.Identity;

namespace Tarn.Core.Policy.Documents;

/// <summary>All policies of one organization, evaluated together: a Deny in any of them overrides every Allow.</summary>
public sealed class OrganizationPolicies(IReadOnlyList<OrganizationPolicy> policies)
{
    /// <summary>The policies of an organization that has none.</summary>
    public static readonly OrganizationPolicies None = new([]);

    /// <summary>The policies, in the order given.</summary>
    public IReadOnlyList<OrganizationPolicy> Policies { get; } = policies;

    /// <summary>Whether some request of the principal for the action could be allowed.</summary>
    public bool MightAllow(S3Action action, Principal? principal)
    {
        for (int i = 0; i < Policies.Count; i++)
        {
            if (Policies[i].MightAllow(action, principal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Evaluates the request by all policies: an explicit Deny, else an Allow, else no match.</summary>
    public PolicyVerdict Evaluate(in PolicyRequest request)
    {
        PolicyVerdict result = PolicyVerdict.NoMatch;
        for (int i = 0; i < Policies.Count; i++)
        {
            PolicyVerdict verdict = Policies[i].Evaluate(request);
            if (verdict.Outcome == PolicyOutcome.ExplicitDeny)
            {
                return verdict;
            }

            if (result.Outcome == PolicyOutcome.NoMatch)
            {
                result = verdict;
            }
        }

        return result;
    }
}
