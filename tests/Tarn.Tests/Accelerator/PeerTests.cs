using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Cache;
using Tarn.Core.Disks.Catalog;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Configuration;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Accelerator;

/// <summary>Accelerators of one zone: what one has, the others need not fetch from the server.</summary>
public sealed class PeerTests
{
    private const int MiB = 1 << 20;

    private static readonly AcceleratorPeer[] Others = [.. Enumerable.Range(1, 9).Select(i => new AcceleratorPeer($"{i}", $"n{i}", $"10.0.0.{i}:9200", ""))];

    [Fact]
    public void Homes_are_spread_evenly_and_one_that_leaves_moves_only_its_share()
    {
        FrameKey[] keys = [.. Enumerable.Range(0, 20_000).Select(_ => new FrameKey(BlobId.Create(SystemRandomSource.Instance), 5L * MiB, MiB))];
        string[] homes = [.. keys.Select(key => ZoneHomes.Of(key, "10.0.0.0:9200", Others)?.Address ?? "own")];
        Assert.Equal(10, homes.Distinct().Count());
        Assert.All(homes.CountBy(home => home), count => Assert.InRange(count.Value, 1700, 2300));
        AcceleratorPeer[] fewer = [.. Others.Where(peer => peer.Name != "n3")];
        for (int i = 0; i < keys.Length; i++)
        {
            string now = ZoneHomes.Of(keys[i], "10.0.0.0:9200", fewer)?.Address ?? "own";
            Assert.True(now == homes[i] || homes[i] == "10.0.0.3:9200");
        }

        // All say the same, whoever is asked.
        AcceleratorPeer[] seenByFirst = [.. Others.Skip(1), new AcceleratorPeer("0", "n0", "10.0.0.0:9200", "")];
        Assert.All(keys.Take(1000).Select((key, i) => (ZoneHomes.Of(key, "10.0.0.1:9200", seenByFirst)?.Address ?? "10.0.0.1:9200", homes[i] == "own" ? "10.0.0.0:9200" : homes[i])), pair => Assert.Equal(pair.Item2, pair.Item1));
    }

    [Fact]
    public void A_part_of_a_frame_has_the_home_of_the_frame()
    {
        BlobId blob = BlobId.Create(SystemRandomSource.Instance);
        Assert.Single(Enumerable.Range(0, 16).Select(i => ZoneHomes.Of(new FrameKey(blob, (7L * MiB) + (i * 65536), 65536), "own", Others)?.Address).Distinct());
    }

    [Fact]
    public void The_slowest_twentieth_is_hedged()
    {
        var times = new AnswerTimes();
        Assert.Equal(TimeSpan.FromMilliseconds(50), times.NinetyFifth);
        for (int i = 1; i <= 64; i++)
        {
            times.Add(TimeSpan.FromMilliseconds(i * 2));
        }

        Assert.Equal(TimeSpan.FromMilliseconds(122), times.NinetyFifth);
    }

    [Fact]
    public async Task What_one_has_read_the_others_need_not_fetch_from_the_server()
    {
        await using Zone zone = await Zone.StartAsync(3);
        byte[] data = await zone.PutAsync(8 * MiB);
        foreach (TestAccelerator accelerator in zone.Accelerators)
        {
            RawResponse answer = (await zone.Client(accelerator).SendAsync("GET", "/bkt/k")).Expect(200);
            Assert.True(data.AsSpan().SequenceEqual(answer.Body));
            foreach (TestAccelerator each in zone.Accelerators)
            {
                await each.Cache.SettleAsync();
            }
        }

        // A hedge may have asked the server once more.
        long sent = zone.Accelerators.Sum(accelerator => accelerator.Host.Services.GetRequiredService<PeerAnswer>().Sent);
        Assert.InRange(sent, MiB, 16 * MiB);
    }

    [Fact]
    public async Task What_was_cleared_comes_from_none_that_has_not_cleared_it_yet()
    {
        await using Zone zone = await Zone.StartAsync(2);
        byte[] data = await zone.PutAsync(8 * MiB);
        foreach (TestAccelerator each in zone.Accelerators)
        {
            await zone.ReadAsync(each, data);
        }

        // The other one hears of it at its next heartbeat.
        await zone.ClearAllAsync();
        await Zone.HearAsync(zone.Accelerators[0]);
        Assert.Equal(0, zone.Accelerators[0].Cache.Statistics.Frames);
        Assert.NotEqual(0, zone.Accelerators[1].Cache.Statistics.Frames);
        PeerAnswer other = zone.Accelerators[1].Host.Services.GetRequiredService<PeerAnswer>();
        long sent = other.Sent;
        await zone.ReadAsync(zone.Accelerators[0], data);
        Assert.Equal((sent, 8), (other.Sent, zone.Accelerators[0].Cache.Statistics.Frames));

        await Zone.HearAsync(zone.Accelerators[1]);
        Assert.Equal(0, zone.Accelerators[1].Cache.Statistics.Frames);
        await zone.ReadAsync(zone.Accelerators[1], data);
    }

