using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tarn.Core.Identity;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Federation;

/// <summary>
/// Asks issuers who somebody is, by the authorization code flow with PKCE. Sources: OpenID Connect Core 1.0, section 3.1; RFC 6749, section 4.1; RFC 7636; RFC 9207; RFC 9700, "Best Current
/// Practice for OAuth 2.0 Security".
/// </summary>
internal sealed partial class IssuerSignIns
{
    /// <summary>How many codes are exchanged at a time with one issuer: anyone can send codes, each of which is a request to it.</summary>
    public const int MaxExchanges = 16;

    private const int MaxError = 64;

    private readonly IssuerDocuments _documents;
    private readonly IdentityStore _identity;
    private readonly IssuerFacts<IssuerMetadata> _metadata;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _exchanges = new(StringComparer.Ordinal);

    public IssuerSignIns(IssuerDocuments documents, IdentityStore identity, TimeProvider time, ILogger<IssuerSignIns> logger)
    {
        _documents = documents;
        _identity = identity;
        _metadata = new IssuerFacts<IssuerMetadata>(
            async issuer => IssuerMetadata.Read(issuer, await documents.FetchAsync(issuer, IssuerMetadata.UrlOf(issuer))),
            (issuer, exception) => LogUnavailable(logger, exception, issuer.Name, issuer.Organization),
            time);
    }

    /// <summary>The URL at the issuer where somebody signs in.</summary>
    /// <param name="issuer">The issuer, with settings for the console.</param>
    /// <param name="secrets">What is kept for this sign-in.</param>
    /// <param name="redirectUri">Where the issuer sends the answer.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="IssuerException">The issuer cannot be asked; the message says why.</exception>
    public async ValueTask<string> UrlAsync(OidcIssuer issuer, SignInSecrets secrets, string redirectUri, CancellationToken cancellationToken)
    {
        IssuerMetadata metadata = await MetadataAsync(issuer, cancellationToken);
        Uri url = _documents.Allowed(issuer, metadata.AuthorizationUrl ?? throw new IssuerException("the discovery document has no authorization_endpoint"));
        if (url.Fragment.Length > 0)
        {
            throw new IssuerException($"the authorization_endpoint {url} has a fragment");
        }

        string challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(secrets.Verifier)));
        (string Name, string Value)[] parameters =
        [
            ("response_type", "code"), ("client_id", issuer.Console!.ClientId), ("redirect_uri", redirectUri), ("scope", string.Join(' ', issuer.Console.Scopes)), ("state", secrets.State),
            ("nonce", secrets.Nonce), ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ];
        string query = string.Join('&', parameters.Select(static parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value)}"));
        return url.AbsoluteUri + (url.Query.Length == 0 ? (url.AbsoluteUri.EndsWith('?') ? "" : "?") : "&") + query;
    }

    /// <summary>Throws unless an answer is of the issuer that was asked, as far as it says. Source: RFC 9207, section 2.4.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="named">The answer's <c>iss</c>; null without one.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="IssuerException">It is of another, or does not say although this issuer's always do.</exception>
    public async ValueTask ThrowIfOfAnotherAsync(OidcIssuer issuer, string? named, CancellationToken cancellationToken)
    {
        if (named is null ? (await MetadataAsync(issuer, cancellationToken)).NamesItself : named != issuer.Url)
        {
            throw new IssuerException("the answer is of another issuer, or does not say of which");
        }
    }

    /// <summary>Exchanges a code for an ID token, which is not verified here.</summary>
    /// <param name="issuer">The issuer, with settings for the console.</param>
    /// <param name="code">The code.</param>
    /// <param name="verifier">The secret whose digest the code was asked for with.</param>
    /// <param name="redirectUri">The same as when it was asked for.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The token; null when too many codes are being exchanged.</returns>
    /// <exception cref="IssuerException">The issuer does not give one; the message says why.</exception>
    public async ValueTask<string?> RedeemAsync(OidcIssuer issuer, string code, string verifier, string redirectUri, CancellationToken cancellationToken)
    {
        if (!TryEnter(issuer.Id))
        {
            return null;
        }

        try
        {
            IssuerMetadata metadata = await MetadataAsync(issuer, cancellationToken);
            string url = metadata.TokenUrl ?? throw new IssuerException("the discovery document has no token_endpoint");
            string client = issuer.Console!.ClientId;
            List<KeyValuePair<string, string>> form =
                [new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", redirectUri), new("code_verifier", verifier)];
            AuthenticationHeaderValue? authorization = null;
            if (_identity.Issuers.ClientSecretOf(issuer) is not { } secret)
            {
                form.Add(new("client_id", client));
            }
            else if (metadata.TakesBasic)
            {
                // RFC 6749, section 2.3.1: both are encoded as in a form.
                authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{WebUtility.UrlEncode(client)}:{WebUtility.UrlEncode(secret)}")));
            }
            else if (metadata.TakesPost)
            {
                form.AddRange([new("client_id", client), new("client_secret", secret)]);
            }
            else
            {
                throw new IssuerException("the issuer takes a client's secret neither by client_secret_basic nor by client_secret_post");
            }

            return await _documents.PostAsync(issuer, url, form, authorization, TokenIn, cancellationToken);
        }
        finally
        {
            Leave(issuer.Id);
        }
    }

    private async ValueTask<IssuerMetadata> MetadataAsync(OidcIssuer issuer, CancellationToken cancellationToken) =>
        (await _metadata.FindAsync(issuer, static metadata => metadata, cancellationToken)).Found ?? throw new IssuerException("the issuer's discovery document cannot be had now");

    private static string TokenIn(Uri target, HttpStatusCode status, byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, IssuerDocuments.Strict);
            return status == HttpStatusCode.OK && IssuerDocuments.Text(document.RootElement, "id_token") is { } token ? token
                : throw new IssuerException($"{IssuerDocuments.Refused(target, status).Message} and no id_token{ErrorIn(document.RootElement)}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new IssuerException($"{IssuerDocuments.Refused(target, status).Message} and no JSON", e);
        }
    }

    /// <summary>Whether a text is an error's code and may be shown: RFC 6749, sections 4.1.2.1 and 5.2.</summary>
    public static bool IsErrorCode(string? text) => text is { Length: > 0 and <= MaxError } && text.All(static c => char.IsAsciiLetterLower(c) || c == '_');

    private static string ErrorIn(JsonElement answer) => IssuerDocuments.Text(answer, "error") is { } error && IsErrorCode(error) ? $": {error}" : "";

    private bool TryEnter(string issuer)
    {
        lock (_gate)
        {
            int count = _exchanges.GetValueOrDefault(issuer);
            if (count >= MaxExchanges)
            {
                return false;
            }

            _exchanges[issuer] = count + 1;
            return true;
        }
    }

    private void Leave(string issuer)
    {
        lock (_gate)
        {
            if (--_exchanges[issuer] == 0)
            {
                _exchanges.Remove(issuer);
            }
        }
    }

    [LoggerMessage(EventIds.IssuerMetadataUnavailable, LogLevel.Warning, "The discovery document of the issuer {Issuer} of organization {Organization} cannot be fetched; nobody signs in to the console with it")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string issuer, string organization);
}

/// <summary>What the server alone knows of a sign-in until its answer comes.</summary>
/// <param name="State">Comes back with the answer.</param>
/// <param name="Nonce">Comes back in the token.</param>
/// <param name="Verifier">Is sent with the code.</param>
internal sealed record SignInSecrets(string State, string Nonce, string Verifier)
{
    /// <summary>The length of each, in characters: 32 random bytes in base64url.</summary>
    public const int Length = 43;
}
