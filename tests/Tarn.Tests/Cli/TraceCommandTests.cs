using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli;

/// <summary>How <c>tarn trace</c> ends, by the way its server does.</summary>
public sealed class TraceCommandTests
{
    private const string Broken = "tarn: the connection to the server broke: the server was killed, or cannot be reached any more\n";

    private const string Line = """{"requestId":"1234","time":"2026-01-02T03:04:05.678Z","operation":"GetObject","status":200,"bucket":"photos","key":"a.jpg","bytesIn":0,"bytesOut":9,"milliseconds":1.5}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_stops_ends_it_without_an_error()
    {
        (int code, string output, string error) = await WatchAsync(socket => socket.Shutdown(SocketShutdown.Both), Chunk(Line + "\n"), "0\r\n\r\n");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("200  GetObject  photos/a.jpg  1.5 ms", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_dies_ends_it_with_an_error_after_what_it_sent()
    {
        (int code, string output, string error) = await WatchAsync(socket => socket.Shutdown(SocketShutdown.Both), Chunk(Line + "\n" + Line[..20]));
        Assert.Equal((1, Broken), (code, error));
        Assert.Contains("200  GetObject  photos/a.jpg  1.5 ms", output, StringComparison.Ordinal);
        Assert.Equal(1, output.Count(static character => character == '\n'));
    }

    [Fact]
    public async Task A_connection_that_is_reset_ends_it_with_an_error()
    {
        (int code, string _, string error) = await WatchAsync(static socket => socket.LingerState = new LingerOption(true, 0), Chunk(Line + "\n"));
        Assert.Equal((1, Broken), (code, error));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said()
    {
        string endpoint = $"http://127.0.0.1:{FreePort.Next()}";
        (int code, string output, string error) = await RunAsync(endpoint);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith($"tarn: cannot reach the control address {endpoint}: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_canceled_by_its_connection_is_an_error_and_no_end()
    {
        using ControlClient client = Client(TimeProvider.System, static _ => throw new TaskCanceledException());
        CliException e = await Assert.ThrowsAsync<CliException>(() => client.FollowAsync("/api/trace", static _ => { }, Token));
        Assert.Equal("the control address http://127.0.0.1:9001 did not answer in time", e.Message);
    }

    [Fact]
    public async Task A_read_that_is_canceled_by_its_connection_is_not_taken_for_silence()
    {
        using ControlClient client = Client(new FakeTimeProvider(), static _ => Answer(static _ => throw new TaskCanceledException()));
        CliException e = await Assert.ThrowsAsync<CliException>(() => client.FollowAsync("/api/trace", static _ => { }, Token));
        Assert.Equal(Broken, $"tarn: {e.Message}\n");
    }

    [Fact]
    public async Task Silence_of_a_minute_is_an_end()
    {
        var time = new FakeTimeProvider();
        var reading = new TaskCompletionSource();
        using ControlClient client = Client(time, _ => Answer(async token =>
        {
            reading.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return 0;
        }));
        Task following = client.FollowAsync("/api/trace", static _ => { }, Token);
        await reading.Task;
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(following.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        CliException e = await Assert.ThrowsAsync<CliException>(() => following);
        Assert.StartsWith("the server has sent nothing for 60 seconds", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_interrupts_it_gets_no_error()
    {
        using var interrupt = new CancellationTokenSource();
        using ControlClient client = Client(TimeProvider.System, _ => Answer(async token =>
        {
            await interrupt.CancelAsync();
            token.ThrowIfCancellationRequested();
            return 0;
        }));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.FollowAsync("/api/trace", static _ => { }, interrupt.Token));
    }

    private static string Chunk(string text) => $"{text.Length:x}\r\n{text}\r\n";

    /// <summary>Runs the command against a server that sends this and then ends the connection so.</summary>
    private static async Task<(int Code, string Output, string Error)> WatchAsync(Action<Socket> end, params string[] answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<(int, string, string)> running = RunAsync($"http://{listener.LocalEndpoint}");
        using (Socket socket = await listener.AcceptSocketAsync(Token))
        {
            byte[] request = new byte[8192];
            int read = 0;
            while (!request.AsSpan(0, read).EndsWith("\r\n\r\n"u8))
            {
                read += await socket.ReceiveAsync(request.AsMemory(read), Token);
            }

            string head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
            await socket.SendAsync(Encoding.ASCII.GetBytes(head + string.Concat(answer)), Token);
            end(socket);
        }

        return await running;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string endpoint)
    {
        var variables = new Dictionary<string, string> { ["TARN_ROOT_ACCESS_KEY"] = "ROOTKEY", ["TARN_ROOT_SECRET_KEY"] = "root-secret" };
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandRunner.RunAsync(TarnCommand.Create(variables, TimeProvider.System), ["trace", "--endpoint", endpoint], output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static ControlClient Client(TimeProvider time, Func<HttpRequestMessage, HttpResponseMessage> answer) =>
        new(new Uri("http://127.0.0.1:9001"), new ClientCredentials(null, "ROOTKEY", "root-secret"), time, new Handler(answer));

    private static HttpResponseMessage Answer(Func<CancellationToken, ValueTask<int>> read) =>
        new(HttpStatusCode.OK) { Content = new StreamContent(new Body(read)) };

    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }

    /// <summary>A body whose reads a test makes.</summary>
    private sealed class Body(Func<CancellationToken, ValueTask<int>> read) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => read(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
