using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Server.Accelerator.Reading;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Accelerator;

/// <summary>GETs whose bytes come from the cache, or block by block from the upstream: the client sees what it would see without an accelerator.</summary>
public sealed class ResolvedReadTests
{
    private const int MiB = 1 << 20;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(65_536, 0)]
    [InlineData((3 * MiB) + 5, 1000)]
    [InlineData(MiB, 70_000)]
    public async Task The_first_read_misses_the_second_hits_and_both_have_every_byte(int length, long offset)
    {
        await using var upstream = new PlanningUpstream(length, offset);
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        foreach (string cache in (string[])["miss", "hit"])
        {
            RawResponse answer = await GetAsync(client);
            Assert.Equal((200, cache, PlanningUpstream.RequestId, "b", "\"e\"", "text/plain"), (answer.Status, answer["x-tarn-cache"], answer["x-amz-request-id"], answer["x-amz-meta-a"], answer["ETag"], answer["Content-Type"]));
            Assert.True(upstream.Object.AsSpan().SequenceEqual(answer.Body));
            Assert.DoesNotContain(answer.Headers, h => h.Name.StartsWith("x-tarn-", StringComparison.OrdinalIgnoreCase) && h.Name != "x-tarn-cache");
            await accelerator.Cache.SettleAsync();
        }

        // Each block was fetched once, within the run that the object holds, and every read was decided.
        Assert.Equal(length, upstream.Blocks.Sum(run => run.Length));
        Assert.Equal(["resolve", "resolve"], upstream.Calls);
    }

    [Fact]
    public async Task A_range_has_its_bytes_and_what_was_cached_of_it_is_a_part()
    {
        await using var upstream = new PlanningUpstream(3 * MiB);
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        foreach ((int from, int to, string cache) in ((int, int, string)[])[(100, 200, "miss"), (150, 1000, "hit"), (0, (3 * MiB) - 1, "partial"), (2_000_000, 2_500_000, "hit")])
        {
            RawResponse answer = await GetAsync(client, $"Range: bytes={from}-{to}\r\n");
            Assert.Equal((206, cache, $"bytes {from}-{to}/{3 * MiB}"), (answer.Status, answer["x-tarn-cache"], answer["Content-Range"]));
            Assert.True(upstream.Object.AsSpan(from, to - from + 1).SequenceEqual(answer.Body));
            await accelerator.Cache.SettleAsync();
        }
    }

    [Fact]
    public async Task A_plan_is_continued_until_all_bytes_are_sent()
    {
        await using var upstream = new PlanningUpstream((2 * MiB) + 7) { PlanLength = 700_000 };
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        RawResponse answer = await GetAsync(client);
        Assert.True(upstream.Object.AsSpan().SequenceEqual(answer.Body));
        Assert.Equal(["/v1/continue 700000-2097159", "/v1/continue 1400000-2097159"], upstream.Node.Select(sent => $"{sent.Target} {sent.Body}"));
        Assert.Equal(["resolve"], upstream.Calls);
    }

    [Theory]
    [InlineData("no-cache", "miss", 2)]
    [InlineData("max-age=0, No-Cache", "miss", 2)]
    [InlineData("no-store", "bypass", 0)]
    [InlineData("no-cache, no-store", "bypass", 0)]
    public async Task A_request_may_forbid_that_the_cache_is_filled(string control, string cache, int planned)
    {
        await using var upstream = new PlanningUpstream(2 * MiB);
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            RawResponse answer = await GetAsync(client, $"Cache-Control: {control}\r\n");
            Assert.Equal((200, cache), (answer.Status, answer["x-tarn-cache"]));
            Assert.True(upstream.Object.AsSpan().SequenceEqual(answer.Body));
            await accelerator.Cache.SettleAsync();
        }

        Assert.Equal(planned, upstream.Calls.Count(call => call == "resolve"));
        Assert.Equal(0, accelerator.Cache.Statistics.Frames);

        // What is cached is used nevertheless, unless that is forbidden too.
        Assert.Equal("miss", (await GetAsync(client))["x-tarn-cache"]);
        await accelerator.Cache.SettleAsync();
        Assert.Equal(planned > 0 ? "hit" : "bypass", (await GetAsync(client, $"Cache-Control: {control}\r\n"))["x-tarn-cache"]);
    }

    [Theory]
    [InlineData("2", null)]
    [InlineData("1", "plain")]
    public async Task A_plan_that_is_not_known_is_asked_for_as_a_whole_answer(string version, string? encoding)
    {
        await using var upstream = new PlanningUpstream(100_000) { Version = version, ChangePlan = plan => encoding is null ? "{\"v\":2,\"new\":1}" : plan.Replace("\"plain\"", "\"zstd\"", StringComparison.Ordinal) };
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        RawResponse answer = await GetAsync(client);
        Assert.Equal((200, "bypass"), (answer.Status, answer["x-tarn-cache"]));
        Assert.True(upstream.Object.AsSpan().SequenceEqual(answer.Body));
        Assert.Equal(["resolve", "forward"], upstream.Calls);
    }

    [Theory]
    [InlineData("\"start\":0", "\"start\":1")]
    [InlineData("\"length\":100000,\"bucket\"", "\"length\":99999,\"bucket\"")]
    [InlineData("\"v\":1", "\"v\":0")]
    [InlineData("{", "")]
    public async Task A_plan_for_other_bytes_is_not_sent(string what, string by)
    {
        await using var upstream = new PlanningUpstream(100_000) { ChangePlan = plan => plan.Replace(what, by, StringComparison.Ordinal) };
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        (await GetAsync(client)).ExpectError(503, "ServiceUnavailable");
        Assert.Empty(upstream.Blocks);
    }

    [Fact]
    public async Task Blocks_that_are_gone_or_damaged_before_the_first_byte_are_the_upstreams_to_answer()
    {
        await using var upstream = new PlanningUpstream(100_000);
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        upstream.BeforeBlocks = static async (exchange, _) =>
        {
            await exchange.AnswerAsync(404, "<Error><Code>NoSuchBlock</Code></Error>");
            return true;
        };
        RawResponse answer = await GetAsync(client);
        Assert.Equal((200, "bypass"), (answer.Status, answer["x-tarn-cache"]));
        Assert.True(upstream.Object.AsSpan().SequenceEqual(answer.Body));
        upstream.BeforeBlocks = async (exchange, run) =>
        {
            byte[] stream = upstream.StreamOf(run);
            stream[20] ^= 1;
            await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {stream.Length}\r\n\r\n");
            await exchange.SendAsync(stream);
            return true;
        };
        answer = await GetAsync(client);
        Assert.Equal((200, "bypass"), (answer.Status, answer["x-tarn-cache"]));
        Assert.True(upstream.Object.AsSpan().SequenceEqual(answer.Body));
        Assert.Equal(0, accelerator.Cache.Statistics.Frames);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("damaged")]
    [InlineData("closed")]
    [InlineData("short")]
    public async Task A_failure_in_the_middle_cuts_the_connection_and_no_wrong_byte_was_sent(string how)
    {
        await using var upstream = new PlanningUpstream(8 * MiB, offset: 0);
        upstream.BeforeBlocks = async (exchange, run) =>
        {
            if (run.Start + run.Length <= 7 * MiB)
            {
                return false;
            }

            byte[] stream = upstream.StreamOf(run);
            stream[stream.Length / 2] ^= 1;
            switch (how)
            {
                case "gone":
                    await exchange.AnswerAsync(404);
                    return true;
                case "damaged":
                    await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {stream.Length}\r\n\r\n");
                    await exchange.SendAsync(stream);
                    return true;
                case "short":
                    await exchange.AnswerAsync(200, "short");
                    return true;
                default:
                    exchange.Close();
                    return true;
            }
        };
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        string all = await RawConnection.AskAsync(accelerator.Url, "GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
        string body = all[(all.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.Contains($"Content-Length: {8 * MiB}\r\n", all, StringComparison.Ordinal);
        Assert.True(body.Length < 8 * MiB);
        Assert.Equal(System.Text.Encoding.Latin1.GetString(upstream.Object.AsSpan(0, body.Length)), body);
    }

    [Fact]
    public async Task An_answer_that_is_no_plan_is_sent_on_as_it_is()
    {
        await using var upstream = new FakeUpstream(static exchange => exchange.AnswerAsync(404, "<Error/>", "x-amz-request-id: ID\r\n"));
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        RawResponse answer = await GetAsync(client);
        Assert.Equal((404, "<Error/>", "ID", "bypass"), (answer.Status, answer.Text, answer["x-amz-request-id"], answer["x-tarn-cache"]));
        Assert.StartsWith("resolve;", upstream.OfClients.Single()["x-tarn-call"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capabilities_are_renewed_at_half_their_life_for_as_long_as_they_are_needed()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var upstream = new PlanningUpstream(100_000) { Expires = time.GetUtcNow().AddMinutes(5) };
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url, time);
        IServiceProvider services = accelerator.Host.Services;
        ReadPlan plan = await services.GetRequiredService<PlanReader>().ContinueAsync("0-100000", CancellationToken.None);
        await using var lease = new CapabilityLease(plan, services.GetRequiredService<NodeClient>(), services.GetRequiredService<ZoneState>(), time);
        foreach (string expected in (string[])["capability", "capabilityx", "capabilityxx"])
        {
            Assert.Equal(expected, lease[0]);
            time.Advance(TimeSpan.FromSeconds(151));
            await lease.Renewing;
        }

        Assert.Equal(["/v1/renew capability", "/v1/renew capabilityx", "/v1/renew capabilityxx"], upstream.Node.Skip(1).Select(sent => $"{sent.Target} {sent.Body}"));
    }

    [Fact]
    public async Task A_head_of_the_first_byte_stages_the_whole_object()
    {
        await using var upstream = new PlanningUpstream((2 * MiB) + 7) { PlanLength = 700_000 };
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("HEAD /b/k HTTP/1.1\r\nHost: h\r\nRange: bytes=0-0\r\n\r\n");
        RawResponse head = (await client.ReadResponseAsync("HEAD"))!;
        Assert.Equal((206, "bypass", "1", null, null), (head.Status, head["x-tarn-cache"], head["Content-Length"], head["x-tarn-prestage"], head["x-tarn-continuation"]));
        while (upstream.Blocks.Sum(run => run.Length) < upstream.Object.Length)
        {
            await Task.Yield();
        }

        await accelerator.Cache.SettleAsync();
        RawResponse answer = await GetAsync(client);
        Assert.Equal("hit", answer["x-tarn-cache"]);
        Assert.True(upstream.Object.AsSpan().SequenceEqual(answer.Body));
        await client.WriteAsync("HEAD /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal($"{upstream.Object.Length}", (await client.ReadResponseAsync("HEAD"))!["Content-Length"]);
        Assert.Equal("forward", upstream.Calls[^1]);
    }

    [Fact]
    public async Task A_registration_says_who_it_is_and_does_what_it_is_told_once()
    {
        await using var upstream = new PlanningUpstream(100_000);
        await using TestAccelerator filled = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await filled.ConnectAsync();
        _ = await GetAsync(client);
        await filled.Cache.SettleAsync();
        Assert.Equal(1, filled.Cache.Statistics.Frames);
        upstream.Registered = upstream.Registered with { Clears = [new CacheClear("c1", 7)] };
        var clears = new CacheClears(filled.Cache, NullLogger<CacheClears>.Instance);
        using var registration = new RegistrationService(
            filled.Host.Services.GetRequiredService<NodeClient>(),
            new AcceleratorEnvelope { Token = "t", Name = "n", Zone = "z" },
            null,
            filled.Host.Services.GetRequiredService<ZoneState>(),
            clears,
            static () => new AcceleratorStatistics { Hits = 77 },
            SystemRandomSource.Instance,
            TimeProvider.System,
            NullLogger<RegistrationService>.Instance);
        Assert.Equal(TimeSpan.FromHours(1), await registration.RegisterAsync(CancellationToken.None));
        Assert.True(AcceleratorRegistration.TryDecode(System.Text.Encoding.UTF8.GetBytes(upstream.Node.Single().Body), out AcceleratorRegistration? sent));
        Assert.Equal(("n", "z", 77), (sent.Name, sent.Zone, sent.Statistics.Hits));
        await clears.Running;
        Assert.Equal(0, filled.Cache.Statistics.Frames);
        _ = await GetAsync(client);
        await filled.Cache.SettleAsync();
        await registration.RegisterAsync(CancellationToken.None);
        await clears.Running;
        Assert.Equal(1, filled.Cache.Statistics.Frames);
    }

    /// <summary>Reads the object.</summary>
    internal static async Task<RawResponse> GetAsync(RawConnection client, string headers = "")
    {
        await client.WriteAsync($"GET /b/k HTTP/1.1\r\nHost: h\r\n{headers}\r\n");
        return (await client.ReadResponseAsync("GET"))!;
    }
}
