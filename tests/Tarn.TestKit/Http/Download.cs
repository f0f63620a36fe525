using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Tarn.TestKit.Http;

/// <summary>A GET whose answer is read as slowly as a test wants, and which knows whether it came to its end.</summary>
public sealed class Download : IAsyncDisposable
{
    // So that a test that waits for something that never comes fails instead of hanging.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly Socket _socket;
    private readonly MemoryStream _bytes = new();
    private readonly long _length;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private Download(Socket socket, long length) => (_socket, _length) = (socket, length);

    /// <summary>The body as far as it was read.</summary>
    public byte[] Bytes => _bytes.ToArray();

    /// <summary>Whether all of it came. If not, and there is nothing to read any more, the answer was cut.</summary>
    public bool IsWhole => _bytes.Length == _length;

    /// <summary>Sends a request, and reads the head of its answer, which must be 200 with that length.</summary>
    public static async Task<Download> BeginAsync(Uri address, string head, long length)
    {
        // A small window, so that little is under way beyond what was read.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 256 * 1024 };
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, limit.Token);
            await socket.SendAsync(Encoding.Latin1.GetBytes(head), limit.Token);
            var text = new StringBuilder();
            byte[] one = new byte[1];
            while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                Assert.True(await socket.ReceiveAsync(one, limit.Token) == 1, $"The connection ended after: {text}");
                text.Append((char)one[0]);
            }

            Assert.StartsWith("HTTP/1.1 200 ", text.ToString(), StringComparison.Ordinal);
            Assert.Contains($"\r\nContent-Length: {length}\r\n", text.ToString(), StringComparison.Ordinal);
            return new Download(socket, length);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads so many bytes more; fewer where the body or the connection ends.</summary>
    public async Task ReadAsync(long count)
    {
        long end = Math.Min(_length, _bytes.Length + count);
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            int read = 1;
            while (_bytes.Length < end && read > 0)
            {
                read = await _socket.ReceiveAsync(_buffer.AsMemory(0, (int)Math.Min(_buffer.Length, end - _bytes.Length)), limit.Token);
                _bytes.Write(_buffer, 0, read);
            }
        }
        catch (SocketException)
        {
            // Reset: that is a cut.
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
