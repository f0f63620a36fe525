using System.Globalization;
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
        Options = InProcessServer.Options with { RootKey = DevKey.Key, UsesDevKey = true, Domains = ["s3.test"] },
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("Host", "evil.example:{0}")]
    [InlineData("Host", "localhost.evil.example")]
    [InlineData("Host", "nots3.test")]
    [InlineData("Host", "10.0.0.1:{0}")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("X-Forwarded-Host", "localhost")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
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
    [InlineData("Host", "s3.test")]
    [InlineData("Host", "[::1]:{0}")]
    [InlineData("Host", "127.0.0.9:{0}")]
    [InlineData("Origin", "http://localhost:3000")]
    public async Task What_comes_from_this_machine_is_served(string header, string value)
    {
        (int status, string body) = await SendAsync(_server.S3Url, "/", "s3", header, value);
        Assert.True(status == 200, body);
        (status, body) = await SendAsync(_server.ControlUrl, "/api/organizations", "tarn", header, value);
        Assert.True(status == 200, body);
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
