using System.Collections.Specialized;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tarn.Core.Identity;
using Tarn.Server.Control.Tarn;
using Tarn.TestKit.Federation;
using Tarn.Tests.Control;
using Tarn.Tests.Sts;

namespace Tarn.Tests.SignIns;

/// <summary>Signing in to the console with an issuer, where everybody does as they should.</summary>
public sealed class SignInTests
{
    [Theory]
    [InlineData(null, null, "none")]
    [InlineData("se cret/+:&%", null, "basic")]
    [InlineData("se cret/+:&%", """["client_secret_basic","client_secret_post"]""", "basic")]
    [InlineData("se cret/+:&%", """["client_secret_post"]""", "post")]
    public async Task Somebody_signs_in_and_is_a_session_of_the_role(string? secret, string? methods, string method)
    {
        await using SignInHost host = await SignInHost.StartAsync(secret);
        if (methods is not null)
        {
            host.Codes.Discovery["token_endpoint_auth_methods_supported"] = JsonNode.Parse(methods);
        }

        ConsoleBrowser browser = host.Browser();
        string asked = await SignInHost.BeginAsync(browser, "/buckets/data?prefix=a%2Fb");
        Assert.Equal(host.Sts.StandIn.Url + "/authorize", asked.Split('?')[0]);
        NameValueCollection query = SignInHost.QueryOf(asked);
        Assert.Equal(["response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method"], query.AllKeys);
        Assert.Equal((host.Sts.ControlUrl + "/api/session/oidc/acme/idp/callback", "openid profile email"), (query["redirect_uri"], query["scope"]));
        string[] pending = Assert.Single(browser.LastSet).Split("; ");
        Assert.Matches("^tarn-oidc-[A-Za-z0-9_-]{8}=[A-Za-z0-9_-]+$", pending[0]);
        Assert.Equal(["httponly", "max-age=600", "path=/", "samesite=lax"], pending[1..].Order(StringComparer.Ordinal));
        Assert.All((string[])[query["state"]!, query["nonce"]!], value => Assert.DoesNotContain(value, pending[0], StringComparison.Ordinal));

        (int status, string? location, _) = await browser.GetAsync(host.Codes.Authorize(asked));
        Assert.Equal((302, "/buckets/data?prefix=a%2Fb"), (status, location));
        Assert.Equal([method], host.Codes.Methods);
        Assert.Equal(["tarn"], browser.Cookies.Keys);
        string[] cookie = browser.LastSet.Single(static set => set.StartsWith("tarn=", StringComparison.Ordinal)).Split("; ");

        // It expires at a whole second.
        Assert.Contains(cookie, static attribute => attribute is "max-age=3599" or "max-age=3600");
        Assert.Equal(["httponly", "path=/", "samesite=strict"], cookie[1..].Where(static attribute => !attribute.StartsWith("max-age", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        TemporaryKey session = Assert.Single(await host.SessionsAsync());
        Assert.Equal((TemporaryKeySource.Role, "worker", "idp", "alice", "alice"), (session.Source, session.Parent, session.Issuer, session.Subject, session.SessionName));
        Assert.Equal([query["nonce"]!], session.Claims["nonce"]);
        Assert.True((await host.Sts.S3Async(Keys.Of(host.Sts.Acme), "PUT", "data")).IsSuccess);
        Assert.True((await host.Sts.S3Async(Keys.Of(host.Sts.Acme), "PUT", "hidden")).IsSuccess);
        (status, JsonElement buckets) = await browser.CallAsync("GET", "/api/buckets");
        Assert.True(status == 200, buckets.ToString());
        Assert.Equal(["data"], buckets.GetProperty("data").GetProperty("buckets").EnumerateArray().Select(static bucket => bucket.GetProperty("name").GetString()));
        (_, JsonElement shown) = await browser.CallAsync("GET", "/api/session");
        JsonElement data = shown.GetProperty("data");
        Assert.Equal(("acme/role/worker", "arn:aws:sts::acme:assumed-role/worker/alice", false), (data.GetProperty("principal").GetString(), data.GetProperty("arn").GetString(), data.GetProperty("isRoot").GetBoolean()));
        Assert.Equal(["buckets", "jobs", "requests", "archives"], data.GetProperty("may").EnumerateArray().Select(static feature => feature.GetString()));

        // What S3 allows it, by URLs that are signed as the session.
        Assert.True((await host.Sts.S3Async(Keys.Of(host.Sts.Acme), "PUT", "data", "key", "content")).IsSuccess);
        foreach ((string sent, int expected) in ((string, int)[])[("GET", 200), ("PUT", 403), ("DELETE", 403)])
        {
            (_, JsonElement signed) = await browser.CallAsync("POST", "/api/presign", $$"""{"method":"{{sent}}","bucket":"data","key":"key"}""");
            using HttpResponseMessage answer = await browser.SendAsync(new HttpRequestMessage(new HttpMethod(sent), signed.GetProperty("data").GetProperty("url").GetString()));
            Assert.Equal(expected, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task The_page_shows_who_may_be_asked_to_everybody_and_nothing_else_of_them()
    {
        await using SignInHost host = await SignInHost.StartAsync("secret-of-client");
        using OidcStandIn other = OidcStandIn.Start(), workloads = OidcStandIn.Start();
        await host.Sts.TrustAsync("another", other);
        await host.Sts.TrustAsync("workloads", workloads);
        await host.ConsoleAsync(new JsonObject { ["clientId"] = "x", ["title"] = "Acme's people" }, "another");
        (int status, _, string body) = await host.Browser().GetAsync("/api/session/oidc");
        Assert.Equal(200, status);
        Assert.Equal(
            """{"success":true,"data":{"issuers":[{"organization":"acme","name":"another","title":"Acme\u0027s people"},{"organization":"acme","name":"idp","title":"idp"}]}}""",
            body.Replace("'", "\\u0027", StringComparison.Ordinal));
        await host.Sts.Control.DataAsync(ControlServer.Root, "DELETE", "/api/issuers/idp/console?organization=acme");
        await host.Sts.Control.DataAsync(ControlServer.Root, "DELETE", "/api/issuers/another?organization=acme");
        (_, _, body) = await host.Browser().GetAsync("/api/session/oidc");
        Assert.Equal("""{"success":true,"data":{"issuers":[]}}""", body);
    }

    [Fact]
    public async Task Two_tabs_sign_in_beside_each_other()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = host.Browser();
        string first = await SignInHost.BeginAsync(browser, "/first"), second = await SignInHost.BeginAsync(browser, "/second");
        Assert.Equal("/second", (await browser.GetAsync(host.Codes.Authorize(second))).Location);
        Assert.Equal("/first", (await browser.GetAsync(host.Codes.Authorize(first))).Location);
    }

    /// <summary>The session's cookie does not come with the issuer's answer, which another site sends.</summary>
    [Fact]
    public async Task Signing_in_anew_ends_the_session_that_the_page_had()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = await host.SignedInAsync(), other = await host.SignedInAsync();
        string former = browser.Session!;
        string url = host.Codes.Authorize(await SignInHost.BeginAsync(browser));
        Assert.Equal(200, (await browser.CallAsync("GET", "/api/session")).Status);
        browser.Cookies.Remove("tarn");
        Assert.Equal("/", (await browser.GetAsync(url)).Location);
        Assert.Equal(200, (await browser.CallAsync("GET", "/api/session")).Status);
        Assert.Equal(200, (await other.CallAsync("GET", "/api/session")).Status);
        browser.Cookies["tarn"] = former;
        Assert.Equal(401, (await browser.CallAsync("GET", "/api/session")).Status);
        Assert.Equal(2, (await host.SessionsAsync()).Count);
    }

    /// <summary>Who has the cookie alone, which another page of the host may have planted, is not the page.</summary>
    [Fact]
    public async Task A_session_is_of_the_page_that_began_the_sign_in()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = await host.SignedInAsync(), other = host.Browser("another-page-that-has-a-proof-of-its-own--A");
        Assert.Equal(200, (await browser.CallAsync("POST", "/api/presign", """{"method":"GET"}""")).Status);
        other.Cookies["tarn"] = browser.Session!;
        Assert.Equal(403, (await other.CallAsync("POST", "/api/presign", """{"method":"GET"}""")).Status);

        // Nor does what it ends by signing in end another page's.
        Assert.Equal("/", (await other.GetAsync(host.Codes.Authorize(await SignInHost.BeginAsync(other)))).Location);
        Assert.Equal(200, (await browser.CallAsync("GET", "/api/session")).Status);
    }

    [Fact]
    public async Task A_browser_keeps_a_few_sign_ins_that_never_end()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = host.Browser();
        string first = await SignInHost.BeginAsync(browser), last = "";
        for (int i = 0; i < 20; i++)
        {
            last = await SignInHost.BeginAsync(browser);
            Assert.True(browser.Cookies.Count <= SignInCookies.MaxPending);
        }

        Assert.Equal("state", await host.RefusedAsync(browser, host.Codes.Authorize(first)));
        Assert.Equal("/", (await browser.GetAsync(host.Codes.Authorize(last))).Location);
    }

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/buckets/b?prefix=%2F#x", "/buckets/b?prefix=%2F#x")]
    [InlineData("/a//b", "/a//b")]
    [InlineData("", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("\\/evil.example", "/")]
    [InlineData("\\\\evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("/\n/evil.example", "/")]
    [InlineData("\t//evil.example", "/")]
    [InlineData(" //evil.example", "/")]
    [InlineData("/a\r\nSet-Cookie: tarn=x", "/")]
    [InlineData("/a\0", "/")]
    [InlineData("/é", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("evil.example", "/")]
    public async Task Whoever_signed_in_goes_to_a_path_of_the_console_only(string to, string expected)
    {
        Assert.Equal(expected, OidcEndpoints.PathIn(to));
        Assert.Equal("/", OidcEndpoints.PathIn("/" + new string('a', 1024)));
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = host.Browser();
        Assert.Equal(expected, (await browser.GetAsync(host.Codes.Authorize(await SignInHost.BeginAsync(browser, to)))).Location);
    }

    /// <summary>A session is nothing without what it is of.</summary>
    [Theory]
    [InlineData("DELETE", "/api/issuers/idp?organization=acme")]
    [InlineData("DELETE", "/api/organizations/acme/roles/worker")]
    [InlineData(null, "time")]
    public async Task A_session_ends_with_its_role_its_issuer_and_its_time(string? method, string path)
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = await host.SignedInAsync();
        Assert.Equal(200, (await browser.CallAsync("GET", "/api/buckets")).Status);
        if (method is null)
        {
            host.Sts.Clock.Advance(TimeSpan.FromSeconds(3600));
        }
        else
        {
            await host.Sts.Control.DataAsync(ControlServer.Root, method, path);
        }

        Assert.Equal(401, (await browser.CallAsync("GET", "/api/buckets")).Status);
    }

    /// <summary>That the console signs nobody in any more is not that those who have signed in are nobody.</summary>
    [Fact]
    public async Task A_session_outlives_the_settings_that_it_was_begun_with()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = await host.SignedInAsync();
        await host.Sts.Control.DataAsync(ControlServer.Root, "DELETE", "/api/issuers/idp/console?organization=acme");
        Assert.Equal(200, (await browser.CallAsync("GET", "/api/buckets")).Status);
    }

    [Fact]
    public async Task The_first_role_by_name_that_trusts_the_token_is_assumed_or_the_one_that_is_named()
    {
        await using SignInHost host = await SignInHost.StartAsync(roles: false);
        using OidcStandIn other = OidcStandIn.Start();
        await host.Sts.TrustAsync("other", other);
        await host.RoleAsync("a-of-another-issuer", issuer: "other");
        await host.RoleAsync("b-of-another-subject", subject: "bob");
        await host.RoleAsync("c-of-another-audience", audience: "tarn");
        ConsoleBrowser browser = host.Browser();
        Assert.Equal("role", await host.RefusedAsync(browser));
        await host.RoleAsync("e", longest: 43200);
        await host.RoleAsync("d");
        await host.SignedInAsync();
        Assert.Equal("d", Assert.Single(await host.SessionsAsync()).Parent);
        await host.ConsoleAsync(new JsonObject { ["clientId"] = SignInHost.ClientId, ["role"] = "e" });
        await host.SignedInAsync();
        TemporaryKey session = (await host.SessionsAsync()).Single(static one => one.Parent == "e");
        Assert.Equal(TimeSpan.FromHours(12), session.Expires - session.Created);
        foreach (string unusable in (string[])["none", "a-of-another-issuer", "b-of-another-subject", "c-of-another-audience"])
        {
            await host.ConsoleAsync(new JsonObject { ["clientId"] = SignInHost.ClientId, ["role"] = unusable });
            Assert.Equal("role", await host.RefusedAsync(browser));
        }
    }

    [Theory]
    [InlineData("alice@example.com", "alice@example.com")]
    [InlineData("auth0|5f7c", null)]
    [InlineData("x", null)]
    [InlineData("sub-of", null)]
    [InlineData("überall", null)]
    public async Task The_name_of_a_session_tells_people_apart(string subject, string? expected)
    {
        await using SignInHost host = await SignInHost.StartAsync();
        host.Codes.Subject = subject;
        await host.SignedInAsync();
        string name = Assert.Single(await host.SessionsAsync()).SessionName!;
        Assert.Matches("^[A-Za-z0-9_+=,.@-]{2,64}$", name);
        if (expected == subject)
        {
            Assert.Equal(expected, name);
        }
        else
        {
            Assert.Matches("^sub-[0-9a-f]{40}$", name);
        }
    }
}
