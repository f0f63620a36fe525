using System.Diagnostics.Metrics;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Storage;

/// <summary>Whether the stores accept writes, for readiness, a gauge and background work. A failure lasts until the process ends.</summary>
internal sealed class StoreHealth : IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();
    private long _damagedReads;
    private volatile bool _hasFailed;

    public StoreHealth()
    {
        _meter.CreateObservableGauge(
            "tarn.metadata.failed", () => _hasFailed ? 1 : 0, description: "1 once a write to the metadata store failed: no writes are accepted until a restart.");
        _meter.CreateObservableCounter(
            "tarn.metadata.damaged.reads", () => Volatile.Read(ref _damagedReads), "{read}", "Reads of metadata that met damage in the store's files.");
    }

    public bool HasFailed => _hasFailed;

    /// <summary>Reads of metadata that met damage, since the start.</summary>
    public long DamagedReads => Volatile.Read(ref _damagedReads);

    public void AddDamagedRead() => Interlocked.Increment(ref _damagedReads);

    public void Fail() => _hasFailed = true;

    public void Dispose() => _meter.Dispose();
}
