using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Tarn.Conformance.Support;

/// <summary>One TCP or TLS connection on which a test controls every byte sent.</summary>
public sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Socket socket;
    private readonly Stream stream;
    private readonly byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;

    private RawConnection(Socket socket, Stream stream)
    {
        this.socket = socket;
        this.stream = stream;
    }

    public static async Task<RawConnection> OpenAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (address.Scheme == "https")
        {
            var tls = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, errors) => address.IsLoopback || errors == SslPolicyErrors.None);
            await tls.AuthenticateAsClientAsync(address.Host);
            stream = tls;
        }

        return new RawConnection(socket, stream);
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes);

    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Shuts down the sending side, and leaves the reading side open.</summary>
    public void FinishSending() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next response; 100 Continue is one too. Null when the server closed the connection instead.</summary>
    public async Task<RawResponse?> ReadResponseAsync(string method)
    {
        using var limit = new CancellationTokenSource(Patience);
        string? statusLine;
        try
        {
            statusLine = await ReadLineAsync(limit.Token);
        }
        catch (IOException)
        {
            return null;
        }

        if (statusLine is null)
        {
            return null;
        }

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
            while (await ReadLineAsync(limit.Token) is { } size && Convert.ToInt32(size, 16) is > 0 and int length)
            {
                await CopyAsync(body, length, limit.Token);
                await ReadLineAsync(limit.Token);
            }

            await ReadLineAsync(limit.Token);
        }
        else
        {
            await CopyAsync(body, response["Content-Length"] is { } length ? long.Parse(length, CultureInfo.InvariantCulture) : long.MaxValue, limit.Token);
        }

        return response with { Body = body.ToArray() };
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async Task<bool> FillAsync(CancellationToken cancel)
    {
        start = 0;
        end = await stream.ReadAsync(buffer, cancel);
        return end > 0;
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancel)
    {
        var line = new StringBuilder();
        while (start < end || await FillAsync(cancel))
        {
            char next = (char)buffer[start++];
            if (next == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append(next);
        }

        return null;
    }

    private async Task CopyAsync(MemoryStream to, long length, CancellationToken cancel)
    {
        while (length > 0 && (start < end || await FillAsync(cancel)))
        {
            int take = (int)Math.Min(length, end - start);
            to.Write(buffer, start, take);
            start += take;
            length -= take;
        }
    }
}
