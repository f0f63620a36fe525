using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tarn.Core.Federation;
using Tarn.Core.Identity;

namespace Tarn.Server.Federation;

/// <summary>
/// Verifies JSON Web Tokens: signed with RS256 or ES256 by a key of the issuer, for one of the audiences, and valid now. Sources: RFC 7519; RFC 8725, "JSON
/// Web Token Best Current Practices"; OpenID Connect Core 1.0, section 3.1.3.7.
/// </summary>
internal sealed class JsonWebTokenVerifier(IssuerKeys keys, TimeProvider time) : IWebTokenVerifier
{
    /// <summary>How far the issuer's clock may be from the server's.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(60);

    private const int Segments = 3;

    private static readonly string[] Algorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = WebIdentities.MaxTokenLength, MapInboundClaims = false };

    public string? IssuerOf(string token) => Read(token) is { Issuer.Length: > 0 } read ? read.Issuer : null;

    public async ValueTask<WebToken> VerifyAsync(OidcIssuer issuer, string token, IReadOnlyList<string>? audiences, CancellationToken cancellationToken)
    {
        // RFC 7515, section 4.1.11: crit names extensions that must be understood, of which there are none here.
        if (Read(token) is not { } read || !Algorithms.Contains(read.Alg) || read.TryGetHeaderValue("crit", out object? _))
        {
            throw WebTokenException.Untrusted();
        }

        JsonWebKey key = await keys.FindAsync(issuer, string.IsNullOrEmpty(read.Kid) ? null : read.Kid, cancellationToken) ?? throw WebTokenException.Untrusted();
        TokenValidationResult result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = Algorithms,
            IssuerSigningKey = key,

            // There is one, chosen above; without this a token that names none is refused.
            TryAllIssuerSigningKeys = true,
            RequireSignedTokens = true,
            ValidateIssuerSigningKey = true,

            // What it says is looked at below, once it is known who says it, and its times with the server's clock.
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        return !result.IsValid ? throw WebTokenException.Untrusted()
            : read.Issuer != issuer.Url ? throw Invalid("its issuer is another")
            : Claims(read, audiences);
    }

    /// <summary>Takes a token apart without verifying it; null when it is none, or not a signed one.</summary>
    private static JsonWebToken? Read(string token)
    {
        if (token.Length > WebIdentities.MaxTokenLength || token.AsSpan().Count('.') != Segments - 1)
        {
            return null;
        }

        try
        {
            return new JsonWebToken(token);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or JsonException)
        {
            return null;
        }
    }

    private WebToken Claims(JsonWebToken read, IReadOnlyList<string>? audiences)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(Base64Url.DecodeFromChars(read.EncodedPayload), IssuerDocuments.Strict);
            JsonElement payload = document.RootElement;
            ThrowIfNotValidNow(payload);
            IReadOnlyDictionary<string, IReadOnlyList<string>> claims = TokenClaims.Read(payload);
            string audience = audiences is null ? ""
                : audiences.FirstOrDefault(accepted => read.Audiences.Contains(accepted, StringComparer.Ordinal)) ?? throw Invalid("its audience is not one that is accepted here");
            return payload.TryGetProperty("sub", out JsonElement subject) && subject.ValueKind == JsonValueKind.String
                ? new WebToken(subject.GetString()!, audience, claims)
                : throw Invalid("it has no subject");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw Invalid("its claims cannot be read");
        }
    }

    private void ThrowIfNotValidNow(JsonElement payload)
    {
        double now = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        double expires = Time(payload, "exp") ?? throw Invalid("it has no expiry");
        if (now - MaxSkew.TotalSeconds >= expires)
        {
            throw new WebTokenException(WebTokenFault.Expired, "The token has expired");
        }

        if (Time(payload, "nbf") is { } begin && now + MaxSkew.TotalSeconds < begin)
        {
            throw new WebTokenException(WebTokenFault.Expired, "The token is not valid yet");
        }
    }

    /// <summary>A time in seconds since the Unix epoch; null when it is not there.</summary>
    private static double? Time(JsonElement payload, string name) =>
        !payload.TryGetProperty(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double seconds) && double.IsFinite(seconds) ? seconds
        : throw Invalid($"its {name} is not a number");

    private static WebTokenException Invalid(string why) => new(WebTokenFault.Invalid, $"The token is not accepted: {why}");
}
