using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Tarn.Server.Configuration;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Proxies;

/// <summary>What a PROXY header said of a connection; a feature of it.</summary>
/// <param name="IsTls">Whether the client used TLS to the proxy; null when it was not said.</param>
internal sealed record ProxiedConnection(bool? IsTls);

/// <summary>
/// Takes the PROXY header off connections of trusted proxies, which must begin with one, and puts the client's address in place of the
/// proxy's. Nothing is guessed: others' connections have none, and what a client sends through a proxy is never taken for one.
/// </summary>
/// <param name="next">Serves the connection.</param>
/// <param name="proxies">Whom to trust.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of connections that are closed.</param>
internal sealed partial class ProxyProtocol(ConnectionDelegate next, ProxyOptions proxies, TimeProvider time, ILogger<ProxyProtocol> logger)
{
    /// <summary>How long the header may take. It comes with the connection, before anything of the client's.</summary>
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
            // A client that is not named has no address, rather than the proxy's.
            connection.RemoteEndPoint = header.Client;
            connection.Features.Set(new ProxiedConnection(header.IsTls));
        }

        await next(connection);
    }

    /// <summary>Null when there is none.</summary>
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
            // It took too long, or the peer has gone: which proxies do that only look whether somebody listens.
            return null;
        }
    }

    [LoggerMessage(EventIds.ProxyHeaderMissing, LogLevel.Debug, "A connection of {Peer}, a trusted proxy, began without a PROXY header and is closed")]
    private static partial void LogClosed(ILogger logger, IPAddress? peer);
}
