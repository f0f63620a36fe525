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
    }

    public void Dispose() => _meter.Dispose();
}
