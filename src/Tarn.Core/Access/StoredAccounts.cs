using Tarn.Core.Identity;

namespace Tarn.Core.Access;

/// <summary>The organizations of the store, as access control lists name them.</summary>
public sealed class StoredAccounts(IdentityStore identity) : IAccountDirectory
{
    /// <inheritdoc/>
    public async ValueTask<Account?> FindByCanonicalIdAsync(string canonicalId, CancellationToken cancellationToken) =>
        Describe(await identity.Organizations.FindByCanonicalIdAsync(canonicalId, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Account>> FindByEmailAsync(string email, CancellationToken cancellationToken) =>
        Describe(await identity.Organizations.FindByEmailAsync(email, cancellationToken)) is { } found ? [found] : [];

    /// <inheritdoc/>
    public async ValueTask<bool> ExistsAsync(string organization, string? user, CancellationToken cancellationToken) => user is null
        ? await identity.Organizations.FindAsync(organization, cancellationToken) is not null
        : await identity.Users.FindAsync(organization, user, cancellationToken) is not null;

    /// <inheritdoc/>
    public async ValueTask<bool> RoleExistsAsync(string organization, string role, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(role);
        return role.Contains("://", StringComparison.Ordinal)
            ? (await identity.Issuers.AllAsync(organization, cancellationToken)).Any(issuer => role.StartsWith(issuer.Url + ":", StringComparison.Ordinal))
            : await identity.Roles.FindAsync(organization, role, cancellationToken) is not null;
    }

    private static Account? Describe(Organization? found) =>
        found is null ? null : new Account(found.Name, found.CanonicalId, found.DisplayName);
}
