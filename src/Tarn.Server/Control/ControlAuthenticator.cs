using System.Security.Cryptography;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth;

namespace Tarn.Server.Control;

/// <summary>
/// Finds out who sends a request to the control API: a token (<c>Authorization: key-…</c>, or the same after <c>Bearer</c>), or the
/// signature of an access key for the service <see cref="Service"/>.
/// </summary>
internal sealed class ControlAuthenticator(ApiTokens tokens, ICredentialSource credentials, TimeProvider time)
{
    /// <summary>The service in the scope of signatures: one for S3 is refused here, and one for here at S3.</summary>
    public const string Service = "tarn";

    private const string Bearer = "Bearer ";

    private readonly SignedRequests _signed = new(credentials, time, Service);

    /// <summary>Authenticates the head of the request.</summary>
    /// <returns>Who sent it, and the SHA-256 that its body must have; null: nothing vouches for the body but the connection.</returns>
    /// <exception cref="ControlRefusalException">Nobody that is known.</exception>
    public async ValueTask<(Principal Principal, string? BodySha256)> AuthenticateAsync(HttpContext context)
    {
        Microsoft.Extensions.Primitives.StringValues authorization = context.Request.Headers.Authorization;
        if (authorization is not [{ Length: > 0 } value])
        {
            throw ControlRefusalException.Unauthorized("authentication is required: a token or a signature in the Authorization header");
        }

        string token = value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value[Bearer.Length..].Trim() : value;
        if (token.StartsWith(ApiTokens.Prefix, StringComparison.Ordinal))
        {
            return await tokens.AuthenticateAsync(token, context.RequestAborted) is { } holder
                ? (holder, null)
                : throw ControlRefusalException.Unauthorized("the token is not known");
        }

        try
        {
            (Principal signer, string sha256) = await _signed.AuthenticateAsync(context);
            return signer.DiskScope is null
                ? (signer, sha256)
                : throw ControlRefusalException.Forbidden("an access key of a disk opens that disk only");
        }
        catch (S3Exception e)
        {
            throw ControlRefusalException.Unauthorized(e.Message);
        }
    }

    /// <exception cref="ControlRefusalException">The body is not the one that was signed.</exception>
    public static void VerifyBody(ReadOnlySpan<byte> body, string? sha256)
    {
        if (sha256 is not null && !Convert.FromHexString(sha256).AsSpan().SequenceEqual(SHA256.HashData(body)))
        {
            throw ControlRefusalException.Unauthorized("the body is not the one that was signed");
        }
    }
}
