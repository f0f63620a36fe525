using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tarn.Core.Identity;
using Tarn.S3.Auth;
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

    /// <summary>A picture or a download of the console's page names no page: its URL is of temporary credentials, which nobody elsewhere has.</summary>
    [Theory]
    [InlineData("same-site")]
    [InlineData("cross-site")]
    public async Task A_url_of_temporary_credentials_is_read_by_whoever_has_it(string site)
    {
        RawClient client = ClientOf(_server.S3Url);
        Assert.Equal(200, (await client.SendAsync("PUT", "/photos")).Status);
        foreach (string method in new[] { "GET", "HEAD" })
        {
            Assert.Equal(200, (await client.SendUnsignedAsync(method, await PresignedAsync(method), [("Sec-Fetch-Site", site)])).Status);
        }

        RawResponse other = await client.SendUnsignedAsync("GET", (await PresignedAsync("GET")).Replace("X-Amz-Expires=60", "X-Amz-Expires=61", StringComparison.Ordinal), [("Sec-Fetch-Site", site)]);
        Assert.Contains("SignatureDoesNotMatch", other.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_else_the_key_of_the_documentation_could_have_signed_is_refused()
    {
        RawClient client = ClientOf(_server.S3Url);
        string url = await PresignedAsync("GET");
        string known = client.Signer().Presign("GET", "/photos", [("Host", client.HostHeader)], "60");
        (string Method, string Url, (string, string)[] Headers)[] refused =
        [
            ("GET", known, []),
            ("GET", url + "&X-Amz-Credential=" + Uri.EscapeDataString("tarndev/20260101/us-east-1/s3/aws4_request"), []),
            ("GET", known + "&X-Amz-Credential=" + Uri.EscapeDataString("ASIA0000000000000000/20260101/us-east-1/s3/aws4_request"), []),
            ("GET", url + "&AWSAccessKeyId=tarndev&Signature=a&Expires=1", []),
            ("GET", "/photos?X-Amz-Credential=ASIA0000000000000000", []),
            ("GET", url, [("Authorization", "AWS4-HMAC-SHA256 Credential=tarndev/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00")]),
            ("GET", url, [("Authorization", "AWS tarndev:signature")]),
            ("GET", url, [("Origin", "https://evil.example")]),
            ("GET", url, [("Via", "1.1 proxy")]),
            ("PUT", await PresignedAsync("PUT"), []),
            ("DELETE", await PresignedAsync("DELETE"), []),
        ];
        foreach ((string method, string target, (string, string)[] headers) in refused)
        {
            RawResponse answer = await client.SendUnsignedAsync(method, target, [("Sec-Fetch-Site", "same-site"), .. headers]);
            Assert.True(answer.Status == 403 && answer.Text.Contains("The server was started with --dev", StringComparison.Ordinal), $"{method} {target}: {answer.Text}");
        }

        Assert.Contains("--dev", (await ClientOf(_server.ControlUrl).SendUnsignedAsync("GET", url, [("Sec-Fetch-Site", "same-site")])).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "navigate", "document", true)]
    [InlineData("/buckets/photos?prefix=a/", "navigate", "document", true)]
    [InlineData("/api/session/oidc/acme/idp/callback?code=a&state=b", "navigate", "document", true)]
    [InlineData("/", "no-cors", "image", false)]
    [InlineData("/", "navigate", "iframe", false)]
    [InlineData("/", "cors", "empty", false)]
    [InlineData("/api/session/oidc/acme/idp/callback", "no-cors", "image", false)]
    [InlineData("/api/session/oidc/acme/idp", "navigate", "document", false)]
    [InlineData("/api/status", "navigate", "document", false)]
    [InlineData("/api/shared/callback", "navigate", "document", false)]
    [InlineData("/openapi/v1.json", "navigate", "document", false)]
    [InlineData("/docs", "navigate", "document", false)]
    [InlineData("/metrics", "navigate", "document", false)]
    public async Task A_link_from_elsewhere_opens_the_console_and_nothing_else(string path, string mode, string destination, bool opens)
    {
        RawClient client = ClientOf(_server.ControlUrl);
        (string, string)[] headers = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", destination), ("Accept", "text/html")];
        Assert.Equal(opens, !IsGate(await client.SendUnsignedAsync("GET", path, headers)));
        Assert.True(IsGate(await client.SendUnsignedAsync("POST", path, headers, [])));
        Assert.True(IsGate(await client.SendUnsignedAsync("GET", path, [.. headers, ("Origin", "https://evil.example")])));
        Assert.True(IsGate(await client.SendUnsignedAsync("GET", path, [.. headers, ("Via", "1.1 proxy")])));

        static bool IsGate(RawResponse answer) => answer.Text.Contains("The server was started with --dev", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_the_console_reads_why_it_is_refused()
    {
        RawResponse answer = await ClientOf(_server.S3Url).SendUnsignedAsync("GET", "/", [("Origin", _server.ControlUrl), ("Via", "1.1 proxy")]);
        Assert.Equal((403, _server.ControlUrl), (answer.Status, answer["Access-Control-Allow-Origin"]));
        Assert.Contains("--dev", answer.Text, StringComparison.Ordinal);
        Assert.Null((await ClientOf(_server.S3Url).SendUnsignedAsync("GET", "/", [("Origin", "https://evil.example")]))["Access-Control-Allow-Origin"]);
    }

    /// <summary>The target of a URL of a bucket, signed by temporary credentials of the root user.</summary>
    private async Task<string> PresignedAsync(string method)
    {
        NewTemporaryKey made = await KeySessions.BeginAsync(_server, DevKey.Key.AccessKey);
        Credential key = (await _server.Get<ICredentialSource>().FindAsync(made.Key.Id, TestContext.Current.CancellationToken))!;
        var url = new UrlToSign { Method = method, Endpoint = new Uri(_server.S3Url), Bucket = "photos", Life = TimeSpan.FromSeconds(60) };
        return new Uri(UrlSigner.Sign(url, key, InProcessServer.Options.Region, DateTimeOffset.UtcNow)).PathAndQuery;
    }

    private static RawClient ClientOf(string url) => new(new TarnEndpoint(new Uri(url), DevKey.Key.AccessKey, DevKey.Key.SecretKey, "us-east-1"));

    private static async Task<(int Status, string Body)> SendAsync(string url, string path, string service, string header, string value)
    {
        RawClient client = ClientOf(url);
        string given = string.Format(CultureInfo.InvariantCulture, value, new Uri(url).Port);
        RawResponse answer = header == "Host"
            ? await client.SendAsync("GET", path, host: given, signer: client.Signer(service: service))
            : await client.SendAsync("GET", path, [(header, given)], signer: client.Signer(service: service));
        return (answer.Status, answer.Text);
    }
}
