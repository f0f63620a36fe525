using Tarn.Core.Identity;
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

    [Theory]
    [MemberData(nameof(Several))]
    public async Task Signing_out_with_several_cookies_ends_the_session_and_clears_what_it_can(string cookies)
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        string own = page.Cookie!;
        Presigned url = await page.PresignAsync("GET");
        page.Cookie = string.Format(System.Globalization.CultureInfo.InvariantCulture, cookies, own, _attacker.Cookie);
        Assert.Contains("several cookies", await page.RefusalAsync(409, "GET", "/api/session"), StringComparison.Ordinal);
        Assert.Contains("several cookies", await page.RefusalAsync(409, "POST", "/api/presign", """{"method":"GET"}"""), StringComparison.Ordinal);
        Assert.Empty(page.Set);
        await page.DataAsync("DELETE", "/api/session");
        Cleared(page);
        Assert.Equal(403, (await page.UseAsync(url)).Status);
        page.Cookie = own;
        Assert.Equal(401, (await page.SendAsync("GET", "/api/session")).Status);
        Assert.Equal(200, (await _attacker.SendAsync("GET", "/api/session")).Status);
    }

    /// <summary>A session that this browser could not use is none; and the next try finds the cookies gone.</summary>
    [Theory]
    [MemberData(nameof(Several))]
    public async Task Signing_in_with_several_cookies_begins_nothing_and_clears_what_it_can(string cookies)
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        page.Cookie = string.Format(System.Globalization.CultureInfo.InvariantCulture, cookies, page.Cookie, _attacker.Cookie);
        Assert.Contains("several cookies", await page.RefusalAsync(409, "POST", "/api/session", ConsolePage.Body(_acme)), StringComparison.Ordinal);
        Cleared(page);
        Assert.Empty(await Identity.TemporaryKeys.AllAsync("acme", null, Token));
        page.Cookie = null;
        await page.DataAsync("POST", "/api/session", ConsolePage.Body(_acme));
        Assert.Equal(200, (await page.SendAsync("GET", "/api/session")).Status);
    }

    private static void Cleared(ConsolePage page)
    {
        Assert.All(page.Set, static set => Assert.StartsWith("tarn=; max-age=0; path=", set.ToLowerInvariant(), StringComparison.Ordinal));
        Assert.Equal(["/", "/api", "/api/", "/api/session"], page.Set.Select(static set => set.Split("path=", StringSplitOptions.None)[1].Split(';')[0]));
    }
}
