using System.Text;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;

namespace Tarn.Clients.Proxies;

/// <summary>Requests whose bucket is in a host name unknown to the server: they are treated as path style, and must not create buckets from keys.</summary>
public sealed class UnknownDomainTests : IAsyncLifetime
{
    private const string HostName = "bucket.s3.example.com";

    private readonly HttpClient _http = new();
    private TarnServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--domain", "known.example.com"] });

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("x-amz-meta-a", "b")]
    [InlineData("x-amz-storage-class", "STANDARD")]
    [InlineData("x-amz-tagging", "a=b")]
    [InlineData("x-amz-tagging-directive", "COPY")]
    [InlineData("x-amz-metadata-directive", "COPY")]
    [InlineData("x-amz-copy-source", "/b/k")]
    [InlineData("x-amz-copy-source-if-match", "e")]
    [InlineData("Content-Encoding", "gzip")]
    [InlineData("Content-Encoding", "aws-chunked,gzip")]
    [InlineData("Content-Disposition", "inline")]
    [InlineData("Content-Language", "de")]
    [InlineData("Cache-Control", "no-cache")]
    [InlineData("Expires", "Thu, 01 Jan 2099 00:00:00 GMT")]
    [InlineData("If-None-Match", "*")]
    [InlineData("If-Match", "\"e\"")]
    public async Task What_only_objects_have_makes_no_bucket(string name, string value)
    {
        await RefusedAsync("InvalidRequest", HostName, (name, value));
    }

    [Fact]
    public async Task Nor_does_any_other_body_than_a_buckets()
    {
        foreach (string body in new[] { "data", "{\"a\":1}", "<Other/>", "\0\u0001" })
        {
            await RefusedAsync("MalformedXML", HostName, body);
        }
    }

    [Fact]
    public async Task The_message_names_the_domain_where_a_bucket_may_be_in_the_host()
    {
        (_, string text) = await SendAsync("PUT", "/key.txt", HostName, "data");
        Assert.Contains("start the server with --domain s3.example.com", text, StringComparison.Ordinal);
        (_, text) = await SendAsync("GET", "/nothing/here", HostName, null);
        Assert.Contains("<Code>NoSuchBucket</Code>", text, StringComparison.Ordinal);
        Assert.Contains("start the server with --domain s3.example.com", text, StringComparison.Ordinal);
        (_, text) = await SendAsync("DELETE", "/nothing", "Bucket.S3.Example.COM:9000", null);
        Assert.Contains("--domain s3.example.com", text, StringComparison.Ordinal);
        (_, text) = await SendAsync("POST", "/key?uploads", HostName, "");
        Assert.Contains("<Code>MethodNotAllowed</Code>", text, StringComparison.Ordinal);
        Assert.Contains("--domain s3.example.com", text, StringComparison.Ordinal);
        foreach (string plain in new[] { "tarn", "127.0.0.1", "[::1]:9000", "known.example.com", "bucket.known.example.com" })
        {
            (_, text) = await SendAsync("GET", "/nothing/here", plain, null);
            Assert.Contains("<Code>NoSuchBucket</Code>", text, StringComparison.Ordinal);
            Assert.DoesNotContain("--domain", text, StringComparison.Ordinal);
        }

        await _server.StopAsync();
        Assert.Equal(1, _server.Output.Split("Requests to bucket.s3.example.com were refused").Length - 1);
    }

    [Fact]
    public async Task A_condition_on_an_object_deletes_no_bucket()
    {
        Assert.Equal(200, (await SendAsync("PUT", "/the-bucket", HostName, null)).Status);
        (int status, string text) = await SendAsync("DELETE", "/the-bucket", HostName, null, ("If-Match", "*"));
        Assert.Equal(400, status);
        Assert.Contains("The header If-Match applies to objects", text, StringComparison.Ordinal);
        Assert.Equal(204, (await SendAsync("DELETE", "/the-bucket", HostName, null)).Status);
    }

    [Fact]
    public async Task Services_of_containers_are_path_style()
    {
        const string Configuration = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>";
        Assert.Equal(200, (await SendAsync("PUT", "/with-body", "tarn.storage.svc.cluster.local:9000", Configuration, ("Content-Type", "application/xml"))).Status);
        Assert.Equal(200, (await SendAsync("PUT", "/with-body/key", "tarn.storage.svc.cluster.local:9000", "data", ("Cache-Control", "no-cache"))).Status);
    }

    private Task RefusedAsync(string code, string host, params (string, string)[] headers) => RefusedAsync(code, host, "", headers);

    private async Task RefusedAsync(string code, string host, string body, params (string, string)[] headers)
    {
        (int status, string text) = await SendAsync("PUT", "/key.txt", host, body, headers);
        Assert.Equal(400, status);
        Assert.Contains($"<Code>{code}</Code>", text, StringComparison.Ordinal);
        Assert.Contains("--domain s3.example.com", text, StringComparison.Ordinal);
        Assert.Equal(404, (await SendAsync("HEAD", "/key.txt", "tarn", null)).Status);
    }

    private async Task<(int Status, string Text)> SendAsync(string method, string target, string host, string? body, params (string Name, string Value)[] headers)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body ?? "");
        var signed = new Dictionary<string, string> { ["host"] = host };
        foreach ((string name, string value) in headers)
        {
            if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            {
                signed[name] = value;
            }
        }

        var signer = new SigV4TestSigner(_server.Endpoint.AccessKey, _server.Endpoint.SecretKey);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_server.Endpoint.Address + target));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(bytes);
        }

        foreach ((string name, string value) in signer.SignHeaders(method, target, signed, bytes, DateTimeOffset.UtcNow).Concat(headers.Where(h => !signed.ContainsKey(h.Name)).Select(h => new KeyValuePair<string, string>(h.Name, h.Value))))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using HttpResponseMessage answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
