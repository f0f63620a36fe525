using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Tarn.Server.Connections;

/// <summary>
/// A connection that knows whether it is serving a request, from its accept until its socket is closed. It counts as idle during
/// the TLS handshake and while headers are awaited, as between two requests.
/// </summary>
internal sealed class TrackedConnection : ConnectionContext
{
    private readonly ConnectionContext _inner;
    private readonly ConnectionGate _gate;
    private readonly TimeProvider _time;
    private readonly IValueTaskSource<ReadResult>? _input;
    private int _requests;
    private volatile bool _wasUsed;
    private long _idleSince;
    private long _askedAt;

    public TrackedConnection(ConnectionContext inner, ConnectionGate gate, TimeProvider time)
    {
        _inner = inner;
        _gate = gate;
        _time = time;
        _idleSince = time.GetTimestamp();

        // Before TLS puts its own in front of it.
        _input = inner.Transport.Input as IValueTaskSource<ReadResult>;
        inner.Features.Set(this);
    }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _inner.Transport;
        set => _inner.Transport = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    /// <summary>Timestamp since which no request is being served; meaningful while <see cref="IsIdle"/>.</summary>
    public long IdleSince => Volatile.Read(ref _idleSince);

    public bool IsIdle => Volatile.Read(ref _requests) == 0;

    /// <summary>Marks the end of the TLS handshake: the client has as long to send its first headers as one without TLS has, however long the handshake took.</summary>
    public void EndHandshake() => Volatile.Write(ref _idleSince, _time.GetTimestamp());

    /// <summary>Marks the start of a request (HTTP/2: a stream).</summary>
    public void BeginRequest()
    {
        Interlocked.Increment(ref _requests);
        _wasUsed = true;
    }

    /// <summary>Marks the end of a request.</summary>
    public void EndRequest()
    {
        Volatile.Write(ref _idleSince, _time.GetTimestamp());
        Interlocked.Decrement(ref _requests);
    }

    /// <summary>
    /// Whether the client has sent something that the server has not looked at yet: under load that takes a while, and is no idleness of the client. A reader of a pipe is
    /// pending as long as all that came was looked at; asking costs requests nothing. What is still in the kernel counts too.
    /// </summary>
    private bool HasUnreadInput
    {
        get
        {
            if (_input?.GetStatus(0) == ValueTaskSourceStatus.Succeeded)
            {
                return true;
            }

            try
            {
                return _inner.Features.Get<IConnectionSocketFeature>()?.Socket.Available > 0;
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                // It is being closed.
                return false;
            }
        }
    }

    /// <summary>
    /// Closes the connection to make room for others, unless it has sent something that was not looked at. One that has been answered is asked to close, since the last bytes of the answer may still
    /// be in transit, and aborted if that takes too long. Others are aborted, unless they are new.
    /// </summary>
    /// <returns>Whether it was closed, or asked to close, by this call.</returns>
    public bool TryClose()
    {
        if (_askedAt != 0)
        {
            if (_time.GetElapsedTime(_askedAt) < ConnectionGate.ClosingTime)
            {
                return false;
            }

            Abort(new ConnectionAbortedException("The connection was idle, and others are waiting."));
            return true;
        }

        if (HasUnreadInput)
        {
            Volatile.Write(ref _idleSince, _time.GetTimestamp());
            return false;
        }

        if (!_wasUsed && _time.GetElapsedTime(IdleSince) < ConnectionGate.OpeningTime)
        {
            return false;
        }

        _askedAt = Math.Max(1, _time.GetTimestamp());
        if (_wasUsed && Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            lifetime.RequestClose();
        }
        else
        {
            Abort(new ConnectionAbortedException("The connection was never used, and others are waiting."));
        }

        return true;
    }

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);

    public override void Abort() => _inner.Abort();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        try
        {
            // Only now is the socket closed and its descriptor free.
            await _inner.DisposeAsync();
        }
        finally
        {
            _gate.Leave(this);
        }
    }
}
