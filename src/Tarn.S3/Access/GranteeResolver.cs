using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.S3.Wire;

namespace Tarn.S3.Access;

/// <summary>Resolves the grantees that a request names. Source: Amazon S3 User Guide, "Who is a grantee?".</summary>
internal sealed class GranteeResolver(IAccountDirectory accounts)
{
    /// <summary>The directory of organizations and users.</summary>
    public IAccountDirectory Accounts => accounts;

    /// <exception cref="S3Exception">InvalidArgument when no organization has the id.</exception>
    public async ValueTask<Grantee> ByIdAsync(string id, string[] known, CancellationToken cancellationToken) =>
        known.Contains(id, StringComparer.Ordinal) || await accounts.FindByCanonicalIdAsync(id, cancellationToken) is not null
            ? Grantee.Canonical(id)
            : throw Arguments.Invalid("Invalid id", "CanonicalUser/ID", id);

    /// <exception cref="S3Exception">InvalidArgument when there is no such group.</exception>
    public static Grantee ByUri(string uri) => Grantee.FromUri(uri) ?? throw Arguments.Invalid("Invalid group uri", "Group/URI", uri);

    /// <exception cref="S3Exception">UnresolvableGrantByEmailAddress, AmbiguousGrantByEmailAddress.</exception>
    public async ValueTask<Grantee> ByEmailAsync(string email, CancellationToken cancellationToken) =>
        await accounts.FindByEmailAsync(email, cancellationToken) switch
        {
            [Account only] => Grantee.Canonical(only.CanonicalId),
            [] => throw new S3Exception(S3Error.UnresolvableGrantByEmailAddress),
            _ => throw new S3Exception(S3Error.AmbiguousGrantByEmailAddress),
        };

    /// <summary>The display name for an id; null when no organization has the id any more.</summary>
    public async ValueTask<string?> DisplayNameAsync(string id, CancellationToken cancellationToken) =>
        (await accounts.FindByCanonicalIdAsync(id, cancellationToken))?.DisplayName;
}
