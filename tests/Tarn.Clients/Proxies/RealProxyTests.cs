using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;

namespace Tarn.Clients.Proxies;

/// <summary>S3 through real proxies, which end TLS and run the configurations of docs/operations/reverse-proxy.md.</summary>
public sealed class RealProxyTests
{
    private const long Gibibyte = 1L << 30;

    // Not the proxy's own address, which is trusted: this client's forwarded headers must not be believed.
    private static readonly IPAddress Client = IPAddress.Parse("127.0.0.9");

    public static TheoryData<string, bool> Cases()
    {
        var cases = new TheoryData<string, bool>();
        foreach (string program in RealProxy.Programs)
        {
            cases.Add(program, false);
            cases.Add(program, true);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Everything_a_client_does_goes_through(string program, bool belowPath)
    {
        await using Chain chain = await Chain.StartAsync(program, belowPath);
        await KeysAsync(chain);
        await PresignedAsync(chain, HttpVersion.Version11);
        await PresignedAsync(chain, HttpVersion.Version20);
        await TrailerAsync(chain);
        if (program != "caddy")
        {
            // It may cut the connection before its client has the answer, as the document says.
            await RefusedUploadsAsync(chain);
        }

        await MultipartAsync(chain);
        await PoliciesAsync(chain);
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    [InlineData("caddy")]
    [InlineData("apache")]
    public async Task A_gibibyte_goes_through(string program)
    {
        await using Chain chain = await Chain.StartAsync(program, belowPath: false);
        string target = chain.Presign("PUT", "/large");
        using var request = new HttpRequestMessage(HttpMethod.Put, chain.Uri(target)) { Content = new Zeros(Gibibyte) };
        using HttpResponseMessage stored = await chain.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        await using Stream read = await chain.Http.GetStreamAsync(chain.Uri(chain.Presign("GET", "/large")), TestContext.Current.CancellationToken);
        byte[] buffer = new byte[1 << 20];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        long length = 0;
        for (int count; (count = await read.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0; length += count)
        {
            hash.AppendData(buffer, 0, count);
        }

        Assert.Equal(Gibibyte, length);
        Assert.Equal($"\"{Convert.ToHexStringLower(hash.GetHashAndReset())}\"", stored.Headers.ETag?.Tag);
    }

    [Fact]
    public async Task The_proxy_protocol_of_a_real_proxy()
    {
        await using Chain chain = await Chain.StartAsync("haproxy-tcp", belowPath: false, "--proxy-protocol");
        await KeysAsync(chain);
        await RefusedUploadsAsync(chain);
        await MultipartAsync(chain);
        await PoliciesAsync(chain);
    }

    private static async Task KeysAsync(Chain chain)
    {
        string[] keys = ["plain", "a//b", "//a", "a//", "a b+c", "ü/é/日本", "100%", "a%2Fb", "a=b&c?d#e", "~!$'()*,;:@-_.", "dir/", "a\\b", "\"<>|^`{}"];
        foreach (string key in keys)
        {
            byte[] content = Encoding.UTF8.GetBytes("of " + key);
            Assert.True((await chain.Raw.PutAsync(chain.Bucket, key, content)).Status == HttpStatusCode.OK, key);
            Assert.Equal("of " + key, (await chain.Raw.GetAsync(chain.Bucket, key)).Expect().Text);
        }

        // A slash that is escaped, though it need not be.
        foreach (string key in new[] { "x%2Fy", "x%2fy", "x%2F%2Fy", "p%2Bq", "r%25s" })
        {
            Assert.True((await chain.Escaped.PutAsync(chain.Bucket, key, "escaped"u8.ToArray())).Status == HttpStatusCode.OK, key);
            Assert.Equal("escaped", (await chain.Escaped.GetAsync(chain.Bucket, key)).Expect().Text);
        }

        IEnumerable<string> listed = (await chain.Raw.ListAsync(chain.Bucket)).Select(entry => entry.Key);
        Assert.Equal([.. keys.Append("x/y").Append("x//y").Append("p+q").Append("r%s").Order(StringComparer.Ordinal)], listed.Order(StringComparer.Ordinal));
    }

    private static async Task PresignedAsync(Chain chain, Version version)
    {
        byte[] content = new byte[300_000];
        using var put = chain.Request(HttpMethod.Put, chain.Presign("PUT", "/pre//signed%20%2B%C3%BC"), version);
        put.Content = new ByteArrayContent(content);
        using HttpResponseMessage stored = await chain.Http.SendAsync(put, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, version), (stored.StatusCode, stored.Version));
        using var get = chain.Request(HttpMethod.Get, chain.Presign("GET", "/pre//signed%20%2B%C3%BC"), version);
        using HttpResponseMessage read = await chain.Http.SendAsync(get, TestContext.Current.CancellationToken);
        Assert.Equal(content, await read.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using var wrong = chain.Request(HttpMethod.Get, chain.Presign("GET", "/pre//signed%20%2B%C3%BC") + "0", version);
        using HttpResponseMessage refused = await chain.Http.SendAsync(wrong, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    private static async Task TrailerAsync(Chain chain)
    {
        byte[] body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"u8.ToArray();
        Dictionary<string, string> headers = new()
        {
            ["x-amz-content-sha256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER", ["x-amz-trailer"] = "x-amz-checksum-crc32", ["x-amz-decoded-content-length"] = "5",
        };
        RawS3Response stored = (await chain.Raw.SendAsync(HttpMethod.Put, chain.Bucket, "trailer", headers: headers, body: body)).Expect();
        Assert.Equal("NhCmhg==", stored.Header("x-amz-checksum-crc32"));
        Assert.Equal("hello", (await chain.Raw.GetAsync(chain.Bucket, "trailer")).Expect().Text);
    }

    /// <summary>Uploads that are refused before their body is read, by clients that wait to be asked for it and by clients that do not.</summary>
    private static async Task RefusedUploadsAsync(Chain chain)
    {
        byte[] body = new byte[4 << 20];
        foreach (string? expect in new[] { "100-continue", null })
        {
            for (int i = 0; i < 3; i++)
            {
                Dictionary<string, string> headers = new() { ["If-None-Match"] = "*" };
                if (expect is not null)
                {
                    headers["Expect"] = expect;
                }

                RawS3Response refused = await chain.Raw.SendAsync(HttpMethod.Put, chain.Bucket, "plain", headers: headers, body: body);
                Assert.Equal((HttpStatusCode.PreconditionFailed, "PreconditionFailed"), (refused.Status, refused.ErrorCode));
                Assert.Equal("of plain", (await chain.Raw.GetAsync(chain.Bucket, "plain")).Expect().Text);
                headers.Remove("If-None-Match");
                RawS3Response missing = await chain.Raw.SendAsync(HttpMethod.Put, chain.Bucket + "-missing", "k", headers: headers, body: body);
                Assert.Equal((HttpStatusCode.NotFound, "NoSuchBucket"), (missing.Status, missing.ErrorCode));
                Assert.Equal("of plain", (await chain.Raw.GetAsync(chain.Bucket, "plain")).Expect().Text);
            }
        }
    }

    private static async Task MultipartAsync(Chain chain)
    {
        RawS3Response made = (await chain.Raw.MultipartAsync(chain.Bucket, "in parts", [new byte[5 << 20], "end"u8.ToArray()])).Expect();
        Assert.Contains($"<Location>{chain.Url}/{chain.OwnBucket}/in%20parts</Location>", made.Text, StringComparison.Ordinal);
        Dictionary<string, string> source = new() { ["x-amz-copy-source"] = $"/{chain.OwnBucket}/in%20parts" };
        (await chain.Raw.SendAsync(HttpMethod.Put, chain.Bucket, "copied", headers: source)).Expect();
    }

    /// <summary>Anonymous reads are allowed to this client over TLS only, whatever its own headers claim.</summary>
    private static async Task PoliciesAsync(Chain chain)
    {
        async Task<HttpStatusCode> ReadAsync(string address)
        {
            string policy = """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*",
                "Condition":{"IpAddress":{"aws:SourceIp":"ADDRESS"},"Bool":{"aws:SecureTransport":"true"}}}]}
                """.Replace("BUCKET", chain.OwnBucket, StringComparison.Ordinal).Replace("ADDRESS", address, StringComparison.Ordinal);
            (await chain.Raw.SendAsync(HttpMethod.Put, chain.Bucket, query: new Dictionary<string, string> { ["policy"] = "" }, body: Encoding.UTF8.GetBytes(policy))).Expect();
            using var request = chain.Request(HttpMethod.Get, chain.Path("/plain"), HttpVersion.Version11);
            request.Headers.Add("X-Forwarded-For", "203.0.113.9");
            request.Headers.Add("X-Forwarded-Proto", "http");
            request.Headers.Add("X-Forwarded-Host", "evil.example.com");
            request.Headers.Add("X-Forwarded-Port", "nonsense");
            request.Headers.Add("X-Forwarded-Prefix", "/evil");
            request.Headers.Add("Forwarded", "for=203.0.113.9;proto=http");
            using HttpResponseMessage answer = await chain.Http.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await ReadAsync(Client.ToString()));
        Assert.Equal(HttpStatusCode.Forbidden, await ReadAsync("203.0.113.9"));
        Assert.Equal(HttpStatusCode.Forbidden, await ReadAsync("127.0.0.1"));
    }

    /// <summary>A server, a proxy in front of it, and clients of the proxy.</summary>
    private sealed class Chain : IAsyncDisposable
    {
        private readonly TarnServer _server;
        private readonly RealProxy _proxy;
        private readonly string _prefix;

        private Chain(TarnServer server, RealProxy proxy, bool belowPath)
        {
            _server = server;
            _proxy = proxy;
            _prefix = belowPath ? "/s3" : "";
            var endpoint = server.Endpoint with { S3 = new Uri($"https://localhost:{proxy.Port}/"), AuthorityFile = proxy.AuthorityFile };
            Raw = new RawS3Client(endpoint);
            Escaped = new RawS3Client(endpoint) { KeysAreEscaped = true };
            Http = new HttpClient(new SocketsHttpHandler
            {
                UseProxy = false,
                SslOptions = TrustedAuthority.Only(proxy.AuthorityFile),
                ConnectCallback = async (context, cancellationToken) =>
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    socket.Bind(new IPEndPoint(Client, 0));
                    await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }) { Timeout = TimeSpan.FromMinutes(5) };
        }

        public RawS3Client Raw { get; }

        public RawS3Client Escaped { get; }

        /// <summary>Connects from <see cref="Client"/>.</summary>
        public HttpClient Http { get; }

        /// <summary>What URLs of the server begin with.</summary>
        public string Url => $"https://localhost:{_proxy.Port.ToString(CultureInfo.InvariantCulture)}{_prefix}";

        public string OwnBucket => "first";

        /// <summary>The bucket behind the prefix, which a path-style client unaware of the prefix takes for a part of the bucket.</summary>
        public string Bucket => $"{_prefix}/{OwnBucket}".TrimStart('/');

        public static async Task<Chain> StartAsync(string program, bool belowPath, params string[] arguments)
        {
            int port = FreePort.Next();
            TarnServer server = await TarnServer.StartAsync(new TarnServerOptions
            {
                Arguments = ["--trusted-proxy", "127.0.0.1", "--external-url", $"https://localhost:{port}{(belowPath ? "/s3" : "")}", .. arguments],
            });
            try
            {
                var chain = new Chain(server, await RealProxy.StartAsync(program, port, server.Endpoint.S3.Authority, belowPath), belowPath);
                (await chain.Raw.SendAsync(HttpMethod.Put, chain.Bucket)).Expect();
                return chain;
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }

        public string Path(string key) => $"{_prefix}/{OwnBucket}{key}";

        public string Presign(string method, string key) => new SigV4TestSigner(_server.Endpoint.AccessKey, _server.Endpoint.SecretKey).Presign(
            method, Path(key), new Dictionary<string, string> { ["host"] = $"localhost:{_proxy.Port}" }, DateTimeOffset.UtcNow, 600);

        public Uri Uri(string target) => new($"https://localhost:{_proxy.Port}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

        public HttpRequestMessage Request(HttpMethod method, string target, Version version) =>
            new(method, Uri(target)) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        public async ValueTask DisposeAsync()
        {
            Raw.Dispose();
            Escaped.Dispose();
            Http.Dispose();
            await _proxy.DisposeAsync();
            await _server.DisposeAsync();
        }
    }

    /// <summary>This many bytes, with a Content-Length.</summary>
    private sealed class Zeros(long length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            byte[] block = new byte[1 << 20];
            for (long left = length; left > 0; left -= block.Length)
            {
                await stream.WriteAsync(block);
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
