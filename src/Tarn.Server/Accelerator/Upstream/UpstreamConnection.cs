using System.Net.Sockets;
using System.Text;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>One connection to the upstream, for one request at a time.</summary>
internal sealed class UpstreamConnection : IDisposable
{
    /// <summary>How long sent data may stay unacknowledged, or unsent because the upstream reads none, unless an exchange says otherwise.</summary>
    public static readonly TimeSpan DefaultSendTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The option TCP_USER_TIMEOUT of Linux, by its number. Source: tcp(7).</summary>
    private const int TcpUserTimeout = 18;

    /// <summary>The maximum length of a head and of trailers, in bytes.</summary>
    public const int MaxHead = 64 * 1024;

    /// <summary>The maximum length of the line before a chunk, in bytes.</summary>
    private const int MaxLine = 4 * 1024;

    private const int InitialBuffer = 16 * 1024;

    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] EndOfLine = "\r\n"u8.ToArray();

    private readonly Socket _socket;
    private readonly Stream _stream;
    private byte[] _buffer = new byte[InitialBuffer];
    private int _start;
    private int _end;

    public UpstreamConnection(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
        _ = TrySetSendTimeout(DefaultSendTimeout);
    }

    /// <summary>How long sent data may stay unacknowledged at present.</summary>
    public TimeSpan SendTimeout { get; private set; }

    /// <summary>Whether it has served a request before.</summary>
    public bool WasUsed { get; set; }

    /// <summary>Timestamp since which it serves no request.</summary>
    public long IdleSince { get; set; }

    /// <summary>Whether something of an answer has come since <see cref="BeginRequest"/>.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>
    /// Whether an idle connection can be used: it cannot if the upstream has closed it, or has said something that nobody asked for. It may be closed
    /// right after this.
    /// </summary>
    public bool IsUsable
    {
        get
        {
            try
            {
                return _start == _end && !_socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>
    /// Says how long sent data may stay unacknowledged, or unsent because the upstream reads none: then the connection is closed. It also takes the place of the number of probes with which a vanished
    /// upstream is noticed while it is waited for.
    /// </summary>
    /// <returns>False when the connection is broken, which shows in whatever is done with it next.</returns>
    public bool TrySetSendTimeout(TimeSpan time)
    {
        if (time == SendTimeout)
        {
            return true;
        }

        try
        {
            _socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpUserTimeout, BitConverter.GetBytes((int)time.TotalMilliseconds));
            SendTimeout = time;
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    public void BeginRequest() => HasAnswered = false;

    /// <exception cref="UpstreamException">The connection is broken.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _stream.WriteAsync(bytes, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            throw new UpstreamException("The connection to the upstream ended while the request was sent.", e);
        }
    }

    /// <summary>Reads the head of the next answer, which may be an interim one.</summary>
    /// <exception cref="UpstreamException">The connection is broken, or what comes is not HTTP.</exception>
    public ValueTask<ResponseHead> ReadHeadAsync(CancellationToken cancellationToken) =>
        ReadBlockAsync(EndOfHead, HeadParser.Response, MaxHead, cancellationToken);

    /// <summary>Reads trailers, up to the empty line that ends them.</summary>
    /// <exception cref="UpstreamException">The connection is broken, or they are malformed.</exception>
    public async ValueTask<List<KeyValuePair<string, string>>> ReadTrailersAsync(CancellationToken cancellationToken)
    {
        await FillToAsync(2, cancellationToken);
        if (_buffer.AsSpan(_start).StartsWith("\r\n"u8))
        {
            _start += 2;
            return [];
        }

        return await ReadBlockAsync(EndOfHead, HeadParser.Headers, MaxHead, cancellationToken);
    }

    /// <summary>Reads a line, without its end.</summary>
    /// <exception cref="UpstreamException">The connection is broken, or the line is too long.</exception>
    public ValueTask<string> ReadLineAsync(CancellationToken cancellationToken) =>
        ReadBlockAsync(EndOfLine, static line => Encoding.Latin1.GetString(line[..^2]), MaxLine, cancellationToken);

    /// <summary>Reads some bytes; 0 at the end of the connection.</summary>
    /// <exception cref="UpstreamException">The connection is broken.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            return ReceiveAsync(bytes, cancellationToken);
        }

        int count = Math.Min(bytes.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(bytes.Span);
        _start += count;
        return ValueTask.FromResult(count);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    /// <summary>Reads up to and including a mark, and makes something of it.</summary>
    private async ValueTask<T> ReadBlockAsync<T>(byte[] mark, Func<ReadOnlySpan<byte>, T> parse, int max, CancellationToken cancellationToken)
    {
        int searched = 0;
        while (true)
        {
            int found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf(mark);
            if (found >= 0)
            {
                int length = searched + found + mark.Length;
                T result = parse(_buffer.AsSpan(_start, length));
                _start += length;
                return result;
            }

            searched = Math.Max(0, _end - _start - (mark.Length - 1));
            if (_end - _start >= max)
            {
                throw new UpstreamException("The upstream's answer has too long a head or line.");
            }

            await FillAsync(cancellationToken);
        }
    }

    private async ValueTask FillToAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            await FillAsync(cancellationToken);
        }
    }

    /// <summary>Receives more behind what is in the buffer.</summary>
    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int count = await ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += count > 0 ? count : throw new UpstreamException("The upstream closed the connection.");
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            int count = await _stream.ReadAsync(bytes, cancellationToken);
            HasAnswered |= count > 0;
            return count;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            throw new UpstreamException("The connection to the upstream broke.", e);
        }
    }
}
