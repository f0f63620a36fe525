using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Connections;

/// <summary>Puts a <see cref="ConnectionGate"/> in front of what a transport accepts.</summary>
/// <param name="transport">Creates the listeners.</param>
/// <param name="gateOf">Returns the gate of the listener that is being bound.</param>
/// <param name="highMark">A descriptor of this number or above shows that few are left.</param>
/// <param name="logger">Logs failures to accept.</param>
internal sealed class GatedTransport(
    IConnectionListenerFactory transport, Func<ConnectionGate> gateOf, int highMark, TimeProvider time, ILogger<GatedTransport> logger) : IConnectionListenerFactory
{
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        ConnectionGate gate = gateOf();
        return new GatedListener(await transport.BindAsync(endpoint, cancellationToken), gate, highMark, time, logger);
    }
}

/// <summary>Accepts a connection only when its gate has room, and continues after any failure to accept.</summary>
internal sealed partial class GatedListener(
    IConnectionListener inner, ConnectionGate gate, int highMark, TimeProvider time, ILogger logger) : IConnectionListener
{
    /// <summary>How long to wait after a failed accept: a shortage of descriptors does not pass at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _unbound = new();

    public EndPoint EndPoint => inner.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                await gate.WaitForRoomAsync(_unbound.Token);
            }
            catch (OperationCanceledException)
            {
                // The listener is closed: the accept below reports it.
            }

            try
            {
                ConnectionContext? accepted = await inner.AcceptAsync(cancellationToken);
                if (accepted is null)
                {
                    return null;
                }

                DirectOutput.Install(accepted, time);
                var connection = new TrackedConnection(accepted, gate, time);
                gate.Enter(connection, IsHigh(accepted));
                return connection;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // If this threw, Kestrel would stop accepting for good.
                LogFailed(logger, e);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.CancelAsync();
        await inner.UnbindAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        _unbound.Dispose();
    }

    private bool IsHigh(ConnectionContext connection) =>
        connection.Features.Get<IConnectionSocketFeature>()?.Socket.SafeHandle.DangerousGetHandle() >= highMark;

    [LoggerMessage(EventIds.AcceptFailed, LogLevel.Error, "A connection could not be accepted; the next one is tried")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
