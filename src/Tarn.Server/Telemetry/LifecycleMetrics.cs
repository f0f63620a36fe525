using System.Diagnostics.Metrics;
using Tarn.Core.Lifecycle;

namespace Tarn.Server.Telemetry;

/// <summary>What the lifecycle worker did since the process began, as counters.</summary>
internal sealed class LifecycleMetrics : IDisposable
{
    private readonly Meter _meter = new("Tarn.Lifecycle");

    public LifecycleMetrics(LifecycleTally tally)
    {
        _meter.CreateObservableCounter("tarn.lifecycle.examined", () => tally.Examined, description: "Versions and uploads looked at.");
        _meter.CreateObservableCounter("tarn.lifecycle.expired", () => tally.Expired, description: "Current objects expired.");
        _meter.CreateObservableCounter("tarn.lifecycle.versions_deleted", () => tally.VersionsDeleted, description: "Noncurrent versions deleted.");
        _meter.CreateObservableCounter("tarn.lifecycle.markers_removed", () => tally.MarkersRemoved, description: "Expired delete markers removed.");
        _meter.CreateObservableCounter("tarn.lifecycle.uploads_aborted", () => tally.UploadsAborted, description: "Multipart uploads aborted.");
        _meter.CreateObservableCounter("tarn.lifecycle.changed", () => tally.Changed, description: "What was due but changed before it was done.");
    }

    public void Dispose() => _meter.Dispose();
}
