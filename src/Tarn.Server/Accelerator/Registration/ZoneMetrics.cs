using System.Diagnostics.Metrics;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator.Registration;

/// <summary>The gauges of what the upstream last told: there from the start, since an accelerator that never reached its upstream is one to hear of.</summary>
internal sealed class ZoneMetrics(ZoneState zone) : IHostedService, IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _meter.CreateObservableUpDownCounter("tarn.accelerator.registered", () => zone.IsRegistered ? 1 : 0, description: "1 while the server knows this accelerator; 0 when it has not registered, or for three heartbeats not again.");
        _meter.CreateObservableUpDownCounter("tarn.accelerator.peers", () => zone.Peers.Count, unit: "{accelerator}", description: "Other accelerators of the zone that the server has told of.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();
}
