using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Tarn.TestKit.Http;

/// <summary>One TCP or TLS connection on which a test controls every byte sent, and sees what comes back and when it ends.</summary>
public sealed class RawConnection : IAsyncDisposable
{
    // So that a test that waits for something that never comes fails instead of hanging.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Stream _stream;
    private int _start;
    private int _end;

    private RawConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>The subject of the server's certificate, or null without TLS.</summary>
    public string? CertificateSubject => (_stream as SslStream)?.RemoteCertificate?.Subject;

    /// <summary>Connects, with TLS where the address is https; any certificate does on the loopback interface.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task<RawConnection> OpenAsync(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        var connection = new RawConnection(socket);
        if (address.Scheme == "https")
        {
            await connection.SecureAsync(address.Host, anyCertificate: address.IsLoopback);
        }

        return connection;
    }

    /// <summary>Sends text, one byte a character, on a connection of its own and returns all that comes until the connection ends.</summary>
    public static async Task<string> AskAsync(Uri address, string text)
    {
        await using RawConnection connection = await OpenAsync(address);
        await connection.WriteAsync(text);
        return await connection.ReadToEndAsync();
    }

    /// <summary>Goes on with TLS from here.</summary>
    /// <param name="host">The name asked for.</param>
    /// <param name="anyCertificate">Whether any certificate does.</param>
    public async Task SecureAsync(string host, bool anyCertificate)
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false, (_, _, _, errors) => anyCertificate || errors == SslPolicyErrors.None);
        _stream = tls;
        await tls.AuthenticateAsClientAsync(host);
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        using var limit = new CancellationTokenSource(Patience);
        await _stream.WriteAsync(bytes, limit.Token);
    }

    /// <summary>Sends text, one byte a character.</summary>
    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Shuts down the sending side, and leaves the reading side open.</summary>
    public void FinishSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next response; 100 Continue is one too. Null when the server ended the connection instead.</summary>
    /// <exception cref="IOException">The connection was reset, or ended within the response.</exception>
    public async Task<RawResponse?> ReadResponseAsync(string method)
    {
        using var limit = new CancellationTokenSource(Patience);
        if (_start == _end && !await FillAsync(limit.Token))
        {
            return null;
        }

        string statusLine = await ReadLineAsync(limit.Token);
        int status = int.Parse(statusLine.Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = new List<(string Name, string Value)>();
        while (await ReadLineAsync(limit.Token) is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add((line[..colon], line[(colon + 1)..].Trim()));
        }

        var response = new RawResponse(status, headers, []);
        if (method == "HEAD" || status is < 200 or 204 or 304)
        {
            return response;
        }

        var body = new MemoryStream();
        if (response["Transfer-Encoding"] is not null)
        {
            while (Convert.ToInt32(await ReadLineAsync(limit.Token), 16) is > 0 and int size)
            {
                await CopyAsync(body, size, limit.Token);
                await ReadLineAsync(limit.Token);
            }

            await ReadLineAsync(limit.Token);
        }
        else
        {
            await CopyAsync(body, response["Content-Length"] is { } length ? long.Parse(length, CultureInfo.InvariantCulture) : null, limit.Token);
        }

        return response with { Body = body.ToArray() };
    }

    /// <summary>As <see cref="ReadResponseAsync"/>, but null too when the connection was reset or ended within the response.</summary>
    public async Task<RawResponse?> TryReadResponseAsync(string method)
    {
        try
        {
            return await ReadResponseAsync(method);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>All that comes until the connection ends, one character a byte; a reset is an end, since the server may not have read everything.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var all = new MemoryStream();
        try
        {
            await CopyAsync(all, null, limit.Token);
        }
        catch (IOException)
        {
            // Reset after its answer: some of the request was not read.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<bool> FillAsync(CancellationToken cancel)
    {
        _start = 0;
        _end = 0;
        _end = await _stream.ReadAsync(_buffer, cancel);
        return _end > 0;
    }

    private async Task<string> ReadLineAsync(CancellationToken cancel)
    {
        var line = new StringBuilder();
        while (_start < _end || await FillAsync(cancel))
        {
            char next = (char)_buffer[_start++];
            if (next == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append(next);
        }

        throw new EndOfStreamException($"The connection ended after \"{line}\".");
    }

    /// <summary>Copies so many bytes, or all to the connection's end.</summary>
    private async Task CopyAsync(MemoryStream to, long? length, CancellationToken cancel)
    {
        long left = length ?? long.MaxValue;
        while (left > 0 && (_start < _end || await FillAsync(cancel)))
        {
            int take = (int)Math.Min(left, _end - _start);
            to.Write(_buffer, _start, take);
            _start += take;
            left -= take;
        }

        if (length is not null && left > 0)
        {
            throw new EndOfStreamException($"The connection ended {left} bytes before the body.");
        }
    }
}
