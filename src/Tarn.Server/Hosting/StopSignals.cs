using System.Runtime.InteropServices;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>
/// SIGTERM, SIGINT and SIGQUIT, from the beginning of the start. The first one tells the server to stop; a second one ends the process at once, as a crash
/// would.
/// </summary>
/// <param name="exit">Ends the process with the given exit code.</param>
/// <param name="logger">Its log.</param>
internal sealed partial class StopSignals(Action<int> exit, ILogger<StopSignals> logger) : IDisposable
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT];

    private readonly Lock _gate = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly CancellationTokenSource _received = new();
    private PosixSignal? _first;
    private Action<PosixSignal>? _stop;

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Received => _received.Token;

    /// <summary>Replaces what the signals do by default, which is to end the process.</summary>
    public void Listen()
    {
        foreach (PosixSignal signal in Signals)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Receive(context.Signal);
            }));
        }
    }

    /// <summary>Sets what the first signal does. Called at once if it has been received.</summary>
    public void OnFirst(Action<PosixSignal> stop)
    {
        PosixSignal? first;
        lock (_gate)
        {
            _stop = stop;
            first = _first;
        }

        if (first is { } signal)
        {
            stop(signal);
        }
    }

    /// <summary>Acts on a signal.</summary>
    internal void Receive(PosixSignal signal)
    {
        bool isFirst;
        Action<PosixSignal>? stop;
        lock (_gate)
        {
            isFirst = _first is null;
            _first ??= signal;
            stop = _stop;
        }

        if (!isFirst)
        {
            LogAtOnce(logger, signal);
            exit(128 + NumberOf(signal));
            return;
        }

        _received.Cancel();
        if (stop is null)
        {
            LogStarting(logger, signal);
        }
        else
        {
            stop(signal);
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        // _received stays open: a signal that arrived just before may still be handled, on another thread. Without a timer it holds nothing to release.
    }

    private static int NumberOf(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 15,
    };

    [LoggerMessage(EventIds.StoppingInStart, LogLevel.Information, "{Signal} while the server starts: it stops after the current step")]
    private static partial void LogStarting(ILogger logger, PosixSignal signal);

    [LoggerMessage(EventIds.EndingAtOnce, LogLevel.Warning, "{Signal} again: ending at once")]
    private static partial void LogAtOnce(ILogger logger, PosixSignal signal);
}