    [Fact]
    public async Task One_that_is_gone_is_done_without()
    {
        await using Zone zone = await Zone.StartAsync(2);
        byte[] data = await zone.PutAsync(8 * MiB);
        await zone.Accelerators[1].DisposeAsync();
        RawResponse answer = (await zone.Client(zone.Accelerators[0]).SendAsync("GET", "/bkt/k")).Expect(200);
        Assert.True(data.AsSpan().SequenceEqual(answer.Body));
    }

    [Fact]
    public async Task Whoever_has_no_registered_certificate_gets_nothing()
    {
        await using Zone zone = await Zone.StartAsync(2);
        await using RawConnection stranger = await RawConnection.OpenAsync(new Uri($"https://{zone.Addresses[0]}"));
        string answer = "";
        try
        {
            await stranger.WriteAsync("GET /v1/blocks/00000000000000000000000000000000/0/1 HTTP/1.1\r\nHost: h\r\n\r\n");
            answer = await stranger.ReadToEndAsync();
        }
        catch (IOException)
        {
            // Reset.
        }

        Assert.Equal("", answer);
    }

    /// <summary>A server and some accelerators of one zone.</summary>
    private sealed class Zone : IAsyncDisposable
    {
        private InProcessServer _server = null!;

        public List<TestAccelerator> Accelerators { get; } = [];

        public List<string> Addresses { get; } = [];

        public static async Task<Zone> StartAsync(int count)
        {
            var zone = new Zone
            {
                _server = await InProcessServer.StartAsync(new InProcessSetup { Options = InProcessServer.Options with { Accelerators = new ListenAddress(IPAddress.Loopback, false, 0) } }),
            };
            NewAcceleratorToken token = await zone._server.Get<AcceleratorTokens>().CreateAsync("test", "z1", AddressList.Any, [], "root", CancellationToken.None);
            for (int i = 0; i < count; i++)
            {
                int port = FreePort.Next();
                string address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
                zone.Addresses.Add(address);
                zone.Accelerators.Add(await TestAccelerator.StartAsync(
                    new Uri(zone._server.Host.AcceleratorsUrl!),
                    change: options => options with { Token = token.Text, Name = $"n{i}", Peers = new ListenAddress(IPAddress.Loopback, false, port), PeerAddress = address }));
            }

            // Twice, so that the first ones learn of the last.
            for (int i = 0; i < 2; i++)
            {
                foreach (TestAccelerator accelerator in zone.Accelerators)
                {
                    await accelerator.RegisterAsync();
                }
            }

            (await zone.Client(zone.Accelerators[0]).SendAsync("PUT", "/bkt")).Expect(200);
            return zone;
        }

        public RawClient Client(TestAccelerator accelerator) => new(new TarnEndpoint(accelerator.Url, InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));

        /// <summary>Reads the object through one, and waits until all have cached what they fetched for it.</summary>
        public async Task ReadAsync(TestAccelerator accelerator, byte[] data)
        {
            RawResponse answer = (await Client(accelerator).SendAsync("GET", "/bkt/k")).Expect(200);
            Assert.True(data.AsSpan().SequenceEqual(answer.Body));
            foreach (TestAccelerator each in Accelerators)
            {
                await each.Cache.SettleAsync();
            }
        }

        /// <summary>Asks all to clear everything.</summary>
        public async Task ClearAllAsync() => await _server.Get<AcceleratorClears>().AddAsync(null, null, null, "arn:test", CancellationToken.None);

        /// <summary>A heartbeat of one, and what it is told to clear.</summary>
        public static async Task HearAsync(TestAccelerator accelerator)
        {
            await accelerator.RegisterAsync();
            await accelerator.Host.Services.GetRequiredService<CacheClears>().Running;
        }

        public async Task<byte[]> PutAsync(int length)
        {
            byte[] data = new byte[length];
            new Random(1).NextBytes(data);
            (await Client(Accelerators[0]).SendAsync("PUT", "/bkt/k", null, data)).Expect(200);
            return data;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (TestAccelerator accelerator in Accelerators)
            {
                await accelerator.DisposeAsync();
            }

            await _server.DisposeAsync();
        }
    }
}
