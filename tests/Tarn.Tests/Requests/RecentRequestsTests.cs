using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Samples;
using Tarn.S3.Telemetry;
using Tarn.Server.Requests;

namespace Tarn.Tests.Requests;

/// <summary>The rings of requests and of rates.</summary>
public sealed class RecentRequestsTests
{
    [Fact]
    public void The_last_requests_are_kept_and_the_newest_comes_first()
    {
        var kept = new RecentRequests(3);
        Assert.Empty(kept.NewestFirst());
        for (int i = 1; i <= 5; i++)
        {
            kept.Add(Request(i));
            Assert.Equal(Enumerable.Range(0, Math.Min(i, 3)).Select(back => i - back), kept.NewestFirst().Select(static one => one.Status));
        }
    }

    [Fact]
    public void A_ring_of_none_keeps_none()
    {
        var kept = new RecentRequests(0);
        kept.Add(Request(1));
        Assert.Empty(kept.NewestFirst());
    }

    [Fact]
    public async Task What_ends_while_it_is_read_neither_repeats_nor_comes_out_of_order()
    {
        var kept = new RecentRequests(100);
        Task writer = Task.Run(
            () =>
            {
                for (int i = 0; i < 300_000; i++)
                {
                    kept.Add(Request(i));
                }
            },
            TestContext.Current.CancellationToken);
        do
        {
            int[] read = [.. kept.NewestFirst().Select(static one => one.Status)];
            Assert.InRange(read.Length, 0, 100);
            Assert.Equal(read.OrderDescending().Distinct(), read);
        }
        while (!writer.IsCompleted);
        await writer;
        Assert.Equal(100, kept.NewestFirst().Count());
    }

    [Fact]
    public void Each_second_has_what_ended_in_it()
    {
        var clock = new FakeTimeProvider();
        using var rates = new RequestRates(clock);
        Assert.Empty(rates.Last(10));
        rates.Add(Request(200, 10, 20));
        rates.Add(Request(404, 1, 2));
        clock.Advance(TimeSpan.FromSeconds(1));
        rates.Add(Request(503));
        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([new BucketActivity(2, 1, 0, 11, 22), new BucketActivity(1, 1, 1, 0, 0), default], rates.Last(10).Select(static second => second.Done));
        Assert.All(rates.Last(10), static second => Assert.Equal(TimeSpan.FromSeconds(1), second.Length));
        Assert.Equal(clock.GetUtcNow(), rates.Last(1)[0].Ended);
        for (int i = 0; i < 700; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(RequestRates.Seconds, rates.Last(10_000).Count);
        Assert.All(rates.Last(10_000), static second => Assert.Equal(default, second.Done));
    }

    [Fact]
    public void Each_second_has_the_times_of_what_ended_in_it()
    {
        var clock = new FakeTimeProvider();
        using var rates = new RequestRates(clock);
        for (int i = 1; i <= 100; i++)
        {
            rates.Add(Request(200) with { Total = TimeSpan.FromMilliseconds(i <= 98 ? i : 5000) });
        }

        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        rates.Add(Request(200) with { Total = TimeSpan.FromMilliseconds(2) });
        clock.Advance(TimeSpan.FromSeconds(1));
        IReadOnlyList<RequestSecond> last = rates.Last(3);
        AssertNear(50, last[0].P50);
        AssertNear(5000, last[0].P99);
        Assert.Equal((null, null), (last[1].P50, last[1].P99));
        AssertNear(2, last[2].P50);
        AssertNear(2, last[2].P99);

        // What is older than what is kept is forgotten.
        clock.Advance(TimeSpan.FromSeconds(RequestRates.Seconds));
        Assert.All(rates.Last(RequestRates.Seconds), static second => Assert.Null(second.P99));
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.1)]
    [InlineData(1)]
    [InlineData(3.999)]
    [InlineData(4)]
    [InlineData(1000)]
    [InlineData(1_900_000)]
    public void A_time_is_read_to_an_eighth(double milliseconds)
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.FromMilliseconds(milliseconds));
        int[] counts = new int[LatencyHistogram.Ranges];
        histogram.Take(counts);
        AssertNear(milliseconds, LatencyHistogram.Percentile(counts, 0.5));
        histogram.Take(counts);
        Assert.Null(LatencyHistogram.Percentile(counts, 0.5));
    }

    [Fact]
    public void The_longest_times_are_counted_too()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.MaxValue);
        histogram.Add(TimeSpan.Zero);
        int[] counts = new int[LatencyHistogram.Ranges];
        histogram.Take(counts);
        Assert.Equal(2, counts.Sum());
        Assert.InRange(LatencyHistogram.Percentile(counts, 0.99)!.Value, TimeSpan.FromMinutes(30), TimeSpan.FromHours(1));
    }

    /// <summary>Below 64 microseconds all times are one.</summary>
    private static void AssertNear(double milliseconds, TimeSpan? found) =>
        Assert.InRange(found!.Value.TotalMilliseconds, milliseconds < 0.064 ? 0 : milliseconds * 0.875, Math.Max(milliseconds * 1.125, 0.064));

    private static FinishedRequest Request(int status, long bytesIn = 0, long bytesOut = 0) =>
        new() { Method = "GET", Status = status, Started = default, Total = default, BytesIn = bytesIn, BytesOut = bytesOut };
}
