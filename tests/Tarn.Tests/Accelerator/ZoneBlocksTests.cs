using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Accelerator.Registration;
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
    [InlineData("stalls")]
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
                case "breaks off":
                    exchange.Close();
                    break;
                default:
                    await exchange.ClosedAsync();
                    break;
            }
        };
        Task reading = setup.ReadAsync();
        while (!reading.IsCompleted)
        {
            if (how == "stalls" && setup.BlocksRead == 2 && setup.Peers.CircuitOf(setup.Peer).IsWell)
            {
                setup.Time.Advance(TimeSpan.FromMilliseconds(10));
            }

            await Task.Yield();
        }

        await reading;
        Assert.Equal(new FrameKey(setup.Key.Blob, setup.Key.Start + (2 * Block), setup.Key.Length - (2 * Block)), setup.Upstream.Opened.Last());
        Assert.False(setup.Blocks.CameFromPeer(setup.Key));
        Assert.Null(setup.Peers.HomeOf(setup.Key));
        setup.Time.Advance(PeerCircuit.Shortest);
        Assert.NotNull(setup.Peers.HomeOf(setup.Key));
        Assert.Null(setup.Peers.HomeOf(setup.Key));
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
        Task reading = setup.ReadAsync();
        await setup.HedgedAsync(asked.Task);
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
        Task reading = setup.ReadAsync();
        await setup.HedgedAsync(asked.Task);
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
        Task reading = setup.ReadAsync();
        await setup.HedgedAsync(asked.Task);
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
        Task<IFrameStream> opening = blocks.OpenAsync(setup.Key, CancellationToken.None).AsTask();
        await setup.HedgedAsync(slow.Asked.Task);
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
        private int _blocksRead;
        private readonly PeerIdentity _identity = new("127.0.0.1:1", DateTimeOffset.UtcNow);

        public Setup()
        {
            Home = new FakeUpstream(ServeAsync, _certificate);
            Peer = new AcceleratorPeer(new string('1', 32), "home", Home.Url.Authority, Convert.ToHexStringLower(SHA256.HashData(_certificate.RawData)));
            var zone = new ZoneState(Time);
            zone.Update(new RegistrationAnswer { Heartbeat = 3600, Now = Time.GetUtcNow().ToUnixTimeMilliseconds(), ZoneKeys = [], Peers = [Peer], Clears = [] });
            Peers = new ZonePeers(_identity, zone, 64, Time);
            Blocks = new ZoneBlocks(Peers, Upstream, static () => "capability", 7, new SharedFrames(), Time);
            do
            {
                Key = new FrameKey(BlobId.Create(SystemRandomSource.Instance), 5L << 20, 1 << 20);
            }
            while (ZoneHomes.Of(Key, _identity.Address, [Peer]) is null);
        }

        public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

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

        /// <summary>Blocks that the frame's reader has.</summary>
        public int BlocksRead => Volatile.Read(ref _blocksRead);

        /// <summary>Sends the body.</summary>
        public Func<FakeExchange, byte[], Task> Answer { get; set; } = static (exchange, stream) => exchange.SendAsync(stream);

        /// <summary>Completes once the home has done with a request.</summary>
        public TaskCompletionSource Ended { get; } = new();

        /// <summary>Reads the frame to its end, each block verified.</summary>
        public async Task ReadAsync()
        {
            await using IFrameStream stream = await Blocks.OpenAsync(Key, CancellationToken.None);
            byte[] block = new byte[Block];
            for (long at = Key.Start; at < Key.End; at += Block)
            {
                ulong checksum = await stream.ReadBlockAsync(block, CancellationToken.None);
                Assert.Equal(BlobContent.Of(Key.Blob, at, Block), block);
                Assert.Equal(BlobContent.Checksum(block), checksum);
                Interlocked.Increment(ref _blocksRead);
            }
        }

        /// <summary>Lets the time go on, once the home has the request, until the upstream is asked too.</summary>
        public async Task HedgedAsync(Task asked)
        {
            while (Home.Requests.IsEmpty)
            {
                await Task.Yield();
            }

            while (!asked.IsCompleted)
            {
                // Whoever waits may begin to only now; and the home must not seem to stall.
                Time.Advance(Peers.Times.NinetyFifth);
                for (int i = 0; i < 10_000 && !asked.IsCompleted; i++)
                {
                    await Task.Yield();
                }
            }
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
