using Tarn.TestKit.Http;

namespace Tarn.Tests.Accelerator;

/// <summary>What clients see when the upstream, or a client, does not do what it should.</summary>
public sealed class ForwardingFailureTests
{
    private const string Get = "GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n";

    [Fact]
    public async Task An_upstream_that_is_gone_is_a_503_that_may_be_tried_again()
    {
        var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(200));
        await upstream.DisposeAsync();
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync(Get);
        RawResponse answer = (await client.ReadResponseAsync("GET"))!;
        answer.ExpectError(503, "ServiceUnavailable");
        Assert.Equal(("1", "bypass"), (answer["Retry-After"], answer["x-tarn-cache"]));
        Assert.True(accelerator.IsUpstreamFailing);
    }

    [Fact]
    public async Task A_refused_envelope_is_a_503_and_what_the_upstream_says_of_it_reaches_no_client()
    {
        await using var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(401, "secret", "x-tarn-envelope: refused\r\n"));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync(Get);
        RawResponse answer = (await client.ReadResponseAsync("GET"))!;
        answer.ExpectError(503, "ServiceUnavailable");
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
        Assert.Null(answer["x-tarn-envelope"]);
        Assert.False(accelerator.IsUpstreamFailing);
    }

    [Theory]
    [InlineData("GET", "", 200, 3)]
    [InlineData("HEAD", "", 200, 3)]
    [InlineData("DELETE", "", 503, 2)]
    [InlineData("PUT", "Content-Length: 1\r\n", 503, 2)]
    [InlineData("GET", "Content-Length: 1\r\n", 503, 2)]
    public async Task Only_a_read_is_sent_again_when_a_kept_connection_turns_out_to_be_closed(string method, string headers, int status, int requests)
    {
        int count = 0;
        await using var upstream = new FakeUpstream(async exchange =>
        {
            if (Interlocked.Increment(ref count) == 2)
            {
                exchange.Close();
                return;
            }

            await exchange.ReadBodyAsync();
            await exchange.AnswerAsync(200);
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("DELETE /b/first HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync("DELETE"))!.Status);
        await client.WriteAsync($"{method} /b/k HTTP/1.1\r\nHost: h\r\n{headers}\r\n{(headers.Length > 0 ? "x" : "")}");
        Assert.Equal(status, (await client.ReadResponseAsync(method))!.Status);
        Assert.Equal(requests, upstream.OfClients.Length);
    }

    [Fact]
    public async Task A_read_on_a_new_connection_is_not_sent_again()
    {
        await using var upstream = new FakeUpstream(static exchange =>
        {
            exchange.Close();
            return Task.CompletedTask;
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync(Get);
        Assert.Equal(503, (await client.ReadResponseAsync("GET"))!.Status);
        Assert.Single(upstream.OfClients);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "half")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "half")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", "half")]
    public async Task An_answer_that_breaks_off_is_cut_and_never_ends_as_if_it_were_whole(string sent, string body)
    {
        await using var upstream = new FakeUpstream(async exchange =>
        {
            await exchange.SendAsync(sent);
            exchange.Close();
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("DELETE /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadResponseAsync("DELETE"));
        Assert.NotEmpty(body);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX A: b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n")]
    [InlineData("HTTP/2 200 OK\r\n\r\n")]
    [InlineData("ICY 200 OK\r\n\r\n")]
    public async Task An_answer_that_could_be_understood_in_two_ways_is_not_sent_on(string sent)
    {
        await using var upstream = new FakeUpstream(exchange => exchange.SendAsync(sent));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("DELETE /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
        (await client.ReadResponseAsync("DELETE"))!.ExpectError(503, "ServiceUnavailable");
    }

    [Fact]
    public async Task A_head_without_end_is_not_collected()
    {
        await using var upstream = new FakeUpstream(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\n");
            while (true)
            {
                await exchange.SendAsync("X-A: " + new string('a', 1000) + "\r\n");
            }
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("DELETE /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(503, (await client.ReadResponseAsync("DELETE"))!.Status);
    }

    [Fact]
    public async Task A_client_that_goes_away_in_the_middle_of_its_body_ends_the_upstreams_request()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = new FakeUpstream(async exchange =>
        {
            await exchange.ReadAsync(5);
            begun.SetResult();
            await exchange.ClosedAsync();
            closed.SetResult();
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using (RawConnection client = await accelerator.ConnectAsync())
        {
            await client.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello");
            await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await accelerator.FinishedAsync(1);
        Assert.False(accelerator.IsUpstreamFailing);
    }

    [Fact]
    public async Task A_client_that_goes_away_in_the_middle_of_an_answer_ends_the_upstreams_request()
    {
        var closed = new TaskCompletionSource();
        await using var upstream = new FakeUpstream(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            try
            {
                while (true)
                {
                    await exchange.SendAsync(new byte[64 * 1024]);
                }
            }
            catch (IOException)
            {
                closed.SetResult();
                throw;
            }
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using (RawConnection client = await accelerator.ConnectAsync())
        {
            await client.WriteAsync(Get);
            while (upstream.OfClients.Length == 0)
            {
                await Task.Yield();
            }
        }

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await accelerator.FinishedAsync(1);
        Assert.False(accelerator.IsUpstreamFailing);
    }

    [Fact]
    public async Task A_broken_chunk_is_the_clients_fault()
    {
        await using var upstream = new FakeUpstream(static async exchange => await exchange.ClosedAsync());
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n");
        (await client.ReadResponseAsync("PUT"))!.ExpectError(400, "IncompleteBody");
    }
}
