using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Accelerators;

/// <summary>
/// One of the processes is killed (SIGKILL) in the middle of a download whose reader is slow: the reader gets what it began, or a cut; never a mixture, never less with success.
/// </summary>
public sealed class AcceleratorKillTests
{
    private const int MiB = 1 << 20;
    private const int Size = 48 * MiB;

    private readonly byte[] _data = new byte[Size];

    public AcceleratorKillTests() => new Random(3).NextBytes(_data);

    [Fact]
    public async Task A_killed_accelerator_cuts_its_downloads_and_finds_its_cache_again()
    {
        await using AcceleratedZone zone = await StartAsync(1);
        TarnAccelerator accelerator = zone.Accelerators[0];
        await WholeAsync(accelerator);
        await using (Download download = await BeginAsync(accelerator))
        {
            await accelerator.KillHardAsync();
            await download.ReadAsync(Size);
            AssertCut(download);
        }

        await accelerator.RestartAsync();
        await WholeAsync(accelerator);

        // It counts after the last byte.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await accelerator.MetricAsync("tarn_accelerator_sent_bytes_total", "source=\"cache\"") == 0)
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    [Fact]
    public async Task A_killed_peer_is_done_without_in_the_middle_of_a_download()
    {
        await using AcceleratedZone zone = await StartAsync(2);
        (TarnAccelerator reader, TarnAccelerator peer) = (zone.Accelerators[0], zone.Accelerators[1]);
        await WholeAsync(peer);

        // It learns of the one that started last with its next heartbeat.
        await PeersKnownAsync(zone);
        await using Download download = await BeginAsync(reader);
        await peer.KillHardAsync();
        await download.ReadAsync(Size);
        AssertWhole(download);
        await peer.RestartAsync();
        await WholeAsync(peer);
    }

    [Fact]
    public async Task A_killed_server_cuts_what_is_not_cached_and_decides_everything_when_it_is_back()
    {
        await using AcceleratedZone zone = await StartAsync(1);
        TarnAccelerator accelerator = zone.Accelerators[0];
        await using (Download download = await BeginAsync(accelerator))
        {
            await zone.Server.KillHardAsync();
            await download.ReadAsync(Size);
            AssertCut(download);

            // Also of what is cached: nothing is answered that was not decided.
            RawResponse refused = await new RawClient(accelerator.Endpoint).SendAsync("GET", $"/{AcceleratedZone.Bucket}/k", [("Range", "bytes=0-99")]);
            refused.ExpectError(503, "ServiceUnavailable");
            Assert.NotNull(refused["Retry-After"]);
        }

        await zone.Server.RestartAsync();
        await WholeAsync(accelerator);

        // What is cached is read on without the server.
        await using Download cached = await BeginAsync(accelerator);
        await zone.Server.KillHardAsync();
        await cached.ReadAsync(Size);
        AssertWhole(cached);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_is_started_again_goes_on_with_what_was_begun(bool isReplaced)
    {
        await using AcceleratedZone zone = await StartAsync(1);
        TarnAccelerator accelerator = zone.Accelerators[0];
        await using Download download = await BeginAsync(accelerator);
        if (isReplaced)
        {
            await PutAsync(zone, new byte[Size]);
        }

        await zone.Server.KillHardAsync();
        await zone.Server.RestartAsync();
        await download.ReadAsync(Size);

        // What was under way when it was killed may have been needed.
        Assert.True(_data.AsSpan(0, download.Bytes.Length).SequenceEqual(download.Bytes), "Bytes of another object.");
        RawResponse now = (await new RawClient(accelerator.Endpoint).SendAsync("GET", $"/{AcceleratedZone.Bucket}/k")).Expect(200);
        Assert.True((isReplaced ? new byte[Size] : _data).AsSpan().SequenceEqual(now.Body));
    }

    private async Task<AcceleratedZone> StartAsync(int count)
    {
        AcceleratedZone zone = await AcceleratedZone.StartAsync(count);
        await PutAsync(zone, _data);
        return zone;
    }

    private static async Task PutAsync(AcceleratedZone zone, byte[] data)
    {
        using var client = new RawS3Client(zone.Server.Endpoint);
        (await client.PutAsync(AcceleratedZone.Bucket, "k", data)).Expect();
    }

    /// <summary>Waits until a read by the first one is served by the second.</summary>
    private static async Task PeersKnownAsync(AcceleratedZone zone)
    {
        using var client = new RawS3Client(zone.Accelerators[0].Endpoint);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        byte[] probe = new byte[200_000];
        for (int i = 0; await zone.Accelerators[1].MetricAsync("tarn_accelerator_sent_to_peers_bytes_total") == 0; i++)
        {
            await tick.WaitForNextTickAsync(limit.Token);
            (await client.PutAsync(AcceleratedZone.Bucket, $"probe-{i}", probe)).Expect();
            (await client.GetAsync(AcceleratedZone.Bucket, $"probe-{i}")).Expect();
        }
    }

    private async Task WholeAsync(TarnAccelerator accelerator)
    {
        RawResponse answer = (await new RawClient(accelerator.Endpoint).SendAsync("GET", $"/{AcceleratedZone.Bucket}/k")).Expect(200);
        Assert.True(_data.AsSpan().SequenceEqual(answer.Body), "Other bytes.");
    }

    private static async Task<Download> BeginAsync(TarnAccelerator accelerator)
    {
        (string head, _) = new RawClient(accelerator.Endpoint).Head("GET", $"/{AcceleratedZone.Bucket}/k", null, null);
        Download download = await Download.BeginAsync(accelerator.Endpoint.S3, head, Size);
        await download.ReadAsync(MiB);
        return download;
    }

    private void AssertWhole(Download download)
    {
        Assert.True(download.IsWhole, $"Cut after {download.Bytes.Length} bytes.");
        Assert.True(_data.AsSpan().SequenceEqual(download.Bytes), "Other bytes.");
    }

    private void AssertCut(Download download)
    {
        Assert.False(download.IsWhole);
        Assert.True(_data.AsSpan(0, download.Bytes.Length).SequenceEqual(download.Bytes), "Other bytes.");
    }
}
