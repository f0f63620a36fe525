using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.Server.Configuration;
using OrganizationPolicies = Tarn.Core.Policy.OrganizationPolicies;

namespace Tarn.Server.Hosting;

/// <summary>The one organization of a server that has only its root user.</summary>
internal sealed class RootDirectory(RootIdentity root) : IAccountDirectory, IOrganizationPolicySource
{
    private readonly Account _root = new(RootIdentity.OrganizationId, root.CanonicalId, RootIdentity.DisplayName);

    public ValueTask<Account?> FindByCanonicalIdAsync(string canonicalId, CancellationToken cancellationToken) =>
        new(canonicalId == _root.CanonicalId ? _root : null);

    public ValueTask<IReadOnlyList<Account>> FindByEmailAsync(string email, CancellationToken cancellationToken) => new([]);

    public ValueTask<OrganizationPolicies> FindAsync(string canonicalId, CancellationToken cancellationToken) => new(OrganizationPolicies.None);
}
