using System.Diagnostics.Metrics;
using Tarn.Core.Lifecycle;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Counters of the lifecycle worker's actions since the process started.</summary>
internal sealed class LifecycleMetrics : IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();

    public LifecycleMetrics(LifecycleTally tally)
    {
        _meter.CreateObservableCounter("tarn.lifecycle.examined", () => tally.Examined, unit: "{item}", description: "Versions and uploads examined.");
        _meter.CreateObservableCounter("tarn.lifecycle.expired", () => tally.Expired, unit: "{object}", description: "Current objects expired.");
        _meter.CreateObservableCounter("tarn.lifecycle.versions_deleted", () => tally.VersionsDeleted, unit: "{version}", description: "Noncurrent versions deleted.");
        _meter.CreateObservableCounter("tarn.lifecycle.markers_removed", () => tally.MarkersRemoved, unit: "{marker}", description: "Expired delete markers removed.");
        _meter.CreateObservableCounter("tarn.lifecycle.uploads_aborted", () => tally.UploadsAborted, unit: "{upload}", description: "Multipart uploads aborted.");
        _meter.CreateObservableCounter("tarn.lifecycle.changed", () => tally.Changed, unit: "{item}", description: "Due actions skipped because their object changed first.");
        _meter.CreateObservableCounter("tarn.lifecycle.walks", () => tally.Walks, unit: "{walk}", description: "Walks of a bucket with rules that came to its end.");
        _meter.CreateObservableCounter("tarn.lifecycle.failures", () => tally.Failures, unit: "{failure}", description: "Walks that a failure interrupted, or kept from beginning.");
        _meter.CreateObservableGauge(
            "tarn.lifecycle.last_walk", () => tally.LastWalk is > 0 and var at ? (IEnumerable<Measurement<long>>)[new Measurement<long>(at)] : [], unit: "s", description: "When the last walk came to its end, Unix time.");
    }

    public void Dispose() => _meter.Dispose();
}
