using System.Security.Cryptography;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth;

namespace Tarn.Server.Control;

/// <summary>
/// Authenticates requests to the control API by a token (<c>Authorization: key-…</c>, optionally after <c>Bearer</c>) or by the
/// signature of an access key for the service <see cref="Service"/>.
/// </summary>
internal sealed class ControlAuthenticator(IdentityStore identity, ICredentialSource credentials, TimeProvider time)
{
    /// <summary>The service in the scope of signatures. A signature for S3 is refused here, and one for this API is refused by S3.</summary>
    public const string Service = "tarn";

    private const string Bearer = "Bearer ";

    private readonly SignedRequests _signed = new(credentials, time, Service);

    /// <summary>Authenticates the head of the request.</summary>
    /// <returns>Who sent it, and the SHA-256 that its body must have, in hexadecimal; null if the body is not signed.</returns>
    /// <exception cref="ControlRefusalException">401: the credentials are missing, unknown or wrong; 403: they are those of a disk.</exception>
    public async ValueTask<(Principal Principal, string? BodySha256)> AuthenticateAsync(HttpContext context)
    {
        Microsoft.Extensions.Primitives.StringValues authorization = context.Request.Headers.Authorization;
        if (authorization is not [{ Length: > 0 } value])
        {
            throw ControlRefusalException.Unauthorized("authentication is required: a token or a signature in the Authorization header");
        }

        string token = TokenOf(value);
        if (token.StartsWith(ApiTokens.Prefix, StringComparison.Ordinal))
        {
            return await identity.Tokens.AuthenticateAsync(token, context.RequestAborted) is { } holder
                ? (holder with { HoldsToken = true }, null)
                : throw ControlRefusalException.Unauthorized("the token is not known");
        }

        try
        {
            (Principal signer, string sha256) = await _signed.AuthenticateAsync(context);
            return signer.DiskScope is null
                ? (signer, sha256)
                : throw ControlRefusalException.Forbidden("an access key of a disk is valid for that disk only");
        }
        catch (S3Exception e)
        {
            throw ControlRefusalException.Unauthorized(e.Message);
        }
    }

    /// <summary>The token in a header that has one.</summary>
    public static string TokenOf(string authorization) => authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : authorization;

    /// <exception cref="ControlRefusalException">401: the body is not the one that was signed.</exception>
    public static void VerifyBody(ReadOnlySpan<byte> body, string? sha256)
    {
        if (sha256 is not null && !Convert.FromHexString(sha256).AsSpan().SequenceEqual(SHA256.HashData(body)))
        {
            throw ControlRefusalException.Unauthorized("the body is not the one that was signed");
        }
    }
}
