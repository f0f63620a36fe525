using System.Collections.Specialized;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Identity;
using Tarn.Server.Configuration;
using Tarn.TestKit.Federation;
using Tarn.Tests.Control;
using Tarn.Tests.Sts;

namespace Tarn.Tests.SignIns;

/// <summary>A server whose organization <c>acme</c> lets people sign in to the console with an issuer, as members of the role <c>worker</c>.</summary>
internal sealed class SignInHost : IAsyncDisposable
{
    public const string ClientId = "console-client";
    public const string Start = "/api/session/oidc/acme/idp";
    public const string Callback = Start + "/callback";

    private readonly List<ConsoleBrowser> _browsers = [];

    private SignInHost(StsHost sts, string? secret)
    {
        Sts = sts;
        Codes = new OidcCodes(sts.StandIn, ClientId, secret) { Now = sts.Clock.GetUtcNow() };
    }

    public StsHost Sts { get; }

    public OidcCodes Codes { get; }

    /// <param name="secret">The client's secret; null: none.</param>
    /// <param name="roles">Whether there is the role.</param>
    /// <param name="more">Adds or replaces services.</param>
    /// <param name="control">The control address; null: loopback.</param>
    public static async Task<SignInHost> StartAsync(string? secret = null, bool roles = true, Action<IServiceCollection>? more = null, ListenAddress? control = null)
    {
        var host = new SignInHost(await StsHost.StartAsync(more: more, control: control), secret);
        await host.ConsoleAsync(new JsonObject { ["clientId"] = ClientId, ["clientSecret"] = secret });
        if (roles)
        {
            await host.RoleAsync("worker");
        }

        return host;
    }

    public Task<JsonElement> ConsoleAsync(JsonObject console, string issuer = "idp") =>
        Sts.Control.DataAsync(ControlServer.Root, "PUT", $"/api/issuers/{issuer}/console?organization=acme", console.ToJsonString());

    /// <summary>Lets people sign in with another issuer, too, which knows the console by the issuer's name.</summary>
    public async Task<OidcCodes> AlsoWithAsync(string name, OidcStandIn issuer)
    {
        var codes = new OidcCodes(issuer, name) { Now = Sts.Clock.GetUtcNow() };
        await Sts.TrustAsync(name, issuer);
        await ConsoleAsync(new JsonObject { ["clientId"] = name }, name);
        return codes;
    }

    /// <summary>Creates a role whose members may list and read the bucket <c>data</c>.</summary>
    public Task<JsonElement> RoleAsync(string name, string subject = "*", string audience = ClientId, string issuer = "idp", int longest = 3600) => Sts.Control.DataAsync(
        Sts.Acme, "POST", "/api/organizations/acme/roles",
        $$"""{"name":"{{name}}","issuer":"{{issuer}}","audiences":["{{audience}}"],"conditions":{"StringLike":{"sub":"{{subject}}"} },"maxSessionSeconds":{{longest}},"policies":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ListBucket","s3:GetObject","s3:ListAllMyBuckets"],"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}]}]}""");

    public ConsoleBrowser Browser(string proof = Signer.Proof)
    {
        var browser = new ConsoleBrowser(Sts.ControlUrl) { Proof = proof };
        _browsers.Add(browser);
        return browser;
    }

    /// <summary>Begins a sign-in; returns where the issuer is to be asked.</summary>
    public static async Task<string> BeginAsync(ConsoleBrowser browser, string to = "", string start = Start)
    {
        (int status, JsonElement answer) = await browser.CallAsync("POST", start, to.Length == 0 ? null : new JsonObject { ["to"] = to }.ToJsonString());
        Assert.True(status == 200, answer.ToString());
        return answer.GetProperty("data").GetProperty("url").GetString()!;
    }

    /// <summary>The parameters of a URL.</summary>
    public static NameValueCollection QueryOf(string url) => HttpUtility.ParseQueryString(new Uri(url).Query);

    /// <summary>Signs in.</summary>
    public async Task<ConsoleBrowser> SignedInAsync(string to = "")
    {
        ConsoleBrowser browser = Browser();
        (int status, string? location, string body) = await browser.GetAsync(Codes.Authorize(await BeginAsync(browser, to)));
        Assert.True(status == 302 && browser.Session is not null, $"{status} {location} {body}");
        return browser;
    }

    /// <summary>Signs in as the issuer wants, which is refused, and returns the reason.</summary>
    public async Task<string> RefusedAsync(ConsoleBrowser browser) => await RefusedAsync(browser, Codes.Authorize(await BeginAsync(browser)));

    /// <summary>Goes to an answer of the issuer that is refused, and returns the reason.</summary>
    public async Task<string> RefusedAsync(ConsoleBrowser browser, string url)
    {
        string? before = browser.Session;
        int sessions = (await SessionsAsync()).Count;
        (int status, string? location, string body) = await browser.GetAsync(url);
        Assert.True(status == 302 && location!.StartsWith("/sign-in?error=oidc&reason=", StringComparison.Ordinal), $"{status} {location} {body}");
        Assert.Equal(before, browser.Session);
        Assert.Equal(sessions, (await SessionsAsync()).Count);
        Assert.DoesNotContain(browser.LastSet, static cookie => cookie.StartsWith("tarn=", StringComparison.Ordinal));
        NameValueCollection query = HttpUtility.ParseQueryString(location!["/sign-in".Length..]);
        Assert.Equal(["error", "reason", "request"], query.AllKeys);
        Assert.Matches("^[a-z]+$", query["reason"]);
        Assert.NotEmpty(query["request"]!);
        return query["reason"]!;
    }

    /// <summary>Asks for a sign-in that is refused before it begins, and returns the status and why.</summary>
    public async Task<(int Status, string Why)> NotBegunAsync(ConsoleBrowser browser, string start = Start)
    {
        (int status, JsonElement answer) = await browser.CallAsync("POST", start);
        Assert.True(status is >= 400 and < 500 or 503, answer.ToString());
        Assert.Empty(browser.LastSet);
        Assert.Empty(await SessionsAsync());
        return (status, answer.GetProperty("error").GetString()!);
    }

    public ValueTask<IReadOnlyList<TemporaryKey>> SessionsAsync() => Sts.Identity.TemporaryKeys.AllAsync("acme", null, StsHost.Cancel);

    public async ValueTask DisposeAsync()
    {
        foreach (ConsoleBrowser browser in _browsers)
        {
            browser.Dispose();
        }

        await Sts.DisposeAsync();
    }
}
