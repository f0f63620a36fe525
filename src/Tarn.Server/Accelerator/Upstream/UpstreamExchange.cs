namespace Tarn.Server.Accelerator.Upstream;

/// <summary>
/// One request to the upstream and its answer. Disposing it keeps the connection if both have ended, and closes it otherwise, so that nothing of one
/// exchange is ever taken for the next.
/// </summary>
internal sealed class UpstreamExchange(UpstreamPool pool, UpstreamConnection connection, string method) : IDisposable
{
    private bool _disposed;

    /// <summary>The final answer's head.</summary>
    public ResponseHead? Head { get; private set; }

    /// <summary>The final answer's body.</summary>
    public UpstreamBody? Body { get; private set; }

    /// <summary>Whether all of the request has been sent.</summary>
    public bool IsSent { get; set; }

    /// <summary>Whether the connection had served another request before, and no byte of this one's answer has come.</summary>
    public bool MayBeStale => connection is { WasUsed: true, HasAnswered: false };

    /// <summary>Takes a connection.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="method">The method of the request.</param>
    /// <param name="isFresh">Whether the connection must be a new one.</param>
    /// <param name="cancellationToken">Cancels waiting and connecting.</param>
    /// <param name="hasRoom">Called once the pool has room for it.</param>
    /// <exception cref="UpstreamException">There is none.</exception>
    public static async ValueTask<UpstreamExchange> BeginAsync(UpstreamPool pool, string method, bool isFresh, CancellationToken cancellationToken, Action? hasRoom = null)
    {
        UpstreamConnection connection = await pool.TakeAsync(isFresh, hasRoom, cancellationToken);
        connection.BeginRequest();
        return new UpstreamExchange(pool, connection, method);
    }

    /// <summary>How long what is sent may stay unacknowledged at present.</summary>
    public TimeSpan SendTimeout => connection.SendTimeout;

    /// <summary>How long the upstream may leave what is sent unread, for the rest of this exchange.</summary>
    public void AllowPauses(TimeSpan time) => _ = connection.TrySetSendTimeout(time);

    /// <summary>Sends some of the request.</summary>
    /// <exception cref="UpstreamException">The connection is broken.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => connection.WriteAsync(bytes, cancellationToken);

    /// <summary>Reads the next head; if it is not an interim one, the body follows.</summary>
    /// <exception cref="UpstreamException">The connection is broken, or what comes is not HTTP.</exception>
    public async ValueTask<ResponseHead> ReadHeadAsync(CancellationToken cancellationToken)
    {
        ResponseHead head = await connection.ReadHeadAsync(cancellationToken);
        if (head.Status == StatusCodes.Status101SwitchingProtocols)
        {
            throw new UpstreamException("The upstream switches protocols, though nobody asked.");
        }

        if (head.Status >= StatusCodes.Status200OK)
        {
            Body = new UpstreamBody(connection, head.Framing(method, out long length), length);
            Head = head;
        }

        return head;
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (IsSent && Head is { KeepsAlive: true } && Body is { IsEnded: true, LeavesConnection: true })
        {
            pool.Return(connection);
        }
        else
        {
            pool.Discard(connection);
        }
    }
}
