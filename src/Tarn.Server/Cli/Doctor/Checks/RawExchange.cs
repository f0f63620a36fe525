using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>One upload over a connection of its own, in steps that no HTTP client lets one see: the head, what comes back, some of the body, what comes back.</summary>
internal sealed class RawExchange : IAsyncDisposable
{
    private const int MaxHead = 64 << 10;

    private readonly Stream _stream;

    private RawExchange(Stream stream) => _stream = stream;

    /// <exception cref="IOException">The TLS connection fails.</exception>
    /// <exception cref="SocketException">The connection fails.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate is not trusted.</exception>
    public static async Task<RawExchange> OpenAsync(Uri url, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(url.IdnHost, url.Port, cancellationToken);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (url.Scheme == Uri.UriSchemeHttps)
            {
                var secured = new SslStream(stream);
                stream = secured;
                await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = url.IdnHost, ApplicationProtocols = [SslApplicationProtocol.Http11] }, cancellationToken);
            }

            var opened = new RawExchange(stream);
            stream = null;
            return opened;
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }
            else if (!socket.Connected)
            {
                socket.Dispose();
            }
        }
    }

    /// <summary>Sends some bytes, and reads the next answer's status, also of an interim one, and head; null when nothing comes in time.</summary>
    /// <exception cref="EndOfStreamException">The other side closed the connection without an answer.</exception>
    /// <exception cref="IOException">It reset the connection, or its answer is not HTTP.</exception>
    public async Task<(int Status, string Head)?> AskAsync(ReadOnlyMemory<byte> bytes, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        IOException? unsent = null;
        try
        {
            try
            {
                await _stream.WriteAsync(bytes, either.Token);
            }
            catch (IOException e)
            {
                // It may have answered before it ended the connection.
                unsent = e;
            }

            return await ReadAsync(either.Token);
        }
        catch (EndOfStreamException) when (unsent is not null)
        {
            throw new IOException(unsent.Message, unsent);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<(int Status, string Head)> ReadAsync(CancellationToken cancellationToken)
    {
        var head = new List<byte>();
        byte[] one = new byte[1];

        // Byte by byte: what follows the head is the next answer's.
        while (head.Count < MaxHead)
        {
            await _stream.ReadExactlyAsync(one, cancellationToken);
            head.Add(one[0]);
            if (head.Count > 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n')
            {
                string text = Encoding.Latin1.GetString([.. head]);
                return text.Length > 12 && int.TryParse(text.AsSpan(9, 3), out int status) ? (status, text) : throw new IOException("the answer is not HTTP");
            }
        }

        throw new IOException("the answer has a head without end");
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
