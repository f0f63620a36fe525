using System.Net;
using System.Text;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;

namespace Tarn.Clients.Proxies;

/// <summary>The whole server as a proxy's request reaches it: signatures, addresses and policies are about the client, not the proxy.</summary>
public sealed class BehindProxyTests : IAsyncLifetime
{
    private const string Authority = "s3.example.com:8443";

    private readonly HttpClient _http = new();
    private TarnServer _server = null!;
    private RawS3Client _own = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TarnServer.StartAsync(new TarnServerOptions
        {
            Arguments = ["--trusted-proxy", "127.0.0.1", "--external-url", $"https://{Authority}/s3", "--log-level", "debug"],
        });
        _own = new RawS3Client(_server.Endpoint);
        await _own.CreateBucketAsync("first");
        (await _own.PutAsync("first", "a//b%2Fc+ ü", "data"u8.ToArray())).Expect();
    }

    public async ValueTask DisposeAsync()
    {
        _own.Dispose();
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("/s3/first/", "/first/", "tarn")] // stripped, and the host replaced by the name of an upstream
    [InlineData("/s3/first/", "/s3/first/", "tarn")]
    [InlineData("/s3/first/", "/first/", Authority)]
    [InlineData("/s3/first/", "/s3/first/", Authority)]
    [InlineData("/s3/first/", "/first/", "tarn", "X-Forwarded-Host", Authority)]
    [InlineData("/other/first/", "/first/", "tarn", "X-Forwarded-Prefix", "/other")]
    [InlineData("/other/first/", "/other/first/", "tarn", "X-Forwarded-Prefix", "/other")]
    public async Task Signatures_are_for_what_the_client_sent(string signed, string sent, string host, string? header = null, string? value = null)
    {
        const string Key = "a//b%252Fc%2B%20%C3%BC";
        string target = Signer().Presign("GET", signed + Key, Host(Authority), DateTimeOffset.UtcNow, 60);
        string arrives = sent + target[signed.Length..];
        Dictionary<string, string> headers = new() { ["Host"] = host, ["X-Forwarded-For"] = "192.0.2.7" };
        if (header is not null)
        {
            headers[header] = value!;
        }

        Assert.Equal((HttpStatusCode.OK, "data"), await SendAsync(HttpMethod.Get, arrives, headers));
        (HttpStatusCode status, string text) = await SendAsync(HttpMethod.Get, arrives + "0", headers);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("<Code>SignatureDoesNotMatch</Code>", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signature_version_2_is_for_the_path_with_or_without_the_prefix()
    {
        string expires = DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (string signed in new[] { "/s3/first/a//b%252Fc%2B%20%C3%BC", "/first/a//b%252Fc%2B%20%C3%BC" })
        {
            string signature = Convert.ToBase64String(System.Security.Cryptography.HMACSHA1.HashData(
                Encoding.UTF8.GetBytes(_server.Endpoint.SecretKey), Encoding.UTF8.GetBytes($"GET\n\n\n{expires}\n{signed}")));
            string query = $"?AWSAccessKeyId={_server.Endpoint.AccessKey}&Expires={expires}&Signature={Uri.EscapeDataString(signature)}";
            foreach (string sent in new[] { "/s3/first/a//b%252Fc%2B%20%C3%BC", "/first/a//b%252Fc%2B%20%C3%BC" })
            {
                Assert.Equal((HttpStatusCode.OK, "data"), await SendAsync(HttpMethod.Get, sent + query, new() { ["Host"] = "tarn" }));
            }
        }
    }

    [Fact]
    public async Task What_was_signed_for_a_bucket_named_like_the_prefix_opens_nothing_else()
    {
        string own = _server.Endpoint.S3.Authority;
        string target = Signer().Presign("GET", "/s3/first/k", Host(own), DateTimeOffset.UtcNow, 60);
        foreach (string arrives in new[] { target, target["/s3".Length..] })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Get, arrives, new() { ["Host"] = own })).Status);
        }
    }

    [Fact]
    public async Task Addresses_in_answers_are_the_clients()
    {
        string created = Signer().Presign("PUT", "/s3/second", Host(Authority), DateTimeOffset.UtcNow, 60);
        using var request = new HttpRequestMessage(HttpMethod.Put, Target(created)) { Content = new ByteArrayContent([]) };
        request.Headers.Host = "tarn";
        using HttpResponseMessage answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "/s3/second"), (answer.StatusCode, answer.Headers.Location?.OriginalString));

        RawS3Response made = (await _own.MultipartAsync("first", "made here", ["x"u8.ToArray()])).Expect();
        Assert.Contains($"<Location>https://{Authority}/s3/first/made%20here</Location>", made.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policies_are_about_the_client_and_only_a_trusted_proxy_names_it()
    {
        const string Policy = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::first/*",
            "Condition":{"IpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]},"Bool":{"aws:SecureTransport":"true"}}}]}
            """;
        (await _own.SendAsync(HttpMethod.Put, "first", query: new Dictionary<string, string> { ["policy"] = "" }, body: Encoding.UTF8.GetBytes(Policy))).Expect();
        async Task<HttpStatusCode> Get(string? client, string? scheme)
        {
            Dictionary<string, string> headers = new() { ["Host"] = Authority };
            if (client is not null)
            {
                headers["X-Forwarded-For"] = client;
            }

            if (scheme is not null)
            {
                headers["X-Forwarded-Proto"] = scheme;
            }

            return (await SendAsync(HttpMethod.Get, "/s3/first/a//b%252Fc%2B%20%C3%BC", headers)).Status;
        }

        Assert.Equal(HttpStatusCode.OK, await Get("192.0.2.7", "https"));
        Assert.Equal(HttpStatusCode.OK, await Get("[2001:db8::7]:4711", "https"));
        Assert.Equal(HttpStatusCode.OK, await Get("203.0.113.9, 192.0.2.7, 127.0.0.1", "https"));
        Assert.Equal(HttpStatusCode.Forbidden, await Get("192.0.2.7, 203.0.113.9", "https"));
        Assert.Equal(HttpStatusCode.Forbidden, await Get("192.0.2.7, unknown", "https"));
        Assert.Equal(HttpStatusCode.Forbidden, await Get("192.0.2.7", "http"));
        Assert.Equal(HttpStatusCode.Forbidden, await Get("192.0.2.7", null));
        Assert.Equal(HttpStatusCode.Forbidden, await Get(null, "https"));
        await _server.StopAsync();
        Assert.Contains("from=203.0.113.9", _server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_proxy_cannot_mean_is_an_error_of_S3()
    {
        (HttpStatusCode status, string text) = await SendAsync(HttpMethod.Get, "/first", new() { ["X-Forwarded-For"] = "nonsense" });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("<Code>InvalidRequest</Code><Message>The proxy's X-Forwarded-For is not a list of addresses.</Message>", text, StringComparison.Ordinal);
    }

    private SigV4TestSigner Signer() => new(_server.Endpoint.AccessKey, _server.Endpoint.SecretKey);

    private static Dictionary<string, string> Host(string authority) => new() { ["host"] = authority };

    private Uri Target(string target) => new(_server.Endpoint.Address + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpMethod method, string target, Dictionary<string, string> headers)
    {
        using var request = new HttpRequestMessage(method, Target(target));
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
