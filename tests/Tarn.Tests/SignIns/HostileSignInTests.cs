using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using Tarn.Server.Configuration;
using Tarn.Server.Control.Tarn;
using Tarn.TestKit.Federation;
using Tarn.Tests.Control;

namespace Tarn.Tests.SignIns;

/// <summary>What is not a sign-in that this browser began with this issuer begins no session: each refusal is checked to have begun none and to have set no cookie.</summary>
public sealed class HostileSignInTests
{
    private const string Callback = SignInHost.Callback;

    /// <summary>What comes back instead of the issuer's answer, the reason, and whether the sign-in is then used up.</summary>
    public static readonly TheoryData<string, string, bool> Answers = new()
    {
        { "no state", "state", false },
        { "another state", "state", false },
        { "a state that begins the same", "state", false },
        { "two states", "state", false },
        { "state that is no name", "state", false },
        { "nothing", "state", false },
        { "no code", "provider", true },
        { "empty code", "provider", true },
        { "two codes", "provider", true },
        { "long code", "provider", true },
        { "unknown code", "provider", true },
        { "denied", "denied", true },
        { "error", "provider", true },
        { "error as HTML", "provider", true },
        { "error with a code", "denied", true },
        { "two errors", "provider", true },
        { "another issuer", "provider", true },
        { "two issuers", "provider", true },
        { "the place of another issuer", "provider", true },
        { "two issuers where it need not say", "provider", true },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_that_is_none_is_refused(string what, string reason, bool uses)
    {
        await using SignInHost host = await SignInHost.StartAsync();

        // With it, an answer that does not say of whom it is is refused too.
        host.Codes.Discovery["authorization_response_iss_parameter_supported"] = what != "two issuers where it need not say";
        ConsoleBrowser browser = host.Browser();
        string good = host.Codes.Authorize(await SignInHost.BeginAsync(browser));
        NameValueCollection query = SignInHost.QueryOf(good);
        string code = query["code"]!, state = query["state"]!, iss = query["iss"]!;
        string other = (state[0] == 'A' ? 'B' : 'A') + state[1..], similar = state[..^1] + (state[^1] == 'A' ? 'B' : 'A');
        const string Script = "<script>alert(1)</script>";
        string url = what switch
        {
            "no state" => Answer(("code", code), ("iss", iss)),
            "another state" => Answer(("code", code), ("state", other), ("iss", iss)),
            "a state that begins the same" => Answer(("code", code), ("state", similar), ("iss", iss)),
            "two states" => Answer(("code", code), ("state", state), ("state", state), ("iss", iss)),
            "state that is no name" => Answer(("code", code), ("state", state[..^3] + ";=\n"), ("iss", iss)),
            "nothing" => Callback,
            "no code" => Answer(("state", state), ("iss", iss)),
            "empty code" => Answer(("code", ""), ("state", state), ("iss", iss)),
            "two codes" => Answer(("code", code), ("code", code), ("state", state), ("iss", iss)),
            "long code" => Answer(("code", new string('c', 5000)), ("state", state), ("iss", iss)),
            "unknown code" => Answer(("code", "code-77"), ("state", state), ("iss", iss)),
            "denied" => Answer(("error", "access_denied"), ("error_description", Script), ("state", state), ("iss", iss)),
            "error" => Answer(("error", "server_error"), ("state", state), ("iss", iss)),
            "error as HTML" => Answer(("error", Script), ("error_description", Script), ("error_uri", "javascript:alert(1)"), ("state", state), ("iss", iss)),
            "error with a code" => Answer(("error", "access_denied"), ("code", code), ("state", state), ("iss", iss)),
            "two errors" => Answer(("error", "access_denied"), ("error", "access_denied"), ("state", state), ("iss", iss)),
            "another issuer" => Answer(("code", code), ("state", state), ("iss", "https://evil.example")),
            "two issuers where it need not say" => Answer(("code", code), ("state", state), ("iss", iss), ("iss", "https://evil.example")),
            "the place of another issuer" => good.Replace("/callback?", "-2/callback?", StringComparison.Ordinal),
            "two issuers" => Answer(("code", code), ("state", state), ("iss", iss), ("iss", iss)),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
        Assert.Equal(reason, await host.RefusedAsync(browser, url));
        if (uses)
        {
            Assert.Equal("state", await host.RefusedAsync(browser, good));
        }
        else
        {
            Assert.Equal("/", (await browser.GetAsync(good)).Location);
        }
    }

    /// <summary>An issuer that says that it always names itself, and an answer that does not; one that says nothing may leave it out.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_names_its_issuer_where_that_issuer_always_does(bool always)
    {
        await using SignInHost host = await SignInHost.StartAsync();
        host.Codes.Discovery["authorization_response_iss_parameter_supported"] = always;
        host.Codes.NamesItself = false;
        ConsoleBrowser browser = host.Browser();
        string url = host.Codes.Authorize(await SignInHost.BeginAsync(browser));
        if (always)
        {
            Assert.Equal("provider", await host.RefusedAsync(browser, url));
        }
        else
        {
            Assert.Equal("/", (await browser.GetAsync(url)).Location);
        }
    }

    [Fact]
    public async Task An_answer_counts_once_and_in_the_browser_that_asked_and_for_ten_minutes()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = host.Browser(), other = host.Browser();
        string url = host.Codes.Authorize(await SignInHost.BeginAsync(browser));

        // Who has seen the URL, or sends their own to somebody, has another browser, or a cookie of another sign-in.
        Assert.Equal("state", await host.RefusedAsync(other, url));
        await SignInHost.BeginAsync(other);
        string own = Assert.Single(other.Cookies).Value;
        (string name, string kept) = Assert.Single(browser.Cookies);
        other.Cookies[name] = own;
        Assert.Equal("state", await host.RefusedAsync(other, url));
        other.Cookies[name] = kept[..^2] + (kept[^2] == 'A' ? 'B' : 'A') + kept[^1];
        Assert.Equal("state", await host.RefusedAsync(other, url));
        other.Cookies[name] = "x";
        Assert.Equal("state", await host.RefusedAsync(other, url));

        Assert.Equal("/", (await browser.GetAsync(url)).Location);
        Assert.DoesNotContain(name, browser.Cookies.Keys);
        browser.Cookies[name] = kept;
        Assert.Equal("state", await host.RefusedAsync(browser, url));

        url = host.Codes.Authorize(await SignInHost.BeginAsync(other));
        host.Sts.Clock.Advance(SignInCookies.Life);
        Assert.Equal("state", await host.RefusedAsync(other, url));
    }

    /// <summary>What was used is remembered for as long as its cookie could be used, and no longer.</summary>
    [Fact]
    public async Task Sign_ins_that_were_used_are_forgotten_when_they_have_expired()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        SignInCookies cookies = host.Sts.Get<SignInCookies>();
        for (int i = 0; i < 3; i++)
        {
            await host.SignedInAsync();
        }

        Assert.Equal(3, cookies.Remembered);
        host.Sts.Clock.Advance(SignInCookies.Life);
        host.Codes.Now = host.Sts.Clock.GetUtcNow();
        await host.SignedInAsync();
        Assert.Equal(1, cookies.Remembered);
    }

