using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Tarn.Server.Telemetry;

/// <summary>One instrument and its series. Bounded: past <see cref="MaxSeries"/> sets of tags, new ones are not kept.</summary>
internal sealed class Metric(Instrument instrument, MetricKind kind, double[] bounds)
{
    public const int MaxSeries = 1000;

    private readonly ConcurrentDictionary<int, MetricSeries[]> _series = new();
    private int _count;

    public Instrument Instrument => instrument;

    public MetricKind Kind => kind;

    /// <summary>Upper bounds of the histogram's buckets; empty otherwise.</summary>
    public IReadOnlyList<double> Bounds => bounds;

    public IEnumerable<MetricSeries> Series => _series.Values.SelectMany(s => s);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = default(HashCode);
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            hash.Add(tag.Key);
            hash.Add(tag.Value);
        }

        int key = hash.ToHashCode();
        if (_series.TryGetValue(key, out MetricSeries[]? candidates))
        {
            foreach (MetricSeries series in candidates)
            {
                if (series.Has(tags))
                {
                    series.Record(value, kind);
                    return;
                }
            }
        }

        Add(key, tags)?.Record(value, kind);
    }

    private MetricSeries? Add(int key, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_series)
        {
            MetricSeries[] candidates = _series.GetValueOrDefault(key, []);
            foreach (MetricSeries series in candidates)
            {
                if (series.Has(tags))
                {
                    return series;
                }
            }

            if (_count == MaxSeries)
            {
                return null;
            }

            _count++;
            var added = new MetricSeries(tags.ToArray(), kind == MetricKind.Histogram ? bounds : []);
            _series[key] = [.. candidates, added];
            return added;
        }
    }
}
