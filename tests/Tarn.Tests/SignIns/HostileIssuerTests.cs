using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Tarn.Server.Federation;
using Tarn.TestKit.Federation;
using Tarn.Tests.Control;
using Tarn.Tests.Sts;

namespace Tarn.Tests.SignIns;

/// <summary>Issuers that are broken, hostile or trusted no more, and tokens that are not of this sign-in, begin no session: each refusal is checked as in <see cref="HostileSignInTests"/>.</summary>
public sealed class HostileIssuerTests
{
    public static readonly TheoryData<string> Tokens =
    [
        "no nonce", "another nonce", "nonce of another sign-in", "two nonces", "nonce as a number", "another issuer's", "another iss", "unknown key", "none", "HS256 with the public key", "HS256 with the client's secret", "another audience", "workloads' audience",
        "no audience", "two audiences without azp", "two audiences with another azp", "another azp", "expired", "no expiry", "not yet valid", "no subject", "empty subject", "control characters in the subject", "no token", "encrypted", "long", "crit",
    ];

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task A_token_that_is_not_of_this_sign_in_is_refused(string what)
    {
        const string Secret = "a-secret-of-the-client-of-32-bytes-";
        await using SignInHost host = await SignInHost.StartAsync(Secret);
        using OidcStandIn other = OidcStandIn.Start();
        OidcStandIn issuer = host.Sts.StandIn;

        // It is trusted as well: mixing them up is what a hostile one of two issuers tries.
        await host.Sts.TrustAsync("other", other);
        host.Codes.Issue = claims =>
        {
            long now = host.Sts.Clock.GetUtcNow().ToUnixTimeSeconds();
            switch (what)
            {
                case "no nonce": claims.Remove("nonce"); break;
                case "another nonce": claims["nonce"] = new string('A', 43); break;
                case "nonce of another sign-in": claims["nonce"] = ((string)claims["nonce"]!).ToLowerInvariant(); break;
                case "two nonces": claims["nonce"] = new JsonArray((string)claims["nonce"]!, "x"); break;
                case "nonce as a number": claims["nonce"] = 1; break;
                case "another issuer's": claims["iss"] = other.Url; return other.Sign(claims);
                case "another iss": claims["iss"] = other.Url; break;
                case "unknown key": return other.Sign(claims, header: new JsonObject { ["kid"] = issuer.Key.Id });
                case "none": return Unsigned(claims, "none") + ".";
                case "HS256 with the public key": return Symmetric(claims, Encoding.UTF8.GetBytes(issuer.Key.Public().ToJsonString()));
                case "HS256 with the client's secret": return Symmetric(claims, Encoding.UTF8.GetBytes(Secret));
                case "another audience": claims["aud"] = "another-client"; break;
                case "workloads' audience": claims["aud"] = StsHost.Audience; break;
                case "no audience": claims.Remove("aud"); break;
                case "two audiences without azp": claims["aud"] = new JsonArray(SignInHost.ClientId, "another-client"); break;
                case "two audiences with another azp": claims["aud"] = new JsonArray(SignInHost.ClientId, "another-client"); claims["azp"] = "another-client"; break;
                case "another azp": claims["azp"] = "another-client"; break;
                case "expired": claims["exp"] = now - 61; break;
                case "no expiry": claims.Remove("exp"); break;
                case "not yet valid": claims["nbf"] = now + 61; break;
                case "no subject": claims.Remove("sub"); break;
                case "empty subject": claims["sub"] = ""; break;
                case "control characters in the subject": claims["sub"] = "a\nb"; break;
                case "no token": return "no token";
                case "encrypted": return "a.b.c.d.e";
                case "long": claims["x"] = new string('x', 20_000); break;
                case "crit": return issuer.Sign(claims, header: new JsonObject { ["crit"] = new JsonArray("x") });
                default: throw new ArgumentOutOfRangeException(nameof(what));
            }

            return issuer.Sign(claims);
        };
        ConsoleBrowser browser = host.Browser();
        Assert.Equal("token", await host.RefusedAsync(browser));
    }

