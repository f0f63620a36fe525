using System.Diagnostics.Metrics;
using Tarn.Server.Accelerator.Forwarding;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator;

/// <summary>What an accelerator counts of its requests.</summary>
internal sealed class AcceleratorMetrics
{
    private static readonly Counter<long> Requests = ServerTelemetry.Meter.CreateCounter<long>(
        "tarn.accelerator.requests", unit: "{request}", description: "Requests of clients that ended, by where the bytes of the answer came from, and by status.");

    private static readonly Counter<long> Sent = ServerTelemetry.Meter.CreateCounter<long>(
        "tarn.accelerator.sent", unit: "By", description: "Bytes of bodies sent to clients, by where they came from.");

    private static readonly Histogram<double> Duration = ServerTelemetry.Meter.CreateHistogram<double>(
        "tarn.accelerator.duration",
        unit: "s",
        description: "Time from the beginning of a client's request to its end.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });

    private readonly long[] _results = new long[4];
    private long _fromCache;
    private long _fromPeers;
    private long _fromUpstream;

    public long Hits => Of(CacheResult.Hit);

    public long Partials => Of(CacheResult.Partial);

    public long Misses => Of(CacheResult.Miss);

    public long Bypasses => Of(CacheResult.Bypass);

    /// <summary>Bytes from caches, by the owners of the buckets.</summary>
    public OwnerCounts Owners { get; } = new();

    public long FromCache => Volatile.Read(ref _fromCache);

    public long FromPeers => Volatile.Read(ref _fromPeers);

    public long FromUpstream => Volatile.Read(ref _fromUpstream);

    public void Add(RequestOutcome outcome, TimeSpan duration)
    {
        string cache = outcome.Cache.Text();
        Interlocked.Increment(ref _results[(int)outcome.Cache]);
        Requests.Add(1, new("cache", cache), new("status", outcome.Status));
        Duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("cache", cache));
        Owners.Add(outcome.Owner, outcome.FromCache + outcome.FromPeers);
        Add(ref _fromCache, outcome.FromCache, "cache");
        Add(ref _fromPeers, outcome.FromPeers, "peers");
        Add(ref _fromUpstream, outcome.FromUpstream, "upstream");
    }

    private long Of(CacheResult result) => Volatile.Read(ref _results[(int)result]);

    private static void Add(ref long total, long bytes, string source)
    {
        if (bytes > 0)
        {
            Interlocked.Add(ref total, bytes);
            Sent.Add(bytes, new KeyValuePair<string, object?>("source", source));
        }
    }
}
