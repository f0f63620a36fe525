using System.Diagnostics.Metrics;
using Tarn.Core.Logging;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>What becomes of the lines of the logs of buckets.</summary>
internal sealed class BucketLogMetrics : IDisposable
{
    private static readonly (LogLoss Why, KeyValuePair<string, object?> Label)[] Reasons =
    [
        (LogLoss.Queue, new("reason", "queue")),
        (LogLoss.Spool, new("reason", "spool")),
        (LogLoss.Target, new("reason", "target")),
        (LogLoss.Expired, new("reason", "expired")),
        (LogLoss.Setting, new("reason", "setting")),
        (LogLoss.Gone, new("reason", "gone")),
    ];

    private readonly Meter _meter = ServerTelemetry.CreateMeter();

    public BucketLogMetrics(LogTally tally, LoggedLines queue, LogSpool spool)
    {
        _meter.CreateObservableCounter("tarn.bucket_logs.delivered", () => tally.Delivered, unit: "{line}", description: "Lines of the logs of buckets that were delivered.");
        _meter.CreateObservableCounter("tarn.bucket_logs.objects", () => tally.Objects, unit: "{object}", description: "Objects with such lines that were written.");
        _meter.CreateObservableCounter("tarn.bucket_logs.failures", () => tally.Failures, unit: "{failure}", description: "Objects that could not be written, and are tried again.");
        _meter.CreateObservableCounter(
            "tarn.bucket_logs.dropped", () => Reasons.Select(reason => new Measurement<long>(tally.Lost(reason.Why), reason.Label)), unit: "{line}", description: "Lines that were lost, by the reason.");
        _meter.CreateObservableGauge("tarn.bucket_logs.spooled", () => spool.Length, unit: "By", description: "Size of the lines in the data directory that wait to be delivered.");
        _meter.CreateObservableGauge(
            "tarn.bucket_logs.oldest", () => Math.Max(queue.OldestAge.TotalSeconds, spool.OldestAge.TotalSeconds), unit: "s", description: "How long the oldest of them wait.");
    }

    public void Dispose() => _meter.Dispose();
}
