using System.Text.RegularExpressions;
using Tarn.Core.Disks.Catalog;
using Tarn.Server.Configuration;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;

namespace Tarn.Tests.Web;

/// <summary>What every answer of the control address tells browsers.</summary>
public sealed class ControlHeadersTests
{
    /// <summary>The paths whose answers have a policy of their own, with what is in it.</summary>
    private static readonly Dictionary<string, string> OwnPolicies = new()
    {
        ["/docs/{documentName?}"] = "script-src 'self' 'nonce-",
        ["/api/shared/{token}"] = "sandbox; default-src 'none'",
        ["/"] = "require-trusted-types-for 'script'",
    };

    [Fact]
    public async Task Every_answer_has_a_policy_is_framed_nowhere_and_is_what_its_type_says()
    {
        await using InProcessServer server = await InProcessServer.StartAsync();
        var client = new RawClient(new TarnEndpoint(new Uri(server.ControlUrl + "/"), "-", "-"));
        (string Method, string Path)[] mapped = [.. ControlEndpoint.Mapped(server.Services).Select(static endpoint => (endpoint.Method, endpoint.Path))];
        Assert.Contains(("GET", "/metrics"), mapped);
        foreach ((string method, string path) in ((string, string)[])[.. mapped, ("GET", "/"), ("GET", "/nowhere"), ("POST", "/"), ("GET", "/api/nothing"), ("POST", "/health/live"), ("TRACE", "/")])
        {
            string target = Regex.Replace(path, @"\{[^}]*\}", "x");
            Check(path, await client.SendUnsignedAsync(method, target.Length == 0 ? "/" : target, [("Accept", "*/*")], method is "POST" or "PUT" ? [] : null));
        }

        Check("framing", await client.ExchangeAsync("GET", $"GET / HTTP/1.1\r\nHost: {client.HostHeader}\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"));
    }

    /// <summary>Also of what is refused before anything is looked at: what a trusted proxy says and cannot be, and while the root user has the key of the documentation, what came through one.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_refused_for_its_proxy_has_them_too(bool isTrusted)
    {
        await using InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup
        {
            Options = isTrusted
                ? InProcessServer.Options with { Proxies = ProxyOptions.None with { Trusted = AddressList.TryParse(["127.0.0.0/8"], out AddressList proxies, out _) ? proxies : null } }
                : InProcessServer.Options with { UsesDevKey = true },
        });
        var client = new RawClient(new TarnEndpoint(new Uri(server.ControlUrl + "/"), "-", "-"));
        RawResponse answer = await client.SendUnsignedAsync("GET", "/", [("X-Forwarded-For", "nonsense"), ("X-Forwarded-Proto", "gopher")], null);
        Assert.Equal(isTrusted ? 400 : 403, answer.Status);
        Check("refused", answer);
    }

    /// <summary>S3 has none of them: what is stored there is for other pages too.</summary>
    [Fact]
    public async Task An_answer_of_S3_has_none_of_them()
    {
        await using InProcessServer server = await InProcessServer.StartAsync();
        RawResponse answer = await new RawClient(new TarnEndpoint(new Uri(server.S3Url + "/"), "-", "-")).SendUnsignedAsync("GET", "/", [], null);
        Assert.Equal(403, answer.Status);
        Assert.All((string[])["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy"], name => Assert.Null(answer[name]));
    }

    private static void Check(string path, RawResponse answer)
    {
        string policy = answer["Content-Security-Policy"] ?? "none";
        string expected = (path != "/" || answer["Content-Type"]!.StartsWith("text/html", StringComparison.Ordinal)) && OwnPolicies.TryGetValue(path, out string? own) ? own : "default-src 'none'; frame-ancestors 'none'";
        Assert.True(policy.Contains(expected, StringComparison.Ordinal), $"{path}: {answer.Status} {policy}");
        Assert.True(policy.Contains("frame-ancestors 'none'", StringComparison.Ordinal) || policy.StartsWith("sandbox;", StringComparison.Ordinal), $"{path}: {policy}");
        Assert.True(answer["X-Content-Type-Options"] == "nosniff", path);
        Assert.True(answer["Referrer-Policy"] == "no-referrer", path);
        Assert.True(answer["Cross-Origin-Resource-Policy"] == (path.StartsWith("/api/shared", StringComparison.Ordinal) ? null : "same-origin"), path);
        Assert.Null(answer["Access-Control-Allow-Origin"]);
    }
}
