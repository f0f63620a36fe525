using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>The server as a process: it starts, reports that it is ready, drains on SIGTERM and locks its data directory.</summary>
public sealed class ServerProcessTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sigterm_ends_it_with_exit_code_0_and_a_restart_finds_the_data(bool tls)
    {
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Tls = tls });
        using (var before = new RawS3Client(server.Endpoint))
        {
            await before.CreateBucketAsync("kept");
            (await before.PutAsync("kept", "small", "inline"u8.ToArray())).Expect();
            (await before.PutAsync("kept", "large", new byte[3_000_000])).Expect();
        }

        await server.StopAsync();
        Assert.Null(server.ProcessId);
        await server.RestartAsync();
        using var after = new RawS3Client(server.Endpoint);
        Assert.Equal("inline", (await after.GetAsync("kept", "small")).Expect().Text);
        Assert.Equal(3_000_000, (await after.GetAsync("kept", "large")).Expect().Body.Length);
        await server.StopAsync();
    }

    [Fact]
    public async Task Every_metric_is_shown_once_and_those_to_watch_before_anything_happened()
    {
        await using var server = await TarnServer.StartAsync();
        using (var client = new RawS3Client(server.Endpoint))
        {
            await client.CreateBucketAsync("metrics");
            (await client.PutAsync("metrics", "key", new byte[1000])).Expect();
            (await client.GetAsync("metrics", "key")).Expect();
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("metrics", "none")).Status);
        }

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var lines = (await http.GetStringAsync(new Uri(server.Control, "metrics"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] series = [.. lines.Where(line => line[0] != '#').Select(line => line[..line.LastIndexOf(' ')])];
        Assert.Equal(series.Distinct(), series);
        foreach (var name in new[] { "tarn_metadata_failed", "tarn_blob_read_errors_total", "tarn_disk_refused_total", "tarn_reclaim_backlog" })
        {
            Assert.Contains(name + "{} 0", lines);
        }

        Assert.Contains("tarn_s3_requests_total{http_response_status_code=\"200\",rpc_method=\"PutObject\"} 1", lines);
        Assert.Contains("tarn_s3_requests_total{error_type=\"NoSuchKey\",http_response_status_code=\"404\",rpc_method=\"GetObject\"} 1", lines);
        Assert.Contains("tarn_s3_received_bytes_total{rpc_method=\"PutObject\"} 1000", lines);
        Assert.Contains("tarn_s3_request_time_to_first_byte_seconds_count{rpc_method=\"GetObject\"} 1", lines);
        Assert.Contains("tarn_s3_request_duration_seconds_bucket{rpc_method=\"PutObject\",le=\"60\"} 1", lines);

        await server.StopAsync();
    }

    [Fact]
    public async Task Data_directory_in_use_is_refused()
    {
        await using var first = await TarnServer.StartAsync();
        var options = new TarnServerOptions { DataDirectory = first.DataDirectory };
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => TarnServer.StartAsync(options));
        Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
        await first.StopAsync();
    }

    [Fact]
    public async Task A_bucket_is_in_the_region_that_the_server_is_told_now()
    {
        using var data = new TemporaryDirectory("region");
        string directory = data.PathOf("data");
        await using (var first = await TarnServer.StartAsync(new TarnServerOptions { DataDirectory = directory }))
        {
            using var client = new RawS3Client(first.Endpoint);
            await client.CreateBucketAsync("moved");
            await first.StopAsync();
        }

        await using var second = await TarnServer.StartAsync(new TarnServerOptions { DataDirectory = directory, Region = "eu-central-1" });
        using var moved = new RawS3Client(second.Endpoint);
        var answer = (await moved.SendAsync(HttpMethod.Get, "moved", query: new Dictionary<string, string> { ["location"] = "" })).Expect();
        Assert.Contains(">eu-central-1<", answer.Text, StringComparison.Ordinal);
        Assert.Equal("eu-central-1", answer.Header("x-amz-bucket-region"));
        await second.StopAsync();
    }

    [Fact]
    public async Task Request_in_flight_at_sigterm_is_answered()
    {
        await using var server = await TarnServer.StartAsync();
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync("drained");
        var content = new SlowContent(1_000_000);
        var upload = client.SendContentAsync(HttpMethod.Put, "drained", "slow", content);
        await content.HalfSent;
        var stop = server.StopAsync();
        await server.StoppedListeningAsync();
        content.SendRest();
        Assert.Equal(HttpStatusCode.OK, (await upload).Status);
        await stop;
        await server.RestartAsync();
        Assert.Equal(1_000_000, (await client.GetAsync("drained", "slow")).Expect().Body.Length);
    }

    [Fact]
    public async Task While_it_drains_it_serves_but_is_not_ready_and_a_second_signal_ends_it()
    {
        string socket = Path.Combine(Path.GetTempPath(), $"tarn-notify-{Guid.NewGuid():N}");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(socket));
        try
        {
            await using var server = await TarnServer.StartAsync(new TarnServerOptions
            {
                Arguments = ["--drain-delay", "3600", "--s3-health-path", "/health"],
                Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = socket, ["WATCHDOG_USEC"] = "100000" },
            });
            await ReceiveAsync(manager, "READY=1");
            await ReceiveAsync(manager, "WATCHDOG=1");
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            Assert.Equal("ready\n", await http.GetStringAsync(new Uri(server.Endpoint.S3, "health")));
            using var client = new RawS3Client(server.Endpoint);
            await client.CreateBucketAsync("drained");
            server.Terminate();
            await ReceiveAsync(manager, "STOPPING=1");
            await ReceiveAsync(manager, "WATCHDOG=1");
            foreach (Uri ready in new[] { new Uri(server.Control, "health/ready"), new Uri(server.Endpoint.S3, "health"), new Uri(server.Endpoint.S3, "health/ready") })
            {
                using HttpResponseMessage answer = await http.GetAsync(ready);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            }

            Assert.Equal("live\n", await http.GetStringAsync(new Uri(server.Endpoint.S3, "health/live")));
            (await client.PutAsync("drained", "key", new byte[1000])).Expect();
            server.Terminate();
            Assert.Equal(143, await server.ExitAsync());
            await server.RestartAsync();
            Assert.Equal(1000, (await client.GetAsync("drained", "key")).Expect().Body.Length);
        }
        finally
        {
            File.Delete(socket);
        }
    }

    [Fact]
    public async Task A_signal_while_it_starts_stops_it_with_exit_code_0_and_the_data_directory_is_free()
    {
        using var directory = new TemporaryDirectory("starting");
        var options = new TarnServerOptions { DataDirectory = directory.PathOf("data") };
        Assert.Equal("", await StopWhileStartingAsync(directory, options.DataDirectory, options.AccessKey, options.SecretKey));
        await using var next = await TarnServer.StartAsync(options);
    }

    [Fact]
    public async Task A_signal_while_it_starts_for_the_first_time_does_not_lose_the_root_key()
    {
        using var directory = new TemporaryDirectory("starting");
        string data = directory.PathOf("data");
        string[] output = (await StopWhileStartingAsync(directory, data, null, null)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("Root credentials, shown only once: access key * secret key *", string.Join(' ', output.Select((word, at) => at is 7 or 10 ? "*" : word)));
        await using var next = await TarnServer.StartAsync(new TarnServerOptions
        {
            DataDirectory = data,
            AccessKey = output[7],
            SecretKey = output[10],
            Environment = new Dictionary<string, string?> { ["TARN_ROOT_ACCESS_KEY"] = null, ["TARN_ROOT_SECRET_KEY"] = null },
        });
        using var client = new RawS3Client(next.Endpoint);
        await client.CreateBucketAsync("accepted");
    }

    /// <summary>Starts a server that is told to stop when it has opened its stores, before it listens.</summary>
    /// <returns>What it wrote to standard output.</returns>
    private static async Task<string> StopWhileStartingAsync(TemporaryDirectory directory, string data, string? accessKey, string? secretKey)
    {
        var files = TestCertificates.Create(directory.FullPath);
        // The start waits for a writer of the key's file.
        var pipe = directory.PathOf("pipe.key");
        using (var made = Process.Start("mkfifo", pipe))
        {
            await made.WaitForExitAsync();
        }

        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        string[] arguments = [RepositoryLayout.ServerAssembly, "serve", "--data", data, "--s3", "127.0.0.1:0", "--control", "127.0.0.1:0", "--log-level", "information", "--tls-cert", files.CertificateFile, "--tls-key", pipe];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["TARN_ROOT_ACCESS_KEY"] = accessKey;
        start.Environment["TARN_ROOT_SECRET_KEY"] = secretKey;
        using var server = Process.Start(start)!;
        try
        {
            var output = server.StandardOutput.ReadToEndAsync();
            var error = new StringBuilder();
            Task<FileStream> opened = Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite));
            Assert.Same(opened, await Task.WhenAny(opened, server.WaitForExitAsync()));
            await using (FileStream key = await opened)
            {
                PosixSignal.Terminate(server);
                while (!error.ToString().Contains("while the server starts", StringComparison.Ordinal))
                {
                    error.AppendLine(await server.StandardError.ReadLineAsync() ?? throw new InvalidOperationException($"It ended: {error}"));
                }

                // What is read later is read from the file.
                File.Move(files.KeyFile, pipe, overwrite: true);
                await key.WriteAsync(await File.ReadAllBytesAsync(pipe));
            }

            error.Append(await server.StandardError.ReadToEndAsync());
            await server.WaitForExitAsync();
            Assert.Equal(0, server.ExitCode);
            Assert.DoesNotContain("xception", error.ToString(), StringComparison.Ordinal);
            return await output;
        }
        finally
        {
            server.Kill();
        }
    }

    private static async Task ReceiveAsync(Socket socket, string state)
    {
        byte[] buffer = new byte[256];
        while (Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer)) is var received && received != state)
        {
            Assert.Equal("WATCHDOG=1", received);
        }
    }

    private sealed class SlowContent(int size) : HttpContent
    {
        private readonly TaskCompletionSource _half = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _rest = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task HalfSent => _half.Task;

        public void SendRest() => _rest.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[size / 2]);
            await stream.FlushAsync();
            _half.SetResult();
            await _rest.Task;
            await stream.WriteAsync(new byte[size - (size / 2)]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return true;
        }
    }
}
