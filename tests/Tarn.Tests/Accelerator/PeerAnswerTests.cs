using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Cache;
using Tarn.Core.Hashing;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Server.Configuration;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Accelerator;

/// <summary>What an accelerator answers to another one of its zone, which the test is.</summary>
public sealed class PeerAnswerTests
{
    private const int Block = BlockFrames.BlockSize;

    [Fact]
    public async Task Blocks_go_with_the_checksums_that_they_came_with_so_that_damage_in_memory_is_noticed()
    {
        await using Home home = await Home.StartAsync(3 * Block, offset: 0);
        (byte[] sound, ulong[] checksums) = await home.ReadAsync(0, 3 * Block);
        Assert.Equal(home.Upstream.Object, sound);
        await home.Accelerator.Cache.SettleAsync();

        // In the file, and so in the page cache, where the block counts as verified.
        string slab = Assert.Single(Directory.GetFiles(home.CacheDirectory, "slab-*"));
        using (var file = new FileStream(slab, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = SlabLayout.For(home.CacheSize).DataAt + Block + 5;
            file.WriteByte((byte)~sound[Block + 5]);
        }

        (byte[] bytes, ulong[] again) = await home.ReadAsync(0, 3 * Block);
        Assert.Equal(checksums, again);
        Assert.Equal(Enumerable.Range(0, 3).Select(i => Crc.Crc64Nvme.Of(sound.AsSpan(i * Block, Block))), again);
        Assert.Equal(sound[..Block], bytes[..Block]);
    }

    [Theory]
    [InlineData(1000, 64_536, 200)]
    [InlineData(65_536, 65_536, 200)]
    [InlineData(65_536, 135_464, 200)]
    [InlineData(1000, 200_000, 200)]
    [InlineData(131_072, 69_928, 200)]
    [InlineData(1000, 100, 400)]
    [InlineData(1001, 64_535, 400)]
    [InlineData(2000, 63_536, 400)]
    [InlineData(65_536, 65_535, 400)]
    [InlineData(65_537, 65_535, 400)]
    [InlineData(65_536, 10, 400)]
    [InlineData(0, 65_536, 403)]
    [InlineData(131_072, 69_929, 403)]
    public async Task A_run_is_of_whole_blocks_of_what_the_capability_names(long start, int length, int status)
    {
        await using Home home = await Home.StartAsync(200_000, offset: 1000);
        if (status != 200)
        {
            FrameUnavailableException refused = await Assert.ThrowsAsync<FrameUnavailableException>(() => home.ReadAsync(start, length));
            Assert.Equal(status, Assert.IsType<NodeRefusedException>(refused.InnerException).Status);
            Assert.Empty(home.Upstream.Blocks);
            return;
        }

        (byte[] bytes, ulong[] checksums) = await home.ReadAsync(start, length);
        Assert.True(home.Upstream.Object.AsSpan((int)start - 1000, length).SequenceEqual(bytes));
        Assert.Equal(BlockFrames.Count(start, length), checksums.Length);
        for (long at = start, block = 0; at < start + length; at += BlockFrames.LengthAt(at, start + length), block++)
        {
            Assert.Equal(Crc.Crc64Nvme.Of(bytes.AsSpan((int)(at - start), BlockFrames.LengthAt(at, start + length))), checksums[block]);
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("forged")]
    [InlineData("expired")]
    [InlineData("of another zone")]
    [InlineData("of another blob")]
    public async Task Nothing_is_given_without_a_capability_of_the_zone_for_it_also_of_what_is_cached(string kind)
    {
        await using Home home = await Home.StartAsync(3 * Block, offset: 0);
        await home.ReadAsync(0, 3 * Block);
        home.Capability = kind switch
        {
            "none" => "",
            "forged" => home.Make(key: new byte[ZoneKey.Size]),
            "expired" => home.Make(expires: -1),
            "of another zone" => home.Make(zone: "z2"),
            _ => home.Make(blob: BlobId.Create(SystemRandomSource.Instance)),
        };
        FrameUnavailableException refused = await Assert.ThrowsAsync<FrameUnavailableException>(() => home.ReadAsync(0, 3 * Block));
        Assert.Equal(403, Assert.IsType<NodeRefusedException>(refused.InnerException).Status);
        home.Capability = home.Make();
        await home.ReadAsync(0, 3 * Block);
    }

    [Fact]
    public async Task Whoever_is_registered_no_more_gets_nothing_on_a_connection_that_was_made_before_either()
    {
        await using Home home = await Home.StartAsync(3 * Block, offset: 0);
        await home.ReadAsync(0, 3 * Block);
        Assert.Equal(1, home.Kept);
        home.Tell([]);
        FrameUnavailableException refused = await Assert.ThrowsAsync<FrameUnavailableException>(() => home.ReadAsync(0, 3 * Block));
        Assert.Equal(403, Assert.IsType<NodeRefusedException>(refused.InnerException).Status);
        Assert.Equal(0, home.Kept);

        // And none on a new one.
        refused = await Assert.ThrowsAsync<FrameUnavailableException>(() => home.ReadAsync(0, 3 * Block));
        Assert.IsNotType<NodeRefusedException>(refused.InnerException);
        home.TellOfTest();
        await home.ReadAsync(0, 3 * Block);
    }

    [Theory]
    [InlineData("", "", 200)]
    [InlineData("", "a", 200)]
    [InlineData("a", "a", 200)]
    [InlineData("b,a", "a,b", 200)]
    [InlineData("a", "", 404)]
    [InlineData("a,b", "a", 404)]
    [InlineData("a", "b", 404)]
    [InlineData("A", "a", 404)]
    [InlineData("a,", "a", 404)]
    [InlineData("a, b", "a,b", 404)]
    [InlineData("aa", "a", 404)]
    public async Task Who_has_cleared_something_gets_nothing_of_one_that_has_not(string asker, string done, int status)
    {
        await using Home home = await Home.StartAsync(3 * Block, offset: 0);

        // It has not been told of what it has not done, or its device is slow.
        await home.ClearAsync([.. done.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static id => new CacheClear(id, 7, IsForAll: true))]);
        await home.ReadAsync(0, 3 * Block);
        await home.Accelerator.Cache.SettleAsync();
        home.Clears = asker;
        if (status == 200)
        {
            Assert.Equal(home.Upstream.Object, (await home.ReadAsync(0, 3 * Block)).Bytes);
        }
        else
        {
            FrameUnavailableException refused = await Assert.ThrowsAsync<FrameUnavailableException>(() => home.ReadAsync(0, 3 * Block));
            Assert.Equal(status, Assert.IsType<NodeRefusedException>(refused.InnerException).Status);
        }

        // What it has is for those who do not ask for that.
        home.Clears = null;
        await home.ReadAsync(0, 3 * Block);
        Assert.Single(home.Upstream.Blocks);
    }

    [Fact]
    public async Task What_was_done_and_is_told_no_more_is_done_still_and_as_many_ids_as_there_may_be_are_understood()
    {
        await using Home home = await Home.StartAsync(3 * Block, offset: 0);
        CacheClear[] most = [.. Enumerable.Range(0, RegistrationAnswer.MaxClears).Select(static i => new CacheClear(i.ToString("x64", CultureInfo.InvariantCulture), 7, IsForAll: true))];
        await home.ClearAsync(most);
        home.Clears = string.Join(',', most.Select(static clear => clear.Id));
        await home.ReadAsync(0, 3 * Block);

        // Another one hears a heartbeat later that a clear of everything has taken their place.
        await home.ClearAsync([new CacheClear("all", null, IsForAll: true)]);
        await home.ReadAsync(0, 3 * Block);
        home.Clears += ",all";
        await home.ReadAsync(0, 3 * Block);

        // But not for ever.
        await home.ClearAsync([.. most.Select(static clear => clear with { Id = clear.Id[1..] })]);
        home.Host<CacheClears>().Tell([]);
        Assert.False(home.Host<CacheClears>().HasDone("all"));
        Assert.True(home.Host<CacheClears>().HasDone(most[^1].Id.AsSpan(1)));
    }

    [Fact]
    public async Task While_its_clear_is_under_way_it_gives_nothing_to_who_has_done_it()
    {
        await using Home home = await Home.StartAsync(3 * Block, offset: 0);
        await home.ReadAsync(0, 3 * Block);
        await home.Accelerator.Cache.SettleAsync();

        // Told, and not begun.
        home.Host<CacheClears>().Tell([new CacheClear("a", 7, IsForAll: true)]);
        home.Clears = "a";
        FrameUnavailableException refused = await Assert.ThrowsAsync<FrameUnavailableException>(() => home.ReadAsync(0, 3 * Block));
        Assert.Equal(404, Assert.IsType<NodeRefusedException>(refused.InnerException).Status);
        home.Host<CacheClears>().Start(CancellationToken.None);
        await home.Host<CacheClears>().Running;
        await home.ReadAsync(0, 3 * Block);
        Assert.Equal(2, home.Upstream.Blocks.Count);
    }

    /// <summary>An accelerator that shares, over an upstream of the tests, and the test as another one.</summary>
    private sealed class Home : IAsyncDisposable
    {
        private static readonly AcceleratorSecrets Secrets = new([.. Enumerable.Range(0, AcceleratorSecrets.Size).Select(static i => (byte)i)]);

        private readonly PeerIdentity _test = new("127.0.0.1:1", DateTimeOffset.UtcNow);
        private UpstreamPool _pool = null!;
        private NodeClient _client = null!;

        public PlanningUpstream Upstream { get; private init; } = null!;

        public TestAccelerator Accelerator { get; private set; } = null!;

        /// <summary>What the test presents.</summary>
        public string Capability { get; set; } = "";

        /// <summary>The ids of clears that the test names; null: none, and no header.</summary>
        public string? Clears { get; set; }

        public string CacheDirectory { get; private set; } = null!;

        public long CacheSize { get; private set; }

        /// <summary>The connections that the test keeps.</summary>
        public int Kept => _pool.Idle;

        public static async Task<Home> StartAsync(int length, long offset)
        {
            var home = new Home { Upstream = new PlanningUpstream(length, offset) };
            int port = FreePort.Next();
            string address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
            home.Accelerator = await TestAccelerator.StartAsync(home.Upstream.Url, change: options =>
            {
                (home.CacheDirectory, home.CacheSize) = (options.Cache, options.CacheSize);
                return options with { Peers = new ListenAddress(IPAddress.Loopback, false, port), PeerAddress = address };
            });
            PeerIdentity identity = home.Accelerator.Host.Services.GetRequiredService<PeerIdentity>();
            home._pool = new UpstreamPool(new UpstreamAddress("127.0.0.1", port, IsTls: true), () => home._test.ClientOptions(identity.Fingerprint), 4, TimeProvider.System);
            home._client = new NodeClient(home._pool, default, TimeProvider.System);
            home.Capability = home.Make();
            home.TellOfTest();
            return home;
        }

        /// <summary>A capability for all of the object.</summary>
        public string Make(BlobId? blob = null, string zone = "z1", int expires = 290, byte[]? key = null)
        {
            uint epoch = ZoneKey.EpochOf(DateTimeOffset.UtcNow);
            return new BlobCapability
            {
                Blob = blob ?? Upstream.Blob, Offset = Upstream.Offset, Length = Upstream.Object.Length, Zone = zone, Expires = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + expires, Epoch = epoch,
            }.Make(Secrets.StoreKey.Span, key ?? Secrets.KeyOf(zone, epoch).Key);
        }

        public void TellOfTest() => Tell([new AcceleratorPeer(new string('0', 32), "test", _test.Address, _test.Fingerprint)]);

        /// <summary>Tells the accelerator of the others of its zone.</summary>
        public void Tell(IReadOnlyList<AcceleratorPeer> peers) => Accelerator.Host.Services.GetRequiredService<ZoneState>().Update(new RegistrationAnswer
        {
            Heartbeat = 3600, Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), ZoneKeys = Secrets.KeysOf("z1", DateTimeOffset.UtcNow), Peers = peers, Clears = [],
        });

        public T Host<T>() where T : notnull => Accelerator.Host.Services.GetRequiredService<T>();

        /// <summary>Tells it of all that is to be cleared, and waits until that is done.</summary>
        public async Task ClearAsync(CacheClear[] clears)
        {
            Host<CacheClears>().Tell(clears);
            Host<CacheClears>().Start(CancellationToken.None);
            await Host<CacheClears>().Running;
        }

        /// <summary>Asks it for a run of the blob.</summary>
        public async Task<(byte[] Bytes, ulong[] Checksums)> ReadAsync(long start, int length)
        {
            byte[] bytes = new byte[length];
            var checksums = new List<ulong>();
            await using IFrameStream stream = await UpstreamBlocks.OpenAsync(
                _client,
                new FrameKey(Upstream.Blob, start, length),
                [new("x-tarn-capability", Capability), new(ZonePeers.BucketHeader, "7"), .. Clears is { } clears ? [new KeyValuePair<string, string>("x-tarn-clears", clears)] : Array.Empty<KeyValuePair<string, string>>()],
                CancellationToken.None);
            for (int done = 0, count; done < length; done += count)
            {
                count = BlockFrames.LengthAt(start + done, start + length);
                checksums.Add(await stream.ReadBlockAsync(bytes.AsMemory(done, count), CancellationToken.None));
            }

            return (bytes, [.. checksums]);
        }

        public async ValueTask DisposeAsync()
        {
            _pool.Dispose();
            await Accelerator.DisposeAsync();
            await Upstream.DisposeAsync();
            _test.Dispose();
        }
    }
}
