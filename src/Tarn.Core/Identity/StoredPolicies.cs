using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Puts, finds, lists and deletes the access policies of organizations.</summary>
public sealed class StoredPolicies
{
    /// <summary>Longest document of a policy, in characters.</summary>
    public const int MaxLength = 20 * 1024;

    /// <summary>The maximum number of policies of an organization: all are evaluated for every request.</summary>
    public const int MaxCount = 100;

    private readonly IdentityContext _context;

    internal StoredPolicies(IdentityContext context) => _context = context;

    /// <summary>Puts a policy that the caller has validated; replaces one of the same name.</summary>
    /// <exception cref="IdentityRefusalException">No such organization, a broken rule, or too many policies.</exception>
    public async ValueTask<StoredPolicy> PutAsync(
        string organization, string name, string document, CancellationToken cancellationToken)
    {
        IdentityRules.ThrowIfBroken(IdentityRules.Name("the name of a policy", name));
        IdentityRules.ThrowIfBroken(document.Length > MaxLength ? $"a policy must have at most {MaxLength} characters" : null);
        byte[] row = Tables.OrganizationPolicyKey(organization, name);
        StoredPolicy put = await _context.ChangeAsync(
            organization,
            user: null,
            async batch =>
            {
                byte[]? old = await _context.Store.GetAsync(row, cancellationToken);
                if (old is null && (await AllAsync(organization, cancellationToken)).Count >= MaxCount)
                {
                    throw IdentityRefusalException.Conflict($"an organization can have at most {MaxCount} policies");
                }

                DateTimeOffset now = _context.Now;
                var policy = new StoredPolicy
                {
                    Organization = organization,
                    Name = name,
                    Document = document,
                    Created = old is null ? now : Rows.Decode(row, old, StoredPolicy.Decode).Created,
                    Updated = now,
                };
                batch.Check(row, old).Put(row, policy.Encode());
                return policy;
            },
            cancellationToken);
        _context.Revoked();
        return put;
    }

    /// <summary>Finds a policy.</summary>
    /// <exception cref="IdentityRefusalException">There is none.</exception>
    public async ValueTask<StoredPolicy> GetAsync(string organization, string name, CancellationToken cancellationToken) =>
        await Rows.FindAsync(_context.Store, Tables.OrganizationPolicyKey(organization, name), StoredPolicy.Decode, cancellationToken)
            ?? throw NoPolicy(organization, name);

    /// <summary>All policies of an organization, in order of their names: at most <see cref="MaxCount"/>.</summary>
    public async ValueTask<IReadOnlyList<StoredPolicy>> AllAsync(string organization, CancellationToken cancellationToken)
    {
        var policies = new List<StoredPolicy>();
        await foreach (KeyValueEntry row in _context.AllAsync(Tables.OrganizationPolicyKey(organization, ""), cancellationToken))
        {
            policies.Add(Rows.Decode(row.Key, row.Value, StoredPolicy.Decode));
        }

        return policies;
    }

    /// <summary>Removes a policy.</summary>
    /// <exception cref="IdentityRefusalException">There is none.</exception>
    public async ValueTask DeleteAsync(string organization, string name, CancellationToken cancellationToken)
    {
        byte[] row = Tables.OrganizationPolicyKey(organization, name);
        await _context.ChangeAsync(
            organization,
            user: null,
            async batch =>
            {
                byte[] old = await _context.Store.GetAsync(row, cancellationToken) ?? throw NoPolicy(organization, name);
                return batch.Check(row, old).Delete(row).AsRemoval();
            },
            cancellationToken);
        _context.Revoked();
    }

    private static IdentityRefusalException NoPolicy(string organization, string name) =>
        IdentityRefusalException.NotFound($"there is no policy '{name}' in organization '{organization}'");
}
