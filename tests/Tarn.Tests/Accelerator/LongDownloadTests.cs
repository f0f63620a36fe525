using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Cache;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Storage;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Accelerator.Reading;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Server.Configuration;
using Tarn.TestKit.Clocks;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;

namespace Tarn.Tests.Accelerator;

/// <summary>
/// A download through an accelerator whose reader is so slow that its object was replaced or deleted long before its end, and the time for which deleted data stays is over: it ends with the
/// bytes that it began with, or is cut. The clocks of the server and of the capabilities are the test's.
/// </summary>
public sealed class LongDownloadTests : IAsyncLifetime
{
    private const int MiB = 1 << 20;
    private const int Size = 64 * MiB;

    private readonly FakeTimeProvider _accelerators = new(DateTimeOffset.UtcNow);
    private readonly Renewals _renewals;
    private readonly ShiftedTimeProvider _servers = new();
    private readonly byte[] _data = new byte[Size];
    private readonly CountedBlobs _blobs;

    private InProcessServer _server = null!;
    private TestAccelerator _accelerator = null!;
    private string _token = "";

    public LongDownloadTests()
    {
        _renewals = new Renewals(_accelerators);
        _blobs = new CountedBlobs(new MemoryBlobStore(_servers));
        new Random(1).NextBytes(_data);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RawClient Direct => new(new TarnEndpoint(new Uri(_server.S3Url), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync(
            new InProcessSetup
            {
                Options = InProcessServer.Options with { Accelerators = new ListenAddress(IPAddress.Loopback, false, 0) },
                Time = _servers,
                Blobs = _blobs,
            },
            Token);
        _token = (await _server.Get<AcceleratorTokens>().CreateAsync("test", "z1", AddressList.Any, [], "root", Token)).Text;
        _accelerator = await StartAsync(TimeProvider.System, services => services.AddSingleton(provider => new PlanReader(
            provider.GetRequiredService<BlockCache>(), provider.GetRequiredService<NodeClient>(), provider.GetRequiredService<ZonePeers>(), provider.GetRequiredService<ZoneState>(), _renewals)));
        await AskAsync("PUT", "/bkt", null);
        await AskAsync("PUT", "/bkt/k", _data);
    }

    public async ValueTask DisposeAsync()
    {
        await _accelerator.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("overwritten")]
    [InlineData("deleted")]
    public async Task What_was_replaced_is_read_to_its_end_as_long_as_the_download_goes_on(string how)
    {
        await using Download download = await BeginAsync();
        await ReplaceAsync(how);
        for (int step = 1; step <= 12; step++)
        {
            await PassAsync(TimeSpan.FromSeconds(151));
            await ReclaimAsync();
            Assert.Equal(0, _blobs.Deleted);
            await download.ReadAsync(2 * MiB);
            await _accelerator.Cache.SettleAsync();
        }

        await download.ReadAsync(Size);
        Assert.True(download.IsWhole);
        Assert.True(_data.AsSpan().SequenceEqual(download.Bytes));

        // Nobody holds it any more.
        _servers.Ahead += TimeSpan.FromMinutes(11);
        await ReclaimAsync();
        Assert.Equal(1, _blobs.Deleted);
    }

    [Theory]
    [InlineData("overwritten")]
    [InlineData("deleted")]
    public async Task What_was_removed_cuts_the_download(string how)
    {
        await using Download download = await BeginAsync();
        await ReplaceAsync(how);

        // The accelerator's clock stands still, so that it renews nothing.
        _servers.Ahead += TimeSpan.FromMinutes(11);
        await ReclaimAsync();
        Assert.Equal(1, _blobs.Deleted);
        await download.ReadAsync(Size);
        AssertCut(download);
    }

    [Fact]
    public async Task A_capability_that_has_expired_cuts_the_download_and_not_the_next_one()
    {
        await using Download download = await BeginAsync();
        _servers.Ahead += TimeSpan.FromMinutes(6);
        await download.ReadAsync(Size);
        AssertCut(download);
        await using Download next = await BeginAsync();
        await next.ReadAsync(Size);
        Assert.True(next.IsWhole);
        Assert.True(_data.AsSpan().SequenceEqual(next.Bytes));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-1000)]
    [InlineData(1000)]
    public async Task A_wrong_clock_changes_nothing_that_is_read(int days)
    {
        var clock = new ShiftedTimeProvider();
        await using TestAccelerator accelerator = await StartAsync(clock);
        byte[] small = _data[..(3 * MiB)];
        await AskAsync("PUT", "/bkt/small", small);
        await GetAsync(accelerator, "/bkt/small", small, "miss");
        await GetAsync(accelerator, "/bkt/small", small, "hit");
        await using Download download = await BeginAsync(accelerator);
        clock.Ahead = TimeSpan.FromDays(days);
        await GetAsync(accelerator, "/bkt/small", small, "hit");
        await AskAsync("PUT", "/bkt/small", small[MiB..]);
        await GetAsync(accelerator, "/bkt/small", small[MiB..], "miss");
        await GetAsync(accelerator, "/bkt/small", small[MiB..], "hit");
        await download.ReadAsync(Size);
        Assert.True(download.IsWhole);
        Assert.True(_data.AsSpan().SequenceEqual(download.Bytes));
    }

    private void AssertCut(Download download)
    {
        Assert.False(download.IsWhole);
        Assert.InRange(download.Bytes.Length, MiB, Size - 1);
        Assert.True(_data.AsSpan(0, download.Bytes.Length).SequenceEqual(download.Bytes));
    }

    private async Task<TestAccelerator> StartAsync(TimeProvider time, Action<IServiceCollection>? more = null)
    {
        TestAccelerator accelerator = await TestAccelerator.StartAsync(new Uri(_server.Host.AcceleratorsUrl!), time, options => options with { Token = _token }, more: more);
        await accelerator.RegisterAsync();
        return accelerator;
    }

    private Task<Download> BeginAsync() => BeginAsync(_accelerator);

    private async Task<Download> BeginAsync(TestAccelerator accelerator)
    {
        (string head, _) = Direct.Head("GET", "/bkt/k", null, null, signer: Signer());
        Download download = await Download.BeginAsync(accelerator.Url, head, Size);
        await download.ReadAsync(MiB);
        await accelerator.Cache.SettleAsync();
        return download;
    }

    private Task ReplaceAsync(string how) => how == "deleted" ? AskAsync("DELETE", "/bkt/k", null) : AskAsync("PUT", "/bkt/k", new byte[Size / 2]);

    /// <summary>Time passes on both sides, and the capability has been renewed.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        _servers.Ahead += time;
        _accelerators.Advance(time);
        await _renewals.Done.Reader.ReadAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);
    }

    private Task ReclaimAsync() => _server.Get<ObjectStore>().Reclaim.RunOnceAsync(null, Token);

    private TimedSigner Signer() => Direct.Signer(_servers.GetUtcNow());

    private async Task AskAsync(string method, string target, byte[]? body)
    {
        RawResponse answer = await Direct.SendAsync(method, target, null, body, signer: Signer());
        Assert.InRange(answer.Status, 200, 204);
    }

    private async Task GetAsync(TestAccelerator accelerator, string target, byte[] expected, string cache)
    {
        var client = new RawClient(new TarnEndpoint(accelerator.Url, InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));
        RawResponse answer = (await client.SendAsync("GET", target, signer: Signer())).Expect(200);
        Assert.True(expected.AsSpan().SequenceEqual(answer.Body));
        Assert.Equal(cache, answer["x-tarn-cache"]);
        await accelerator.Cache.SettleAsync();
    }

    /// <summary>A clock that shows when a capability has been renewed: then the time of the next renewal is set.</summary>
    private sealed class Renewals(FakeTimeProvider clock) : TimeProvider
    {
        public Channel<bool> Done { get; } = Channel.CreateUnbounded<bool>();

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(this, clock.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(Renewals of, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                bool isChanged = timer.Change(dueTime, period);
                if (dueTime == BlobCapability.MaxLife / 2)
                {
                    of.Done.Writer.TryWrite(true);
                }

                return isChanged;
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }

    /// <summary>Blobs, and how many were deleted.</summary>
    private sealed class CountedBlobs(IBlobStore inner) : IBlobStore
    {
        private int _deleted;

        public int Deleted => Volatile.Read(ref _deleted);

        public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

        public async ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken)
        {
            await inner.DeleteAsync(id, cancellationToken);
            Interlocked.Increment(ref _deleted);
        }

        public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) => inner.CreateAsync(id, expectedLength, cancellationToken);

        public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) => inner.CreateCopyAsync(id, length, isBare, cancellationToken);

        public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken) => inner.OpenAsync(id, cancellationToken);

        public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) => inner.SealAsync(id, tail, cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken) => inner.ListAsync(fromDirectory, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
