using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tarn.Tests.Server;

/// <summary>A connection on which a test controls the bytes sent, and sees the bytes received and the end.</summary>
internal sealed class WireConnection : IDisposable
{
    private readonly Stream _stream;
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60));
    private readonly byte[] _one = new byte[1];

    private WireConnection(Stream stream) => _stream = stream;

    public static async Task<WireConnection> OpenAsync(string url, Func<Stream, Task<Stream>>? secure = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(url).Port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        return new WireConnection(secure is null ? stream : await secure(stream));
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes, _patience.Token);

    /// <summary>The next answer, 100 Continue included; null at the end of the connection.</summary>
    public async Task<WireAnswer?> ReadAnswerAsync(string method)
    {
        string head = "";
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int read = await _stream.ReadAsync(_one, _patience.Token);
            if (read == 0)
            {
                Assert.Equal("", head);
                return null;
            }

            head += (char)_one[0];
        }

        int status = int.Parse(head.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
        string? length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))?[16..];
        bool chunked = head.Contains("\r\nTransfer-Encoding: chunked\r\n", StringComparison.OrdinalIgnoreCase);
        if (method == "HEAD" || status is < 200 or 204 or 304)
        {
            return new WireAnswer(status, head, "");
        }

        byte[] body = new byte[int.Parse(length ?? "0", CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(body, _patience.Token);
        string text = Encoding.UTF8.GetString(body);
        while (chunked && !text.EndsWith("0\r\n\r\n", StringComparison.Ordinal) && await _stream.ReadAsync(_one, _patience.Token) > 0)
        {
            text += (char)_one[0];
        }

        return new WireAnswer(status, head, text);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _patience.Dispose();
    }
}

/// <summary>An answer as received.</summary>
/// <param name="Head">Status line and headers.</param>
internal sealed record WireAnswer(int Status, string Head, string Body)
{
    public bool Closes => Head.Contains("\r\nConnection: close\r\n", StringComparison.OrdinalIgnoreCase);
}
