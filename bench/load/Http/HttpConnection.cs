using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tarn.Load.Http;

/// <summary>
/// One keep-alive HTTP/1.1 connection on a blocking socket: one system call to send a small request and one to receive a small
/// response, so that the load generator takes as little of the shared processors as it can. Used by one thread.
/// </summary>
internal sealed class HttpConnection(IPEndPoint address, TimeSpan timeout) : IDisposable
{
    private const int CopyLimit = 64 * 1024;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly byte[] _joined = new byte[CopyLimit + 8192];
    private Socket? _socket;
    private int _start;
    private int _end;

    /// <summary>Connections made again because the server had closed the previous one.</summary>
    public long Reconnects { get; private set; }

    /// <summary>Sends a request and reads the whole response.</summary>
    /// <param name="head">Request line and headers, with the empty line.</param>
    /// <param name="body">The body, or empty.</param>
    /// <param name="isHead">The method is HEAD, so no body follows whatever the headers say.</param>
    /// <param name="sink">Takes the response's body; null discards it when the status is a success.</param>
    /// <exception cref="IOException">The connection failed, or the response is truncated.</exception>
    /// <exception cref="SocketException">The socket failed or timed out.</exception>
    public Exchange Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, bool isHead, IBodySink? sink)
    {
        bool reused = _socket is not null;
        try
        {
            try
            {
                return SendOnce(head, body, isHead, sink);
            }
            catch (Exception e) when (reused && e is StaleConnectionException)
            {
                // A server may close an idle connection just as the next request is sent (RFC 9112 §9.3.1): retry once, on a new one.
                Drop();
                Reconnects++;
                return SendOnce(head, body, isHead, sink);
            }
        }
        catch
        {
            Drop();
            throw;
        }
    }

    public void Dispose() => Drop();

    private Exchange SendOnce(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, bool isHead, IBodySink? sink)
    {
        long began = Stopwatch.GetTimestamp();
        Socket socket = _socket ?? Connect();
        SocketException? broken = Transmit(socket, head, body);

        ResponseHead response;
        long firstByte = 0;
        do
        {
            int consumed;
            while (!ResponseHead.TryParse(_buffer.AsSpan(_start, _end - _start), out response, out consumed))
            {
                bool nothingYet = _start == _end && firstByte == 0;
                if (!Receive(socket, broken))
                {
                    throw nothingYet ? new StaleConnectionException() : new IOException("connection closed within the response's head");
                }

                firstByte = firstByte == 0 ? Stopwatch.GetTimestamp() : firstByte;
            }

            _start += consumed;
        }
        while (response.Status is >= 100 and < 200);

        byte[]? error = null;
        if (sink is null && response.Status >= 300)
        {
            sink = new CollectingSink();
        }

        sink?.Begin();
        long bytes = isHead || response.Status is 204 or 304 ? 0
            : response.Chunked ? ReadChunked(socket, sink)
            : ReadCounted(socket, sink, response.ContentLength);
        long ended = Stopwatch.GetTimestamp();
        if (response.Status >= 300 && sink is CollectingSink collected)
        {
            error = collected.Written.ToArray();
        }

        // A body the server did not take in full leaves the connection unusable.
        if (response.Close || broken is not null || (response.ContentLength < 0 && !response.Chunked && bytes > 0))
        {
            Drop();
        }

        return new Exchange(response.Status, bytes, Stopwatch.GetElapsedTime(began, firstByte), Stopwatch.GetElapsedTime(began, ended), error);
    }

    private SocketException? Transmit(Socket socket, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        try
        {
            if (head.Length + body.Length <= _joined.Length && !body.IsEmpty)
            {
                head.CopyTo(_joined);
                body.CopyTo(_joined.AsSpan(head.Length));
                SendAll(socket, _joined.AsSpan(0, head.Length + body.Length));
            }
            else
            {
                SendAll(socket, head);
                SendAll(socket, body);
            }

            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted)
        {
            // The server may have refused before the body's end: its answer, if any, says more than "broken pipe".
            return e;
        }
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes, SocketFlags.None)..];
        }
    }

    private long ReadCounted(Socket socket, IBodySink? sink, long length)
    {
        long left = length < 0 ? long.MaxValue : length;
        long total = 0;
        while (left > 0)
        {
            if (_start == _end && sink is null && left >= KernelDiscard.Least && length > 0)
            {
                int gone = KernelDiscard.Receive(socket, left);
                if (gone == 0)
                {
                    throw new IOException($"connection closed {left} bytes before the body's end");
                }

                left -= gone;
                total += gone;
                continue;
            }

            if (_start == _end && !Receive(socket, null))
            {
                return length < 0 ? total : throw new IOException($"connection closed {left} bytes before the body's end");
            }

            int take = (int)Math.Min(left, _end - _start);
            sink?.Write(_buffer.AsSpan(_start, take));
            _start += take;
            left -= take;
            total += take;
        }

        return total;
    }

    private long ReadChunked(Socket socket, IBodySink? sink)
    {
        ChunkedDecoder decoder = default;
        long total = 0;
        while (!decoder.IsDone)
        {
            if (_start == _end && !Receive(socket, null))
            {
                throw new IOException("connection closed within a chunked body");
            }

            _start += decoder.Step(_buffer.AsSpan(_start, _end - _start), out ReadOnlySpan<byte> data);
            sink?.Write(data);
            total += data.Length;
        }

        return total;
    }

    /// <summary>Receives more bytes behind those not yet used; false at the connection's end.</summary>
    private bool Receive(Socket socket, SocketException? broken)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            if (_start == 0)
            {
                throw new HttpFormatException("the head does not fit 256 KiB");
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        try
        {
            int got = socket.Receive(_buffer.AsSpan(_end), SocketFlags.None);
            _end += got;
            return got > 0;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset && _start == _end)
        {
            return broken is null ? false : throw broken;
        }
    }

    private Socket Connect()
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            SendTimeout = (int)timeout.TotalMilliseconds,
            ReceiveTimeout = (int)timeout.TotalMilliseconds,
        };
        try
        {
            socket.Connect(address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        _start = _end = 0;
        return _socket = socket;
    }

    private void Drop()
    {
        _socket?.Dispose();
        _socket = null;
    }

    /// <summary>The connection ended before a byte of the response.</summary>
    private sealed class StaleConnectionException() : IOException("connection closed without a response");
}
