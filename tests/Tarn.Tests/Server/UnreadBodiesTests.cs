using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Tarn.S3.Operations;
using Tarn.S3.Routing;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;
using Tarn.Tests.Disks;

namespace Tarn.Tests.Server;

/// <summary>What follows a request that was answered before its body was read is answered correctly, or the connection was announced to close.</summary>
public sealed class UnreadBodiesTests
{
    private const string Refusal = "<Error><Code>PreconditionFailed</Code></Error>";

    public static TheoryData<string> Operations => [.. OperationTable.Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Every_operation_leaves_its_connection_right(string name)
    {
        await using DiskServer server = await DiskServer.StartAsync();
        (await server.RootClient.PutAsync("objects", "probe", "probe"u8.ToArray())).Expect();
        await server.RootClient.CreateBucketAsync("other");
        S3Operation row = OperationTable.ByName(name);
        foreach (bool signed in new[] { false, true })
        foreach (bool expects in new[] { false, true })
        foreach (bool chunked in new[] { false, true })
        foreach (long size in new[] { 0, 1, 5_000, 100_000, 300_000, 1L << 30 })
        {
            if (size >= 1L << 30 && (signed || chunked))
            {
                // Taken, it would only be long.
                continue;
            }

            string what = $"{name} signed={signed} expects={expects} chunked={chunked} size={size}";
            await using RawConnection connection = await RawConnection.OpenAsync(server.RootClient.Address);
            RawResponse answer = await ExchangeAsync(server, connection, row, signed, expects, chunked, size);
            if (answer.Closes)
            {
                Assert.True(await connection.ReadResponseAsync("GET") is null, what);
                continue;
            }

            await connection.WriteAsync(Head(server, "GET", "/objects/probe", true, []));
            RawResponse? probe = await connection.ReadResponseAsync("GET");
            Assert.True(probe?.Text == "probe", $"{what}: {answer} then {probe}");
        }
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(10, true)]
    [InlineData(1_000_000, false)]
    [InlineData(1_000_000, true)]
    public async Task Who_asked_before_sending_is_told_of_the_end(int size, bool touches)
    {
        await using TarnHost host = await StartAsync(touches ? TouchAndRefuseAsync : RefuseAsync);
        await using RawConnection connection = await RawConnection.OpenAsync(new Uri(host.S3Url));
        await connection.WriteAsync($"PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: {size}\r\n\r\n");
        RawResponse? answer = await connection.ReadResponseAsync("PUT");
        Assert.Equal(Refusal, answer?.Text);
        Assert.True(answer!.Closes);
        Assert.Null(await connection.ReadResponseAsync("PUT"));
    }

    [Fact]
    public async Task Nobody_is_asked_for_a_body_of_unknown_length_that_is_refused()
    {
        await using TarnHost host = await StartAsync(RefuseAsync);
        await using RawConnection connection = await RawConnection.OpenAsync(new Uri(host.S3Url));
        await connection.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
        RawResponse? answer = await connection.ReadResponseAsync("PUT");
        Assert.Equal((412, Refusal, true), (answer!.Status, answer.Text, answer.Closes));
        Assert.Null(await connection.ReadResponseAsync("PUT"));
    }

    [Fact]
    public async Task A_body_of_unknown_length_that_was_asked_for_and_read_keeps_its_connection()
    {
        await using TarnHost host = await StartAsync(async http =>
        {
            await http.Request.BodyReader.CopyToAsync(Stream.Null, http.RequestAborted);
            await RefuseAsync(http);
        });
        await using RawConnection connection = await RawConnection.OpenAsync(new Uri(host.S3Url));
        for (int i = 0; i < 2; i++)
        {
            await connection.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
            Assert.Equal(100, (await connection.ReadResponseAsync("PUT"))?.Status);
            await connection.WriteAsync("5\r\nhello\r\n0\r\n\r\n");
            RawResponse? answer = await connection.ReadResponseAsync("PUT");
            Assert.Equal((412, false), (answer!.Status, answer.Closes));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_small_body_on_its_way_keeps_its_connection(bool expects)
    {
        await using TarnHost host = await StartAsync(RefuseAsync);
        await using RawConnection connection = await RawConnection.OpenAsync(new Uri(host.S3Url));
        string head = $"PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n{(expects ? "Expect: 100-continue\r\n" : "")}\r\n";
        for (int i = 0; i < 3; i++)
        {
            // Sent without waiting, which is allowed: the whole body arrives before the answer, so nothing is ambiguous.
            await connection.WriteAsync(head + "0123456789");
            RawResponse? answer = await connection.ReadResponseAsync("PUT");
            Assert.Equal(412, answer?.Status);
            Assert.False(answer!.Closes);
        }

        if (!expects)
        {
            await connection.WriteAsync(head);
            Assert.False((await connection.ReadResponseAsync("PUT"))!.Closes);
            await connection.WriteAsync("0123456789" + head + "0123456789");
            Assert.Equal(412, (await connection.ReadResponseAsync("PUT"))?.Status);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sender_of_much_reads_the_answer(bool tls)
    {
        using var directory = new TemporaryDirectory();
        ServerOptions options = Options();
        if (tls)
        {
            options = options with { Tls = new TlsOptions(directory.PathOf("c.pem"), directory.PathOf("k.pem"), null, true, false) };
            CertificateSourceTests.WritePem(options.Tls!, "host");
        }

        await using TarnHost host = await StartAsync(RefuseAsync, options);
        await using RawConnection connection = await RawConnection.OpenAsync(new Uri(host.S3Url));
        await connection.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 67108864\r\n\r\n");
        byte[] block = new byte[1 << 20];
        for (int i = 0; i < 64; i++)
        {
            // All of it, although the answer has long arrived: no write fails, and the answer is complete.
            await connection.WriteAsync(block);
        }

        RawResponse? answer = await connection.ReadResponseAsync("PUT");
        Assert.Equal(Refusal, answer?.Text);
        Assert.True(answer!.Closes);
        Assert.Null(await connection.ReadResponseAsync("PUT"));
    }

    [Fact]
    public async Task A_success_that_read_nothing_is_no_different()
    {
        await using TarnHost host = await StartAsync(http =>
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await using RawConnection connection = await RawConnection.OpenAsync(new Uri(host.S3Url));
        await connection.WriteAsync("DELETE /b/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        Assert.True((await connection.ReadResponseAsync("DELETE"))!.Closes);
        Assert.Null(await connection.ReadResponseAsync("DELETE"));
    }

    [Fact]
    public async Task The_control_address_is_no_different()
    {
        await using TarnHost host = await StartAsync(RefuseAsync);
        await using RawConnection connection = await RawConnection.OpenAsync(new Uri(host.ControlUrl));
        await connection.WriteAsync("GET /health/live HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        Assert.True((await connection.ReadResponseAsync("GET"))!.Closes);
        Assert.Null(await connection.ReadResponseAsync("GET"));
    }

    [Theory]
    [InlineData("zz\r\n")]
    [InlineData("5\r\nab")]
    public async Task Framing_that_is_wrong_ends_the_connection(string body)
    {
        await using TarnHost host = await StartAsync(RefuseAsync);
        await using RawConnection connection = await RawConnection.OpenAsync(new Uri(host.S3Url));
        await connection.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
        RawResponse? answer = await connection.ReadResponseAsync("PUT");
        Assert.Equal(Refusal, answer?.Text);
        Assert.True(answer!.Closes);
        Assert.Null(await connection.ReadResponseAsync("PUT"));
    }

    [Fact]
    public async Task Who_falls_silent_is_cut_off()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using TarnHost host = await StartAsync(RefuseAsync, clock: clock);
        await using RawConnection first = await RawConnection.OpenAsync(new Uri(host.S3Url));
        await first.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(412, (await first.ReadResponseAsync("PUT"))?.Status);

        // Not the first on its connection: that stays open in both directions until the client closes it, or it times out.
        await first.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
        Assert.True((await first.ReadResponseAsync("PUT"))!.Closes);
        Task<RawResponse?> end = first.ReadResponseAsync("PUT");
        while (!end.IsCompleted)
        {
            clock.Advance(UnreadBodies.IdleTime);
            await Task.Yield();
        }

        await Assert.ThrowsAnyAsync<IOException>(() => end);
    }

    [Fact]
    public async Task A_stream_of_http2_ends_alone()
    {
        using var directory = new TemporaryDirectory();
        var tls = new TlsOptions(directory.PathOf("c.pem"), directory.PathOf("k.pem"), null, true, false);
        CertificateSourceTests.WritePem(tls, "host");
        var connections = new HashSet<string>();
        await using TarnHost host = await StartAsync(
            http =>
            {
                lock (connections)
                {
                    connections.Add(http.Connection.Id);
                }

                return RefuseAsync(http);
            },
            Options() with { Tls = tls });
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate is not null };
        using var client = new HttpClient(handler)
        {
            DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        for (int i = 0; i < 5; i++)
        {
            using var body = new StreamContent(new Endless());
            body.Headers.ContentLength = 1L << 30;
            using HttpResponseMessage answer = await client.PutAsync(host.S3Url + "/b/k", body);
            Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
            Assert.Equal(Refusal, await answer.Content.ReadAsStringAsync());
            Assert.Empty(answer.Headers.Connection);
        }

        Assert.Single(connections);
    }

    private static async Task<RawResponse> ExchangeAsync(
        DiskServer server, RawConnection connection, S3Operation row, bool signed, bool expects, bool chunked, long size)
    {
        string path = row.Target switch { S3Target.Service => "/", S3Target.Bucket => "/other", _ => "/other/key" };
        string query = string.Join('&', row.Query.Select(p => p.Contains('=') ? p : p + "=" + (p == "partNumber" ? "1" : "")));
        List<(string, string)> headers = [chunked ? ("Transfer-Encoding", "chunked") : ("Content-Length", $"{size}")];
        if (row.Header is { } header)
        {
            headers.Add((header, "/objects/probe"));
        }

        if (expects)
        {
            headers.Add(("Expect", "100-continue"));
        }

        byte[] content = Encoding.ASCII.GetBytes(new string('x', (int)Math.Min(size, 300_000)));
        byte[] body = !chunked ? content : [.. Encoding.ASCII.GetBytes(size == 0 ? "" : $"{size:x}\r\n"), .. content, .. Encoding.ASCII.GetBytes((size == 0 ? "" : "\r\n") + "0\r\n\r\n")];
        await connection.WriteAsync(Head(server, row.Method, path + (query.Length > 0 ? "?" + query : ""), signed, headers));
        if (!expects)
        {
            await connection.WriteAsync(body);
        }

        RawResponse? answer = await connection.ReadResponseAsync(row.Method);
        if (answer?.Status == 100)
        {
            Assert.True(expects);
            await connection.WriteAsync(body);
            answer = await connection.ReadResponseAsync(row.Method);
        }

        Assert.NotNull(answer);
        Assert.NotEqual(500, answer.Status);
        return answer;
    }

    private static string Head(DiskServer server, string method, string target, bool signed, IReadOnlyList<(string Name, string Value)> headers)
    {
        var toSign = new Dictionary<string, string> { ["host"] = server.RootClient.Address.Authority };
        IEnumerable<KeyValuePair<string, string>> all = toSign;
        if (signed)
        {
            toSign["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
            foreach ((string name, string value) in headers.Where(h => h.Name.StartsWith("x-amz-", StringComparison.Ordinal)))
            {
                toSign[name] = value;
            }

            all = new SigV4TestSigner("ROOTKEY", DiskServer.Secret).SignHeaders(method, target, toSign, default, DateTimeOffset.UtcNow);
        }

        string lines = string.Concat(all.Select(h => $"{h.Key}: {h.Value}\r\n"))
            + string.Concat(headers.Where(h => !signed || !h.Name.StartsWith("x-amz-", StringComparison.Ordinal)).Select(h => $"{h.Name}: {h.Value}\r\n"));
        return $"{method} {target} HTTP/1.1\r\n{lines}\r\n";
    }

    private static Task RefuseAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status412PreconditionFailed;
        http.Response.ContentLength = Refusal.Length;
        return http.Response.WriteAsync(Refusal);
    }

    private static Task TouchAndRefuseAsync(HttpContext http)
    {
        Assert.False(http.Request.BodyReader.TryRead(out _));
        return RefuseAsync(http);
    }

    private static ServerOptions Options() => Bound.From(new()
    {
        ["--s3"] = ["127.0.0.1:0"], ["--control"] = ["127.0.0.1:0"], ["--log-level"] = ["none"],
    });

    private static Task<TarnHost> StartAsync(RequestDelegate s3, ServerOptions? options = null, TimeProvider? clock = null) =>
        TestHost.StartAsync(options ?? Options(), s3, time: clock);

    /// <summary>Endless zeros.</summary>
    private sealed class Endless : MemoryStream
    {
        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(buffer.Length);
    }
}
