using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Win32.SafeHandles;
using Tarn.S3.Reading;

namespace Tarn.Server.Connections;

/// <summary>
/// The output of a connection: sends on the thread that flushes what the socket takes at once, from memory and from files, and waits for the rest. Kestrel's own hands everything to another
/// thread, and copies files.
/// </summary>
/// <remarks>For one writer at a time, as every <see cref="PipeWriter"/>.</remarks>
internal sealed class SocketOutput : PipeWriter, IFileOutput
{
    /// <summary>The rate below which a client that takes nothing more is cut off, bytes per second.</summary>
    public const int SlowestClient = 1024;

    /// <summary>How long a client may take nothing before its rate counts.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of a file that are copied to wait until the socket takes more: there is no other way to wait for that. Then there is room for much more than these.</summary>
    private const int WaitingCopy = 16 * 1024;

    private readonly ConnectionContext _connection;
    private readonly PipeWriter _inner;
    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly MemoryPool<byte> _pool;
    private readonly TimeProvider _time;
    private readonly List<Piece> _pieces = [];
    private int _next;
    private long _unsent;
    private SafeFileHandle? _file;
    private long _fileOffset;
    private bool _isGone;
    private volatile bool _isCancelled;

    /// <param name="connection">The connection, for the time when it is gone.</param>
    /// <param name="socket">Its socket, on which calls do not wait.</param>
    /// <param name="inner">Kestrel's own output, which ends with this one.</param>
    /// <param name="pool">Blocks of memory.</param>
    /// <param name="time">Measures how long clients take nothing.</param>
    public SocketOutput(ConnectionContext connection, Socket socket, PipeWriter inner, MemoryPool<byte> pool, TimeProvider time)
    {
        _connection = connection;
        _socket = socket;
        _handle = socket.SafeHandle;
        _inner = inner;
        _pool = pool;
        _time = time;
    }

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _unsent;

    /// <inheritdoc/>
    public void Announce(SafeFileHandle file, long offset) => (_file, _fileOffset) = (file, offset);

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int wanted = Math.Max(sizeHint, 1);
        if (_pieces.Count > 0 && _pieces[^1] is MemoryPiece last && last.Free.Length >= wanted)
        {
            return last.Free;
        }

        var piece = new MemoryPiece(wanted <= _pool.MaxBufferSize ? _pool.Rent(wanted) : MemoryPool<byte>.Shared.Rent(wanted));
        _pieces.Add(piece);
        return piece.Free;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (_file is { } file)
        {
            _file = null;
            _pieces.Add(new FilePiece(file, _fileOffset, bytes));
        }
        else if (_pieces.Count > 0 && _pieces[^1] is MemoryPiece last && last.Free.Length >= bytes)
        {
            last.Written += bytes;
        }
        else if (bytes > 0)
        {
            throw new InvalidOperationException("The writer is advanced beyond the memory that was asked for.");
        }

        _unsent += bytes;
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        try
        {
            return TrySend() ? new(Ended()) : WaitAndSendAsync();
        }
        catch (Exception e) when (IsGone(e))
        {
            return new(Gone());
        }
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush() => _isCancelled = true;

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        if (exception is null && _unsent > 0)
        {
            try
            {
                TrySend();
            }
            catch (Exception e) when (IsGone(e))
            {
                // Whoever completes does not wait for what was not flushed.
            }
        }