    [Theory]
    [InlineData("/api/session/oidc/acme/none")]
    [InlineData("/api/session/oidc/none/idp")]
    [InlineData("/api/session/oidc/acme/workloads")]
    [InlineData("/api/session/oidc/a%2Fcme/idp")]
    [InlineData("/api/session/oidc/%ED%A0%80/idp")]
    public async Task Only_an_issuer_with_settings_for_the_console_is_asked(string path)
    {
        await using SignInHost host = await SignInHost.StartAsync();
        using OidcStandIn workloads = OidcStandIn.Start();
        await host.Sts.TrustAsync("workloads", workloads);
        Assert.Equal(404, (await host.NotBegunAsync(host.Browser(), path)).Status);
    }

    /// <summary>A sign-in that another page has begun would be one that whoever made that page knows.</summary>
    [Theory]
    [InlineData("1", "same-origin", null)]
    [InlineData(null, "cross-site", null)]
    [InlineData(null, "same-site", null)]
    [InlineData(null, "none", null)]
    [InlineData(null, null, "http://evil.example")]
    [InlineData(null, null, null)]
    public async Task A_page_of_another_origin_begins_nothing(string? proof, string? site, string? origin)
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = host.Browser();
        var request = new HttpRequestMessage(HttpMethod.Post, host.Sts.ControlUrl + SignInHost.Start);
        foreach ((string name, string? value) in ((string, string?)[])[("X-Tarn-Console", proof ?? Signer.Proof), ("Sec-Fetch-Site", site), ("Origin", origin)])
        {
            if (value is not null)
            {
                request.Headers.Add(name, value);
            }
        }

