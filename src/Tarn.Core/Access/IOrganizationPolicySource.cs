using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>The source of the policies of organizations. Called once or twice for every request, so an implementation should cache.</summary>
public interface IOrganizationPolicySource
{
    /// <summary>All policies of the organization with this canonical user id; <see cref="OrganizationPolicies.None"/> when it has none.</summary>
    ValueTask<OrganizationPolicies> FindAsync(string canonicalId, CancellationToken cancellationToken);
}
