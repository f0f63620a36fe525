using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Acceleration;
using Tarn.Server.Accelerator.Forwarding;
using Tarn.Server.Accelerator.Upstream;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Accelerator;

/// <summary>Between a client and an upstream that both control every byte, an accelerator changes none.</summary>
public sealed class ForwardingTests
{
    public static TheoryData<string> Targets =>
    [
        "/", "//", "/b//k", "/b/./k", "/b/../k", "/b/a%2Fb", "/b/%2520", "/b/a+b?x=a+b&y=%2B", "/b/k?", "/b/k?versionId=%zz", "/b/%E4%B8%AD", "/b/%e4%b8%ad", "/b/k?prefix=%2F..%2F&uploads",
        "/b/'()*!", "http://other.test/b/k",
    ];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_target_arrives_as_it_was_sent(string target)
    {
        await using var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(200));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync($"DELETE {target} HTTP/1.1\r\nHost: {(target.StartsWith("http:", StringComparison.Ordinal) ? "other.test" : "b.s3.test")}\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync("DELETE"))!.Status);
        Assert.Equal($"DELETE {target} HTTP/1.1", upstream.OfClients.Single().RequestLine);
    }

    [Fact]
    public async Task The_envelope_comes_first_and_what_clients_send_in_its_name_comes_behind_it()
    {
        await using var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(200));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("PUT /b HTTP/1.1\r\nx-tarn-call: node\r\nX-Tarn-Accelerator: v=1;token=stolen\r\nX-Forwarded-For: 9.9.9.9\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync("PUT"))!.Status);
        FakeExchange request = upstream.OfClients.Single();
        Assert.Equal(("x-tarn-accelerator", "v=1;token=token-of-tests;name=node-1;zone=z1;domains=s3.test"), request.Headers[0]);
        Assert.Equal("x-tarn-call", request.Headers[1].Name);
        Assert.Matches(@"^forward;for=127\.0\.0\.1:\d+;tls=0$", request.Headers[1].Value);
        Assert.Equal(
            [("Content-Length", "0"), ("Host", "h"), ("X-Forwarded-For", "9.9.9.9"), ("X-Tarn-Accelerator", "v=1;token=stolen"), ("x-tarn-call", "node")],
            request.ClientHeaders.OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Values_keep_their_bytes_and_their_order_and_headers_of_the_connection_stay_behind()
    {
        await using var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(200));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        string every = string.Concat(Enumerable.Range(0x80, 0x80).Select(c => (char)c));
        await client.WriteAsync(
            "POST /b/k HTTP/1.1\r\nHost: h\r\nx-amz-meta-a: 2\r\nx-amz-meta-a: 1\r\nx-amz-meta-A: 3\r\n"
            + $"x-amz-meta-utf8: {RawClient.Utf8Bytes("中 é")}\r\nx-amz-meta-latin: {every}\r\nx-amz-meta-empty:\r\nx-amz-meta-inner: a  b\tc\r\nUser-Agent: {every}\r\n"
            + "Accept-Encoding: gzip\r\nCookie: a=1\r\nCookie: b=2\r\nTraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
            + "Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nUpgrade: websocket\r\nProxy-Authorization: x\r\nContent-Length: 3\r\n\r\nabc");
        Assert.Equal(200, (await client.ReadResponseAsync("POST"))!.Status);
        FakeExchange request = upstream.OfClients.Single();
        Assert.Equal(["2", "1", "3"], Values(request, "x-amz-meta-a"));
        Assert.Equal(RawClient.Utf8Bytes("中 é"), request["x-amz-meta-utf8"]);
        Assert.Equal(every, request["x-amz-meta-latin"]);
        Assert.Equal(every, request["user-agent"]);
        Assert.Equal("", request["x-amz-meta-empty"]);
        Assert.Equal("a  b\tc", request["x-amz-meta-inner"]);
        Assert.Equal(["a=1", "b=2"], Values(request, "cookie"));
        string[] expected = ["Accept-Encoding", "Content-Length", "Cookie", "Host", "Traceparent", "User-Agent", "x-amz-meta-a", "x-amz-meta-empty", "x-amz-meta-inner", "x-amz-meta-latin", "x-amz-meta-utf8"];
        Assert.Equal(expected, request.ClientHeaders.Select(h => h.Name).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello", "hello", false)]
    [InlineData("Content-Length: 0\r\n\r\n", "", false)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello", true)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", true)]
    [InlineData("Transfer-Encoding: chunked\r\nTrailer: x-amz-checksum-crc32\r\n\r\n5\r\nhello\r\n0\r\nx-amz-checksum-crc32: NhCmhg==\r\nx-other: \u00e9\r\n\r\n", "hello", true)]
    public async Task A_body_arrives_with_its_length_or_in_chunks_and_with_its_trailers(string rest, string body, bool isChunked)
    {
        byte[] arrived = [];
        await using var upstream = new FakeUpstream(async exchange =>
        {
            arrived = await exchange.ReadBodyAsync();
            await exchange.AnswerAsync(200);
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\n" + rest);
        Assert.Equal(200, (await client.ReadResponseAsync("PUT"))!.Status);
        FakeExchange request = upstream.OfClients.Single();
        Assert.Equal(body, Encoding.Latin1.GetString(arrived));
        Assert.Equal((isChunked ? null : body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), isChunked ? "chunked" : null), (request["Content-Length"], request["Transfer-Encoding"]));
        Assert.Equal(rest.Contains("x-other", StringComparison.Ordinal) ? [("x-amz-checksum-crc32", "NhCmhg=="), ("x-other", "\u00e9")] : [], request.Trailers);

        // And the connection of both is good for another.
        await client.WriteAsync("GET /b/next HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync("GET"))!.Status);
        Assert.Single(upstream.OfClients.Select(r => r.Connection).Distinct());
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("Content-Length: +5\r\n\r\nhello")]
    [InlineData("X-A: a\r\n folded\r\n\r\n")]
    [InlineData("X-A: a\nX-B: b\r\n\r\n")]
    [InlineData("X A: a\r\n\r\n")]
    [InlineData("X-A: a\0b\r\n\r\n")]
    public async Task A_request_that_could_be_understood_in_two_ways_is_refused(string rest)
    {
        await using var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(200));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\n" + rest);
        RawResponse answer = (await client.ReadResponseAsync("PUT"))!;
        Assert.Equal(400, answer.Status);
        Assert.Equal("InvalidRequest", answer.Element("Code"));
        Assert.Empty(upstream.OfClients);
    }

    [Theory]
    [InlineData("something-else")]
    [InlineData("100-continue, something-else")]
    [InlineData("")]
    public async Task Another_expectation_is_the_upstreams_to_judge_and_the_body_comes_with_it(string expectation)
    {
        byte[] arrived = [];
        await using var upstream = new FakeUpstream(async exchange =>
        {
            arrived = await exchange.ReadBodyAsync();
            await exchange.AnswerAsync(417, "no");
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync($"PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: {expectation}\r\nContent-Length: 5\r\n\r\nhello");
        RawResponse answer = (await client.ReadResponseAsync("PUT"))!;
        Assert.Equal((417, "no"), (answer.Status, answer.Text));
        Assert.Equal(expectation, upstream.OfClients.Single()["Expect"]);
        Assert.Equal("hello", Encoding.Latin1.GetString(arrived));
    }

    [Theory]
    [InlineData("100-continue")]
    [InlineData("100-Continue")]
    public async Task No_byte_of_a_body_is_read_before_the_upstream_asks_for_it(string expectation)
    {
        var ask = new TaskCompletionSource();
        byte[] arrived = [];
        await using var upstream = new FakeUpstream(async exchange =>
        {
            await ask.Task;
            await exchange.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            arrived = await exchange.ReadBodyAsync();
            await exchange.AnswerAsync(200);
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync($"PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: {expectation}\r\nContent-Length: 5\r\n\r\n");
        Task<RawResponse?> interim = client.ReadResponseAsync("PUT");
        while (upstream.OfClients.Length == 0)
        {
            await Task.Yield();
        }

        Assert.Equal(expectation, upstream.OfClients.Single()["Expect"]);
        Assert.False(interim.IsCompleted);
        ask.SetResult();
        Assert.Equal(100, (await interim)!.Status);
        await client.WriteAsync("hello");
        Assert.Equal(200, (await client.ReadResponseAsync("PUT"))!.Status);
        Assert.Equal("hello", Encoding.Latin1.GetString(arrived));
    }

    [Fact]
    public async Task An_upstream_may_read_a_body_as_slowly_as_it_may_answer_and_is_else_expected_to_take_what_is_sent()
    {
        await using var upstream = new FakeUpstream(static async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.AnswerAsync(200);
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        Forwarder forwarder = accelerator.Host.Services.GetRequiredService<Forwarder>();
        foreach ((string method, TimeSpan time) in ((string, TimeSpan)[])[("GET", UpstreamConnection.DefaultSendTimeout), ("PUT", Forwarder.AnswerTime), ("GET", UpstreamConnection.DefaultSendTimeout)])
        {
            var http = new DefaultHttpContext();
            http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/b/k";
            (http.Request.Method, http.Request.Protocol) = (method, "HTTP/1.1");
            (http.Connection.RemoteIpAddress, http.Connection.RemotePort) = (IPAddress.Loopback, 1);
            if (method == "PUT")
            {
                (http.Request.Body, http.Request.ContentLength) = (new MemoryStream("hello"u8.ToArray()), 5);
            }

            using var limit = new CancellationTokenSource();
            using ClientExchange exchange = await forwarder.SendAsync(http, AcceleratorCallKind.Forward, limit);
            Assert.Equal(time, exchange.Upstream.SendTimeout);
        }

        // The connection is the same.
        Assert.Equal([1, 1, 1], upstream.OfClients.Select(static request => request.Connection));
    }

    [Fact]
    public async Task An_early_refusal_reaches_a_client_that_was_never_asked_for_its_body()
    {
        await using var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(403, "no"));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\n\r\n");
        RawResponse answer = (await client.ReadResponseAsync("PUT"))!;
        Assert.Equal((403, "no", true), (answer.Status, answer.Text, answer.Closes));
    }

    [Fact]
    public async Task An_early_refusal_of_a_small_body_leaves_the_clients_connection_usable_and_not_that_to_the_upstream()
    {
        await using var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(exchange.Method == "PUT" ? 403 : 200, "no"));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + new string('x', 10));
        RawResponse answer = (await client.ReadResponseAsync("PUT"))!;
        Assert.Equal((403, "no", false), (answer.Status, answer.Text, answer.Closes));
        await client.WriteAsync(new string('x', 990) + "GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync("GET"))!.Status);
        Assert.Equal(["PUT /b/k HTTP/1.1", "GET /b/k HTTP/1.1"], upstream.OfClients.Select(r => r.RequestLine));
        Assert.Equal(2, upstream.OfClients.Select(r => r.Connection).Distinct().Count());
    }

    [Theory]
    [InlineData("HTTP/1.1 200 Fine and dandy\r\nContent-Length: 2\r\nETag: \"a\"\r\nx-amz-meta-a: \u00ff\u0080\r\nx-amz-request-id: ID\r\nServer: Tarn\r\nDate: Tue, 01 Dec 2026 00:00:00 GMT\r\nVary: a\r\nVary: b\r\n\r\nhi", "hi")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: x\r\n\r\n1;e=1\r\nh\r\n1\r\ni\r\n0\r\n\r\n", "hi")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nDate: x\r\n\r\n", "")]
    [InlineData("HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n", "")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nDate: x\r\n\r\n", "")]
    [InlineData("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nhi", "hi")]
    [InlineData("HTTP/1.1 200 OK\r\nDate: x\r\nConnection: close\r\n\r\nhi", "hi")]
    public async Task An_answer_arrives_as_it_was_sent(string sent, string body)
    {
        await using var upstream = new FakeUpstream(async exchange =>
        {
            await exchange.SendAsync(sent);
            if (sent.Contains("close", StringComparison.Ordinal))
            {
                exchange.Close();
            }
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.WriteAsync("DELETE /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
            RawResponse answer = (await client.ReadResponseAsync("DELETE"))!;
            string head = sent.Split("\r\n\r\n").First(part => !part.StartsWith("HTTP/1.1 1", StringComparison.Ordinal));
            Assert.Equal(int.Parse(head.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), answer.Status);
            Assert.Equal(body, Encoding.Latin1.GetString(answer.Body));
            string[] expected = [.. head.Split("\r\n").Skip(1).Where(line => !line.StartsWith("Connection", StringComparison.Ordinal) && !line.StartsWith("Transfer-Encoding", StringComparison.Ordinal))
                .Append("x-tarn-cache: bypass").Order(StringComparer.Ordinal)];
            Assert.Equal(expected, answer.Headers.Where(h => h.Name != "Transfer-Encoding").Select(h => $"{h.Name}: {h.Value}").Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_reason_phrase_is_sent_on()
    {
        await using var upstream = new FakeUpstream(static exchange => exchange.SendAsync("HTTP/1.1 200 Fine and dandy\r\nContent-Length: 0\r\n\r\n"));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        string all = await RawConnection.AskAsync(accelerator.Url, "DELETE /b/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 Fine and dandy\r\n", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_to_a_head_has_the_length_and_no_body()
    {
        await using var upstream = new FakeUpstream(static exchange => exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n"));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.WriteAsync("HEAD /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal("77", (await client.ReadResponseAsync("HEAD"))!["Content-Length"]);
        }

        Assert.Single(upstream.OfClients.Select(r => r.Connection).Distinct());
    }

    private static string[] Values(FakeExchange request, string name) =>
        [.. request.ClientHeaders.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value)];
}
