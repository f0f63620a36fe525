using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tarn.Server.Configuration;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Accelerator;

/// <summary>What an operator sees of an accelerator: its access log, its health, its metrics, its end.</summary>
public sealed class AcceleratorHostTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_access_log_has_the_id_that_the_upstream_gave_and_where_the_bytes_came_from()
    {
        string log = _directory.PathOf("access.log");
        await using var upstream = new PlanningUpstream(100_000);
        await using (TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url, change: options => options with { AccessLog = log }))
        {
            for (int i = 0; i < 2; i++)
            {
                await using RawConnection client = await accelerator.ConnectAsync();
                await client.WriteAsync("GET /b/k?X-Amz-Signature=secret&versionId=v HTTP/1.1\r\nHost: h\r\nUser-Agent: tests\r\n\r\n");
                _ = await client.ReadResponseAsync("GET");
                await accelerator.Cache.SettleAsync();
            }

            // A line is written once its request has ended, which is after its answer.
            await accelerator.Host.Services.GetRequiredService<IHost>().StopAsync(TestContext.Current.CancellationToken);
        }

        // Two that ended at nearly the same time may have changed places.
        JsonElement[] lines = [.. File.ReadLines(log).Select(line => JsonDocument.Parse(line).RootElement).OrderByDescending(line => line.GetProperty("cache").GetString(), StringComparer.Ordinal)];
        Assert.Equal(["miss", "hit"], lines.Select(line => line.GetProperty("cache").GetString()));
        Assert.Equal([(0, 100_000), (100_000, 0)], lines.Select(line => (line.GetProperty("bytesFromCache").GetInt32(), line.GetProperty("bytesFromUpstream").GetInt32())));
        Assert.All(lines, line => Assert.Equal(
            (PlanningUpstream.RequestId, "GET", "/b/k?X-Amz-Signature=Redacted&versionId=v", 200, "127.0.0.1", "tests", 100_000),
            (line.GetProperty("requestId").GetString(), line.GetProperty("method").GetString(), line.GetProperty("target").GetString(), line.GetProperty("status").GetInt32(),
                line.GetProperty("remote").GetString(), line.GetProperty("userAgent").GetString(), line.GetProperty("bytesOut").GetInt32())));
    }

    [Fact]
    public async Task It_is_ready_once_it_is_registered()
    {
        await using var upstream = new PlanningUpstream(100_000);
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url, change: options => options with { Metrics = new ListenAddress(IPAddress.Loopback, false, 0) });
        var metrics = new Uri(accelerator.Host.MetricsUrl!);
        Assert.Contains("\r\n\r\nnot registered", await AskAsync(metrics, "/health/ready"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 OK", await AskAsync(metrics, "/health/live"), StringComparison.Ordinal);
        await accelerator.RegisterAsync();
        Assert.StartsWith("HTTP/1.1 200 OK", await AskAsync(metrics, "/health/ready"), StringComparison.Ordinal);
        Assert.Contains("tarn_cache_capacity_bytes{} 67108864", await AskAsync(metrics, "/metrics"), StringComparison.Ordinal);

        // Clients do not see these: for them it is a bucket.
        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(accelerator.Url, "/health/ready"), StringComparison.Ordinal);
        Assert.Equal("GET /health/ready HTTP/1.1", upstream.Wire.OfClients.Single().RequestLine);
    }

    [Fact]
    public async Task An_answer_that_has_begun_is_finished_before_it_stops()
    {
        var goOn = new TaskCompletionSource();
        await using var upstream = new FakeUpstream(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
            await goOn.Task;
            await exchange.SendAsync("lf");
        });
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url);
        await using RawConnection client = await accelerator.ConnectAsync();
        await client.WriteAsync("DELETE /b/k HTTP/1.1\r\nHost: h\r\n\r\n");
        while (upstream.OfClients.Length == 0)
        {
            await Task.Yield();
        }

        accelerator.Host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Task stopped = accelerator.Host.WaitForShutdownAsync(CancellationToken.None);
        goOn.SetResult();
        Assert.Equal("half", (await client.ReadResponseAsync("DELETE"))!.Text);
        await stopped;
    }

    private static Task<string> AskAsync(Uri url, string path) => RawConnection.AskAsync(url, $"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
}
