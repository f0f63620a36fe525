using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Tarn.TestKit.Federation;

/// <summary>
/// What an issuer has for people besides its keys: the page where they sign in, as far as a client sees it, and the endpoint where codes become tokens. It refuses what RFC 6749, RFC 7636 and OpenID Connect
/// Core say that it must.
/// </summary>
public sealed class OidcCodes
{
    private readonly OidcStandIn _issuer;
    private readonly string _clientId;
    private readonly string? _secret;
    private readonly ConcurrentDictionary<string, Dictionary<string, string>> _codes = new(StringComparer.Ordinal);
    private int _made;

    /// <param name="issuer">The issuer.</param>
    /// <param name="clientId">Its client.</param>
    /// <param name="secret">The client's secret; null for a public client.</param>
    public OidcCodes(OidcStandIn issuer, string clientId, string? secret = null)
    {
        (_issuer, _clientId, _secret) = (issuer, clientId, secret);
        Discovery = new JsonObject
        {
            ["issuer"] = issuer.Url, ["jwks_uri"] = issuer.JwksUrl, ["authorization_endpoint"] = issuer.Url + "/authorize", ["token_endpoint"] = issuer.Url + "/token",
        };
        issuer.Page("/.well-known/openid-configuration", () => Discovery.ToJsonString());
        issuer.Page("/token", ExchangeAsync);
    }

    /// <summary>The discovery document.</summary>
    public JsonObject Discovery { get; }

    /// <summary>Who signs in.</summary>
    public string Subject { get; set; } = "alice";

    /// <summary>The time of tokens; null: now.</summary>
    public DateTimeOffset? Now { get; set; }

    /// <summary>Makes the token of the claims; by default it signs them.</summary>
    public Func<JsonObject, string>? Issue { get; set; }

    /// <summary>Whether answers say of which issuer they are.</summary>
    public bool NamesItself { get; set; } = true;

    /// <summary>How clients with a secret authenticated: <c>basic</c> or <c>post</c>, one for each exchange; <c>none</c> without one.</summary>
    public ConcurrentQueue<string> Methods { get; } = [];

    /// <summary>Signs somebody in who was sent to a URL.</summary>
    /// <returns>Where the browser is sent.</returns>
    public string Authorize(string url)
    {
        var target = new Uri(url);
        Dictionary<string, string> asked = Form(target.Query.TrimStart('?'));
        if (!url.StartsWith((string)Discovery["authorization_endpoint"]!, StringComparison.Ordinal) || asked["response_type"] != "code" || asked["client_id"] != _clientId
            || !asked["scope"].Split(' ').Contains("openid") || asked["code_challenge_method"] != "S256" || asked["code_challenge"].Length != 43 || asked["nonce"].Length < 16)
        {
            throw new InvalidOperationException($"The issuer refuses {url}");
        }

        string code = string.Create(CultureInfo.InvariantCulture, $"code-{Interlocked.Increment(ref _made)}");
        _codes[code] = asked;
        return Answer(asked["redirect_uri"], ("code", code), ("state", asked["state"]), ("iss", NamesItself ? _issuer.Url : null));
    }

    /// <summary>The URL of an answer.</summary>
    public static string Answer(string redirectUri, params (string Name, string? Value)[] parameters) =>
        redirectUri + "?" + string.Join('&', parameters.Where(static one => one.Value is not null).Select(static one => $"{one.Name}={Uri.EscapeDataString(one.Value!)}"));

    private static Dictionary<string, string> Form(string text) => text.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=', 2))
        .ToDictionary(static pair => WebUtility.UrlDecode(pair[0]), static pair => WebUtility.UrlDecode(pair[1]), StringComparer.Ordinal);

    private async Task ExchangeAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream);
        Dictionary<string, string> form = Form(await reader.ReadToEndAsync());
        (int status, JsonObject answer) = Exchange(context.Request, form);
        context.Response.StatusCode = status;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer.ToJsonString()));
    }

    private (int Status, JsonObject Answer) Exchange(HttpListenerRequest request, Dictionary<string, string> form)
    {
        string? authorization = request.Headers["Authorization"];
        Methods.Enqueue(authorization is not null ? "basic" : form.ContainsKey("client_secret") ? "post" : "none");
        string[] basic = authorization is null ? [] : Encoding.ASCII.GetString(Convert.FromBase64String(authorization["Basic ".Length..])).Split(':', 2);
        (string? client, string? secret) = basic.Length == 2
            ? (WebUtility.UrlDecode(basic[0]), WebUtility.UrlDecode(basic[1]))
            : (form.GetValueOrDefault("client_id"), form.GetValueOrDefault("client_secret"));
        if (client != _clientId || secret != _secret)
        {
            return (401, new JsonObject { ["error"] = "invalid_client" });
        }

        if (form.GetValueOrDefault("grant_type") != "authorization_code" || !_codes.TryRemove(form.GetValueOrDefault("code") ?? "", out Dictionary<string, string>? asked)
            || form.GetValueOrDefault("redirect_uri") != asked["redirect_uri"]
            || OidcStandIn.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form.GetValueOrDefault("code_verifier") ?? ""))) != asked["code_challenge"])
        {
            return (400, new JsonObject { ["error"] = "invalid_grant" });
        }

        JsonObject claims = _issuer.Claims(Subject, _clientId, Now);
        claims["nonce"] = asked["nonce"];
        return (200, new JsonObject { ["access_token"] = "unused", ["token_type"] = "Bearer", ["id_token"] = Issue?.Invoke(claims) ?? _issuer.Sign(claims) });
    }
}
