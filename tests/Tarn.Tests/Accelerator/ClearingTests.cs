using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Tests.Cache;
using static Tarn.Tests.Cache.CacheSetup;

namespace Tarn.Tests.Accelerator;

/// <summary>What the upstream asks to be cleared, on a device that is slow or fails: heartbeats go on, and nothing is forgotten.</summary>
public sealed class ClearingTests
{
    [Fact]
    public async Task Heartbeats_do_not_wait_for_the_device_and_each_clear_is_done_once_after_the_other()
    {
        await using Setup setup = await Setup.StartAsync();
        await setup.Cache.FillAsync(Key(1), bucket: 7);
        await setup.Cache.FillAsync(Key(2), bucket: 8);
        await setup.Cache.FillAsync(Key(3), bucket: 9);
        using var held = new HeldCalls(setup.Cache, FileCall.Write);
        await setup.RegisterAsync(new CacheClear("a", 7));
        await held.ReachedAsync();
        await setup.RegisterAsync(new CacheClear("a", 7), new CacheClear("b", 8));
        await setup.RegisterAsync(new CacheClear("a", 7), new CacheClear("b", 8));
        Assert.False(setup.Clears.Running.IsCompleted);
        Assert.Equal(3, setup.Upstream.Node.Count);

        // One at a time.
        Assert.True(setup.Cache.Cache.Contains(Key(2)));
        held.LetGo();
        await setup.Clears.Running;
        Assert.Equal([false, false, true], new[] { 1, 2, 3 }.Select(i => setup.Cache.Cache.Contains(Key(i))));

        // What is cached since then stays.
        await setup.Cache.FillAsync(Key(1), bucket: 7);
        await setup.RegisterAsync(new CacheClear("a", 7), new CacheClear("b", 8));
        await setup.Clears.Running;
        Assert.True(setup.Cache.Cache.Contains(Key(1)));
    }

    [Fact]
    public async Task What_the_device_failed_to_clear_is_cleared_at_the_next_heartbeat()
    {
        await using Setup setup = await Setup.StartAsync();
        await setup.Cache.FillAsync(Key(1), bucket: 7);
        setup.Cache.Files.Before = static (call, _, _) =>
        {
            if (call == FileCall.Write)
            {
                throw new IOException("The device failed.");
            }
        };
        await setup.RegisterAsync(new CacheClear("a", 7));
        await setup.Clears.Running;
        setup.Cache.Files.Before = null;
        await setup.RegisterAsync(new CacheClear("a", 7));
        await setup.Clears.Running;
        await setup.Cache.ReopenAsync();
        Assert.False(setup.Cache.Cache.Contains(Key(1)));
    }

    private sealed class Setup : IAsyncDisposable
    {
        private UpstreamPool _pool = null!;

        public CacheSetup Cache { get; private init; } = null!;

        public PlanningUpstream Upstream { get; } = new(1);

        public CacheClears Clears { get; private set; } = null!;

        public RegistrationService Service { get; private set; } = null!;

        public static async Task<Setup> StartAsync()
        {
            var setup = new Setup { Cache = await OpenAsync() };
            var address = UpstreamAddress.Of(setup.Upstream.Url);
            setup.Clears = new CacheClears(setup.Cache.Cache, NullLogger<CacheClears>.Instance);
            setup._pool = new UpstreamPool(address, () => UpstreamPool.TlsOf(address, null), 4, TimeProvider.System);
            setup.Service = new RegistrationService(
                new NodeClient(setup._pool, Encoding.ASCII.GetBytes("x-tarn-accelerator: a\r\nx-tarn-call: node\r\n"), TimeProvider.System),
                new AcceleratorEnvelope { Token = "t", Name = "n", Zone = "z" },
                null,
                new ZoneState(TimeProvider.System),
                setup.Clears,
                static () => new AcceleratorStatistics(),
                SystemRandomSource.Instance,
                TimeProvider.System,
                NullLogger<RegistrationService>.Instance);
            return setup;
        }

        /// <summary>Registers once, and is told to clear this.</summary>
        public async Task RegisterAsync(params CacheClear[] clears)
        {
            Upstream.Registered = Upstream.Registered with { Clears = clears };
            await Service.RegisterAsync(CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            Service.Dispose();
            _pool.Dispose();
            await Upstream.DisposeAsync();
            await Cache.DisposeAsync();
        }
    }
}
