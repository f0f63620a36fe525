using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Identity;
using Tarn.Server.Control;
using Tarn.TestKit.Hosting;

namespace Tarn.Tests.Control.Console;

/// <summary>Cookies that a page of another port of the host has set: nobody does anything as whoever planted them, and nobody is kept out or in by them.</summary>
public sealed class PlantedCookieTests : IAsyncLifetime
{
    private const string OtherProof = "another-page-that-has-a-proof-of-its-own--A";

    private InProcessServer _server = null!;
    private ControlApiClient _client = null!;
    private Signer _acme = null!;
    private ConsolePage _attacker = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IdentityStore Identity => _server.Get<IdentityStore>();

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync(new InProcessSetup(), Token);
        _client = new ControlApiClient(_server.ControlUrl);
        _acme = await _client.OrganizationAsync("acme");
        _attacker = new ConsolePage(_server.ControlUrl) { Proof = OtherProof };
        await _attacker.DataAsync("POST", "/api/session", ConsolePage.Body(await _client.OrganizationAsync("evil")));
    }

    public ValueTask DisposeAsync()
    {
        _attacker.Dispose();
        _client.Dispose();
        return _server.DisposeAsync();
    }

    [Fact]
    public async Task A_page_does_nothing_with_a_session_that_another_page_began()
    {
        using var page = new ConsolePage(_server.ControlUrl) { Cookie = _attacker.Cookie };
        foreach ((string method, string path, string? body) in ((string, string, string?)[])
        [
            ("GET", "/api/session", null), ("GET", "/api/buckets", null), ("POST", "/api/presign", """{"method":"PUT","bucket":"b","key":"k"}"""), ("POST", "/api/keys", "{}"), ("POST", "/api/tokens", """{"name":"t"}"""),
            ("DELETE", "/api/session", null), ("PUT", "/api/organizations/evil/policies/p", "{}"), ("GET", "/v1/cwobject/temporary-credentials/api-token", null),
        ])
        {
            Assert.Contains("did not begin the session", await page.RefusalAsync(403, method, path, body), StringComparison.Ordinal);
            Assert.Empty(page.Set);
        }

        // A link has no header, and shows only.
        page.Proof = null;
        Assert.Equal(200, (await page.SendAsync("GET", "/api/buckets")).Status);
        Assert.Equal(403, (await page.SendAsync("POST", "/api/keys", "{}")).Status);
        Assert.Equal(200, (await _attacker.SendAsync("POST", "/api/presign", """{"method":"GET"}""")).Status);
    }

    /// <summary>Whoever signs in has their own session, and the other's goes on: it is not this page's to end.</summary>
    [Fact]
    public async Task Signing_in_replaces_a_planted_cookie()
    {
        using var page = new ConsolePage(_server.ControlUrl) { Cookie = _attacker.Cookie };
        await page.DataAsync("POST", "/api/session", ConsolePage.Body(_acme));
        Assert.Equal("acme", (await page.DataAsync("GET", "/api/session")).GetProperty("principal").GetString());
        Assert.Equal(200, (await page.SendAsync("POST", "/api/presign", """{"method":"GET"}""")).Status);
        Assert.Equal(200, (await _attacker.SendAsync("GET", "/api/session")).Status);
    }

    public static readonly TheoryData<string> Several = ["{0}; tarn=x", "tarn=x; {0}", "{0}; {1}", "{1}; {0}", "tarn=; {0}; tarn=x.y", "{0}; {0}"];

    /// <summary>Of several cookies the one counts that is of a session which this page began.</summary>
    [Theory]
    [MemberData(nameof(Several))]
    public async Task Of_several_cookies_that_of_the_page_counts(string cookies)
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        string own = page.Cookie!;
        Presigned url = await page.PresignAsync("GET");
        page.Cookie = With(cookies, own);
        Assert.Equal("acme", (await page.DataAsync("GET", "/api/session")).GetProperty("principal").GetString());
        Assert.Equal(200, (await page.UseAsync(await page.PresignAsync("GET"))).Status);
        Assert.Equal("acme", (await page.DataAsync("POST", "/api/keys", "{}")).GetProperty("organization").GetString());
        Assert.Empty(page.Set);

        // A link does not say which page it is of.
        page.Proof = null;
        Assert.Contains("several cookies", await page.RefusalAsync(409, "GET", "/api/session"), StringComparison.Ordinal);
        page.Cookie = With(cookies, own);
        page.Proof = OtherProof;
        int expected = cookies.Contains("{1}", StringComparison.Ordinal) ? 200 : 401;
        Assert.Equal(expected, (await page.SendAsync("GET", "/api/session")).Status);

        page.Cookie = With(cookies, own);
        page.Proof = Signer.Proof;
        await page.DataAsync("DELETE", "/api/session");
        Cleared(page, "/", "/api", "/api/", "/api/session");
        Assert.Equal(403, (await page.UseAsync(url)).Status);
        page.Cookie = own;
        Assert.Equal(401, (await page.SendAsync("GET", "/api/session")).Status);
        Assert.Equal(200, (await _attacker.SendAsync("GET", "/api/session")).Status);
    }

    [Theory]
    [MemberData(nameof(Several))]
    public async Task Signing_in_with_several_cookies_replaces_the_session_of_the_page(string cookies)
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        string own = page.Cookie!;
        page.Cookie = With(cookies, own);
        await page.DataAsync("POST", "/api/session", ConsolePage.Body(_acme));
        Assert.StartsWith("tarn=A", page.Set[^1], StringComparison.Ordinal);
        Assert.Contains("path=/;", page.Set[^1], StringComparison.OrdinalIgnoreCase);
        Cleared(page.Set[..^1], "/api", "/api/", "/api/session");
        page.Cookie = page.Set[^1].Split(';')[0];
        Assert.Single(await Identity.TemporaryKeys.AllAsync("acme", null, Token));
        Assert.Equal(200, (await page.SendAsync("GET", "/api/session")).Status);
        page.Cookie = own;
        Assert.Equal(401, (await page.SendAsync("GET", "/api/session")).Status);
        Assert.Equal(200, (await _attacker.SendAsync("GET", "/api/session")).Status);
    }

    /// <summary>
    /// A page with several cookies of which none is of its session is not signed in, which is what its console goes to the sign-in page for. A browser does not say of which path or domain a cookie is: the answer clears those of every path that is above its own, and leaves that of the console.
    /// </summary>
    [Theory]
    [InlineData("GET", "/api/session", "/api", "/api/", "/api/session")]
    [InlineData("POST", "/api/presign", "/api", "/api/", "/api/presign")]
    [InlineData("GET", "/api/requests/0011?x=/y", "/api", "/api/", "/api/requests", "/api/requests/", "/api/requests/0011")]
    [InlineData("GET", "/api/buckets/%C3%A9/", "/api", "/api/", "/api/buckets", "/api/buckets/", "/api/buckets/%C3%A9", "/api/buckets/%C3%A9/")]
    [InlineData("GET", "/api/jobs/a;path=/", "/api", "/api/", "/api/jobs", "/api/jobs/")]
    public async Task What_is_refused_for_its_cookies_clears_those_of_paths(string method, string path, params string[] cleared)
    {
        using var page = new ConsolePage(_server.ControlUrl) { Cookie = "tarn=x; " + _attacker.Cookie };
        Assert.Contains("several cookies", await page.RefusalAsync(401, method, path, method == "GET" ? null : "{}"), StringComparison.Ordinal);
        Cleared(page, cleared);
    }

    [Fact]
    public void No_path_has_so_many_places_that_their_cookies_fill_an_answer()
    {
        var http = new DefaultHttpContext();
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/api/" + string.Concat(Enumerable.Repeat("a/", 1000));
        ConsoleCookie.ClearPlanted(http, isSecure: false);
        Assert.Equal(32, http.Response.Headers.SetCookie.Count);
    }

    /// <summary>Under TLS a cookie of the name is of the path / alone.</summary>
    [Theory]
    [InlineData("/api/session", true)]
    [InlineData("*", false)]
    [InlineData("http://other/api/session", false)]
    [InlineData("/", false)]
    public void Where_no_cookie_can_be_planted_none_is_cleared(string target, bool isSecure)
    {
        var http = new DefaultHttpContext();
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        ConsoleCookie.ClearPlanted(http, isSecure);
        Assert.Equal(0, http.Response.Headers.SetCookie.Count);
    }

    /// <summary>The browser's path begins with what the proxy took off.</summary>
    [Fact]
    public void Behind_a_proxy_the_paths_are_those_of_the_browser()
    {
        var http = new DefaultHttpContext { Request = { PathBase = "/tarn" } };
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/api/keys?x=/y";
        ConsoleCookie.ClearPlanted(http, isSecure: false);
        Cleared([.. http.Response.Headers.SetCookie.Select(static set => set!)], "/tarn", "/tarn/", "/tarn/api", "/tarn/api/", "/tarn/api/keys");
    }

    public static readonly TheoryData<string, bool> Planted = new()
    {
        { "/api/presign", false }, { "/api", false }, { "/api/", false }, { "/api/session", false }, { "/api/session/", false }, { "/api/requests", false }, { "/", true }, { "/api", true }, { "/api/presign", true },
    };

    /// <summary>With a browser that keeps cookies by their paths and domains: what is planted never keeps anybody out.</summary>
    [Theory]
    [MemberData(nameof(Planted))]
    public async Task A_planted_cookie_keeps_nobody_out(string path, bool ofDomain)
    {
        foreach (string value in (string[])[_attacker.Value, "x"])
        {
            using var browser = new Browser(_server.ControlUrl);

            // Before signing in, while signed in, and before the page is opened again.
            browser.Plant(value, path, ofDomain);
            Assert.Contains(await browser.SendAsync("GET", "/api/session"), (int[])[401, 403]);
            Assert.Equal(200, await browser.SendAsync("POST", "/api/session", ConsolePage.Body(_acme)));
            await WorksAsync(browser);
            browser.Plant(value, path, ofDomain);
            await WorksAsync(browser);
            Assert.Equal(200, await browser.SendAsync("DELETE", "/api/session"));
            Assert.Contains(await browser.SendAsync("GET", "/api/session"), (int[])[401, 403]);
            browser.Plant(value, path, ofDomain);
            browser.Plant("y", "/api", ofDomain: false);
            browser.Plant("z", "/api/session", ofDomain: false);
            Assert.Equal(200, await browser.SendAsync("POST", "/api/session", ConsolePage.Body(_acme)));
            await WorksAsync(browser);
        }
    }

    private static async Task WorksAsync(Browser browser)
    {
        Assert.Equal(200, await browser.SendAsync("GET", "/api/session"));
        Assert.Equal(200, await browser.SendAsync("POST", "/api/presign", """{"method":"GET"}"""));
        Assert.Equal(200, await browser.SendAsync("GET", "/api/requests"));
    }

    private string With(string cookies, string own) => string.Format(System.Globalization.CultureInfo.InvariantCulture, cookies, own, _attacker.Cookie);

    private static void Cleared(ConsolePage page, params string[] paths) => Cleared(page.Set, paths);

    private static void Cleared(string[] set, params string[] paths)
    {
        Assert.All(set, static set => Assert.StartsWith("tarn=; max-age=0; path=", set.ToLowerInvariant(), StringComparison.Ordinal));
        Assert.Equal(paths, set.Select(static set => set.Split("path=", StringSplitOptions.None)[1].Split(';')[0]));
    }

    /// <summary>A page in a browser that keeps cookies as browsers do: one for each name, domain and path. Source: RFC 6265, sections 5.3 and 5.4.</summary>
    private sealed class Browser(string control) : IDisposable
    {
        private readonly ConsolePage _page = new(control);
        private readonly Dictionary<(string Path, bool OfDomain), string> _cookies = [];

        public void Plant(string value, string path, bool ofDomain) => _cookies[(path, ofDomain)] = value;

        public async Task<int> SendAsync(string method, string path, string? body = null)
        {
            string[] sent = [.. _cookies.Where(cookie => Matches(cookie.Key.Path, path)).OrderByDescending(static cookie => cookie.Key.Path.Length).Select(static cookie => "tarn=" + cookie.Value)];
            _page.Cookie = sent.Length == 0 ? null : string.Join("; ", sent);
            int status = (await _page.SendAsync(method, path, body)).Status;
            foreach (string set in _page.Set)
            {
                string[] parts = [.. set.Split(';').Select(static part => part.Trim())];
                (string, bool) place = (parts.Single(static part => part.StartsWith("path=", StringComparison.OrdinalIgnoreCase))[5..], false);
                if (parts.Contains("max-age=0", StringComparer.OrdinalIgnoreCase))
                {
                    _cookies.Remove(place);
                }
                else
                {
                    _cookies[place] = parts[0]["tarn=".Length..];
                }
            }

            return status;
        }

        public void Dispose() => _page.Dispose();

        private static bool Matches(string cookie, string path) => path == cookie || (path.StartsWith(cookie, StringComparison.Ordinal) && (cookie.EndsWith('/') || path[cookie.Length] == '/'));
    }
}
