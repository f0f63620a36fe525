using System.Diagnostics.Metrics;
using Tarn.Core.Telemetry;

namespace Tarn.Core.KeyValue;

/// <summary>Metrics of the commits of an engine that writes batches in groups.</summary>
public static class CommitMetrics
{
    private static readonly Histogram<double> Waits = CoreTelemetry.Meter.CreateHistogram(
        "tarn.metadata.commit.duration", unit: "s", description: "Time from the submission of a batch until it is durable, or was not applied.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });

    private static readonly Histogram<int> Sizes = CoreTelemetry.Meter.CreateHistogram(
        "tarn.metadata.commit.batches", unit: "{batch}", description: "Batches that one write to the device made durable together.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] });

    /// <summary>Records how long the caller of a commit waited.</summary>
    public static void Waited(TimeSpan time) => Waits.Record(time.TotalSeconds);

    /// <summary>Records how many batches were written together.</summary>
    public static void Wrote(int batches) => Sizes.Record(batches);
}
