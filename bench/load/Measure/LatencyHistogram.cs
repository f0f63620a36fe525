using HdrHistogram;

namespace Tarn.Load.Measure;

/// <summary>
/// Durations in nanoseconds, to three significant digits: a percentile is at most 0.1 % too high. Durations over an hour count as that.
/// Not thread-safe: each worker has its own, merged at the end.
/// </summary>
internal sealed class LatencyHistogram
{
    private const long Most = 3_600_000_000_000;
    private readonly LongHistogram _histogram = new(Most, 3);

    public long Count => _histogram.TotalCount;

    /// <summary>The largest duration recorded, exact; 0 when there is none.</summary>
    public long Max { get; private set; }

    public void Record(long nanoseconds)
    {
        nanoseconds = Math.Max(0, nanoseconds);
        Max = Math.Max(Max, nanoseconds);
        _histogram.RecordValue(Math.Min(nanoseconds, Most));
    }

    public void Merge(LatencyHistogram other)
    {
        _histogram.Add(other._histogram);
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The duration that <paramref name="fraction"/> (0 to 1) of all records do not exceed, rounded up to its bucket; 0 when there is none.</summary>
    public long Percentile(double fraction) =>
        Count == 0 ? 0 : fraction >= 1 ? Max : Math.Min(_histogram.HighestEquivalentValue(_histogram.GetValueAtPercentile(fraction * 100)), Max);
}
