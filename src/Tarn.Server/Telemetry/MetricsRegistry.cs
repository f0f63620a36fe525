using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Tarn.Server.Telemetry;

/// <summary>Listens to the meters of the runtime, of Kestrel, of ASP.NET Core's hosting and of Tarn itself.</summary>
internal sealed class MetricsRegistry : IDisposable
{
    private static readonly double[] DefaultBounds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly ConcurrentDictionary<Instrument, Metric> _metrics = new();
    private readonly MeterListener _listener = new();

    /// <summary>The metrics in the order of their names.</summary>
    public IEnumerable<Metric> Metrics => _metrics.Values.OrderBy(m => m.Instrument.Name, StringComparer.Ordinal);

    public void Start()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Follows(instrument.Meter.Name))
            {
                listener.EnableMeasurementEvents(instrument, _metrics.GetOrAdd(instrument, Describe));
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((Metric)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((Metric)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((Metric)state!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Asks the observable instruments for their values.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private static bool Follows(string meter) =>
        meter is "System.Runtime" or "Microsoft.AspNetCore.Server.Kestrel" or "Microsoft.AspNetCore.Hosting"
        || meter == "Tarn" || meter.StartsWith("Tarn.", StringComparison.Ordinal);

    private static Metric Describe(Instrument instrument)
    {
        MetricKind kind = instrument switch
        {
            Counter<long> or Counter<int> or Counter<double> => MetricKind.Counter,
            ObservableCounter<long> or ObservableCounter<int> or ObservableCounter<double> => MetricKind.ObservableTotal,
            UpDownCounter<long> or UpDownCounter<int> or UpDownCounter<double> => MetricKind.UpDown,
            Histogram<long> or Histogram<int> or Histogram<double> => MetricKind.Histogram,
            _ => MetricKind.Gauge,
        };
        double[] bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray() ?? DefaultBounds;
        return new Metric(instrument, kind, kind == MetricKind.Histogram ? bounds : []);
    }
}
