using System.Net;
using System.Text;
using Tarn.Core.Acceleration;
using Tarn.Core.Disks.Catalog;
using Tarn.Server.Configuration;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Accelerator;

/// <summary>
/// Signed requests of any target through an accelerator to a real server: each key is the one that was asked for, in the path and in the host, and the signature of what was sent is the one that
/// the server sees. What is read comes from the answer, from the server's blocks, and from the cache.
/// </summary>
public sealed class RawTargetTests : IAsyncLifetime
{
    private const string Domain = "s3.test";

    private InProcessServer _server = null!;
    private TestAccelerator _accelerator = null!;
    private RawClient _client = null!;
    private RawClient _direct = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync(new InProcessSetup { Options = InProcessServer.Options with { Accelerators = new ListenAddress(IPAddress.Loopback, false, 0), Domains = [Domain] } });
        string token = (await _server.Get<AcceleratorTokens>().CreateAsync("test", "z1", AddressList.Any, [], "root", CancellationToken.None)).Text;
        _accelerator = await TestAccelerator.StartAsync(new Uri(_server.Host.AcceleratorsUrl!), change: options => options with { Token = token, Domains = [Domain] });
        _client = new RawClient(new TarnEndpoint(_accelerator.Url, InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));
        _direct = new RawClient(new TarnEndpoint(new Uri(_server.S3Url), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));
        (await _client.SendAsync("PUT", "/bkt")).Expect(200);
    }

    public async ValueTask DisposeAsync()
    {
        await _accelerator.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <summary>What stands in the target behind the bucket's slash, and the key that it names.</summary>
    public static TheoryData<string, string> Keys => new()
    {
        { "/", "/" },
        { "//", "//" },
        { "/leading", "/leading" },
        { "trailing/", "trailing/" },
        { "a//b", "a//b" },
        { ".", "." },
        { "..", ".." },
        { "../bkt/a", "../bkt/a" },
        { "./a", "./a" },
        { "a/./b", "a/./b" },
        { "a/../b", "a/../b" },
        { "a%2Fb", "a/b" },
        { "a%2fb", "a/b" },
        { "%2F", "/" },
        { "a%2520b", "a%20b" },
        { "a%252Fb", "a%2Fb" },
        { "a+b", "a+b" },
        { "a%2Bb", "a+b" },
        { "a%20b", "a b" },
        { "%C3%A9%E4%B8%AD", "é中" },
        { "%f0%9f%98%80", "😀" },
        { "a%3Fb%23c", "a?b#c" },
        { "~!$&'()*,;=:@", "~!$&'()*,;=:@" },
        { "%01%7F", "\u0001\u007f" },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_key_is_the_one_that_was_asked_for(string target, string key)
    {
        byte[] data = new byte[100_000];
        new Random(target.Length).NextBytes(data);
        foreach ((string path, string? host) in new[] { ($"/bkt/{target}", null), ($"/{target}", $"bkt.{Domain}") })
        {
            (string, string)[] metadata = [("x-amz-meta-name", RawClient.Utf8Bytes("中 é")), ("x-amz-meta-list", "a, b,c"), ("x-amz-meta-list", "d")];
            (await _client.SendAsync("PUT", path, metadata, data, host: host)).Expect(200);
            RawResponse direct = (await _direct.SendAsync("GET", path, host: host)).Expect(200);
            Assert.Equal("a, b,c,d", direct["x-amz-meta-list"]);
            Assert.Equal([key], Listed(await _direct.SendAsync("GET", "/bkt?list-type=2&encoding-type=url")));
            for (int i = 0; i < 2; i++)
            {
                RawResponse got = (await _client.SendAsync("GET", path, host: host)).Expect(200);
                Assert.True(data.AsSpan().SequenceEqual(got.Body));
                Assert.Equal(i == 0 ? "miss" : "hit", got["x-tarn-cache"]);
                Assert.Equal(Lasting(direct), Lasting(got));
                await _accelerator.Cache.SettleAsync();
            }

            RawResponse part = (await _client.SendAsync("GET", path, [("Range", "bytes=70000-70009")], host: host)).Expect(206);
            Assert.Equal(data[70_000..70_010], part.Body);
            Assert.Equal("100000", (await _client.SendAsync("HEAD", path, host: host)).Expect(200)["Content-Length"]);
            string name = host ?? _client.HostHeader, url = _client.Signer().Presign("GET", path, [("Host", name)], "60");
            Assert.Equal(data, (await _client.ExchangeAsync("GET", RawClient.Lines("GET", url, [("Host", name)]))).Expect(200).Body);
            (await _client.SendAsync("DELETE", path, host: host)).Expect(204);
            (await _client.SendAsync("GET", path, host: host)).ExpectError(404, "NoSuchKey");
            Assert.Empty(Listed(await _direct.SendAsync("GET", "/bkt?list-type=2&encoding-type=url")));
        }
    }

    [Theory]
    [InlineData("/bkt?prefix=a%2Fb&list-type=2&encoding-type=url")]
    [InlineData("/bkt?list-type=2&prefix=a+b&delimiter=%2F")]
    [InlineData("/bkt?list-type=2&prefix=%2520")]
    [InlineData("/bkt/?list-type=2&&start-after=..%2F")]
    [InlineData("/bkt?list-type=2&prefix=%zz")]
    [InlineData("/bkt//?tagging")]
    [InlineData("//bkt")]
    [InlineData("/bkt/..")]
    [InlineData("/bkt/%")]
    [InlineData("/bkt/%ff")]
    [InlineData("/bkt/%00%01")]
    [InlineData("/./bkt")]
    [InlineData("/x/../bkt")]
    public async Task What_a_target_is_answered_is_what_it_is_answered_without_an_accelerator(string target)
    {
        foreach (string method in (string[])["GET", "HEAD"])
        {
            (RawResponse direct, RawResponse through) = (await _direct.SendAsync(method, target, host: "h"), await _client.SendAsync(method, target, host: "h"));
            Assert.Equal((direct.Status, Lasting(direct)), (through.Status, Lasting(through)));
        }
    }

    [Fact]
    public async Task A_refusal_before_the_body_leaves_the_connection_for_the_next_request()
    {
        await using RawConnection connection = await _accelerator.ConnectAsync();
        byte[] body = Encoding.ASCII.GetBytes(new string('x', 10_000));
        for (int i = 0; i < 3; i++)
        {
            (string refused, _) = _client.Head("PUT", "/no-such-bucket/k", null, body);
            await connection.WriteAsync(refused);
            await connection.WriteAsync(body.AsMemory(0, 100));
            RawResponse answer = (await connection.ReadResponseAsync("PUT"))!.ExpectError(404, "NoSuchBucket");
            Assert.False(answer.Closes);
            await connection.WriteAsync(body.AsMemory(100));
            (string accepted, _) = _client.Head("PUT", "/bkt/k", null, body);
            await connection.WriteAsync(accepted);
            await connection.WriteAsync(body);
            (await connection.ReadResponseAsync("PUT"))!.Expect(200);
        }
    }

    [Fact]
    public async Task Who_expects_100_is_asked_for_the_body_once_the_server_wants_it()
    {
        await using RawConnection connection = await _accelerator.ConnectAsync();
        byte[] body = Encoding.ASCII.GetBytes(new string('x', 10_000));
        (string refused, _) = _client.Head("PUT", "/no-such-bucket/k", [("Expect", "100-continue")], body);
        await connection.WriteAsync(refused);
        (await connection.ReadResponseAsync("PUT"))!.ExpectError(404, "NoSuchBucket");
        await using RawConnection next = await _accelerator.ConnectAsync();
        (string accepted, _) = _client.Head("PUT", "/bkt/k", [("Expect", "100-continue")], body);
        await next.WriteAsync(accepted);
        Assert.Equal(100, (await next.ReadResponseAsync("PUT"))!.Status);
        await next.WriteAsync(body);
        (await next.ReadResponseAsync("PUT"))!.Expect(200);
        Assert.Equal(body, (await _client.SendAsync("GET", "/bkt/k")).Expect(200).Body);
    }

    [Theory]
    [InlineData("3q2+7w==", 400)]
    [InlineData("DUoRhQ==", 200)]
    public async Task A_checksum_behind_a_chunked_body_arrives(string checksum, int status)
    {
        // Framed once by HTTP and once by S3, whose trailer it is. The CRC-32 is that of "hello world".
        string inner = $"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n";
        (string, string)[] headers =
        [
            ("Transfer-Encoding", "chunked"), ("Content-Encoding", "aws-chunked"), ("x-amz-decoded-content-length", "11"), ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        (string head, _) = _client.Head("PUT", "/bkt/trailed", headers, [], "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        string sent = string.Concat(inner.Chunk(7).Select(static piece => $"{piece.Length:x}\r\n{new string(piece)}\r\n")) + "0\r\n\r\n";
        RawResponse answer = await _client.ExchangeAsync("PUT", head, Encoding.ASCII.GetBytes(sent));
        Assert.True(answer.Status == status, answer.Text);
        Assert.Equal(status == 200 ? 200 : 404, (await _client.SendAsync("GET", "/bkt/trailed")).Status);
    }

    /// <summary>The headers of an answer that do not differ from one request to the next.</summary>
    private static string Lasting(RawResponse answer) => string.Join('\n', answer.Headers
        .Where(static header => header.Name.ToLowerInvariant() is not ("date" or "x-amz-request-id" or "x-amz-id-2" or "x-tarn-cache" or "content-length" or "transfer-encoding"))
        .Select(static header => $"{header.Name}: {header.Value}")
        .Order(StringComparer.Ordinal));

    private static string[] Listed(RawResponse page) => [.. page.Expect(200).Elements("Key").Select(static key => Uri.UnescapeDataString(key.Replace('+', ' ')))];
}
