using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Tarn.Core.Federation;
using Tarn.Core.Identity;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Federation;

/// <summary>The public keys of issuers, kept in memory: <see cref="IssuerFacts{T}"/>. A token that names a key which is not among them, as after a rotation, has them fetched again.</summary>
internal sealed partial class IssuerKeys
{
    private readonly IssuerFacts<JsonWebKey[]> _kept;

    public IssuerKeys(IssuerDocuments documents, TimeProvider time, ILogger<IssuerKeys> logger) => _kept = new IssuerFacts<JsonWebKey[]>(
        async issuer => Read(await documents.FetchAsync(issuer, issuer.JwksUrl
            ?? IssuerMetadata.Read(issuer, await documents.FetchAsync(issuer, IssuerMetadata.UrlOf(issuer))).KeysUrl
            ?? throw new IssuerException("the discovery document has no jwks_uri"))),
        (issuer, exception) => LogUnavailable(logger, exception, issuer.Name, issuer.Organization),
        time);

    /// <summary>The keys that may have signed a token: the one that it names or, if it names none, the only one there is.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="keyId">The token's <c>kid</c>; null without one.</param>
    /// <param name="cancellationToken">Ends the wait, but not the fetch that others wait for too.</param>
    /// <returns>The key; null when the issuer has no such key.</returns>
    /// <exception cref="WebTokenException">The keys cannot be had, or are not asked for again so soon: the key may be a new one.</exception>
    public async ValueTask<JsonWebKey?> FindAsync(OidcIssuer issuer, string? keyId, CancellationToken cancellationToken)
    {
        (bool isKnown, JsonWebKey? key) = await _kept.FindAsync(issuer, keys => Select(keys, keyId), cancellationToken);
        return isKnown ? key : throw new WebTokenException(WebTokenFault.Unreachable, "the keys of the token's issuer cannot be had now; try again in some seconds");
    }

    /// <summary>The usable keys of a document; one that is malformed does not cost the others.</summary>
    private static JsonWebKey[] Read(byte[] document)
    {
        using JsonDocument parsed = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = 16 });
        return parsed.RootElement.ValueKind == JsonValueKind.Object && parsed.RootElement.TryGetProperty("keys", out JsonElement keys) && keys.ValueKind == JsonValueKind.Array
            ? [.. keys.EnumerateArray().Select(TryParse).OfType<JsonWebKey>()]
            : throw new IssuerException("the document of keys has none");
    }

    private static JsonWebKey? TryParse(JsonElement element)
    {
        try
        {
            return new JsonWebKey(element.GetRawText()) is var key && IsUsable(key) ? key : null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever the library makes of it: it is not a key to verify with.
            return null;
        }
    }

    /// <summary>RSA keys of at least 2048 bits and keys of the curve P-256, for signatures: what RS256 and ES256 take. Never a secret.</summary>
    private static bool IsUsable(JsonWebKey key) =>
        (string.IsNullOrEmpty(key.Use) || key.Use == JsonWebKeyUseNames.Sig)
        && (key.KeyOps.Count == 0 || key.KeyOps.Contains("verify"))
        && key.Kty switch
        {
            JsonWebAlgorithmsKeyTypes.RSA => !string.IsNullOrEmpty(key.N) && !string.IsNullOrEmpty(key.E) && key.KeySize >= 2048
                && (string.IsNullOrEmpty(key.Alg) || key.Alg == SecurityAlgorithms.RsaSha256),
            JsonWebAlgorithmsKeyTypes.EllipticCurve => key.Crv == JsonWebKeyECTypes.P256 && !string.IsNullOrEmpty(key.X) && !string.IsNullOrEmpty(key.Y)
                && (string.IsNullOrEmpty(key.Alg) || key.Alg == SecurityAlgorithms.EcdsaSha256),
            _ => false,
        };

    private static JsonWebKey? Select(JsonWebKey[] keys, string? keyId) =>
        keyId is null ? (keys.Length == 1 ? keys[0] : null) : Array.Find(keys, key => key.Kid == keyId);

    [LoggerMessage(EventIds.IssuerKeysUnavailable, LogLevel.Warning, "The keys of the issuer {Issuer} of organization {Organization} cannot be fetched; tokens that need them are refused")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string issuer, string organization);
}
