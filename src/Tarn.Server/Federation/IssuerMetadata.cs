using System.Text.Json;
using Tarn.Core.Identity;

namespace Tarn.Server.Federation;

/// <summary>What an issuer says of itself. Source: OpenID Connect Discovery 1.0, section 3; RFC 9207, section 3.</summary>
/// <param name="KeysUrl">Where its keys are; null: it does not say.</param>
/// <param name="AuthorizationUrl">Where people sign in; null: it does not say.</param>
/// <param name="TokenUrl">Where codes become tokens; null: it does not say.</param>
/// <param name="TakesBasic">Whether clients may authenticate by <c>client_secret_basic</c>, which is so unless it says otherwise.</param>
/// <param name="TakesPost">Whether clients may authenticate by <c>client_secret_post</c>.</param>
/// <param name="NamesItself">Whether its answers always say <c>iss</c>.</param>
internal sealed record IssuerMetadata(string? KeysUrl, string? AuthorizationUrl, string? TokenUrl, bool TakesBasic, bool TakesPost, bool NamesItself)
{
    private const string Methods = "token_endpoint_auth_methods_supported";

    /// <summary>Where the document is.</summary>
    public static string UrlOf(OidcIssuer issuer) => issuer.Url.TrimEnd('/') + "/.well-known/openid-configuration";

    /// <summary>Reads the document.</summary>
    /// <exception cref="IssuerException">It is of another issuer.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static IssuerMetadata Read(OidcIssuer issuer, byte[] document)
    {
        using JsonDocument parsed = JsonDocument.Parse(document, IssuerDocuments.Strict);
        JsonElement root = parsed.RootElement;
        if (root.ValueKind != JsonValueKind.Object || IssuerDocuments.Text(root, "issuer") != issuer.Url)
        {
            throw new IssuerException("the discovery document is of another issuer");
        }

        string?[]? methods = root.TryGetProperty(Methods, out JsonElement listed) && listed.ValueKind == JsonValueKind.Array
            ? [.. listed.EnumerateArray().Select(static item => item.ValueKind == JsonValueKind.String ? item.GetString() : null)]
            : null;
        return new IssuerMetadata(
            IssuerDocuments.Text(root, "jwks_uri"),
            IssuerDocuments.Text(root, "authorization_endpoint"),
            IssuerDocuments.Text(root, "token_endpoint"),
            methods is null || methods.Contains("client_secret_basic"),
            methods is not null && methods.Contains("client_secret_post"),
            root.TryGetProperty("authorization_response_iss_parameter_supported", out JsonElement names) && names.ValueKind == JsonValueKind.True);
    }
}
