using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Tarn.TestKit.Servers;

namespace Tarn.TestKit.Federation;

/// <summary>
/// An OpenID Connect issuer over HTTP, as far as a server that verifies its tokens sees it: a discovery document, rotating keys, tokens, good and hostile. It
/// signs with the runtime's cryptography, not with the library that verifies.
/// </summary>
public sealed class OidcStandIn : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, Func<HttpListenerContext, Task>> _pages = new(StringComparer.Ordinal);
    private readonly List<SigningKey> _keys = [];
    private int _jwksRequests;
    private int _made;

    private OidcStandIn(string path)
    {
        int port = FreePort.Next();
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}{path}");
        _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
        Page("/.well-known/openid-configuration", () => new JsonObject { ["issuer"] = Url, ["jwks_uri"] = JwksUrl }.ToJsonString());
        Page("/keys", () =>
        {
            Interlocked.Increment(ref _jwksRequests);
            return JwksText ?? Jwks();
        });
    }

    /// <summary>The issuer's URL: what <c>iss</c> is.</summary>
    public string Url { get; }

    /// <summary>Where its keys are.</summary>
    public string JwksUrl => Url + "/keys";

    /// <summary>How often its keys were asked for.</summary>
    public int JwksRequests => Volatile.Read(ref _jwksRequests);

    /// <summary>Replaces the document of keys; null: its keys.</summary>
    public string? JwksText { get; set; }

    /// <summary>The key that signs now.</summary>
    public SigningKey Key => _keys[^1];

    /// <summary>Starts an issuer with one RSA key.</summary>
    public static OidcStandIn Start(string path = "")
    {
        var issuer = new OidcStandIn(path);
        issuer.Rotate();
        issuer._listener.Start();
        _ = issuer.ServeAsync();
        return issuer;
    }

    /// <summary>Makes a new key, which signs from now on.</summary>
    /// <param name="curve">Whether it is one of the curve P-256 instead of RSA.</param>
    /// <param name="keepsOld">Whether the old keys stay in the document.</param>
    public SigningKey Rotate(bool curve = false, bool keepsOld = false)
    {
        if (!keepsOld)
        {
            _keys.Clear();
        }

        string id = string.Create(CultureInfo.InvariantCulture, $"key-{++_made}");
        _keys.Add(curve ? new SigningKey(id, ECDsa.Create(ECCurve.NamedCurves.nistP256)) : new SigningKey(id, RSA.Create(2048)));
        return Key;
    }

    /// <summary>Serves a page below the issuer's URL.</summary>
    public void Page(string path, Func<string> text) => _pages[new Uri(Url).AbsolutePath.TrimEnd('/') + path] = context =>
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text());
        context.Response.ContentLength64 = bytes.Length;
        return context.Response.OutputStream.WriteAsync(bytes).AsTask();
    };

    /// <summary>Serves a page below the issuer's URL as the action does.</summary>
    public void Page(string path, Func<HttpListenerContext, Task> act) => _pages[new Uri(Url).AbsolutePath.TrimEnd('/') + path] = act;

    /// <summary>The claims of a token that is valid for an hour.</summary>
    public JsonObject Claims(string subject, string audience, DateTimeOffset? now = null)
    {
        long at = (now ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds();
        return new JsonObject { ["iss"] = Url, ["sub"] = subject, ["aud"] = audience, ["iat"] = at, ["nbf"] = at, ["exp"] = at + 3600 };
    }

    /// <summary>A token that is valid for an hour.</summary>
    public string Token(string subject, string audience, DateTimeOffset? now = null) => Sign(Claims(subject, audience, now));

    /// <summary>Signs claims.</summary>
    /// <param name="claims">The claims.</param>
    /// <param name="key">Null: the key that signs now.</param>
    /// <param name="header">Members of the header to add or replace; null values remove them.</param>
    public string Sign(JsonObject claims, SigningKey? key = null, JsonObject? header = null) => Sign(claims.ToJsonString(), key, header);

    /// <summary>Signs a payload as it is.</summary>
    public string Sign(string payload, SigningKey? key = null, JsonObject? header = null)
    {
        key ??= Key;
        var head = new JsonObject { ["alg"] = key.Algorithm, ["kid"] = key.Id, ["typ"] = "JWT" };
        foreach ((string name, JsonNode? value) in header ?? [])
        {
            if (value is null)
            {
                head.Remove(name);
            }
            else
            {
                head[name] = value.DeepClone();
            }
        }

        string signed = $"{Encode(Encoding.UTF8.GetBytes(head.ToJsonString()))}.{Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Encode(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Base64 as tokens have it.</summary>
    public static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>The document of its keys.</summary>
    public string Jwks() => new JsonObject { ["keys"] = new JsonArray([.. _keys.Select(static key => (JsonNode?)key.Public())]) }.ToJsonString();

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)_listener).Dispose();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                _ = AnswerAsync(context);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            if (_pages.TryGetValue(context.Request.Url!.AbsolutePath, out Func<HttpListenerContext, Task>? act))
            {
                await act(context);
            }
            else
            {
                context.Response.StatusCode = 404;
            }

            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The server has ended the connection, as a test means it to.
        }
    }
}

/// <summary>A key of an issuer.</summary>
/// <param name="Id">Its <c>kid</c>.</param>
/// <param name="Key">RSA, or ECDSA on P-256.</param>
public sealed record SigningKey(string Id, AsymmetricAlgorithm Key)
{
    /// <summary>RS256 or ES256.</summary>
    public string Algorithm => Key is RSA ? "RS256" : "ES256";

    /// <summary>Signs bytes.</summary>
    public byte[] Sign(byte[] bytes) => Key switch
    {
        RSA rsa => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        ECDsa curve => curve.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        _ => throw new InvalidOperationException("Another kind of key."),
    };

    /// <summary>The public key as a JSON Web Key.</summary>
    public JsonObject Public()
    {
        if (Key is RSA rsa)
        {
            RSAParameters numbers = rsa.ExportParameters(false);
            return new JsonObject
            {
                ["kty"] = "RSA", ["use"] = "sig", ["alg"] = "RS256", ["kid"] = Id, ["n"] = OidcStandIn.Encode(numbers.Modulus!), ["e"] = OidcStandIn.Encode(numbers.Exponent!),
            };
        }

        ECParameters point = ((ECDsa)Key).ExportParameters(false);
        return new JsonObject
        {
            ["kty"] = "EC", ["use"] = "sig", ["alg"] = "ES256", ["kid"] = Id, ["crv"] = "P-256", ["x"] = OidcStandIn.Encode(point.Q.X!), ["y"] = OidcStandIn.Encode(point.Q.Y!),
        };
    }
}
