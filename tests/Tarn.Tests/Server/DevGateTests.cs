using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tarn.Server.Configuration;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

/// <summary>What is refused while the root user has the key of the documentation.</summary>
public sealed class DevGateTests : IAsyncLifetime
{
    private InProcessServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await InProcessServer.StartAsync(new InProcessSetup
    {
        Options = InProcessServer.Options with { RootKey = DevKey.Key, UsesDevKey = true },
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("Host", "evil.example:{0}")]
    [InlineData("Host", "localhost.evil.example")]
    [InlineData("Host", "s3.test")]
    [InlineData("Host", "notlocalhost")]
    [InlineData("Host", "10.0.0.1:{0}")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("X-Forwarded-Host", "localhost")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("X-Forwarded-Port", "443")]
    [InlineData("x-forwarded-server", "proxy")]
    [InlineData("X-Real-IP", "192.0.2.1")]
    [InlineData("CF-Connecting-IP", "192.0.2.1")]
    [InlineData("True-Client-IP", "192.0.2.1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "none, cross-site")]
    [InlineData("Sec-Fetch-Site", "")]
    public async Task What_comes_from_elsewhere_is_refused_on_both_listeners(string header, string value)
    {
        (int status, string body) = await SendAsync(_server.S3Url, "/", "s3", header, value);
        Assert.Equal(403, status);
        Assert.Contains("<Code>AccessDenied</Code><Message>The server was started with --dev", body, StringComparison.Ordinal);
        (status, body) = await SendAsync(_server.ControlUrl, "/api/organizations", "tarn", header, value);
        Assert.Equal(403, status);
        Assert.Contains("The server was started with --dev", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host", "localhost:{0}")]
    [InlineData("Host", "bucket.localhost:{0}")]
    [InlineData("Host", "[::1]:{0}")]
    [InlineData("Host", "127.0.0.9:{0}")]
    [InlineData("Origin", "http://localhost:3000")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task What_comes_from_this_machine_is_served(string header, string value)
    {
        (int status, string body) = await SendAsync(_server.S3Url, "/", "s3", header, value);
        Assert.True(status == 200, body);
        (status, body) = await SendAsync(_server.ControlUrl, "/api/organizations", "tarn", header, value);
        Assert.True(status == 200, body);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Host: localhost\r\nOrigin: http://localhost\r\nOrigin: https://evil.example\r\n")]
    [InlineData("Host: localhost\r\nSec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n")]
    public async Task What_does_not_say_clearly_whence_it_comes_is_refused(string headers)
    {
        foreach (string url in (string[])[_server.S3Url, _server.ControlUrl])
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, new Uri(url).Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /health/live HTTP/1.0\r\n{headers}\r\n"), TestContext.Current.CancellationToken);
            using var answer = new StreamReader(client.GetStream());
            Assert.Contains("The server was started with --dev", await answer.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private static async Task<(int Status, string Body)> SendAsync(string url, string path, string service, string header, string value)
    {
        var client = new RawClient(new TarnEndpoint(new Uri(url), DevKey.Key.AccessKey, DevKey.Key.SecretKey, "us-east-1"));
        string given = string.Format(CultureInfo.InvariantCulture, value, new Uri(url).Port);
        RawResponse answer = header == "Host"
            ? await client.SendAsync("GET", path, host: given, signer: client.Signer(service: service))
            : await client.SendAsync("GET", path, [(header, given)], signer: client.Signer(service: service));
        return (answer.Status, answer.Text);
    }
}
