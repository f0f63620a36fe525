using System.Security.Cryptography;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth;

namespace Tarn.Server.Control;

/// <summary>
/// Authenticates requests to the control API by a token (<c>Authorization: key-…</c>, optionally after <c>Bearer</c>), by the
/// signature of an access key for the service <see cref="Service"/>, or, without such a header, by the cookie of a session of the console.
/// </summary>
internal sealed class ControlAuthenticator(IdentityStore identity, ICredentialSource credentials, ConsoleSessions sessions, ForgedRequests forged, TimeProvider time)
{
    /// <summary>The service in the scope of signatures. A signature for S3 is refused here, and one for this API is refused by S3.</summary>
    public const string Service = "tarn";

    private const string Bearer = "Bearer ";

    private readonly SignedRequests _signed = new(credentials, time, Service);

    /// <summary>Authenticates the head of the request.</summary>
    /// <returns>What authenticates it; and the SHA-256 that its body must have, in hexadecimal, null if the body is not signed.</returns>
    /// <exception cref="ControlRefusalException">
    /// 401: the credentials are missing, unknown or wrong, or there are several cookies and none is of the page; 403: they are those of a disk, or temporary, or another page may have had the browser send its cookie, or planted it; 409: there are several cookies, and nothing says which page it is.
    /// </exception>
    public async ValueTask<(ControlCredential Credential, string? BodySha256)> AuthenticateAsync(HttpContext context)
    {
        Microsoft.Extensions.Primitives.StringValues authorization = context.Request.Headers.Authorization;
        if (authorization.Count == 0 && await sessions.CookieOfAsync(context) is { } cookie)
        {
            forged.ThrowIfForged(context);

            // The cookie of one that has ended stays: the answer that cleared it might arrive after that of another tab that has just signed in.
            ControlCredential found = await sessions.FindAsync(cookie, context.RequestAborted) ?? throw ControlRefusalException.Unauthorized("the session has ended: sign in again");
            ForgedRequests.ThrowIfOfAnotherPage(context, found.Session!);
            return (found, null);
        }

        if (authorization is not [{ Length: > 0 } value])
        {
            throw ControlRefusalException.Unauthorized("authentication is required: a token or a signature in the Authorization header");
        }

        string token = TokenOf(value);
        if (token.StartsWith(ApiTokens.Prefix, StringComparison.Ordinal))
        {
            return await identity.Tokens.AuthenticateAsync(token, context.RequestAborted) is { } holder
                ? (ControlCredential.OfToken(holder), null)
                : throw ControlRefusalException.Unauthorized("the token is not known");
        }

        try
        {
            (Credential signer, string sha256) = await _signed.AuthenticateAsync(context);
            return signer.Principal.DiskScope is not null ? throw ControlRefusalException.Forbidden("an access key of a disk is valid for that disk only")
                : signer.Principal.Session is not null ? throw ControlRefusalException.Forbidden("temporary credentials are valid for S3 only")
                : (ControlCredential.OfKey(signer), sha256);
        }
        catch (S3Exception e)
        {
            throw ControlRefusalException.Unauthorized(e.Message);
        }
    }

    /// <exception cref="ControlRefusalException">401: the body is not the one that was signed.</exception>
    public static void VerifyBody(ReadOnlySpan<byte> body, string? sha256)
    {
        if (sha256 is not null && !Convert.FromHexString(sha256).AsSpan().SequenceEqual(SHA256.HashData(body)))
        {
            throw ControlRefusalException.Unauthorized("the body is not the one that was signed");
        }
    }

    /// <summary>The token in a header that has one.</summary>
    private static string TokenOf(string authorization) => authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : authorization;
}
