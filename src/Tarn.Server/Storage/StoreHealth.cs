using System.Diagnostics.Metrics;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Storage;

/// <summary>Whether the stores take writes. Readiness, a gauge and background work ask here; a failure lasts as long as the process.</summary>
internal sealed class StoreHealth : IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();
    private volatile bool _hasFailed;

    public StoreHealth() => _meter.CreateObservableGauge(
        "tarn.metadata.failed", () => _hasFailed ? 1 : 0, description: "1 once a write of the metadata store failed: no writes are taken until a restart.");

    public bool HasFailed => _hasFailed;

    public void Fail() => _hasFailed = true;

    public void Dispose() => _meter.Dispose();
}
