using System.Net;
using System.Security.Cryptography.X509Certificates;
using Tarn.Server.Configuration;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Accelerator;

/// <summary>TLS on both sides of an accelerator: each is for the name of its own server.</summary>
public sealed class AcceleratorTlsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestCertificates _files;

    public AcceleratorTlsTests() => _files = TestCertificates.Create(_directory.FullPath);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_upstream_is_authenticated_for_its_own_name_whatever_host_a_client_names()
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(_files.CertificateFile, _files.KeyFile);
        await using var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(200, "hi"), certificate);
        var url = new UriBuilder(upstream.Url) { Host = "localhost" }.Uri;
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(url, change: Trusting(_files.AuthorityFile));
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("GET /k HTTP/1.1\r\nHost: bucket.other.test\r\n\r\n");
        Assert.Equal("hi", (await client.ReadResponseAsync("GET"))!.Text);
        Assert.Equal("localhost", upstream.ServerName);
        Assert.Equal("bucket.other.test", upstream.OfClients.Single()["Host"]);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task An_upstream_with_another_name_or_of_another_authority_gets_no_token(bool isTrusted, bool isNamed)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(_files.CertificateFile, _files.KeyFile);
        await using var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(200, "hi"), certificate);
        string other = Directory.CreateDirectory(_directory.PathOf("other")).FullName;
        var url = new UriBuilder(upstream.Url) { Host = isNamed ? "localhost" : "127.0.0.2" }.Uri;
        string authority = isTrusted ? _files.AuthorityFile : TestCertificates.Create(other).AuthorityFile;
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(url, change: Trusting(authority));
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("GET /k HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(503, (await client.ReadResponseAsync("GET"))!.Status);
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Clients_speak_either_version_over_tls_and_the_upstream_is_told_of_it(string version)
    {
        byte[] arrived = [];
        await using var upstream = new FakeUpstream(async exchange =>
        {
            arrived = await exchange.ReadBodyAsync();
            await exchange.AnswerAsync(200, "hi", "x-amz-meta-A: b\r\n");
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(
            upstream.Url, change: options => options with { Tls = new TlsOptions(_files.CertificateFile, _files.KeyFile, null, true, false) });
        using var handler = new SocketsHttpHandler { SslOptions = TrustedAuthority.Only(_files.AuthorityFile) };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Put, new UriBuilder(accelerator.Url) { Host = "localhost", Path = "/b/k" }.Uri) 
        {
            Version = new Version(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StreamContent(new Unknown("hello"u8.ToArray())),
        };
        request.Headers.Add("x-amz-meta-a", "1");
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, new Version(version), "b"), (answer.StatusCode, answer.Version, answer.Headers.GetValues("x-amz-meta-a").Single()));
        Assert.Equal("hi", await answer.Content.ReadAsStringAsync());
        FakeExchange sent = upstream.OfClients.Single();
        Assert.Equal("hello", System.Text.Encoding.Latin1.GetString(arrived));
        Assert.Equal(("PUT /b/k HTTP/1.1", "1", "chunked", $"localhost:{accelerator.Url.Port}"), (sent.RequestLine, sent["x-amz-meta-a"], sent["Transfer-Encoding"], sent["Host"]));
        Assert.EndsWith(";tls=1", sent["x-tarn-call"], StringComparison.Ordinal);
        Assert.DoesNotContain(sent.Headers, header => header.Name.StartsWith(':'));
    }

    private static Func<AcceleratorOptions, AcceleratorOptions> Trusting(string authorityFile)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(authorityFile);
        return options => options with { Authorities = authorities };
    }

    /// <summary>Content whose length nobody knows.</summary>
    private sealed class Unknown(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
