namespace Tarn.Tests.Samples;

/// <summary>What the samples of hours have to be, worked out from a list of all that was ever written.</summary>
internal sealed class SampleModel(IEnumerable<ulong> buckets, uint hour)
{
    private readonly ulong[] _buckets = [.. buckets];
    private readonly List<(uint Hour, ulong Bucket, TimeSpan Observed, long Requests, long Bytes)> _written = [];
    private readonly Dictionary<ulong, (long Requests, long Bytes)> _counted = [];
    private readonly HashSet<uint> _over = [];
    private TimeSpan _observed;

    public uint Hour { get; private set; } = hour;

    public void Add(ulong bucket, long bytes)
    {
        (long requests, long all) = _counted.GetValueOrDefault(bucket);
        _counted[bucket] = (requests + 1, all + bytes);
    }

    public void Advance(TimeSpan passed) => _observed += passed;

    public void Lose() => _counted.Clear();

    /// <summary>Writes what was counted, unless the hour has been written to its end.</summary>
    public void Write(uint now)
    {
        if (!_over.Contains(Hour))
        {
            foreach (ulong bucket in _buckets)
            {
                (long requests, long bytes) = _counted.GetValueOrDefault(bucket);
                _written.Add((Hour, bucket, TimeSpan.FromSeconds(Math.Clamp(_observed.TotalSeconds, 0, 3600)), requests, bytes));
            }

            if (now > Hour)
            {
                _over.Add(Hour);
            }
        }

        _counted.Clear();
    }

    public void Begin(uint hour)
    {
        Hour = hour;
        _observed = TimeSpan.Zero;
    }

    public IEnumerable<(uint Number, long Observed, long Requests, long Bytes)> Hours(ulong bucket) => _written
        .Where(sample => sample.Bucket == bucket)
        .GroupBy(static sample => sample.Hour)
        .OrderBy(static hour => hour.Key)
        .Select(static hour => (hour.Key, Math.Min(3600, hour.Sum(static sample => (long)sample.Observed.TotalSeconds)), hour.Sum(static sample => sample.Requests), hour.Sum(static sample => sample.Bytes)));
}
