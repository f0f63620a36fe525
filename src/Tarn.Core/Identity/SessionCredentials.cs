using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>
/// Turns temporary keys into credentials, whose principal is that of what they were issued for as it is now: without it there is no credential.
/// </summary>
/// <param name="context">The rows.</param>
/// <param name="findKey">Finds the credential of an access key.</param>
internal sealed class SessionCredentials(IdentityContext context, Func<string, CancellationToken, ValueTask<Credential?>> findKey)
{
    /// <summary>The credential; null when what the key was issued for is gone, or is another one of that name.</summary>
    public async ValueTask<Credential?> FindAsync(TemporaryKey key, CancellationToken cancellationToken)
    {
        string secret = context.Protector.Unprotect(TemporaryKeys.Subject(key.Id), key.ProtectedSecret);
        DateTimeOffset expires = key.Expires;
        Principal? principal;
        switch (key.Source)
        {
            case TemporaryKeySource.AccessKey:
                Credential? parent = await findKey(key.Parent, cancellationToken);
                if (parent is null || !Is(TemporaryKeys.MarkOf(parent, secret), key.ParentMark))
                {
                    return null;
                }

                expires = parent.Expires < expires ? parent.Expires.Value : expires;
                principal = parent.Principal with { AccessKeyId = key.Id, Session = GrantOf(key, null, null) };
                break;
            case TemporaryKeySource.ApiToken:
                principal = await OfTokenAsync(key, cancellationToken);
                break;
            default:
                principal = await OfWorkloadAsync(key, cancellationToken);
                break;
        }

        return principal is null ? null : new Credential(key.Id, secret, principal, expires)
        {
            TokenHash = key.TokenHash.Length == 0 ? null : key.TokenHash,
            Created = key.Created,
        };
    }

    private async ValueTask<Principal?> OfTokenAsync(TemporaryKey key, CancellationToken cancellationToken)
    {
        byte[] row = Tables.ApiTokenKey(Convert.FromHexString(key.Parent));
        return await Rows.FindAsync(context.Store, row, bytes => ApiToken.Decode(key.Parent, bytes), cancellationToken) is { } token
            && await context.PrincipalAsync(token.Organization, token.User, key.Id, null, cancellationToken) is { } holder
            ? holder with { Session = GrantOf(key, null, null) }
            : null;
    }

    private async ValueTask<Principal?> OfWorkloadAsync(TemporaryKey key, CancellationToken cancellationToken)
    {
        bool hasRole = key.Source == TemporaryKeySource.Role;
        List<byte[]> keys = [Tables.OrganizationKey(key.Organization), Tables.IssuerKey(key.Organization, key.Issuer ?? "")];
        if (hasRole)
        {
            keys.Add(Tables.RoleKey(key.Organization, key.Parent));
        }

        byte[]?[] rows = await context.Store.GetAsync(keys, cancellationToken);
        if (rows[0] is not { } organizationRow || rows[1] is not { } issuerRow)
        {
            return null;
        }

        Organization organization = Rows.Decode(keys[0], organizationRow, Organization.Decode);
        OidcIssuer issuer = Rows.Decode(keys[1], issuerRow, OidcIssuer.Decode);
        if (!Is(Encoding.UTF8.GetBytes(issuer.Id), key.IssuerMark))
        {
            return null;
        }

        return !hasRole ? WorkloadOf(key, organization, issuer, null)
            : rows[2] is { } roleRow && Rows.Decode(keys[2], roleRow, IdentityRole.Decode) is var role && Is(Encoding.UTF8.GetBytes(role.Id), key.ParentMark)
                ? WorkloadOf(key, organization, issuer, role)
                : null;
    }

    /// <summary>The principal of a workload.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="organization">The organization that trusts its issuer.</param>
    /// <param name="issuer">The issuer of its token.</param>
    /// <param name="role">The role that it assumed; null when it speaks for itself.</param>
    public static Principal WorkloadOf(TemporaryKey key, Organization organization, OidcIssuer issuer, IdentityRole? role) =>
        new(organization.CanonicalId, organization.DisplayName, key.Id)
        {
            OrganizationId = organization.Name,
            Role = role?.Name ?? $"{issuer.Url}:{key.Subject}",
            SessionName = role is null ? null : key.SessionName,
            UserId = role is null ? $"{issuer.Id}:{key.Subject}" : $"{role.Id}:{key.SessionName}",
            Session = GrantOf(key, issuer, role),
        };

    private static SessionGrant GrantOf(TemporaryKey key, OidcIssuer? issuer, IdentityRole? role) => new()
    {
        RolePolicies = role?.Policies ?? [],
        Policy = key.Policy,
        ParentKey = key.Source == TemporaryKeySource.AccessKey ? key.Parent : null,
        IsConsole = key.IsConsole,
        Issuer = issuer?.Url,
        Claims = key.Claims,
    };

    private static bool Is(byte[] expected, byte[] mark) => CryptographicOperations.FixedTimeEquals(expected, mark);
}
