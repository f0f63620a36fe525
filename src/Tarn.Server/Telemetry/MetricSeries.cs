namespace Tarn.Server.Telemetry;

/// <summary>The running values of one instrument with one set of tags.</summary>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] tags, double[] bounds)
{
    private readonly Lock _gate = new();
    private readonly long[] _buckets = new long[bounds.Length + 1];
    private double _sum;
    private long _count;

    public IReadOnlyList<KeyValuePair<string, object?>> Tags => tags;

    public void Record(double value, MetricKind kind)
    {
        lock (_gate)
        {
            _sum = kind is MetricKind.ObservableTotal or MetricKind.Gauge ? value : _sum + value;
            _count++;
            if (kind == MetricKind.Histogram)
            {
                int i = 0;
                while (i < bounds.Length && value > bounds[i])
                {
                    i++;
                }

                _buckets[i]++;
            }
        }
    }

    /// <summary>Sum (or last value), count, and how many values fell into each bucket.</summary>
    public (double Sum, long Count, long[] Buckets) Read()
    {
        lock (_gate)
        {
            return (_sum, _count, [.. _buckets]);
        }
    }

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> other)
    {
        if (other.Length != tags.Length)
        {
            return false;
        }

        for (int i = 0; i < tags.Length; i++)
        {
            if (tags[i].Key != other[i].Key || !Equals(tags[i].Value, other[i].Value))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>How the measurements of an instrument add up.</summary>
internal enum MetricKind
{
    /// <summary>Measurements are increments.</summary>
    Counter,

    /// <summary>Each observation is the total so far.</summary>
    ObservableTotal,

    /// <summary>Measurements are increments, and may be negative.</summary>
    UpDown,

    /// <summary>Each measurement replaces the last.</summary>
    Gauge,

    Histogram,
}
