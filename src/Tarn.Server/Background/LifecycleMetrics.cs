using System.Diagnostics.Metrics;
using Tarn.Core.Lifecycle;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>What the lifecycle worker did since the process began, as counters.</summary>
internal sealed class LifecycleMetrics : IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();

    public LifecycleMetrics(LifecycleTally tally)
    {
        _meter.CreateObservableCounter("tarn.lifecycle.examined", () => tally.Examined, unit: "{item}", description: "Versions and uploads looked at.");
        _meter.CreateObservableCounter("tarn.lifecycle.expired", () => tally.Expired, unit: "{object}", description: "Current objects expired.");
        _meter.CreateObservableCounter("tarn.lifecycle.versions_deleted", () => tally.VersionsDeleted, unit: "{version}", description: "Noncurrent versions deleted.");
        _meter.CreateObservableCounter("tarn.lifecycle.markers_removed", () => tally.MarkersRemoved, unit: "{marker}", description: "Expired delete markers removed.");
        _meter.CreateObservableCounter("tarn.lifecycle.uploads_aborted", () => tally.UploadsAborted, unit: "{upload}", description: "Multipart uploads aborted.");
        _meter.CreateObservableCounter("tarn.lifecycle.changed", () => tally.Changed, unit: "{item}", description: "What was due but changed before it was done.");
    }

    public void Dispose() => _meter.Dispose();
}
