using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Tarn.Tests.Accelerator;

/// <summary>An upstream of the tests' own, over plain sockets: records every byte that an accelerator sends, and answers exactly what a test says.</summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _running = [];
    private readonly Func<FakeExchange, Task> _answer;
    private readonly X509Certificate2? _certificate;
    private int _connections;

    /// <param name="answer">Called behind the head of each request.</param>
    /// <param name="certificate">The certificate; null: without TLS.</param>
    public FakeUpstream(Func<FakeExchange, Task> answer, X509Certificate2? certificate = null)
    {
        _answer = answer;
        _certificate = certificate;
        _listener.Start();
        Url = new Uri(string.Create(CultureInfo.InvariantCulture, $"{(certificate is null ? "http" : "https")}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"));
        _running.Add(AcceptAsync());
    }

    public Uri Url { get; }

    /// <summary>The name that the last TLS handshake asked for.</summary>
    public string? ServerName { get; private set; }

    /// <summary>Requests whose head has come, in order.</summary>
    public ConcurrentQueue<FakeExchange> Requests { get; } = new();

    /// <summary>Those of clients.</summary>
    public FakeExchange[] OfClients => [.. Requests.Where(static request => request["x-tarn-call"] != "node")];

    /// <summary>Answers the accelerator's own requests; without one they are refused.</summary>
    public Func<FakeExchange, Task> Node { get; init; } = static async exchange =>
    {
        await exchange.ReadBodyAsync();
        await exchange.AnswerAsync(503);
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        foreach (Task task in _running)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
            _running.Add(ServeAsync(socket, Interlocked.Increment(ref _connections)));
        }
    }

    private async Task ServeAsync(Socket socket, int connection)
    {
        await using Stream stream = _certificate is null ? new NetworkStream(socket, ownsSocket: true) : new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            if (stream is SslStream tls)
            {
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                ServerName = tls.TargetHostName;
            }

            while (true)
            {
                var exchange = new FakeExchange(stream, socket, connection, _stop.Token);
                if (!await exchange.ReadHeadAsync())
                {
                    return;
                }

                Requests.Enqueue(exchange);
                await (exchange["x-tarn-call"] == "node" ? Node : _answer)(exchange);
                if (exchange.IsOver)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or AuthenticationException)
        {
            // The accelerator, or the test, has ended the connection.
        }
    }
}

/// <summary>One request as it came off the wire. Texts are one character a byte.</summary>
internal sealed class FakeExchange(Stream stream, Socket socket, int connection, CancellationToken stop)
{
    /// <summary>Which connection it came on, counted from 1.</summary>
    public int Connection => connection;

    public string RequestLine { get; private set; } = "";

    public string Method => RequestLine.Split(' ')[0];

    public string Target => RequestLine.Split(' ')[1];

    /// <summary>All headers in their order, with the lines of the envelope.</summary>
    public List<(string Name, string Value)> Headers { get; } = [];

    /// <summary>The client's: those behind the envelope.</summary>
    public IEnumerable<(string Name, string Value)> ClientHeaders => Headers.Skip(2);

    public List<(string Name, string Value)> Trailers { get; } = [];

    /// <summary>Whether the test has closed the connection.</summary>
    public bool IsOver { get; private set; }

    public string? this[string name] => Headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).FirstOrDefault();

    public async Task<bool> ReadHeadAsync()
    {
        try
        {
            RequestLine = await ReadLineAsync();
        }
        catch (EndOfStreamException)
        {
            return false;
        }

        await ReadFieldsAsync(Headers);
        return true;
    }

    /// <summary>Whether bytes have come that were not read.</summary>
    public bool HasMore => socket.Available > 0;

    /// <summary>The body, as its headers announce it.</summary>
    public async Task<byte[]> ReadBodyAsync()
    {
        var body = new MemoryStream();
        if (this["Transfer-Encoding"] is not null)
        {
            while (Convert.ToInt32(await ReadLineAsync(), 16) is > 0 and int size)
            {
                body.Write(await ReadAsync(size));
                Assert.Equal("", await ReadLineAsync());
            }

            await ReadFieldsAsync(Trailers);
        }
        else if (this["Content-Length"] is { } length)
        {
            body.Write(await ReadAsync(int.Parse(length, CultureInfo.InvariantCulture)));
        }

        return body.ToArray();
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, stop);
        return bytes;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes, stop);

    /// <summary>Answers with a body of known length.</summary>
    public Task AnswerAsync(int status, string body = "", string headers = "") =>
        SendAsync(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Because\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}"));

    /// <summary>Closes the connection, after what has been sent.</summary>
    public void Close()
    {
        IsOver = true;
        socket.Shutdown(SocketShutdown.Both);
    }

    /// <summary>Waits until the accelerator closes the connection.</summary>
    public async Task ClosedAsync()
    {
        byte[] one = new byte[4096];
        try
        {
            while (await stream.ReadAsync(one, stop) > 0)
            {
                // What was still on its way.
            }
        }
        catch (IOException)
        {
            // Reset.
        }

        IsOver = true;
    }

    private async Task ReadFieldsAsync(List<(string Name, string Value)> fields)
    {
        while (await ReadLineAsync() is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            fields.Add((line[..colon], line[(colon + 1)..].Trim(' ')));
        }
    }

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, stop) == 1)
        {
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)one[0]);
        }

        throw new EndOfStreamException();
    }
}