        Drop();
        _isGone = true;
        _inner.Complete(exception);
    }

    /// <summary>What of the connection's end shows here: the peer closed it, or it was aborted, which closes the socket.</summary>
    private static bool IsGone(Exception e) => e is IOException or SocketException or ObjectDisposedException;

    /// <summary>Sends what the socket takes; false when it takes no more now.</summary>
    private bool TrySend()
    {
        while (!_isGone && _next < _pieces.Count)
        {
            Piece piece = _pieces[_next];
            while (piece.Left > 0)
            {
                int sent = piece.Send(_handle, isMore: _unsent > piece.Left);
                if (sent == 0)
                {
                    return false;
                }

                Sent(piece, sent);
            }

            piece.Release();
            _next++;
        }

        Drop();
        return true;
    }

    private async ValueTask<FlushResult> WaitAndSendAsync()
    {
        try
        {
            do
            {
                Piece piece = _pieces[_next];
                Sent(piece, await SendAsync(piece));
            }
            while (!TrySend());
            return Ended();
        }
        catch (Exception e) when (IsGone(e))
        {
            return Gone();
        }
    }

    private async ValueTask<int> SendAsync(Piece piece)
    {
        if (piece is MemoryPiece memory)
        {
            return await SendAsync(memory.Unsent);
        }

        var file = (FilePiece)piece;
        int length = (int)Math.Min(WaitingCopy, file.Left);
        byte[] copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            int read = await RandomAccess.ReadAsync(file.File, copy.AsMemory(0, length), file.Offset);
            return read == 0 ? throw FilePiece.Ended() : await SendAsync(copy.AsMemory(0, read));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    /// <summary>Sends bytes as the client takes them, which it does at some rate.</summary>
    private async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        ValueTask<int> sending = _socket.SendAsync(bytes, SocketFlags.None);
        if (sending.IsCompleted)
        {
            return await sending;
        }

        TimeSpan limit = Grace + TimeSpan.FromSeconds(bytes.Length / (double)SlowestClient);
        using ITimer timer = _time.CreateTimer(
            static output => ((SocketOutput)output!)._connection.Abort(new ConnectionAbortedException("The client takes the answer too slowly.")), this, limit, Timeout.InfiniteTimeSpan);

        // Whether it is cut off or not, the memory is in use until this ends.
        return await sending;
    }

    private void Sent(Piece piece, int bytes)
    {
        piece.Advance(bytes);
        _unsent -= bytes;
    }

    private FlushResult Ended()
    {
        bool isCancelled = _isCancelled;
        _isCancelled = false;
        return new FlushResult(isCancelled, _isGone);
    }

    private FlushResult Gone()
    {
        _isGone = true;
        Drop();

        // Kestrel notices by its input, which a client may have closed, or left open, on its own.
        _connection.Abort(new ConnectionAbortedException("The client has closed the connection."));
        return new FlushResult(isCanceled: false, isCompleted: true);
    }

    private void Drop()
    {
        for (; _next < _pieces.Count; _next++)
        {
            _pieces[_next].Release();
        }

        _pieces.Clear();
        _next = 0;
        _unsent = 0;
    }

    /// <summary>Bytes that follow each other in memory or in a file.</summary>
    private abstract class Piece
    {
        public abstract int Left { get; }

        public abstract int Send(SafeSocketHandle socket, bool isMore);

        public abstract void Advance(int sent);

        /// <summary>Gives its memory back.</summary>
        public abstract void Release();
    }

    private sealed class MemoryPiece(IMemoryOwner<byte> owner) : Piece
    {
        private int _sent;

        public int Written { get; set; }

        public Memory<byte> Free => owner.Memory[Written..];

        public ReadOnlyMemory<byte> Unsent => owner.Memory[_sent..Written];

        public override int Left => Written - _sent;

        public override int Send(SafeSocketHandle socket, bool isMore) => SocketCalls.Send(socket, Unsent.Span, isMore);

        public override void Advance(int sent) => _sent += sent;

        public override void Release() => owner.Dispose();
    }

    private sealed class FilePiece(SafeFileHandle file, long offset, int length) : Piece
    {
        private int _sent;

        public SafeFileHandle File => file;

        public long Offset => offset + _sent;

        public override int Left => length - _sent;

        public static IOException Ended() => new("A file that is sent is shorter than it was.");

        public override int Send(SafeSocketHandle socket, bool isMore)
        {
            int sent = SocketCalls.SendFile(socket, file, Offset, Left);
            return sent < 0 ? throw Ended() : sent;
        }

        public override void Advance(int sent) => _sent += sent;

        public override void Release()
        {
        }
    }
}
