using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.S3.Routing;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Server;

namespace Tarn.Tests.Proxies;

public sealed class ProxyProtocolTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n";
    private const string Line = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n";

    [Fact]
    public async Task The_client_of_a_trusted_proxy_has_its_own_address_and_is_not_believed_itself()
    {
        await using TarnHost host = await StartAsync("127.0.0.1");
        Assert.EndsWith("192.0.2.7|4711|http|False", await SendAsync(host.S3Url, Line + Request), StringComparison.Ordinal);
        Assert.EndsWith("|0|http|False", await SendAsync(host.S3Url, "PROXY UNKNOWN\r\n" + Request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_is_a_trusted_proxy_is()
    {
        await using TarnHost host = await StartAsync("127.0.0.1", "192.0.2.0/24");
        Assert.EndsWith("203.0.113.9|0|https|True", await SendAsync(host.S3Url, Line + Request), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("21110014C0000207C6336401126701BB2000050100000000", "https")]
    [InlineData("21110014C0000207C6336401126701BB2000050000000000", "http")]
    public async Task Version_2_tells_of_tls(string hex, string scheme)
    {
        byte[] header = Convert.FromHexString("0D0A0D0A000D0A515549540A" + hex);
        await using TarnHost host = await StartAsync("127.0.0.1");
        Assert.EndsWith($"192.0.2.7|4711|{scheme}|True", await SendAsync(host.S3Url, Encoding.Latin1.GetString(header) + Request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_header_a_trusted_proxy_is_not_served()
    {
        await using TarnHost host = await StartAsync("127.0.0.1");
        Assert.Equal("", await SendAsync(host.S3Url, Request));
        Assert.Equal("", await SendAsync(host.S3Url, "PROXY nonsense\r\n" + Request));
        Assert.Contains("live", await SendAsync(host.ControlUrl, Request.Replace("GET /", "GET /health/live", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_anybody_else_a_header_is_no_request()
    {
        await using TarnHost host = await StartAsync("10.0.0.0/8");
        Assert.EndsWith("127.0.0.1|http|False", Without(await SendAsync(host.S3Url, Request)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await SendAsync(host.S3Url, Line + Request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_header_is_the_clients_and_no_request()
    {
        await using TarnHost host = await StartAsync("127.0.0.1");
        Assert.StartsWith("HTTP/1.1 400", await SendAsync(host.S3Url, Line + Line + Request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_header_comes_before_tls()
    {
        using var directory = new TemporaryDirectory();
        var tls = new TlsOptions(directory.PathOf("c.pem"), directory.PathOf("k.pem"), null, true, false);
        CertificateSourceTests.WritePem(tls, "host");
        await using TarnHost host = await TestHost.StartAsync(Options("127.0.0.1") with { Tls = tls }, EchoAsync);
        await using RawConnection connection = await RawConnection.OpenAsync(new UriBuilder(host.S3Url) { Scheme = "http" }.Uri);
        await connection.WriteAsync(Line);
        await connection.SecureAsync("host", anyCertificate: true);
        Assert.Equal("CN=host", connection.CertificateSubject);
        await connection.WriteAsync(Request);
        Assert.EndsWith("192.0.2.7|4711|https|False", await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static ServerOptions Options(params string[] trusted) => Bound.From(new()
    {
        ["--s3"] = ["127.0.0.1:0"], ["--control"] = ["127.0.0.1:0"], ["--log-level"] = ["none"], ["--proxy-protocol"] = ["true"], ["--trusted-proxy"] = trusted,
    });

    private static Task<TarnHost> StartAsync(params string[] trusted) => TestHost.StartAsync(Options(trusted), EchoAsync);

    private static Task EchoAsync(HttpContext http)
    {
        string text = $"{http.Connection.RemoteIpAddress}|{http.Connection.RemotePort}|{http.Request.Scheme}|{http.Features.Get<PublicAddress>()!.IsForwarded}";
        http.Response.ContentLength = text.Length;
        return http.Response.WriteAsync(text);
    }

    private static string Without(string answer)
    {
        string[] parts = answer.Split('|');
        return string.Join('|', parts[0], parts[2], parts[3]);
    }

    private static Task<string> SendAsync(string url, string text) => RawConnection.AskAsync(new Uri(url), text);
}
