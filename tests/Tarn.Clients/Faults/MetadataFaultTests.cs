using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Tarn.TestKit.Faults;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Faults;

/// <summary>A metadata store that fails or is damaged reports it, accepts nothing that it may lose, and loses nothing that it accepted.</summary>
public sealed partial class MetadataFaultTests
{
    private static readonly byte[] Inline = FaultyServer.Content(1000, 1);

    [Theory]
    [InlineData(FaultCalls.Sync, Errno.Input)]
    [InlineData(FaultCalls.Write, Errno.Input)]
    [InlineData(FaultCalls.Sync, Errno.Quota)] // RocksDB recovers on its own after ENOSPC only
    [InlineData(FaultCalls.Write, Errno.Quota)]
    public async Task After_a_failed_write_of_the_log_the_server_is_not_ready_and_refuses_writes(FaultCalls call, int error)
    {
        await using var server = await FaultyServer.StartAsync();
        await server.PutAsync("before", Inline);
        await server.AssertMetricAsync(0, "tarn_metadata_failed");
        using (server.Faults.Add(call, "meta/*.log", error, times: 1))
        {
            await AssertUnavailableAsync(server, HttpMethod.Put, "failed", body: Inline);
        }

        // The device works again, but what it holds after the failed write is unknown.
        await AssertUnavailableAsync(server, HttpMethod.Put, "inline", body: Inline);
        await AssertUnavailableAsync(server, HttpMethod.Put, "blob", body: FaultyServer.Content(100_000, 2));
        await AssertUnavailableAsync(server, HttpMethod.Delete, "before");
        await AssertUnavailableAsync(server, HttpMethod.Post, "parts", new() { ["uploads"] = "" });
        var list = "<Delete><Object><Key>before</Key></Object></Delete>"u8.ToArray();
        var deletes = (await server.Client.SendAsync(
            HttpMethod.Post, FaultyServer.Bucket, null, new Dictionary<string, string> { ["delete"] = "" },
            new Dictionary<string, string> { ["x-amz-checksum-sha256"] = Convert.ToBase64String(SHA256.HashData(list)) }, list)).Expect();
        Assert.Contains("<Code>ServiceUnavailable</Code>", deletes.Text, StringComparison.Ordinal);
        await server.AssertIsAsync("before", Inline);

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync(new Uri(server.Server.Control, "health/ready"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(server.Server.Control, "health/live"))).StatusCode);
        await server.AssertMetricAsync(1, "tarn_metadata_failed");
        await server.Server.StopAsync();
        Assert.Single(LoudLine().Matches(server.Server.Output));
        Assert.DoesNotContain(" failed; request ", server.Server.Output, StringComparison.Ordinal);

        await server.Server.RestartAsync();
        await server.AssertIsAsync("before", Inline);
        await server.PutAsync("inline", Inline);
        await server.AssertMetricAsync(0, "tarn_metadata_failed");
    }

    [Theory]
    [InlineData(FaultCalls.Sync, "meta/*.sst", Errno.Input)]
    [InlineData(FaultCalls.Write, "meta/MANIFEST-*", Errno.Input)]
    [InlineData(FaultCalls.Write, "meta/*.sst", Errno.Quota)]
    [InlineData(FaultCalls.Open, "meta/*.log", Errno.NoSpace)] // which RocksDB does not get over
    public async Task A_flush_that_failed_makes_the_server_not_ready_without_another_write(FaultCalls call, string pattern, int error)
    {
        await using var server = await FaultyServer.StartAsync();
        var row = FaultyServer.Content(16 << 10, 1);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using (var fault = server.Faults.Add(call, pattern, error))
        {
            for (var i = 0; i < 4000 && fault.Hits == 0; i++)
            {
                await server.Client.PutAsync(FaultyServer.Bucket, $"key{i}", row);
            }

            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while ((await http.GetAsync(new Uri(server.Server.Control, "health/ready"), limit.Token)).StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                await tick.WaitForNextTickAsync(limit.Token);
            }
        }

        await server.AssertMetricAsync(1, "tarn_metadata_failed");
        await AssertUnavailableAsync(server, HttpMethod.Put, "failed", body: row);
        Assert.Single(LoudLine().Matches(server.Server.Output));
        await server.Server.KillHardAsync();
        await server.Server.RestartAsync();
        await server.AssertIsAsync("key0", row);
    }

    [Fact]
    public async Task A_flipped_bit_of_the_log_stops_the_start_until_the_loss_is_accepted()
    {
        using var directory = new TemporaryDirectory("damage");
        var options = new TarnServerOptions { DataDirectory = directory.PathOf("data") };
        await using (var server = await TarnServer.StartAsync(options))
        {
            using var client = new RawS3Client(server.Endpoint);
            await client.CreateBucketAsync("damage");
            for (var i = 0; i < 40; i++)
            {
                (await client.PutAsync("damage", $"k{i}", Inline)).Expect();
            }

            await server.KillHardAsync();
        }

        var log = Directory.GetFiles(directory.PathOf("data/meta"), "*.log").Max(StringComparer.Ordinal)!;
        var bytes = await File.ReadAllBytesAsync(log);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(log, bytes);
        string? accept = null;
        for (var i = 0; i < 2; i++)
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => TarnServer.StartAsync(options));
            Assert.Contains("is damaged, and opening it would lose acknowledged writes", refused.Message, StringComparison.Ordinal);
            var named = Flag().Match(refused.Message);
            Assert.True(accept is null || accept == named.Groups[1].Value);
            accept = named.Groups[1].Value;
        }

        await using var accepted = await TarnServer.StartAsync(options with { Arguments = ["--accept-log-loss", accept!] });
        Assert.Contains("Lost from the metadata, as accepted", accepted.Output, StringComparison.Ordinal);
        using var after = new RawS3Client(accepted.Endpoint);
        var left = 0;
        for (var i = 0; i < 40; i++)
        {
            var got = await after.GetAsync("damage", $"k{i}");
            Assert.Equal(left == i ? got.Status : HttpStatusCode.NotFound, got.Status);
            left += got.Status == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.InRange(left, 10, 30);
        (await after.PutAsync("damage", "new", Inline)).Expect();
        await accepted.StopAsync();
        await using var again = await TarnServer.StartAsync(options);
    }

    private static async Task AssertUnavailableAsync(
        FaultyServer server, HttpMethod method, string key, Dictionary<string, string>? query = null, byte[]? body = null)
    {
        var answer = await server.Client.SendAsync(method, FaultyServer.Bucket, key, query, body: body);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Contains("<Code>ServiceUnavailable</Code>", answer.Text, StringComparison.Ordinal);
        Assert.Contains("until the server is restarted", answer.Text, StringComparison.Ordinal);
    }

    [GeneratedRegex("A write to the metadata store .* failed\\. Reads continue")]
    private static partial Regex LoudLine();

    [GeneratedRegex("--accept-log-loss ([0-9]+)")]
    private static partial Regex Flag();
}
