using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting.Systemd;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>
/// The lifetime of the server: the first signal to stop makes it report that it is no longer ready and, after the drain delay, closes the listeners. A
/// service manager is notified of both (sd_notify(3)).
/// </summary>
internal sealed partial class ServerLifetime(
    IHostApplicationLifetime application, TimeSpan drainDelay, TimeProvider time, StopSignals signals, ISystemdNotifier notifier, ILogger<ServerLifetime> logger)
    : IHostLifetime, IDisposable
{
    private ITimer? _delay;

    /// <summary>Whether the server was told to stop: it still serves, but clients should not send it new requests.</summary>
    public bool IsStopping => signals.Received.IsCancellationRequested || application.ApplicationStopping.IsCancellationRequested;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        application.ApplicationStarted.Register(() =>
        {
            notifier.Notify(ServiceState.Ready);

            // Not earlier: a host that is stopped while it starts reports that as a failure.
            signals.OnFirst(Stop);
        });
        application.ApplicationStopping.Register(() => notifier.Notify(ServiceState.Stopping));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _delay?.Dispose();

    private void Stop(PosixSignal signal)
    {
        LogStopping(logger, signal, drainDelay);
        if (drainDelay == TimeSpan.Zero)
        {
            application.StopApplication();
            return;
        }

        notifier.Notify(ServiceState.Stopping);
        _delay = time.CreateTimer(_ => application.StopApplication(), null, drainDelay, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(EventIds.Stopping, LogLevel.Information, "{Signal}: no longer ready; the listeners close in {Delay}")]
    private static partial void LogStopping(ILogger logger, PosixSignal signal, TimeSpan delay);
}
