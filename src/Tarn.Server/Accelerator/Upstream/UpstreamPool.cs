using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>
/// Connections to the upstream, which are kept for the next request. TLS is authenticated for the upstream itself, whatever the Host header of a
/// request says.
/// </summary>
internal sealed class UpstreamPool : IDisposable
{
    /// <summary>How long a request waits for a connection while as many as allowed are in use.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long connecting may take, TLS included.</summary>
    public static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    /// <summary>How long an idle connection is kept. The server closes those that are idle for longer.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    private readonly UpstreamAddress _address;
    private readonly Func<SslClientAuthenticationOptions> _tls;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _room;
    private readonly Lock _gate = new();
    private readonly List<UpstreamConnection> _idle = [];
    private readonly ITimer _timer;
    private bool _disposed;

    /// <param name="address">The upstream.</param>
    /// <param name="tls">Creates the options of a TLS handshake.</param>
    /// <param name="limit">The maximum number of connections in use.</param>
    /// <param name="time">The clock.</param>
    public UpstreamPool(UpstreamAddress address, Func<SslClientAuthenticationOptions> tls, int limit, TimeProvider time)
    {
        _address = address;
        _tls = tls;
        _time = time;
        _room = new SemaphoreSlim(limit, limit);
        _timer = time.CreateTimer(static pool => ((UpstreamPool)pool!).CloseOld(), this, IdleTime / 2, IdleTime / 2);
    }

    /// <summary>Where its connections lead.</summary>
    public UpstreamAddress Address => _address;

    /// <summary>The connections that are kept.</summary>
    internal int Idle
    {
        get
        {
            lock (_gate)
            {
                return _idle.Count;
            }
        }
    }

    /// <summary>The TLS of an upstream: its certificate has to be for its own name.</summary>
    /// <param name="address">The upstream.</param>
    /// <param name="authorities">The authorities that its certificate may be from; null: those of the system.</param>
    public static SslClientAuthenticationOptions TlsOf(UpstreamAddress address, X509Certificate2Collection? authorities)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = address.Host, ApplicationProtocols = [SslApplicationProtocol.Http11] };
        if (authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }

    /// <summary>Takes a connection, for one request; <see cref="Return"/> or <see cref="Discard"/> ends that.</summary>
    /// <param name="isFresh">Whether it must be a new one. That one that was kept was closed means that the others are, too.</param>
    /// <param name="hasRoom">Called once there is room for it: what takes long from then on is the upstream's doing.</param>
    /// <param name="cancellationToken">Cancels waiting and connecting.</param>
    /// <exception cref="ConnectionsInUseException">There was no room in time.</exception>
    /// <exception cref="UpstreamException">The upstream cannot be reached.</exception>
    public async ValueTask<UpstreamConnection> TakeAsync(bool isFresh, Action? hasRoom, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        try
        {
            hasRoom?.Invoke();
            if (isFresh)
            {
                CloseIdle();
            }

            while (Pop() is { } kept)
            {
                if (kept.IsUsable)
                {
                    return kept;
                }

                kept.Dispose();
            }

            return await ConnectAsync(cancellationToken);
        }
        catch
        {
            _room.Release();
            throw;
        }
    }

    /// <summary>Keeps a connection on which an answer has ended.</summary>
    public void Return(UpstreamConnection connection)
    {
        connection.WasUsed = true;
        connection.IdleSince = _time.GetTimestamp();
        bool isSound = connection.TrySetSendTimeout(UpstreamConnection.DefaultSendTimeout);
        lock (_gate)
        {
            if (!_disposed && isSound)
            {
                _idle.Add(connection);
                _room.Release();
                return;
            }
        }

        Discard(connection);
    }

    /// <summary>Closes a connection.</summary>
    public void Discard(UpstreamConnection connection)
    {
        connection.Dispose();
        _room.Release();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
        CloseIdle();
    }

    private async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        if (await _room.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return;
        }

        using var limit = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _room.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ConnectionsInUseException();
        }
    }

    private UpstreamConnection? Pop()
    {
        lock (_gate)
        {
            if (_idle.Count == 0)
            {
                return null;
            }

            // The one that was used last: the others grow old and are closed.
            UpstreamConnection last = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            return last;
        }
    }

    private void CloseIdle()
    {
        while (Pop() is { } connection)
        {
            connection.Dispose();
        }
    }

    /// <summary>Closes those that have been idle for too long, which are the first ones.</summary>
    private void CloseOld()
    {
        while (true)
        {
            UpstreamConnection old;
            lock (_gate)
            {
                if (_idle.Count == 0 || _time.GetElapsedTime(_idle[0].IdleSince) < IdleTime)
                {
                    return;
                }

                old = _idle[0];
                _idle.RemoveAt(0);
            }

            old.Dispose();
        }
    }

    private async ValueTask<UpstreamConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(ConnectTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // A peer that has vanished is noticed within half a minute, whether it is waited for or (UpstreamConnection.SendTimeout) written to.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(_address.Host, _address.Port, either.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            return new UpstreamConnection(socket, _address.IsTls ? await SecureAsync(stream, either.Token) : stream);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new UpstreamException($"Connecting to {_address} takes too long.");
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException or IOException or AuthenticationException)
            {
                throw new UpstreamException($"Cannot connect to {_address}: {e.Message}", e);
            }

            throw;
        }
    }

    private async ValueTask<Stream> SecureAsync(Stream stream, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(_tls(), cancellationToken);
        return tls;
    }
}
