using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Identity;

namespace Tarn.Core.Jobs;

/// <summary>Finds who a job acts as, anew for each key: credentials expire, and keys, tokens, users, roles, issuers and organizations are deleted.</summary>
public sealed class JobRequesters(IdentityStore identity, ICredentialSource credentials, TimeProvider clock)
{
    /// <summary>Notes the requester of a job with the credentials that it has.</summary>
    /// <returns>The requester; null when the credentials, or the organization, are gone already.</returns>
    public async ValueTask<JobRequester?> NoteAsync(Principal principal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(principal);
        if (await identity.Organizations.FindAsync(principal.OrganizationId, cancellationToken) is not { } organization || organization.CanonicalId != principal.OwnerId)
        {
            return null;
        }

        byte[]? mark = null;
        if (!principal.HoldsToken)
        {
            if (await credentials.FindAsync(principal.AccessKeyId, cancellationToken) is not { } credential)
            {
                return null;
            }

            mark = identity.Context.Protector.Protect(Subject(credential.AccessKeyId), Facts(credential));
        }

        return new JobRequester
        {
            Organization = principal.OrganizationId,
            Owner = JobOwner.Of(organization),
            Arn = principal.Arn,
            UserId = principal.UserId,
            CredentialId = principal.AccessKeyId,
            HoldsToken = principal.HoldsToken,
            CredentialMark = mark,
        };
    }

    /// <summary>The principal, as it is now, with the limits that it has; null when the credentials that asked for the job no longer authenticate it.</summary>
    public async ValueTask<Principal?> FindAsync(JobRequester requester, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requester);
        Principal? found = requester.HoldsToken
            ? await identity.Tokens.PrincipalAsync(requester.CredentialId, cancellationToken)
            : await OfKeyAsync(requester, cancellationToken);
        return found is not null && requester.Is(found) ? found : null;
    }

    private async ValueTask<Principal?> OfKeyAsync(JobRequester requester, CancellationToken cancellationToken) =>
        await credentials.FindAsync(requester.CredentialId, cancellationToken) is { } credential
        && !(credential.Expires <= clock.GetUtcNow())
        && requester.CredentialMark is { } mark
        && identity.Context.Protector.Unprotect(Subject(credential.AccessKeyId), mark) == Facts(credential)
            ? credential.Principal
            : null;

    private static string Subject(string id) => "job-requester/" + id;

    /// <summary>A key that was rotated, or made again under the same id, is another one, and so is one with another policy.</summary>
    private static string Facts(Credential credential) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\0',
        credential.AccessKeyId,
        credential.Principal.UserId,
        credential.Created.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
        credential.SecretKey,
        credential.Principal.KeyPolicy?.Document,
        credential.Principal.Session?.Policy))));
}
