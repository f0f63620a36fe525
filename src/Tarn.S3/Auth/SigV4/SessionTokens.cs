using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Identity;

namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// The session token of temporary credentials, which their holder sends in a header, in a URL's query, which is merged into the headers, or in a form's
/// field. Source: Amazon S3 API Reference, "Error responses"; IAM User Guide, "Using temporary credentials with AWS resources".
/// </summary>
internal static class SessionTokens
{
    public const string Header = "x-amz-security-token";

    /// <summary>The token of a request; null without one.</summary>
    public static string? Of(IHeaderDictionary headers) => headers.TryGetValue(Header, out var value) ? value.ToString() : null;

    /// <summary>Refuses a key that is unknown or has expired, and one that comes without the token it was issued with or with another.</summary>
    /// <param name="credential">The credential; null when there is no such key.</param>
    /// <param name="accessKeyId">The key's id as it was sent.</param>
    /// <param name="token">The token that was sent; null without one.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="S3Exception">InvalidAccessKeyId: no such key, or the token is missing; InvalidToken: another token; ExpiredToken.</exception>
    public static void Accept([NotNull] Credential? credential, string accessKeyId, string? token, DateTimeOffset now)
    {
        if (credential is null)
        {
            throw AuthErrors.UnknownKey(accessKeyId);
        }

        if (credential.TokenHash is not { } hash)
        {
            if (credential.Expires <= now)
            {
                throw AuthErrors.UnknownKey(accessKeyId);
            }

            if (token is not null)
            {
                throw new S3Exception(S3Error.InvalidToken);
            }

            return;
        }

        if (token is null)
        {
            throw AuthErrors.UnknownKey(accessKeyId);
        }

        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), hash))
        {
            throw new S3Exception(S3Error.InvalidToken);
        }

        // Clients renew their credentials on this error.
        if (credential.Expires <= now)
        {
            throw new S3Exception(S3Error.ExpiredToken);
        }
    }
}
