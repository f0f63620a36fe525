using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth.SigV4;

namespace Tarn.S3.Auth;

/// <summary>
/// Verifies requests that are signed with an access key for a service other than S3, so that neither can be replayed at the other:
/// Signature Version 4 in the Authorization header, with the SHA-256 of the body.
/// </summary>
/// <param name="credentials">Access keys.</param>
/// <param name="time">The server's clock.</param>
/// <param name="service">The service that the credential scope must name; any region is accepted.</param>
public sealed class SignedRequests(ICredentialSource credentials, TimeProvider time, string service)
{
    private readonly Authenticator _authenticator = new(credentials, time, region: null, service);

    /// <summary>Verifies the signature. The caller must compare the body's hash.</summary>
    /// <returns>The access key that signed, and the SHA-256 (hex) that the body must have.</returns>
    /// <exception cref="S3Exception">The signature is missing or wrong, or does not cover the body's hash.</exception>
    public async ValueTask<(Credential Signer, string BodySha256)> AuthenticateAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        AuthenticationResult result = await _authenticator.AuthenticateAsync(context);
        if (result.Credential is not { } signer)
        {
            throw new S3Exception(S3Error.AccessDenied, "The request is not signed.");
        }

        return result.Body.Sha256 is { } sha256
            ? (signer, sha256)
            : throw new S3Exception(S3Error.InvalidRequest, "The request must sign the SHA-256 of its body.");
    }
}
