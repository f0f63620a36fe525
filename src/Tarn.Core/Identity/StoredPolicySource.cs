using System.Collections.Concurrent;
using System.Text;
using Tarn.Core.Access;
using Tarn.Core.Policy;

namespace Tarn.Core.Identity;

/// <summary>
/// The policies of organizations, ready to be asked. They are kept, up to a bound, and forgotten when this process changes any
/// identity, before the change is answered.
/// </summary>
public sealed class StoredPolicySource : IOrganizationPolicySource
{
    private const int MaxKept = 10_000;

    private readonly IdentityStore _identity;
    private volatile ConcurrentDictionary<string, OrganizationPolicies> _kept = new(StringComparer.Ordinal);

    public StoredPolicySource(IdentityStore identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _identity = identity;
        identity.OnRevoked(() => _kept = new ConcurrentDictionary<string, OrganizationPolicies>(StringComparer.Ordinal));
    }

    public ValueTask<OrganizationPolicies> FindAsync(string canonicalId, CancellationToken cancellationToken) =>
        _kept.TryGetValue(canonicalId, out OrganizationPolicies? kept)
            ? ValueTask.FromResult(kept)
            : ReadAsync(canonicalId, cancellationToken);

    private async ValueTask<OrganizationPolicies> ReadAsync(string canonicalId, CancellationToken cancellationToken)
    {
        // Taken before the rows are read, so that what was read before a change goes into a table that is no longer used.
        ConcurrentDictionary<string, OrganizationPolicies> kept = _kept;
        if (await _identity.Organizations.FindByCanonicalIdAsync(canonicalId, cancellationToken) is not { } organization)
        {
            return OrganizationPolicies.None;
        }

        IReadOnlyList<StoredPolicy> stored = await _identity.Policies.AllAsync(organization.Name, cancellationToken);
        OrganizationPolicies policies = stored.Count == 0
            ? OrganizationPolicies.None
            : new OrganizationPolicies([.. stored.Select(policy =>
                OrganizationPolicy.Load(Encoding.UTF8.GetBytes(policy.Document), policy.Name, organization.Name))]);
        if (kept.Count >= MaxKept)
        {
            kept.Clear();
        }

        kept[canonicalId] = policies;
        return policies;
    }
}
