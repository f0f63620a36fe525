using Tarn.Core.Samples;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Requests;

/// <summary>What requests did in each of the last seconds. A request counts when it ends, with all of its bytes.</summary>
internal sealed class RequestRates : IFinishedRequestSink, IDisposable
{
    /// <summary>How many seconds are kept.</summary>
    public const int Seconds = 600;

    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly ActivityCounter _done = new();
    private readonly LatencyHistogram _latency = new();
    private readonly Reading[] _ring = new Reading[Seconds + 1];
    private readonly int[] _latencies = new int[(Seconds + 1) * LatencyHistogram.Ranges];
    private long _readings;

    /// <param name="clock">The clock; each of its seconds the counters are read.</param>
    public RequestRates(TimeProvider clock)
    {
        _clock = clock;
        Read();
        _timer = clock.CreateTimer(static rates => ((RequestRates)rates!).Read(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public void Add(FinishedRequest request)
    {
        _done.Add(BucketActivity.Of(request.Status, request.BytesIn, request.BytesForClient));
        _latency.Add(request.Total);
    }

    public bool ReadsHttp(FinishedRequest request) => false;

    /// <summary>What was done in each of the last seconds, from the oldest on.</summary>
    /// <param name="seconds">How many seconds, at most <see cref="Seconds"/>.</param>
    public IReadOnlyList<RequestSecond> Last(int seconds)
    {
        lock (_gate)
        {
            int count = (int)Math.Min(Math.Min(seconds, Seconds), _readings - 1);
            var done = new List<RequestSecond>(count);
            for (long i = _readings - count; i < _readings; i++)
            {
                Reading earlier = _ring[(i - 1) % _ring.Length], later = _ring[i % _ring.Length];
                ReadOnlySpan<int> latencies = LatenciesOf(i);
                done.Add(new RequestSecond(
                    later.Time,
                    _clock.GetElapsedTime(earlier.Timestamp, later.Timestamp),
                    later.Total - earlier.Total,
                    LatencyHistogram.Percentile(latencies, 0.5),
                    LatencyHistogram.Percentile(latencies, 0.99)));
            }

            return done;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Read()
    {
        lock (_gate)
        {
            _latency.Take(LatenciesOf(_readings));
            _ring[_readings++ % _ring.Length] = new Reading(_clock.GetUtcNow(), _clock.GetTimestamp(), _done.Total);
        }
    }

    /// <summary>How long requests took that ended before a reading and after the one before it.</summary>
    private Span<int> LatenciesOf(long reading) => _latencies.AsSpan((int)(reading % _ring.Length) * LatencyHistogram.Ranges, LatencyHistogram.Ranges);

    private readonly record struct Reading(DateTimeOffset Time, long Timestamp, BucketActivity Total);
}
