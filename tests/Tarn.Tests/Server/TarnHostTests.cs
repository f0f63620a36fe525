using System.IO.Pipelines;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Policy;
using Tarn.S3.Access;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.Server.Storage;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

public sealed class TarnHostTests
{
    private static readonly Dictionary<string, string[]> FreePorts = TestHost.FreePorts;

    [Fact]
    public async Task Each_listener_serves_its_own()
    {
        await using TarnHost host = await StartAsync(Bound.From(FreePorts));
        using var client = new HttpClient();
        Assert.Equal("live\n", await client.GetStringAsync(host.ControlUrl + "/health/live"));
        Assert.Equal("ready\n", await client.GetStringAsync(host.ControlUrl + "/health/ready"));
        Assert.Equal("s3 /health/live", await client.GetStringAsync(host.S3Url + "/health/live"));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(host.ControlUrl + "/bucket")).StatusCode);
    }

    [Fact]
    public async Task A_failed_store_is_not_ready()
    {
        using var stores = new StoreHealth();
        await using TarnHost host = await StartAsync(Bound.From(FreePorts), stores: stores);
        using var client = new HttpClient();
        Assert.Equal("ready\n", await client.GetStringAsync(host.ControlUrl + "/health/ready"));
        stores.Fail();
        using HttpResponseMessage ready = await client.GetAsync(host.ControlUrl + "/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("the metadata store failed: restart the server\n", await ready.Content.ReadAsStringAsync());
        Assert.Equal("live\n", await client.GetStringAsync(host.ControlUrl + "/health/live"));
    }

    [Fact]
    public async Task Health_and_metrics_answer_head()
    {
        await using TarnHost host = await StartAsync(Bound.From(FreePorts));
        using var client = new HttpClient();
        foreach (string path in new[] { "/health/live", "/health/ready", "/metrics" })
        {
            using HttpResponseMessage head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, host.ControlUrl + path));
            using HttpResponseMessage get = await client.GetAsync(host.ControlUrl + path);
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Equal(path == "/metrics" ? null : get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [InlineData("/health", "GET", "ready\n")]
    [InlineData("/health", "HEAD", "")]
    [InlineData("/health/ready", "GET", "ready\n")]
    [InlineData("/health/live", "GET", "live\n")]
    [InlineData("/health/live", "HEAD", "")]
    [InlineData("/health/else", "GET", "s3 /health/else")]
    [InlineData("/healthy", "GET", "s3 /healthy")]
    [InlineData("/health?acl", "GET", "s3 /health")]
    [InlineData("/health", "PUT", "s3 /health")]
    public async Task Health_can_live_beside_s3(string path, string method, string expected)
    {
        await using TarnHost host = await StartAsync(Bound.From(new(FreePorts) { ["--s3-health-path"] = ["/health"] }));
        using var client = new HttpClient();
        using HttpResponseMessage answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), host.S3Url + path));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
        using var signed = new HttpRequestMessage(new HttpMethod(method), host.S3Url + path);
        signed.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=x");
        using HttpResponseMessage s3 = await client.SendAsync(signed);
        Assert.Equal(method == "HEAD" ? "" : "s3 " + path.Split('?')[0], await s3.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Metrics_count_the_requests()
    {
        await using TarnHost host = await StartAsync(Bound.From(FreePorts));
        using var client = new HttpClient();
        await client.GetStringAsync(host.ControlUrl + "/health/live");
        string text = await client.GetStringAsync(host.ControlUrl + "/metrics");
        Assert.Contains("# TYPE http_server_request_duration_seconds histogram", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_process_memory_working_set_bytes{} ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_refused_by_its_flag()
    {
        await using TarnHost host = await StartAsync(Bound.From(FreePorts));
        ServerOptions options = Bound.From(FreePorts);
        Assert.True(ListenAddress.TryParse(host.S3Url["http://".Length..], out ListenAddress? taken));
        StartupException s3 = await Assert.ThrowsAsync<StartupException>(() => StartAsync(options with { S3 = taken }));
        Assert.Equal($"--s3: cannot listen on {taken}: the port is in use", s3.Message);
        StartupException control = await Assert.ThrowsAsync<StartupException>(() => StartAsync(options with { Control = taken }));
        Assert.Equal($"--control: cannot listen on {taken}: the port is in use", control.Message);
    }

    [Fact]
    public async Task Tls_speaks_http2_with_the_configured_certificate()
    {
        using var directory = new TemporaryDirectory();
        var tls = new TlsOptions(directory.PathOf("c.pem"), directory.PathOf("k.pem"), null, true, false);
        CertificateSourceTests.WritePem(tls, "host");
        await using TarnHost host = await StartAsync(Bound.From(FreePorts) with { Tls = tls });
        string? subject = null;
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => (subject = certificate!.Subject) is not null,
        };
        using var client = new HttpClient(handler)
        {
            DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Assert.StartsWith("https://", host.S3Url, StringComparison.Ordinal);
        Assert.Equal("s3 /x", await client.GetStringAsync(host.S3Url + "/x"));
        Assert.Equal("CN=host", subject);
        Assert.StartsWith("http://", host.ControlUrl, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policies_are_told_the_version_of_tls()
    {
        using var directory = new TemporaryDirectory();
        var tls = new TlsOptions(directory.PathOf("c.pem"), directory.PathOf("k.pem"), null, true, false);
        CertificateSourceTests.WritePem(tls, "host");
        static Task Answer(HttpContext http)
        {
            var conditions = new RequestConditions(S3Caller.Nobody(new S3Request
            {
                Http = http, Id = "id", HostId = "host", Clock = TimeProvider.System, Documents = new DocumentBudget(TimeProvider.System),
            }), TimeProvider.System, null, null);
            ConditionValue version = conditions.Get(ConditionKey.TlsVersion, null);
            return http.Response.WriteAsync(version.IsAbsent ? "none" : version.TextAt(0));
        }

        await using TarnHost host = await StartAsync(Bound.From(FreePorts) with { Tls = tls }, Answer);
        foreach ((SslProtocols protocol, string expected) in new[] { (SslProtocols.Tls12, "1.2"), (SslProtocols.Tls13, "1.3") })
        {
            using var handler = new HttpClientHandler { SslProtocols = protocol, ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
            using var client = new HttpClient(handler);
            Assert.Equal(expected, await client.GetStringAsync(host.S3Url + "/x"));
        }

        await using TarnHost plain = await StartAsync(Bound.From(FreePorts), Answer);
        using var http = new HttpClient();
        Assert.Equal("none", await http.GetStringAsync(plain.S3Url + "/x"));
    }

    [Fact]
    public async Task Bodies_arrive_in_the_blocks_of_the_pool()
    {
        int block = 0;
        await using TarnHost host = await StartAsync(Bound.From(FreePorts), async context =>
        {
            ReadResult read = await context.Request.BodyReader.ReadAsync();
            Assert.True(MemoryMarshal.TryGetArray(read.Buffer.First, out ArraySegment<byte> segment));
            block = segment.Array!.Length;
        });
        using var client = new HttpClient();
        using var body = new ByteArrayContent(new byte[100]);
        using HttpResponseMessage answer = await client.PutAsync(host.S3Url + "/x", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(BlockPool.BlockSize, block);
    }

    private static Task<TarnHost> StartAsync(ServerOptions options, RequestDelegate? s3 = null, StoreHealth? stores = null) => TestHost.StartAsync(
        options, s3 ?? (c => c.Response.WriteAsync("s3 " + c.Request.Path)), services: services =>
        {
            if (stores is not null)
            {
                services.AddSingleton(stores);
            }
        });
}
