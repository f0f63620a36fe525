using System.Net;
using System.Net.Sockets;
using System.Text;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>Under a small limit of open files, with more clients than it has room for, the server survives and serves those that send requests.</summary>
public sealed class FloodTests
{
    private const string FewFiles = "ulimit -n 700; exec \"$@\"";

    [Theory]
    [InlineData(false, "")]
    [InlineData(false, "GET /slow HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")]
    [InlineData(false, "GET /used HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData(true, "")]
    [InlineData(true, "\u0016\u0003\u0001")]
    public async Task Idle_connections_make_room_for_requests(bool tls, string sent)
    {
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Shell = FewFiles, Tls = tls });
        Assert.Contains("The process may open only 700 files", server.Output, StringComparison.Ordinal);
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync("flood");
        byte[] content = new byte[300_000];
        (await client.PutAsync("flood", "key", content)).Expect();
        using var idle = new Idlers();
        await idle.ConnectAsync(server.Endpoint.S3, 800, sent);
        await idle.ConnectAsync(server.Control, 300, tls ? "" : sent);
        await Parallel.ForAsync(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
            Assert.Equal(content.Length, (await AgainAsync(() => client.GetAsync("flood", "key"))).Expect().Body.Length));
        await idle.ConnectAsync(server.Endpoint.S3, 800, sent);
        using var late = new RawS3Client(server.Endpoint);
        (await AgainAsync(() => late.PutAsync("flood", "other", content))).Expect();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal("ready\n", await http.GetStringAsync(new Uri(server.Control, "health/ready")));
        string metrics = await http.GetStringAsync(new Uri(server.Control, "metrics"));
        Assert.Contains("tarn_connections_closed_idle_total{listener=\"s3\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("tarn_connections_limit{listener=\"s3\"} 110", metrics, StringComparison.Ordinal);
        await server.StopAsync();
    }

    /// <summary>As every SDK does: a new connection whose client is held up for a second counts as idle too, and is closed.</summary>
    private static async Task<RawS3Response> AgainAsync(Func<Task<RawS3Response>> request)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await request();
            }
            catch (HttpRequestException) when (attempt < 4)
            {
            }
        }
    }

    [Fact]
    public async Task Many_streams_of_few_connections_are_served_or_told_to_come_back()
    {
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Shell = FewFiles, Tls = true });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync("streams");
        (await client.PutAsync("streams", "key", new byte[3_000_000])).Expect();
        (await client.SendAsync(
            HttpMethod.Put, "streams", query: new Dictionary<string, string> { ["policy"] = "" }, body: Encoding.UTF8.GetBytes(
                """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::streams/*"}]}"""))).Expect();
        using var handler = new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = true };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        using var http = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        // No client reads its body until all have been answered: each request served keeps its file open.
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 600).Select(_ =>
            http.GetAsync(new Uri(server.Endpoint.S3, "streams/key"), HttpCompletionOption.ResponseHeadersRead)));
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, answer.StatusCode.ToString()));
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        HttpResponseMessage refused = answers.First(answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.Equal("1", refused.Headers.RetryAfter?.ToString());
        Assert.Contains("<Code>SlowDown</Code>", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (HttpResponseMessage answer in answers)
        {
            answer.Dispose();
        }

        Assert.Equal(3_000_000, (await client.GetAsync("streams", "key")).Expect().Body.Length);
        await server.StopAsync();
    }

    [Fact]
    public async Task Uploads_beyond_the_budget_are_told_to_come_back_and_the_others_end_well()
    {
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--request-memory", "16"] });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync("uploads");
        var contents = Enumerable.Range(0, 40).Select(_ => new HeldContent(5_000_000)).ToArray();
        Task<RawS3Response>[] uploads = [.. contents.Select((content, i) => client.SendContentAsync(HttpMethod.Put, "uploads", $"key-{i}", content))];

        // 16 MiB have room for nine of them.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!(await http.GetStringAsync(new Uri(server.Control, "metrics"))).Contains("tarn_requests_refused_busy_total{listener=\"s3\"} 31\n", StringComparison.Ordinal))
        {
            await tick.WaitForNextTickAsync();
        }

        Assert.Equal(HttpStatusCode.OK, (await client.PutAsync("uploads", "small", new byte[1000])).Status);
        string busy = await RawConnection.AskAsync(server.Endpoint.S3, "PUT /uploads/late HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 503 ", busy, StringComparison.Ordinal);
        Assert.Contains("Retry-After: 1\r\n", busy, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", busy, StringComparison.Ordinal);
        Assert.Contains("<Code>SlowDown</Code>", busy, StringComparison.Ordinal);
        foreach (HeldContent content in contents)
        {
            content.Release();
        }

        HttpStatusCode?[] answers = await Task.WhenAll(uploads.Select(StatusAsync));
        Assert.Equal(9, answers.Count(a => a == HttpStatusCode.OK));
        Assert.All(answers, a => Assert.True(a is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable or null));
        Assert.Equal(10, (await client.ListAsync("uploads")).Count);
        await server.StopAsync();
    }

    /// <summary>Null if the connection was closed while the client was still sending its refused body.</summary>
    private static async Task<HttpStatusCode?> StatusAsync(Task<RawS3Response> upload)
    {
        try
        {
            return (await upload).Status;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    [Fact]
    public async Task Too_few_files_to_serve_at_all_are_refused_in_one_line()
    {
        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TarnServer.StartAsync(new TarnServerOptions { Shell = "ulimit -n 300; exec \"$@\"" }));
        Assert.Contains("tarn: the process may open 300 files, which is too few", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Connections that send only the beginning of a request, and read nothing.</summary>
    private sealed class Idlers : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public async Task ConnectAsync(Uri address, int count, string sent)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(sent);
            var pending = new List<Task>();
            for (int i = 0; i < count; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                pending.Add(ConnectAsync(socket, address, bytes));
            }

            await Task.WhenAll(pending);
        }

        public void Dispose() => _sockets.ForEach(s => s.Dispose());

        private static async Task ConnectAsync(Socket socket, Uri address, byte[] bytes)
        {
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, address.Port);
                await socket.SendAsync(bytes);
            }
            catch (SocketException)
            {
                // Already closed, which is what the test is about.
            }
        }
    }

    private sealed class HeldContent(int size) : HttpContent
    {
        private readonly TaskCompletionSource _rest = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _rest.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[1000]);
            await stream.FlushAsync();
            await _rest.Task;
            await stream.WriteAsync(new byte[size - 1000]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return true;
        }
    }
}
