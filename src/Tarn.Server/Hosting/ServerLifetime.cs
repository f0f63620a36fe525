using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting.Systemd;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>
/// The lifetime of the server: the first SIGTERM, SIGINT or SIGQUIT makes it report that it is no longer ready and, after the drain delay,
/// closes the listeners; a second one ends the process at once, as a crash would. A service manager is notified of both (sd_notify(3)).
/// </summary>
internal sealed partial class ServerLifetime(
    IHostApplicationLifetime application, TimeSpan drainDelay, TimeProvider time, Action<int> exit, ISystemdNotifier notifier, ILogger<ServerLifetime> logger)
    : IHostLifetime, IDisposable
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT];

    private readonly List<PosixSignalRegistration> _registrations = [];
    private ITimer? _delay;
    private int _signals;

    /// <summary>Whether the server was told to stop: it still serves, but clients should not send it new requests.</summary>
    public bool IsStopping => Volatile.Read(ref _signals) > 0 || application.ApplicationStopping.IsCancellationRequested;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (PosixSignal signal in Signals)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Receive(context.Signal);
            }));
        }

        application.ApplicationStarted.Register(() => notifier.Notify(ServiceState.Ready));
        application.ApplicationStopping.Register(() => notifier.Notify(ServiceState.Stopping));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Acts on a signal.</summary>
    internal void Receive(PosixSignal signal)
    {
        if (Interlocked.Increment(ref _signals) > 1)
        {
            LogAtOnce(logger, signal);
            exit(128 + NumberOf(signal));
            return;
        }

        LogStopping(logger, signal, drainDelay);
        if (drainDelay == TimeSpan.Zero)
        {
            application.StopApplication();
            return;
        }

        notifier.Notify(ServiceState.Stopping);
        _delay = time.CreateTimer(_ => application.StopApplication(), null, drainDelay, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _delay?.Dispose();
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private static int NumberOf(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 15,
    };

    [LoggerMessage(EventIds.Stopping, LogLevel.Information, "{Signal}: no longer ready; the listeners close in {Delay}")]
    private static partial void LogStopping(ILogger logger, PosixSignal signal, TimeSpan delay);

    [LoggerMessage(EventIds.EndingAtOnce, LogLevel.Warning, "{Signal} again: ending at once")]
    private static partial void LogAtOnce(ILogger logger, PosixSignal signal);
}
