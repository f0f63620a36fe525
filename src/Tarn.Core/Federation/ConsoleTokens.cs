using System.Security.Cryptography;
using System.Text;

namespace Tarn.Core.Federation;

/// <summary>What is asked of an ID token besides what every token must be. Source: OpenID Connect Core 1.0, section 3.1.3.7.</summary>
internal static class ConsoleTokens
{
    private const string Hashed = "sub-";
    private const int MaxSessionName = 64;
    private const int MinSessionName = 2;

    /// <summary>Throws unless a verified token was made for this client, and for this sign-in.</summary>
    /// <exception cref="WebTokenException">It was made for another.</exception>
    public static void ThrowIfNotFor(WebToken token, string clientId, string nonce)
    {
        IReadOnlyList<string>? authorized = token.Claims.GetValueOrDefault("azp"), audiences = token.Claims.GetValueOrDefault("aud");
        if (authorized is null ? audiences is not { Count: 1 } : authorized is not [var party] || party != clientId)
        {
            throw Invalid("it was issued to another client");
        }

        if (token.Claims.GetValueOrDefault("nonce") is not [var given] || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(nonce)))
        {
            throw Invalid("it is of another sign-in");
        }
    }

    /// <summary>
    /// The name of a person's sessions, which is a part of their ARN and of <c>aws:userid</c>: the subject, or where it cannot be a name, or looks like one that is made here, a digest of it. So no two
    /// subjects have one name, as they could with other claims, which people may change.
    /// </summary>
    public static string SessionNameOf(string subject) =>
        subject.Length is >= MinSessionName and <= MaxSessionName && subject.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '=' or ',' or '.' or '@' or '-')
            && !subject.StartsWith(Hashed, StringComparison.Ordinal)
            ? subject
            : Hashed + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)))[..40];

    private static WebTokenException Invalid(string why) => new(WebTokenFault.Invalid, $"The token is not accepted: {why}");
}
