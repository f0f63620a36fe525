using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Acceleration;
using Tarn.Server.Accelerator.Registration;

namespace Tarn.Tests.Accelerator;

public sealed class ZoneMetricsTests
{
    [Fact]
    public async Task Whether_the_server_knows_the_accelerator_is_a_gauge_from_the_start()
    {
        var time = new FakeTimeProvider();
        var zone = new ZoneState(time);
        using var metrics = new ZoneMetrics(zone);
        var values = new Dictionary<string, long>();
        int thread = Environment.CurrentManagedThreadId;
        bool isStarting = true;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                // Accelerators of other tests have the same instruments: these are made on this thread.
                if (isStarting && Environment.CurrentManagedThreadId == thread && instrument.Name.StartsWith("tarn.accelerator.", StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => values[instrument.Name] = value);
        isStarting = false;
        listener.Start();
        isStarting = true;
        await metrics.StartAsync(CancellationToken.None);
        Assert.Equal((0, 0), Read());
        zone.Update(new RegistrationAnswer
        {
            Heartbeat = 5, Now = time.GetUtcNow().ToUnixTimeMilliseconds(), ZoneKeys = [], Clears = [],
            Peers = [new AcceleratorPeer(new string('a', 32), "gpu-2", "gpu-2:9003", new string('b', 64))],
        });
        Assert.Equal((1, 1), Read());

        // Silent for three heartbeats.
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal((0, 1), Read());

        (long Registered, long Peers) Read()
        {
            listener.RecordObservableInstruments();
            return (values["tarn.accelerator.registered"], values["tarn.accelerator.peers"]);
        }
    }
}
