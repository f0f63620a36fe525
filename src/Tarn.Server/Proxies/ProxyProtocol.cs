using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Tarn.Server.Configuration;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Proxies;

/// <summary>A connection feature: what the PROXY header states about the connection.</summary>
/// <param name="IsTls">Whether the client used TLS to the proxy; null if not stated.</param>
internal sealed record ProxiedConnection(bool? IsTls);

/// <summary>
/// Removes the PROXY header from connections of trusted proxies, which must begin with one, and replaces the proxy's address with the
/// client's. Nothing is guessed: other connections have no header, and data from a client behind a proxy is never taken for one.
/// </summary>
/// <param name="next">Serves the connection.</param>
/// <param name="proxies">The proxies to trust.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs connections that are closed.</param>
internal sealed partial class ProxyProtocol(ConnectionDelegate next, ProxyOptions proxies, TimeProvider time, ILogger<ProxyProtocol> logger)
{
    /// <summary>How long the header may take to arrive. Proxies send it at once, before any data of the client's.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        IPAddress? peer = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (!proxies.Trusts(peer))
        {
            await next(connection);
            return;
        }

        if (await ReadAsync(connection) is not { } header)
        {
            LogClosed(logger, peer);
            connection.Abort(new ConnectionAbortedException("No PROXY header."));
            return;
        }

        if (!header.IsLocal)
        {
            // A client that is not named has no address, not the proxy's.
            connection.RemoteEndPoint = header.Client;
            connection.Features.Set(new ProxiedConnection(header.IsTls));
        }

        await next(connection);
    }

    /// <summary>Reads the header; null if there is none.</summary>
    private async ValueTask<ProxyHeader?> ReadAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, connection.ConnectionClosed);
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(either.Token);
                ProxyHeaderState state = ProxyHeader.Parse(read.Buffer, out ProxyHeader header, out int length);
                if (state == ProxyHeaderState.Read)
                {
                    input.AdvanceTo(read.Buffer.GetPosition(length));
                    return header;
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (state == ProxyHeaderState.Wrong || read.IsCompleted)
                {
                    return null;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // It took too long, or the peer has closed, as proxies do that only probe the port.
            return null;
        }
    }

    [LoggerMessage(EventIds.ProxyHeaderMissing, LogLevel.Debug, "A connection from {Peer}, a trusted proxy, began without a PROXY header and is closed")]
    private static partial void LogClosed(ILogger logger, IPAddress? peer);
}
