namespace Tarn.Core.Identity;

/// <summary>The organizations of the store, as access control lists and bucket policies name them.</summary>
public sealed class StoredAccounts(IdentityStore identity) : IAccountDirectory
{
    public async ValueTask<Account?> FindByCanonicalIdAsync(string canonicalId, CancellationToken cancellationToken) =>
        await identity.Organizations.FindByCanonicalIdAsync(canonicalId, cancellationToken) is { } found ? Account(found) : null;

    public async ValueTask<IReadOnlyList<Account>> FindByEmailAsync(string email, CancellationToken cancellationToken) =>
        await identity.Organizations.FindByEmailAsync(email, cancellationToken) is { } found ? [Account(found)] : [];

    private static Account Account(Organization organization) => new(organization.Name, organization.CanonicalId, organization.DisplayName);
}
