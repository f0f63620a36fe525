using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>Where the policies of organizations come from. Called for every request, once or twice: expected to be a cache.</summary>
public interface IOrganizationPolicySource
{
    /// <summary>All policies of the organization with this canonical user id; <see cref="OrganizationPolicies.None"/> when it has none.</summary>
    ValueTask<OrganizationPolicies> FindAsync(string canonicalId, CancellationToken cancellationToken);
}
