using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Reading;
using Tarn.TestKit.Http;
using static Tarn.Tests.Accelerator.ResolvedReadTests;

namespace Tarn.Tests.Accelerator;

/// <summary>What is asked of the upstream for a read, and what is said of where the bytes came from.</summary>
public sealed class ReadSourceTests
{
    private const int MiB = 1 << 20;

    [Theory]
    [InlineData(1000, null)]
    [InlineData(0, null)]
    [InlineData(70_000, "bytes=65530-2000000")]
    [InlineData(MiB - 1, "bytes=0-1")]
    public async Task What_is_not_kept_is_fetched_in_pieces_and_no_block_twice(long offset, string? range)
    {
        await using var upstream = new PlanningUpstream((3 * MiB) + 5, offset);
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        RawResponse answer = await GetAsync(client, $"Cache-Control: no-cache\r\n{(range is null ? "" : $"Range: {range}\r\n")}");
        (int from, int to) = range is null ? (0, upstream.Object.Length - 1) : (int.Parse(range[6..].Split('-')[0], CultureInfo.InvariantCulture), int.Parse(range.Split('-')[1], CultureInfo.InvariantCulture));
        Assert.True(upstream.Object.AsSpan(from, to - from + 1).SequenceEqual(answer.Body));
        BlockRequest[] runs = [.. upstream.Blocks];
        Assert.All(runs, static run => Assert.InRange(run.Length, 1, 128 * 1024));
        Assert.All(runs.Zip(runs.Skip(1)), static pair => Assert.Equal(pair.First.Start + pair.First.Length, pair.Second.Start));
    }

