using System.Collections.Concurrent;
using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>
/// The policies of the store's organizations, compiled and cached up to a bound. Any change of identities empties the cache.
/// </summary>
public sealed class StoredOrganizationPolicies : IOrganizationPolicySource
{
    private const int MaxKept = 10_000;

    private readonly IdentityStore _identity;
    private volatile ConcurrentDictionary<string, OrganizationPolicies> _kept = new(StringComparer.Ordinal);

    /// <param name="identity">The store; its revocations empty the cache.</param>
    public StoredOrganizationPolicies(IdentityStore identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _identity = identity;
        identity.OnRevoked(() => _kept = new ConcurrentDictionary<string, OrganizationPolicies>(StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public ValueTask<OrganizationPolicies> FindAsync(string canonicalId, CancellationToken cancellationToken) =>
        _kept.TryGetValue(canonicalId, out OrganizationPolicies? kept) ? new(kept) : ReadAsync(canonicalId, cancellationToken);

    private async ValueTask<OrganizationPolicies> ReadAsync(string canonicalId, CancellationToken cancellationToken)
    {
        // Taken before the rows are read: if they change meanwhile, what was read goes into a table that is no longer used.
        ConcurrentDictionary<string, OrganizationPolicies> kept = _kept;
        if (await _identity.Organizations.FindByCanonicalIdAsync(canonicalId, cancellationToken) is not { } organization)
        {
            return OrganizationPolicies.None;
        }

        IReadOnlyList<StoredPolicy> stored = await _identity.Policies.AllAsync(organization.Name, cancellationToken);
        OrganizationPolicies policies = stored.Count == 0
            ? OrganizationPolicies.None
            : new([.. stored.Select(policy => OrganizationPolicy.Load(Encoding.UTF8.GetBytes(policy.Document), policy.Name, organization.Name))]);
        if (kept.Count >= MaxKept)
        {
            kept.Clear();
        }

        kept[canonicalId] = policies;
        return policies;
    }
}
