using System.Net;
using System.Text.Json;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>A log or banner that cannot be written (stuck, full or closed) does not affect clients: the server serves and stops.</summary>
public sealed class LogSinkTests
{
    [Fact]
    public async Task A_log_that_nobody_reads_stops_neither_requests_nor_the_end()
    {
        var options = new TarnServerOptions { ReadsError = false, Arguments = ["--log-level", "debug"], StopTimeout = TimeSpan.FromSeconds(15) };
        await using var server = await TarnServer.StartAsync(options);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Parallel.ForAsync(0, 6000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, cancel) =>
        {
            Uri where = i % 2 == 0 ? new Uri(server.Control, $"api/shared/{i}") : new Uri(server.Endpoint.S3, $"no-bucket-{i}/key");
            using HttpResponseMessage answer = await http.GetAsync(where, cancel);
            Assert.Equal(i % 2 == 0 ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound, answer.StatusCode);
        });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync("still");
        (await client.PutAsync("still", "here", new byte[100_000])).Expect();
        await server.StopAsync();
    }

    [Theory]
    [InlineData("exec \"$@\" >/dev/full")]
    [InlineData("exec \"$@\" >&-")]
    [InlineData("exec \"$@\" >/dev/full 2>/dev/full")]
    [InlineData("exec \"$@\" <&- >&- 2>&-")]
    public async Task Unwritable_standard_streams_do_not_end_the_start(string shell)
    {
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Shell = shell, Arguments = ["--log-level", "debug"] });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync("any");
        (await client.PutAsync("any", "key", new byte[100_000])).Expect();
        await server.StopAsync();
        await server.RestartAsync();
        Assert.Equal(100_000, (await client.GetAsync("any", "key")).Expect().Body.Length);
        await server.StopAsync();
    }

    [Fact]
    public async Task The_access_log_is_on_standard_output_if_asked_for_and_whole_when_the_server_has_stopped()
    {
        using var directory = new TemporaryDirectory("stdout");
        string output = directory.PathOf("output");
        await using (TarnServer server = await TarnServer.StartAsync(new TarnServerOptions { Shell = $"exec \"$@\" >{output}", Arguments = ["--access-log", "-"] }))
        {
            using var client = new RawS3Client(server.Endpoint);
            await client.CreateBucketAsync("any");
            (await client.PutAsync("any", "key", new byte[100])).Expect();
            await server.StopAsync();
        }

        JsonElement[] lines = [.. (await File.ReadAllLinesAsync(output, TestContext.Current.CancellationToken)).Where(static line => line.StartsWith('{')).Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["CreateBucket any", "PutObject any/key"], lines.Select(static line => $"{line.GetProperty("operation")} {line.GetProperty("bucket")}{(line.TryGetProperty("key", out JsonElement key) ? $"/{key}" : "")}"));
    }

    [Fact]
    public async Task A_standard_output_that_nobody_reads_does_not_hold_up_the_start()
    {
        const string shell = "dd if=/dev/zero bs=1 count=70000 oflag=nonblock 2>/dev/null; exec \"$@\"";
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Shell = shell, ReadsOutput = false });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync("any");
        await server.StopAsync();
    }
}
