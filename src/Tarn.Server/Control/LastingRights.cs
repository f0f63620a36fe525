using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Identity;

namespace Tarn.Server.Control;

/// <summary>Finds out whether who sent a request still is who they were, for answers that go on long after the request was authenticated.</summary>
internal sealed class LastingRights(IdentityStore identity, ICredentialSource credentials, TimeProvider time)
{
    /// <summary>Notes the credentials of a request.</summary>
    /// <returns>Asks whether they are still valid, for the same root user and with the same secret.</returns>
    public async ValueTask<Func<CancellationToken, ValueTask<bool>>> OfAsync(HttpContext http, Principal principal)
    {
        byte[]? noted = await SecretAsync(http, principal, http.RequestAborted);
        return async cancellationToken => noted is not null && await SecretAsync(http, principal, cancellationToken) is { } now && noted.AsSpan().SequenceEqual(now);
    }

    /// <summary>A hash of what authenticates the principal; null if nothing does any more.</summary>
    private async ValueTask<byte[]?> SecretAsync(HttpContext http, Principal principal, CancellationToken cancellationToken)
    {
        if (principal.HoldsToken)
        {
            string token = ControlAuthenticator.TokenOf(http.Request.Headers.Authorization.ToString());
            return await identity.Tokens.AuthenticateAsync(token, cancellationToken) is { } holder && IsSame(principal, holder) ? [] : null;
        }

        return principal.AccessKeyId is { } id && await credentials.FindAsync(id, cancellationToken) is { } found && !(found.Expires <= time.GetUtcNow()) && IsSame(principal, found.Principal)
            ? SHA256.HashData(Encoding.UTF8.GetBytes(found.SecretKey))
            : null;
    }

    private static bool IsSame(Principal one, Principal other) => one.IsRoot == other.IsRoot && one.OrganizationId == other.OrganizationId && one.UserName == other.UserName;
}
