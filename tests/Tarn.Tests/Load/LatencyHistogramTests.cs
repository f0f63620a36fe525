using Tarn.Load.Measure;

namespace Tarn.Tests.Load;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void An_empty_histogram_answers_zero() => Assert.Equal(0, new LatencyHistogram().Percentile(0.99));

    [Theory]
    [InlineData(0.5, 50_000)]
    [InlineData(0.9, 90_000)]
    [InlineData(0.99, 99_000)]
    public void Percentiles_are_at_most_one_bucket_too_high(double fraction, long exact)
    {
        var histogram = new LatencyHistogram();
        for (int i = 1; i <= 100_000; i++)
        {
            histogram.Record(i);
        }

        Assert.InRange(histogram.Percentile(fraction), exact, (long)(exact * 1.008));
        Assert.Equal(100_000, histogram.Percentile(1));
    }

    [Fact]
    public void Every_magnitude_keeps_its_precision()
    {
        for (long value = 1; value < 1L << 41; value = (value * 3) + 1)
        {
            var histogram = new LatencyHistogram();
            histogram.Record(value);
            histogram.Record(1L << 42);
            Assert.InRange(histogram.Percentile(0.5), value, value + (value / 127));
        }
    }

    [Fact]
    public void Merging_adds_counts_and_keeps_the_larger_maximum()
    {
        var one = new LatencyHistogram();
        var two = new LatencyHistogram();
        one.Record(10);
        two.Record(1000);
        two.Record(2000);
        one.Merge(two);
        Assert.Equal(3, one.Count);
        Assert.Equal(2000, one.Max);
        Assert.InRange(one.Percentile(0.5), 1000, 1008);
    }

    [Fact]
    public void Durations_beyond_the_range_do_not_overflow()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(long.MaxValue);
        histogram.Record(-1);
        Assert.Equal(long.MaxValue, histogram.Max);
        Assert.Equal(0, histogram.Percentile(0.5));
    }
}