        using HttpResponseMessage answer = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty(browser.LastSet);
    }

    /// <summary>The issuer sends browsers to the console's URL, which another host's cookies do not come to.</summary>
    [Theory]
    [InlineData("Host", "localhost:{0}")]
    [InlineData("Host", "console.example.com")]
    [InlineData("Origin", "http://localhost:{0}")]
    [InlineData("Origin", "https://127.0.0.1:{0}")]
    public async Task A_page_at_another_URL_is_told_where_to_sign_in(string name, string value)
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = host.Browser();
        browser.More[name] = string.Format(CultureInfo.InvariantCulture, value, new Uri(host.Sts.ControlUrl).Port);
        (int status, string why) = await host.NotBegunAsync(browser);
        Assert.Equal(400, status);
        Assert.Contains(host.Sts.ControlUrl, why, StringComparison.Ordinal);
    }

    /// <summary>Whatever host a browser used, the server could not say to which URL the issuer is to send it.</summary>
    [Fact]
    public async Task Where_browsers_may_come_from_everywhere_and_no_URL_is_said_nobody_signs_in_with_an_issuer()
    {
        await using SignInHost host = await SignInHost.StartAsync(control: new ListenAddress(null, IsLocalhost: false, 0));
        ConsoleBrowser browser = host.Browser();
        Assert.Equal("""{"success":true,"data":{"issuers":[]}}""", (await browser.GetAsync("/api/session/oidc")).Body);
        (int status, string why) = await host.NotBegunAsync(browser);
        Assert.Equal(400, status);
        Assert.Contains("console-url", why, StringComparison.Ordinal);
    }

    /// <summary>Each is a request to the issuer, whoever sends it.</summary>
    [Fact]
    public async Task An_address_whose_codes_are_none_waits()
    {
        await using SignInHost host = await SignInHost.StartAsync();
        ConsoleBrowser browser = host.Browser();
        for (int i = 0; i < SignInLimits.OfIssuers; i++)
        {
            Assert.Equal("provider", await WithCodeAsync("none"));
        }

        int exchanges = host.Codes.Methods.Count;
        Assert.Equal("limit", await WithCodeAsync("none"));
        Assert.Equal("limit", await host.RefusedAsync(browser));
        Assert.Equal(exchanges, host.Codes.Methods.Count);
        host.Sts.Clock.Advance(TimeSpan.FromSeconds(1));
        host.Codes.Now = host.Sts.Clock.GetUtcNow();
        await host.SignedInAsync();

        async Task<string> WithCodeAsync(string code)
        {
            string good = host.Codes.Authorize(await SignInHost.BeginAsync(browser));
            NameValueCollection query = SignInHost.QueryOf(good);
            return await host.RefusedAsync(browser, Answer(("code", code), ("state", query["state"]), ("iss", query["iss"])));
        }
    }

    private static string Answer(params (string Name, string? Value)[] parameters) => OidcCodes.Answer(Callback, parameters);
}
