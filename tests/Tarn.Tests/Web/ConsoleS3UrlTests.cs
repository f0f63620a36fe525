using System.Buffers.Text;
using System.Text.Json;
using Tarn.Core.Identity;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Server;

namespace Tarn.Tests.Web;

/// <summary>That a session's URL of S3 is one that the policy of the page allows, by whatever name the console was opened; or none.</summary>
public sealed class ConsoleS3UrlTests : IAsyncLifetime
{
    private InProcessServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await InProcessServer.StartAsync(new InProcessSetup { Options = InProcessServer.Options with { Domains = ["s3.test"] } });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("localhost", "localhost")]
    [InlineData("[::1]", "127.0.0.1")]
    [InlineData("127.0.0.9", "127.0.0.1")]
    [InlineData("tarn.test", "tarn.test")]
    [InlineData("s3.test", "s3.test")]
    [InlineData("console.s3.test", "s3.test")]
    [InlineData("[2001:db8::7]", null)]
    public async Task A_session_and_the_policy_of_its_page_name_the_same_s3(string host, string? reached)
    {
        NewTemporaryKey made = await KeySessions.BeginAsync(_server, InProcessServer.RootAccessKey);
        string? expected = reached is null ? null : $"http://{reached}:{new Uri(_server.S3Url).Port}";
        var client = new RawClient(new TarnEndpoint(new Uri(_server.ControlUrl), "-", "-"));
        string head = $"Host: {host}:{new Uri(_server.ControlUrl).Port}\r\nAccept: text/html\r\nCookie: tarn={made.Key.Id}.{Base64Url.EncodeToString(made.CookieSecret.Span)}\r\n\r\n";
        RawResponse session = await client.ExchangeAsync("GET", "GET /api/session HTTP/1.1\r\n" + head);
        Assert.True(session.Status == 200, session.Text);
        using JsonDocument answer = JsonDocument.Parse(session.Text);
        Assert.Equal(expected, answer.RootElement.GetProperty("data").GetProperty("s3Url").GetString());
        RawResponse page = await client.ExchangeAsync("GET", "GET / HTTP/1.1\r\n" + head);
        Assert.Contains(expected is null ? "connect-src 'self'; frame-src 'none';" : $"connect-src 'self' {expected}; frame-src {expected};", page["Content-Security-Policy"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "console.example.com", "console.example.com")]
    [InlineData(true, "console.s3.test", "s3.test")]
    [InlineData(true, "[2001:db8::7]", null)]
    [InlineData(true, "a;script-src *", null)]
    [InlineData(false, "console.example.com", "127.0.0.1")]
    public async Task Behind_a_proxy_it_is_the_name_that_the_proxy_was_asked_for_if_it_is_trusted(bool isTrusted, string forwarded, string? reached)
    {
        await using InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup
        {
            Options = InProcessServer.Options with { Domains = ["s3.test"], Proxies = Bound.From(new() { ["--trusted-proxy"] = [isTrusted ? "127.0.0.1" : "192.0.2.1"] }).Proxies },
        });
        RawResponse page = await new RawClient(new TarnEndpoint(new Uri(server.ControlUrl), "-", "-")).SendUnsignedAsync("GET", "/", [("Accept", "text/html"), ("X-Forwarded-Host", forwarded)]);
        string expected = reached is null ? "" : $" http://{reached}:{new Uri(server.S3Url).Port}";
        if (page.Status != 400) // what is no host, by whoever reads the header
        {
            Assert.Contains($"connect-src 'self'{expected};", page["Content-Security-Policy"], StringComparison.Ordinal);
        }

        Assert.DoesNotContain("script-src *", page["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal(forwarded.Contains(';', StringComparison.Ordinal), page.Status == 400);
    }
}
