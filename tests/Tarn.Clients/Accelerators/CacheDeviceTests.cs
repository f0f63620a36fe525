using Tarn.TestKit.Faults;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Accelerators;

/// <summary>The device of the cache fails under the running accelerator, or goes away: that is slower, not wrong.</summary>
public sealed class CacheDeviceTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const int BehindHeaders = 128 * 1024;
    private const string Slabs = "slab-*";

    private readonly TemporaryDirectory _directory = new("cache-device");

    public void Dispose() => _directory.Dispose();

    private static readonly (FaultCalls Calls, int Error, FaultAction Action)[] Failures =
    [
        (FaultCalls.Open, Errno.Input, FaultAction.Fail),
        (FaultCalls.Read, Errno.Input, FaultAction.Fail),
        (FaultCalls.Read | FaultCalls.Write, Errno.Input, FaultAction.Short),
        (FaultCalls.Write, Errno.Input, FaultAction.Fail),
        (FaultCalls.Write | FaultCalls.Allocate | FaultCalls.Truncate, Errno.NoSpace, FaultAction.Fail),
        (FaultCalls.Open | FaultCalls.Write | FaultCalls.Allocate | FaultCalls.Truncate | FaultCalls.Unlink, Errno.ReadOnlyFileSystem, FaultAction.Fail),
        (FaultCalls.Open | FaultCalls.Read | FaultCalls.Write | FaultCalls.Allocate | FaultCalls.Truncate | FaultCalls.Sync | FaultCalls.Unlink, Errno.Input, FaultAction.Fail),
    ];

    [Fact]
    public async Task A_device_that_fails_gives_no_wrong_byte_and_serves_again_when_it_is_well()
    {
        FaultShim.Need();
        string cache = _directory.PathOf("cache");
        using var faults = new FaultInjection(cache);
        await using AcceleratedZone zone = await AcceleratedZone.StartAsync(1, options => options with { Cache = cache, Environment = faults.Environment });
        Assert.True(faults.IsAttached);
        int hits = 0, round = 0;
        foreach ((FaultCalls calls, int error, FaultAction action) in Failures)
        {
            await RoundAsync(zone, round++);
            using (Fault fault = faults.Add(calls, Slabs, error, action))
            {
                await RoundAsync(zone, round++);
                await RoundAsync(zone, round++);
                hits += fault.Hits;
            }

            await RoundAsync(zone, round++);

            // And what it left on the device is right, or missing; a device that failed is used again.
            await zone.Accelerators[0].KillHardAsync();
            await zone.Accelerators[0].RestartAsync();
            for (int i = round - 4; i < round; i++)
            {
                await ReadAsync(zone, i);
            }
        }

        Assert.True(hits > 0);
    }

    [Fact]
    public async Task A_directory_that_is_pulled_away_gives_no_wrong_byte_and_a_start_makes_a_new_one()
    {
        string cache = _directory.PathOf("cache");
        await using AcceleratedZone zone = await AcceleratedZone.StartAsync(1, options => options with { Cache = cache });
        foreach (string how in (string[])["truncated", "emptied", "removed"])
        {
            await RoundAsync(zone, 0);
            Pull(cache, how);
            await ReadAsync(zone, 0);
            await RoundAsync(zone, 1);
            await zone.Accelerators[0].KillHardAsync();
            await zone.Accelerators[0].RestartAsync();
            await ReadAsync(zone, 0);
            await ReadAsync(zone, 1);
        }
    }

    [Fact]
    public async Task What_became_of_the_files_while_nobody_used_them_gives_no_wrong_byte()
    {
        string cache = _directory.PathOf("cache");
        await using AcceleratedZone zone = await AcceleratedZone.StartAsync(1, options => options with { Cache = cache });
        foreach (string how in (string[])["overwritten", "truncated", "emptied"])
        {
            await RoundAsync(zone, 0);
            await RoundAsync(zone, 1);

            // Stopped, not killed: then all that was fetched is on the device.
            await zone.Accelerators[0].StopAsync();
            Pull(cache, how);
            await zone.Accelerators[0].RestartAsync();
            await ReadAsync(zone, 0);
            await ReadAsync(zone, 1);
        }
    }

    private static void Pull(string cache, string how)
    {
        if (how == "removed")
        {
            Directory.Delete(cache, recursive: true);
            return;
        }

        foreach (string path in Directory.GetFiles(cache, Slabs))
        {
            switch (how)
            {
                case "emptied":
                    File.Delete(path);
                    break;
                case "truncated":
                    using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                    {
                        file.SetLength(file.Length / 3);
                    }

                    break;
                default:
                    // By somebody else's data, behind headers that say that it is the cache's.
                    using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                    {
                        byte[] noise = new byte[file.Length - BehindHeaders];
                        new Random(4).NextBytes(noise);
                        file.Position = BehindHeaders;
                        file.Write(noise);
                    }

                    break;
            }
        }
    }

    /// <summary>An object is written, read into the cache, read again, and replaced: nothing of it is seen again.</summary>
    private static async Task RoundAsync(AcceleratedZone zone, int round)
    {
        using var client = new RawS3Client(zone.Accelerators[0].Endpoint);
        (await client.PutAsync(AcceleratedZone.Bucket, $"k{round}", new byte[3 * MiB])).Expect();
        Assert.Equal(new byte[3 * MiB], (await client.GetAsync(AcceleratedZone.Bucket, $"k{round}")).Expect().Body);
        (await client.PutAsync(AcceleratedZone.Bucket, $"k{round}", Content(round))).Expect();
        await ReadAsync(zone, round);
        await ReadAsync(zone, round);
    }

    private static async Task ReadAsync(AcceleratedZone zone, int round)
    {
        using var client = new RawS3Client(zone.Accelerators[0].Endpoint);
        RawS3Response answer = (await client.GetAsync(AcceleratedZone.Bucket, $"k{round}")).Expect();
        Assert.True(Content(round).AsSpan().SequenceEqual(answer.Body), $"k{round} has other bytes.");
    }

    private static byte[] Content(int seed)
    {
        byte[] bytes = new byte[(3 * MiB) + 12_345];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
