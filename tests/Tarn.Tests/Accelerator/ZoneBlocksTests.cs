using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Tests.Cache;

namespace Tarn.Tests.Accelerator;

/// <summary>Frames whose home is another accelerator, which the test is: whatever that does, the bytes are right, and it is asked again only when there is a point in it.</summary>
public sealed class ZoneBlocksTests
{
    private const int Block = BlockFrames.BlockSize;

    [Fact]
    public async Task A_frame_comes_from_its_home()
    {
        await using var setup = new Setup();
        await setup.ReadAsync();
        Assert.Empty(setup.Upstream.Opened);
        Assert.True(setup.Blocks.CameFromPeer(setup.Key));
        Assert.NotNull(setup.Peers.HomeOf(setup.Key));
        Assert.Equal("7", Assert.Single(setup.Home.Requests)["x-tarn-bucket"]);
    }

    [Theory]
    [InlineData("lies")]
    [InlineData("breaks off")]
    public async Task A_home_that_fails_in_mid_frame_is_left_alone_and_the_rest_comes_from_the_upstream(string how)
    {
        await using var setup = new Setup();
        setup.Answer = async (exchange, stream) =>
        {
            int sound = 2 * (Block + BlockFrames.ChecksumSize);
            await exchange.SendAsync(stream.AsMemory(0, sound));
            switch (how)
            {
                case "lies":
                    stream[sound + 100] ^= 1;
                    await exchange.SendAsync(stream.AsMemory(sound));
                    break;
                default:
                    exchange.Close();
                    break;
            }
        };
        await setup.ReadAsync();
        setup.RestCameFromUpstream(blocksOfHome: 2);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 100)]
    [InlineData(2, 0)]
    [InlineData(2, BlockFrames.ChecksumSize)]
    [InlineData(2, Block)]
    [InlineData(15, 100)]
    public async Task A_home_that_stalls_in_mid_frame_is_waited_for_five_seconds_and_the_rest_comes_from_the_upstream(int whole, int more)
    {
        await using var setup = new Setup();
        setup.Answer = async (exchange, stream) =>
        {
            await exchange.SendAsync(stream.AsMemory(0, (whole * (Block + BlockFrames.ChecksumSize)) + more));
            await exchange.ClosedAsync();
        };
        Task waits = setup.Time.WaitBegins(ZonePeers.PauseTime, () => setup.IsOpen && setup.BlocksRead == whole);
        Task reading = setup.ReadAsync();
        await waits;
        setup.Time.Advance(ZonePeers.PauseTime - TimeSpan.FromTicks(1));
        Assert.True(setup.Peers.CircuitOf(setup.Peer).IsWell);
        Assert.Empty(setup.Upstream.Opened);
        setup.Time.Advance(TimeSpan.FromTicks(1));
        await reading;
        setup.RestCameFromUpstream(whole);
    }

    [Fact]
    public async Task A_home_that_pauses_less_before_each_block_gives_the_whole_frame()
    {
        await using var setup = new Setup();
        var waits = new SemaphoreSlim(0);
        setup.Answer = async (exchange, stream) =>
        {
            for (int at = 0; at < stream.Length; at += Block + BlockFrames.ChecksumSize)
            {
                await waits.WaitAsync();
                await exchange.SendAsync(stream.AsMemory(at, Block + BlockFrames.ChecksumSize));
            }
        };
        Task begun = setup.Time.WaitBegins(ZonePeers.PauseTime, () => setup.IsOpen);
        Task reading = setup.ReadAsync();
        for (int block = 0; block < 16; block++)
        {
            await begun;
            int next = block + 1;
            begun = setup.Time.WaitBegins(ZonePeers.PauseTime, () => setup.BlocksRead == next);
            setup.Time.Advance(ZonePeers.PauseTime - TimeSpan.FromTicks(1));
            waits.Release();
        }

        await reading;
        Assert.Empty(setup.Upstream.Opened);
        Assert.True(setup.Blocks.CameFromPeer(setup.Key));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task That_all_connections_to_a_home_are_in_use_says_nothing_of_it(bool isEnded)
    {
        await using var setup = new Setup(connections: 1);
        var asked = new TaskCompletionSource();
        var answers = new TaskCompletionSource();
        var ends = new TaskCompletionSource();
        setup.Answer = async (exchange, stream) =>
        {
            await ends.Task;
            await exchange.SendAsync(stream);
        };
        IFrameStream first = await setup.Blocks.OpenAsync(setup.Key, CancellationToken.None);
        setup.Upstream.Opening = _ =>
        {
            asked.SetResult();
            return answers.Task;
        };

        // It has begun to wait for a connection before it waits for the time to hedge.
        TimeSpan ninetyFifth = setup.Peers.Times.NinetyFifth;
        Task reading = await setup.HedgedAsync(setup.ReadAsync, asked.Task);
        if (isEnded)
        {
            // The other reader ends in time, whatever the wait was: the home is asked and answers.
            setup.Time.Advance(UpstreamPool.Patience - ninetyFifth - TimeSpan.FromTicks(1));
            ends.SetResult();
            await first.DisposeAsync();
            await reading;
            Assert.True(setup.Blocks.CameFromPeer(setup.Key));

            // Nor does it make the home seem slow.
            for (int i = 2; i < 16; i++)
            {
                setup.Peers.Times.Add(TimeSpan.Zero);
            }

            Assert.Equal(TimeSpan.FromMilliseconds(5), setup.Peers.Times.NinetyFifth);
        }
        else
        {
            // Both have failed once the upstream's failure is told.
            setup.Time.Advance(UpstreamPool.Patience - ninetyFifth);
            answers.SetException(new FrameUnavailableException("The upstream is gone."));
            Assert.Equal("The upstream is gone.", (await Assert.ThrowsAsync<FrameUnavailableException>(() => reading)).Message);
            Assert.Single(setup.Home.Requests);
            await first.DisposeAsync();
            ends.SetResult();
        }

        Assert.True(setup.Peers.CircuitOf(setup.Peer).IsWell);
    }

    [Fact]
    public async Task What_has_to_be_cleared_is_named_where_all_are_asked_whether_it_is_done_or_not()
    {
        await using var setup = new Setup();
        await setup.ReadAsync();
        setup.Tell(new CacheClear("a", 7, IsForAll: true), new CacheClear("b", null), new CacheClear("c", null, IsForAll: true));
        await setup.ReadAsync();
        setup.Tell(new CacheClear("b", null));
        await setup.ReadAsync();
        Assert.Equal([null, "a,c", null], setup.Home.Requests.Select(static request => request["x-tarn-clears"]));
    }

    [Fact]
    public async Task The_ids_of_as_many_clears_as_there_may_be_are_no_more_than_a_request_takes()
    {
        await using var setup = new Setup();
        setup.Tell([.. Enumerable.Range(0, RegistrationAnswer.MaxClears).Select(static i => new CacheClear(i.ToString("x64", System.Globalization.CultureInfo.InvariantCulture), 7, IsForAll: true))]);
        await setup.ReadAsync();
        Assert.InRange(setup.Home.Requests.Single().Headers.Sum(static header => header.Name.Length + header.Value.Length + 4), 256 * 65, 24 * 1024);
    }

    [Theory]
    [InlineData("before the home has answered")]
    [InlineData("in mid-frame")]
    [InlineData("while it is written")]
    public async Task What_a_home_gives_that_was_asked_before_a_clear_is_not_kept_after_it(string when)
    {
        await using var setup = new Setup();
        await using CacheSetup cache = await CacheSetup.OpenAsync();
        var reached = new TaskCompletionSource();
        var goesOn = new TaskCompletionSource();
        Task HoldAsync()
        {
            reached.TrySetResult();
            return goesOn.Task;
        }

        if (when == "before the home has answered")
        {
            setup.Before = HoldAsync;
        }
        else if (when == "in mid-frame")
        {
            setup.Answer = async (exchange, stream) =>
            {
                await exchange.SendAsync(stream.AsMemory(0, stream.Length / 2));
                await HoldAsync();
                await exchange.SendAsync(stream.AsMemory(stream.Length / 2));
            };
        }
        else
        {
            cache.Files.Before = (call, _, _) =>
            {
                if (call == FileCall.Write)
                {
                    HoldAsync().Wait();
                }
            };
        }

        Assert.Equal(PrefetchResult.Started, cache.Cache.Prefetch(setup.Key, 7, setup.Blocks));
        await reached.Task;
        setup.Tell(new CacheClear("a", 7, IsForAll: true));
        Task clearing = cache.Cache.ClearAsync(7, CancellationToken.None).AsTask();
        goesOn.SetResult();
        await clearing;
        await cache.Cache.SettleAsync();
        Assert.False(cache.Cache.Contains(setup.Key));
        await cache.ReopenAsync();
        Assert.False(cache.Cache.Contains(setup.Key));
        Assert.Null(Assert.Single(setup.Home.Requests)["x-tarn-clears"]);

        // And whoever reads it now asks for what was fetched since.
        setup.Before = static () => Task.CompletedTask;
        await cache.ReadAllAsync(setup.Key, bucket: 7, source: setup.Blocks);
        Assert.Equal("a", setup.Home.Requests.Last()["x-tarn-clears"]);
    }

    [Fact]
    public async Task A_home_that_gives_a_whole_frame_is_well_again()
    {
        await using var setup = new Setup();
        setup.Peers.CircuitOf(setup.Peer).Failed();
        await setup.ReadAsync();
        Assert.Single(setup.Upstream.Opened);
        setup.Time.Advance(PeerCircuit.Shortest);
        await setup.ReadAsync();
        Assert.Single(setup.Upstream.Opened);
        Assert.NotNull(setup.Peers.HomeOf(setup.Key));
        Assert.NotNull(setup.Peers.HomeOf(setup.Key));
    }

    [Theory]
    [InlineData(404, true)]
    [InlineData(403, true)]
    [InlineData(400, true)]
    [InlineData(503, false)]
    public async Task A_home_that_says_why_it_gives_nothing_is_well_and_one_that_has_no_room_is_not(int status, bool isWell)
    {
        await using var setup = new Setup { Status = status };
        await setup.ReadAsync();
        Assert.Equal(setup.Key, Assert.Single(setup.Upstream.Opened));
        Assert.Equal(isWell, setup.Peers.HomeOf(setup.Key) is not null);
    }

    [Fact]
    public async Task An_upstream_that_fails_before_the_home_has_answered_does_not_cut_the_home()
    {
        await using var setup = new Setup();
        var asked = new TaskCompletionSource();
        var answers = new TaskCompletionSource();
        setup.Before = () => answers.Task;
        setup.Upstream.Opening = _ =>
        {
            asked.SetResult();
            throw new FrameUnavailableException("The upstream is gone.");
        };
        Task reading = await setup.HedgedAsync(setup.ReadAsync, asked.Task);
        answers.SetResult();
        await reading;
        Assert.True(setup.Blocks.CameFromPeer(setup.Key));
        Assert.Equal(0, setup.Upstream.Open);
    }

    [Fact]
    public async Task A_home_that_fails_before_the_upstream_has_answered_does_not_cut_the_upstream()
    {
        await using var setup = new Setup { Status = 503 };
        var asked = new TaskCompletionSource();
        var fails = new TaskCompletionSource();
        var answers = new TaskCompletionSource();
        setup.Before = () => fails.Task;
        setup.Upstream.Opening = _ =>
        {
            asked.TrySetResult();
            return answers.Task;
        };
        Task reading = await setup.HedgedAsync(setup.ReadAsync, asked.Task);
        fails.SetResult();
        while (setup.Peers.CircuitOf(setup.Peer).IsWell)
        {
            await Task.Yield();
        }

        answers.SetResult();
        await reading;
        Assert.Equal(setup.Key, Assert.Single(setup.Upstream.Opened));
    }

    [Fact]
    public async Task A_home_that_is_slower_than_the_upstream_is_cut_and_is_well()
    {
        await using var setup = new Setup();
        var asked = new TaskCompletionSource();
        setup.Answer = static (exchange, _) => exchange.ClosedAsync();
        setup.SendsHead = false;
        setup.Upstream.Opening = _ =>
        {
            asked.SetResult();
            return Task.CompletedTask;
        };
        Task reading = await setup.HedgedAsync(setup.ReadAsync, asked.Task);
        await reading;
        await setup.Ended.Task;
        Assert.False(setup.Blocks.CameFromPeer(setup.Key));
        Assert.NotNull(setup.Peers.HomeOf(setup.Key));
        Assert.Equal(0, setup.Upstream.Open);
    }

    [Fact]
    public async Task An_upstream_that_is_slower_than_the_home_is_cut()
    {
        await using var setup = new Setup();
        var answers = new TaskCompletionSource();
        setup.Before = () => answers.Task;
        var slow = new SlowSource();
        var blocks = new ZoneBlocks(setup.Peers, slow, static () => "capability", 7, new SharedFrames(), setup.Time);
        Task<IFrameStream> opening = await setup.HedgedAsync(() => blocks.OpenAsync(setup.Key, CancellationToken.None).AsTask(), slow.Asked.Task);
        Assert.False(slow.Cut.Task.IsCompleted);
        answers.SetResult();
        await (await opening).DisposeAsync();
        await slow.Cut.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>Never answers.</summary>
    private sealed class SlowSource : IFrameSource
    {
        public TaskCompletionSource Asked { get; } = new();

        public TaskCompletionSource Cut { get; } = new();

        public async ValueTask<IFrameStream> OpenAsync(FrameKey key, CancellationToken cancellationToken)
        {
            await using CancellationTokenRegistration cut = cancellationToken.Register(Cut.SetResult);
            Asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("There is no end to it.");
        }
    }

    [Fact]
    public async Task What_the_upstream_says_is_said_when_the_home_fails_too()
    {
        await using var setup = new Setup { Status = 503 };
        setup.Upstream.Opening = static _ => throw new FrameUnavailableException("The upstream is gone.");
        Assert.Equal("The upstream is gone.", (await Assert.ThrowsAsync<FrameUnavailableException>(setup.ReadAsync)).Message);
    }

    /// <summary>A home that does what a test says, an upstream, and a clock that stands still.</summary>
    private sealed class Setup : IAsyncDisposable
    {
        private readonly X509Certificate2 _certificate = MakeCertificate();
        private readonly PeerIdentity _identity = new("127.0.0.1:1", DateTimeOffset.UtcNow);
        private readonly ZoneState _zone;
        private int _blocksRead;
        private volatile bool _isOpen;
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Setup(int connections = 64)
        {
            Home = new FakeUpstream(ServeAsync, _certificate);
            Peer = new AcceleratorPeer(new string('1', 32), "home", Home.Url.Authority, Convert.ToHexStringLower(SHA256.HashData(_certificate.RawData)));
            _zone = new ZoneState(Time);
            Tell();
            Peers = new ZonePeers(_identity, _zone, connections, Time);
            Blocks = new ZoneBlocks(Peers, Upstream, static () => "capability", 7, new SharedFrames(), Time);
            do
            {
                Key = new FrameKey(BlobId.Create(SystemRandomSource.Instance), 5L << 20, 1 << 20);
            }
            while (ZoneHomes.Of(Key, _identity.Address, [Peer]) is null);
        }

        public SignallingTime Time { get; } = new();

        public FakeUpstream Home { get; }

        public AcceleratorPeer Peer { get; }

        public ZonePeers Peers { get; }

        public TestSource Upstream { get; } = new();

        public ZoneBlocks Blocks { get; }

        public FrameKey Key { get; }

        /// <summary>What the home answers.</summary>
        public int Status { get; init; } = 200;

        /// <summary>Called before the home answers.</summary>
        public Func<Task> Before { get; set; } = static () => Task.CompletedTask;

        public bool SendsHead { get; set; } = true;

        /// <summary>Whether the frame's reader has a stream.</summary>
        public bool IsOpen => _isOpen;

        /// <summary>Blocks that the frame's reader has.</summary>
        public int BlocksRead => Volatile.Read(ref _blocksRead);

        /// <summary>Sends the body.</summary>
        public Func<FakeExchange, byte[], Task> Answer { get; set; } = static (exchange, stream) => exchange.SendAsync(stream);

        /// <summary>Completes once the home has done with a request.</summary>
        public TaskCompletionSource Ended { get; } = new();

        /// <summary>Tells what is to be cleared.</summary>
        public void Tell(params CacheClear[] clears) =>
            _zone.Update(new RegistrationAnswer { Heartbeat = 3600, Now = Time.GetUtcNow().ToUnixTimeMilliseconds(), ZoneKeys = [], Peers = [Peer], Clears = clears });

        /// <summary>The home has failed after so many blocks: the upstream has given the others, and the home is left alone for a while.</summary>
        public void RestCameFromUpstream(int blocksOfHome)
        {
            Assert.Equal(new FrameKey(Key.Blob, Key.Start + (blocksOfHome * Block), Key.Length - (blocksOfHome * Block)), Assert.Single(Upstream.Opened));
            Assert.False(Blocks.CameFromPeer(Key));
            Assert.Null(Peers.HomeOf(Key));
            Time.Advance(PeerCircuit.Shortest);
            Assert.NotNull(Peers.HomeOf(Key));
            Assert.Null(Peers.HomeOf(Key));
        }

        /// <summary>Reads the frame to its end, each block verified.</summary>
        public async Task ReadAsync()
        {
            await using IFrameStream stream = await Blocks.OpenAsync(Key, CancellationToken.None);
            _isOpen = true;
            byte[] block = new byte[Block];
            for (long at = Key.Start; at < Key.End; at += Block)
            {
                ulong checksum = await stream.ReadBlockAsync(block, CancellationToken.None);
                Assert.Equal(BlobContent.Of(Key.Blob, at, Block), block);
                Assert.Equal(BlobContent.Checksum(block), checksum);
                Interlocked.Increment(ref _blocksRead);
            }
        }

        /// <summary>Does something that asks the home, and lets the time go on, once the home has the request and is waited for, until the upstream is asked too.</summary>
        public async Task<T> HedgedAsync<T>(Func<T> begin, Task asked)
        {
            Task waits = Time.WaitBegins(Peers.Times.NinetyFifth);
            T begun = begin();
            await waits;
            await _reached.Task;
            Time.Advance(Peers.Times.NinetyFifth);
            await asked;
            return begun;
        }

        public async ValueTask DisposeAsync()
        {
            Peers.Dispose();
            await Home.DisposeAsync();
            _identity.Dispose();
            _certificate.Dispose();
        }

        private static X509Certificate2 MakeCertificate()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using X509Certificate2 made = new CertificateRequest("CN=home", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        }

        private async Task ServeAsync(FakeExchange exchange)
        {
            Assert.True(BlockRequest.TryParse(exchange.Target, out BlockRequest request));
            _reached.TrySetResult();
            await Before();
            if (Status != 200)
            {
                await exchange.AnswerAsync(Status);
                return;
            }

            if (SendsHead)
            {
                await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {BlockFrames.StreamLength(request.Start, request.Length)}\r\n\r\n");
            }

            await Answer(exchange, BlockStreams.Of(request));
            Ended.TrySetResult();
        }
    }
}
