using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Creates, finds, lists and deletes the roles of organizations.</summary>
public sealed class IdentityRoles
{
    /// <summary>The maximum number of roles of an organization.</summary>
    public const int MaxCount = 1000;

    /// <summary>The maximum number of policies of a role: all are evaluated for each of its requests.</summary>
    public const int MaxPolicies = 4;

    /// <summary>The shortest longest session, in seconds.</summary>
    public const int MinSession = 900;

    /// <summary>The longest longest session, in seconds: 12 hours.</summary>
    public const int MaxSession = 43_200;

    private readonly IdentityContext _context;

    internal IdentityRoles(IdentityContext context) => _context = context;

    /// <summary>Finds a role; null when there is none.</summary>
    public ValueTask<IdentityRole?> FindAsync(string organization, string name, CancellationToken cancellationToken) =>
        Rows.FindAsync(_context.Store, Tables.RoleKey(organization, name), IdentityRole.Decode, cancellationToken);

    /// <summary>Finds a role.</summary>
    /// <exception cref="IdentityRefusalException">There is none.</exception>
    public async ValueTask<IdentityRole> GetAsync(string organization, string name, CancellationToken cancellationToken) =>
        await FindAsync(organization, name, cancellationToken) ?? throw NoRole(organization, name);

    /// <summary>The roles of an organization, in order of their names.</summary>
    public async ValueTask<IdentityPage<IdentityRole>> ListAsync(string organization, string? after, int limit, CancellationToken cancellationToken)
    {
        (IReadOnlyList<KeyValueEntry> rows, string? next) =
            await _context.PageAsync(Tables.RoleKey(organization, ""), after, limit, cancellationToken);
        return new IdentityPage<IdentityRole>([.. rows.Select(row => Rows.Decode(row.Key, row.Value, IdentityRole.Decode))], next);
    }

    /// <summary>Creates a role whose conditions and policies the caller has validated.</summary>
    /// <param name="wanted">Its properties; the id and the time are set here.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <exception cref="IdentityRefusalException">No such organization or issuer; a rule is broken; the name is taken.</exception>
    public async ValueTask<IdentityRole> CreateAsync(IdentityRole wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        IdentityRules.ThrowIfBroken(IdentityRules.Name("the name of a role", wanted.Name));
        OidcIssuers.ThrowIfBroken("audience", wanted.Audiences);
        IdentityRules.ThrowIfBroken(wanted.MaxSessionSeconds is < MinSession or > MaxSession
            ? $"the longest session must have {MinSession} to {MaxSession} seconds" : null);
        IdentityRules.ThrowIfBroken(wanted.Policies.Count > MaxPolicies ? $"a role can have at most {MaxPolicies} policies" : null);
        IdentityRole made = wanted with
        {
            Id = "AROA" + RandomText.Pick(_context.Random, RandomText.UpperAlphanumeric, 17),
            Created = _context.Now,
        };
        byte[] row = Tables.RoleKey(made.Organization, made.Name);
        return await _context.ChangeAsync(
            made.Organization,
            user: null,
            async batch =>
            {
                // The deletion of the issuer changes the organization's row too, which is guarded.
                byte[] issuer = Tables.IssuerKey(made.Organization, made.Issuer);
                if (await _context.Store.GetAsync(issuer, cancellationToken) is not { } trusted || Rows.Decode(issuer, trusted, OidcIssuer.Decode).Url != made.IssuerUrl)
                {
                    throw IdentityRefusalException.NotFound($"there is no issuer '{made.Issuer}' in organization '{made.Organization}'");
                }

                if (await _context.Store.GetAsync(row, cancellationToken) is not null)
                {
                    throw IdentityRefusalException.Conflict($"the role '{made.Name}' of organization '{made.Organization}' is taken");
                }

                (IReadOnlyList<KeyValueEntry> rows, _) = await _context.PageAsync(Tables.RoleKey(made.Organization, ""), null, MaxCount, cancellationToken);
                if (rows.Count >= MaxCount)
                {
                    throw IdentityRefusalException.Conflict($"an organization can have at most {MaxCount} roles");
                }

                batch.Check(row, null).Put(row, made.Encode());
                return made;
            },
            cancellationToken);
    }

    /// <summary>Removes a role: its sessions are refused from now on.</summary>
    /// <exception cref="IdentityRefusalException">There is none.</exception>
    public async ValueTask DeleteAsync(string organization, string name, CancellationToken cancellationToken)
    {
        byte[] row = Tables.RoleKey(organization, name);
        await _context.ChangeAsync(
            organization,
            user: null,
            async batch =>
            {
                byte[] old = await _context.Store.GetAsync(row, cancellationToken) ?? throw NoRole(organization, name);
                return batch.Check(row, old).Delete(row).AsRemoval();
            },
            cancellationToken);
        _context.Revoked();
    }

    private static IdentityRefusalException NoRole(string organization, string name) =>
        IdentityRefusalException.NotFound($"there is no role '{name}' in organization '{organization}'");
}