    /// <summary>As the hostile ones, so that what refuses those is what they have and not how they are made.</summary>
    [Fact]
    public async Task A_token_with_several_audiences_that_was_issued_to_the_console_is_accepted()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        host.Codes.Issue = claims =>
        {
            claims["aud"] = new JsonArray(SignInHost.ClientId, "another-client");
            claims["azp"] = SignInHost.ClientId;
            return host.Sts.StandIn.Sign(claims);
        };
        await host.SignedInAsync();
    }

    public static readonly TheoryData<string> Exchanges =
        ["500", "redirect", "huge", "no JSON", "a list", "no token", "token that is a number", "twice the token", "400", "never", "cut"];

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task An_issuer_that_gives_no_token_is_given_up(string what)
    {
        await using SignInHost host = await SignInHost.StartAsync("client-secret");
        using OidcStandIn other = OidcStandIn.Start();
        int asked = 0;
        other.Page("/token", () => $"{++asked}");
        var never = new TaskCompletionSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Sts.StandIn.Page("/token", async context =>
        {
            begun.TrySetResult();
            HttpListenerResponse response = context.Response;
            switch (what)
            {
                case "500": response.StatusCode = 500; break;
                case "400": response.StatusCode = 400; await WriteAsync(response, """{"error":"<script>","id_token":"x"}"""); break;
                case "redirect": response.Redirect(other.Url + "/token"); break;
                case "huge": await WriteAsync(response, $$"""{"id_token":"x","y":"{{new string('y', 300 * 1024)}}"}"""); break;
                case "no JSON": await WriteAsync(response, "id_token=x"); break;
                case "a list": await WriteAsync(response, "[]"); break;
                case "no token": await WriteAsync(response, """{"access_token":"x"}"""); break;
                case "token that is a number": await WriteAsync(response, """{"id_token":1}"""); break;
                case "twice the token": await WriteAsync(response, """{"id_token":"x","id_token":"y"}"""); break;
                case "never": await never.Task; break;
                case "cut": response.ContentLength64 = 100; await WriteAsync(response, "{"); response.Abort(); break;
                default: throw new ArgumentOutOfRangeException(nameof(what));
            }
        });
        ConsoleBrowser browser = host.Browser();
        Task<string> refused = host.RefusedAsync(browser, host.Codes.Authorize(await SignInHost.BeginAsync(browser)));
        if (what == "never")
        {
            await begun.Task;
            host.Sts.Clock.Advance(IssuerDocuments.MaxTime);
        }

        Assert.Equal("provider", await refused);
        Assert.Equal(0, asked);
        never.TrySetResult();
    }

    public static readonly TheoryData<string> Documents =
    [
        "none", "of another issuer", "no JSON", "huge", "no authorization_endpoint", "authorization_endpoint of another host", "authorization_endpoint without TLS", "authorization_endpoint with a fragment", "authorization_endpoint that is a script",
        "authorization_endpoint with a user",
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Nobody_is_sent_to_an_issuer_that_does_not_say_where(string what)
    {
        await using SignInHost host = await SignInHost.StartAsync();
        JsonObject document = host.Codes.Discovery;
        string url = (string)document["authorization_endpoint"]!;
        switch (what)
        {
            case "none": host.Sts.StandIn.Page("/.well-known/openid-configuration", context => { context.Response.StatusCode = 404; return Task.CompletedTask; }); break;
            case "of another issuer": document["issuer"] = "https://other.example"; break;
            case "no JSON": host.Sts.StandIn.Page("/.well-known/openid-configuration", () => "x"); break;
            case "huge": document["x"] = new string('x', 300 * 1024); break;
            case "no authorization_endpoint": document.Remove("authorization_endpoint"); break;
            case "authorization_endpoint of another host": document["authorization_endpoint"] = "https://evil.example/authorize"; break;
            case "authorization_endpoint without TLS": document["authorization_endpoint"] = "http://evil.example/authorize"; break;
            case "authorization_endpoint with a fragment": document["authorization_endpoint"] = url + "#x"; break;
            case "authorization_endpoint that is a script": document["authorization_endpoint"] = "javascript:alert(1)"; break;
            case "authorization_endpoint with a user": document["authorization_endpoint"] = url.Replace("://", "://user:password@", StringComparison.Ordinal); break;
            default: throw new ArgumentOutOfRangeException(nameof(what));
        }

        ConsoleBrowser browser = host.Browser();
        Assert.Equal(503, (await host.NotBegunAsync(browser)).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://evil.example/token")]
    [InlineData("http://evil.example/token")]
    [InlineData("other")]
    public async Task A_code_goes_to_a_host_of_the_issuer_only(string? url)
    {
        await using SignInHost host = await SignInHost.StartAsync("client-secret");
        using OidcStandIn other = OidcStandIn.Start();
        int asked = 0;
        other.Page("/token", () => $"{++asked}");
        host.Codes.Discovery["token_endpoint"] = url == "other" ? other.Url + "/token" : url;
        ConsoleBrowser browser = host.Browser();
        Assert.Equal("provider", await host.RefusedAsync(browser));
        Assert.Equal(0, asked);
    }

    /// <summary>Its query stays, and its parameters are added to it.</summary>
    [Fact]
    public async Task The_page_of_an_issuer_may_have_a_query()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        host.Codes.Discovery["authorization_endpoint"] = host.Sts.StandIn.Url + "/authorize?tenant=a";
        string url = await SignInHost.BeginAsync(host.Browser());
        Assert.StartsWith(host.Sts.StandIn.Url + "/authorize?tenant=a&response_type=code&", url, StringComparison.Ordinal);
    }

    /// <summary>
    /// Whoever runs one of two issuers has the browser of somebody who signs in with it ask the other, which does not say who it is, and gets a code of theirs for a sign-in of the attacker's own. Source: RFC 9700, section 4.4.1.
    /// </summary>
    [Fact]
    public async Task An_issuer_gets_no_code_of_another()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        using OidcStandIn hostile = OidcStandIn.Start();
        await host.AlsoWithAsync("hostile", hostile);
        host.Codes.NamesItself = false;
        var stolen = new List<string>();
        hostile.Page("/token", async context =>
        {
            using var reader = new StreamReader(context.Request.InputStream);
            stolen.Add(await reader.ReadToEndAsync());
            context.Response.StatusCode = 400;
        });

        // The attacker's own sign-in with the honest issuer, and the victim's with the hostile one.
        ConsoleBrowser attacker = host.Browser(), victim = host.Browser();
        string attackers = await SignInHost.BeginAsync(attacker), victims = await SignInHost.BeginAsync(victim, start: "/api/session/oidc/acme/hostile");
        NameValueCollection known = SignInHost.QueryOf(attackers), sent = SignInHost.QueryOf(victims);
        Assert.NotEqual(known["redirect_uri"], sent["redirect_uri"]);

        // The hostile issuer sends the victim on, as if the honest one had been asked; that knows one redirect URI.
        known["state"] = sent["state"];
        string answer = host.Codes.Authorize(host.Sts.StandIn.Url + "/authorize?" + known);
        Assert.StartsWith(host.Sts.ControlUrl + SignInHost.Callback, answer, StringComparison.Ordinal);
        Assert.Equal("provider", await host.RefusedAsync(victim, answer));
        Assert.Empty(stolen);
        Assert.Equal("state", await host.RefusedAsync(victim, answer));
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("made again")]
    [InlineData("not for the console")]
    [InlineData("role deleted")]
    public async Task An_issuer_that_is_trusted_no_more_signs_nobody_in(string what)
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = host.Browser();
        string url = host.Codes.Authorize(await SignInHost.BeginAsync(browser));
        ControlApiClient control = host.Sts.Control;
        switch (what)
        {
            case "deleted":
                await control.DataAsync(ControlServer.Root, "DELETE", "/api/issuers/idp?organization=acme");
                break;
            case "made again":
                await control.DataAsync(ControlServer.Root, "DELETE", "/api/issuers/idp?organization=acme");
                await host.Sts.TrustAsync("idp", host.Sts.StandIn);
                await host.ConsoleAsync(new JsonObject { ["clientId"] = SignInHost.ClientId });
                break;
            case "not for the console":
                await control.DataAsync(ControlServer.Root, "DELETE", "/api/issuers/idp/console?organization=acme");
                break;
            case "role deleted":
                // Between the exchange of the code and the choice of a role.
                host.Codes.Issue = claims =>
                {
                    control.DataAsync(ControlServer.Root, "DELETE", "/api/organizations/acme/roles/worker").GetAwaiter().GetResult();
                    return host.Sts.StandIn.Sign(claims);
                };
                break;
        }

        Assert.Equal(what == "role deleted" ? "role" : "issuer", await host.RefusedAsync(browser, url));
    }

    /// <summary>The browser of somebody is there: it is led back to the page, whatever fails.</summary>
    [Fact]
    public async Task A_secret_that_cannot_be_read_any_more_is_a_refusal_as_others()
    {
        await using SignInHost host = await SignInHost.StartAsync("client-secret");
        ConsoleBrowser browser = host.Browser();
        string url = host.Codes.Authorize(await SignInHost.BeginAsync(browser));
        Core.KeyValue.IKeyValueStore rows = host.Sts.Identity.Context.Store;
        byte[] row = Core.Records.Tables.IssuerKey("acme", "idp");
        var issuer = Core.Identity.OidcIssuer.Decode(await rows.GetAsync(row, StsHost.Cancel));
        Assert.True(await rows.CommitAsync(new Core.KeyValue.KeyValueBatch().Put(row, (issuer with { Console = issuer.Console! with { ProtectedSecret = [1, 2, 3] } }).Encode()), StsHost.Cancel));
        Assert.Equal("provider", await host.RefusedAsync(browser, url));
    }

    /// <summary>Anyone may send codes: an issuer gets a few at a time, and another issuer's are not kept waiting by them.</summary>
    [Fact]
    public async Task An_issuer_gets_a_few_codes_at_a_time()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        using OidcStandIn second = OidcStandIn.Start();
        OidcCodes codes = await host.AlsoWithAsync("second", second);
        await host.RoleAsync("of-second", audience: "second", issuer: "second");
        int waiting = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Sts.StandIn.Page("/token", async context =>
        {
            if (Interlocked.Increment(ref waiting) == IssuerSignIns.MaxExchanges)
            {
                all.SetResult();
            }

            await go.Task;
            context.Response.StatusCode = 500;
        });
        List<Task> held = [];
        for (int i = 0; i < IssuerSignIns.MaxExchanges; i++)
        {
            ConsoleBrowser one = host.Browser();
            string url = host.Codes.Authorize(await SignInHost.BeginAsync(one));
            held.Add(Task.Run(() => one.GetAsync(url)));
        }

        await all.Task;
        ConsoleBrowser browser = host.Browser();
        Assert.Equal("limit", await host.RefusedAsync(browser));
        string asked = await SignInHost.BeginAsync(browser, start: "/api/session/oidc/acme/second");
        Assert.Equal("/", (await browser.GetAsync(codes.Authorize(asked))).Location);
        go.SetResult();
        await Task.WhenAll(held);
        Assert.Equal("provider", await host.RefusedAsync(browser));
    }

    private static Task WriteAsync(HttpListenerResponse response, string text) => response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

    private static string Unsigned(JsonObject claims, string algorithm) =>
        OidcStandIn.Encode(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"alg":"{{algorithm}}","typ":"JWT"}"""))) + "." + OidcStandIn.Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()));

    private static string Symmetric(JsonObject claims, byte[] key)
    {
        string signed = Unsigned(claims, "HS256");
        return $"{signed}.{OidcStandIn.Encode(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }
}