    [Theory]
    [InlineData(404, false)]
    [InlineData(403, false)]
    [InlineData(503, true)]
    public async Task A_continuation_that_is_refused_cuts_the_answer_and_only_an_upstream_that_fails_counts_as_failing(int status, bool isFailing)
    {
        await using var upstream = new PlanningUpstream(2 * MiB) { PlanLength = 700_000, Continuation = (status, "<Error><Code>NoSuchBlock</Code></Error>") };
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        string all = await RawConnection.AskAsync(accelerator.Url, "GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
        string body = all[(all.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.Equal(System.Text.Encoding.Latin1.GetString(upstream.Object.AsSpan(0, body.Length)), body);
        Assert.InRange(body.Length, 0, 700_000);
        await accelerator.FinishedAsync(1);
        Assert.Equal(isFailing, accelerator.IsUpstreamFailing);
    }

    [Fact]
    public async Task What_the_device_damaged_is_no_hit_neither_to_the_client_nor_in_figures()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        string? directory = null;
        long size = 0;
        await using var upstream = new PlanningUpstream(300_000, offset: 0) { Expires = DateTimeOffset.UtcNow.AddHours(1) };
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url, time, options =>
        {
            (directory, size) = (options.Cache, options.CacheSize);
            return options;
        });
        await using RawConnection client = await accelerator.ConnectAsync();
        Assert.Equal("miss", (await GetAsync(client))["x-tarn-cache"]);
        await accelerator.Cache.SettleAsync();
        Assert.Equal("hit", (await GetAsync(client))["x-tarn-cache"]);
        using (var slab = new FileStream(Assert.Single(Directory.GetFiles(directory!, "slab-*")), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            slab.Position = SlabLayout.For(size).DataAt + 5;
            slab.WriteByte((byte)~upstream.Object[5]);
        }

        // What is in memory is verified anew after a while.
        time.Advance(VerifiedMarks.Lifetime * 2);
        RawResponse answer = await GetAsync(client);
        Assert.Equal((200, "miss"), (answer.Status, answer["x-tarn-cache"]));
        Assert.True(upstream.Object.AsSpan().SequenceEqual(answer.Body));
        await accelerator.FinishedAsync(3);
        Assert.Equal((1, 2, 300_000, 600_000), (accelerator.Metrics.Hits, accelerator.Metrics.Misses, accelerator.Metrics.FromCache, accelerator.Metrics.FromUpstream));
    }

    [Fact]
    public async Task Readers_who_join_a_fetch_or_come_after_it_while_theirs_goes_on_are_counted_by_where_the_bytes_came_from()
    {
        var answers = new TaskCompletionSource();
        await using var upstream = new PlanningUpstream(2 * MiB, offset: 0);
        upstream.BeforeBlocks = async (_, _) =>
        {
            await answers.Task;
            return false;
        };
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection first = await accelerator.ConnectAsync(), second = await accelerator.ConnectAsync();
        Task<RawResponse> one = GetAsync(first);
        while (upstream.Blocks.Count < 2)
        {
            await Task.Yield();
        }

        Task<RawResponse> other = GetAsync(second);
        while (upstream.Calls.Length < 2)
        {
            await Task.Yield();
        }

        answers.SetResult();
        Assert.Equal("miss", (await one)["x-tarn-cache"]);
        byte[] body = (await other).Body;
        Assert.True(upstream.Object.AsSpan().SequenceEqual(body));
        await accelerator.FinishedAsync(2);
        Assert.Equal(2L * MiB, upstream.Blocks.Sum(run => run.Length));
        Assert.Equal(0, accelerator.Metrics.FromPeers);

        // The second may have come when the first had all.
        Assert.InRange(accelerator.Metrics.FromUpstream, 2L * MiB, 4L * MiB);
        Assert.Equal(4L * MiB, accelerator.Metrics.FromUpstream + accelerator.Metrics.FromCache);
    }

    [Fact]
    public async Task A_reader_is_read_ahead_of_by_a_few_frames_and_no_more()
    {
        var answers = new TaskCompletionSource();
        await using var upstream = new PlanningUpstream(20 * MiB, offset: 0);
        upstream.BeforeBlocks = async (_, run) =>
        {
            if (run.Start == 0)
            {
                await answers.Task;
            }

            return false;
        };
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        Task<RawResponse> reading = GetAsync(client);
        while (upstream.Blocks.Count < 1 + PlanReader.ReadAhead || accelerator.Cache.Statistics.FetchesInFlight > 1)
        {
            await Task.Yield();
        }

        Assert.Equal(Enumerable.Range(0, 1 + PlanReader.ReadAhead).Select(static i => (long)i * MiB), upstream.Blocks.Select(static run => run.Start).Order());
        answers.SetResult();
        byte[] body = (await reading).Body;
        Assert.True(upstream.Object.AsSpan().SequenceEqual(body));
        Assert.Equal(20, upstream.Blocks.Count);
    }

    [Fact]
    public async Task Blocks_that_cannot_be_had_are_counted_by_what_became_of_the_answer()
    {
        var counted = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "tarn.accelerator.block_failures")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counted.AddOrUpdate($"{tags[0].Value} {tags[1].Value}", value, (_, before) => before + value));
        listener.Start();
        await using var upstream = new PlanningUpstream(2 * MiB, offset: 0);
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        foreach ((int status, bool isFirst, string expected) in ((int, bool, string)[])[(404, true, "gone forwarded"), (503, true, "unavailable forwarded"), (503, false, "unavailable cut"), (404, false, "unavailable cut")])
        {
            long before = counted.GetValueOrDefault(expected);
            upstream.BeforeBlocks = async (exchange, run) =>
            {
                if (run.Start == 0 != isFirst)
                {
                    return false;
                }

                await exchange.AnswerAsync(status);
                return true;
            };
            await accelerator.Cache.ClearAsync(null, CancellationToken.None);
            string all = await RawConnection.AskAsync(accelerator.Url, "GET /b/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            int body = all.Length - all.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4;
            Assert.Equal(isFirst, body == upstream.Object.Length);

            // Other tests count too.
            Assert.True(counted.GetValueOrDefault(expected) > before, expected);
        }
    }
}
