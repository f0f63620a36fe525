using System.Runtime.Versioning;
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

    /// <summary>Each try drops what is in memory, so a device that fails for good would leave nothing to answer from.</summary>
    [Fact]
    public async Task What_the_device_fails_to_clear_again_and_again_is_tried_less_and_less_often()
    {
        await using Setup setup = await Setup.StartAsync();
        await setup.Cache.FillAsync(Key(1), bucket: 7);
        int tries = 0;
        setup.Cache.Files.Before = (call, _, _) =>
        {
            if (call == FileCall.Write)
            {
                Interlocked.Increment(ref tries);
                throw new IOException("The device failed.");
            }
        };
        var tried = new List<int>();
        for (int heartbeat = 0; heartbeat < 20; heartbeat++)
        {
            int before = Volatile.Read(ref tries);
            await setup.RegisterAsync(new CacheClear("a", 7));
            await setup.Clears.Running;
            if (Volatile.Read(ref tries) > before)
            {
                tried.Add(heartbeat);
            }
        }

        Assert.Equal([0, 1, 3, 6, 11], tried);

        // Another clear is tried at once.
        int known = Volatile.Read(ref tries);
        await setup.RegisterAsync(new CacheClear("a", 7), new CacheClear("b", 7));
        await setup.Clears.Running;
        Assert.True(Volatile.Read(ref tries) > known);
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

    [Fact]
    public async Task A_process_that_starts_again_does_not_clear_again_what_it_is_told_still()
    {
        await using Setup setup = await Setup.StartAsync();
        await setup.Cache.FillAsync(Key(1), bucket: 7);
        await setup.RegisterAsync(new CacheClear("a", 7));
        await setup.Clears.Running;
        await setup.RegisterAsync(new CacheClear("a", 7), new CacheClear("b", 8));
        await setup.Clears.Running;
        Assert.False(setup.Cache.Cache.Contains(Key(1)));
        await setup.Cache.FillAsync(Key(1), bucket: 7);
        await setup.Cache.FillAsync(Key(2), bucket: 8);

        await setup.RestartAsync();
        Assert.Equal(["a", "b"], setup.Clears.Done.Order());
        Assert.True(setup.Clears.HasDone("a,b"));
        await setup.RegisterAsync(new CacheClear("a", 7), new CacheClear("b", 8), new CacheClear("c", 9));
        await setup.Clears.Running;
        Assert.Equal([true, true], new[] { 1, 2 }.Select(i => setup.Cache.Cache.Contains(Key(i))));

        // What is told no more is forgotten.
        await setup.RegisterAsync(new CacheClear("d", 9));
        await setup.Clears.Running;
        await setup.RestartAsync();
        Assert.Equal(["d"], setup.Clears.Done);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("shorter")]
    [InlineData("longer")]
    [InlineData("another id")]
    [InlineData("another format")]
    [InlineData("an id that is none")]
    [InlineData("no checksum")]
    [InlineData("nothing but its end")]
    [InlineData("not text")]
    [InlineData("huge")]
    public async Task What_a_damaged_note_says_is_done_is_done_again(string damage)
    {
        await using Setup setup = await Setup.StartAsync();
        await setup.RegisterAsync(new CacheClear("a", 7));
        await setup.Clears.Running;
        await setup.Cache.FillAsync(Key(1), bucket: 7);
        await setup.Cache.CloseAsync();
        string note = setup.NotePath, text = await File.ReadAllTextAsync(note, TestContext.Current.CancellationToken);
        Assert.StartsWith("Tarn cache clears, format 1\na\n", text, StringComparison.Ordinal);
        if (damage == "missing")
        {
            File.Delete(note);
        }
        else
        {
            await File.WriteAllTextAsync(
                note,
                damage switch
                {
                    "empty" => "",
                    "shorter" => text[..^1],
                    "longer" => text + "\n",
                    "another id" => text.Replace("\na\n", "\nb\n", StringComparison.Ordinal),
                    "another format" => text.Replace("format 1", "format 2", StringComparison.Ordinal),
                    "an id that is none" => text.Replace("\na\n", "\na b\n", StringComparison.Ordinal),
                    "no checksum" => text[..(text.IndexOf("\na\n", StringComparison.Ordinal) + 3)],
                    "nothing but its end" => "\n\n",
                    "not text" => "\uffff\0\u1234",
                    _ => text + new string('\n', 10_000_000),
                },
                TestContext.Current.CancellationToken);
        }

        await setup.RestartAsync();
        Assert.Empty(setup.Clears.Done);
        await setup.RegisterAsync(new CacheClear("a", 7));
        await setup.Clears.Running;
        Assert.False(setup.Cache.Cache.Contains(Key(1)));
        await setup.RestartAsync();
        Assert.Equal(["a"], setup.Clears.Done);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_note_is_its_owners_and_what_a_killed_process_left_of_one_is_in_nobodys_way()
    {
        await using Setup setup = await Setup.StartAsync();
        await setup.RegisterAsync(new CacheClear("a", 7));
        await setup.Clears.Running;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(setup.NotePath));
        await setup.Cache.CloseAsync();
        await File.WriteAllTextAsync(setup.NotePath + ".new", "Tarn cache cl", TestContext.Current.CancellationToken);
        await setup.RestartAsync();
        Assert.Equal(["a"], setup.Clears.Done);
        await setup.RegisterAsync(new CacheClear("a", 7), new CacheClear("b", 7));
        await setup.Clears.Running;
        Assert.False(File.Exists(setup.NotePath + ".new"));
        await setup.RestartAsync();
        Assert.Equal(["a", "b"], setup.Clears.Done.Order());
    }

    [Fact]
    public async Task What_cannot_be_noted_is_done_all_the_same()
    {
        await using Setup setup = await Setup.StartAsync();
        await setup.Cache.FillAsync(Key(1), bucket: 7);
        Directory.CreateDirectory(setup.NotePath + ".new");
        await setup.RegisterAsync(new CacheClear("a", 7), new CacheClear("b", 8));
        await setup.Clears.Running;
        Assert.Equal(["a", "b"], setup.Clears.Done.Order());
        Assert.False(setup.Cache.Cache.Contains(Key(1)));
        Directory.Delete(setup.NotePath + ".new");
        await setup.RestartAsync();
        Assert.Empty(setup.Clears.Done);
    }

    [Fact]
    public async Task What_is_not_durable_on_the_device_is_not_noted()
    {
        await using Setup setup = await Setup.StartAsync();
        await setup.Cache.FillAsync(Key(1), bucket: 7);
        int syncs = 0;
        setup.Cache.Files.Before = (call, _, _) =>
        {
            if (call == FileCall.Sync)
            {
                syncs++;
                Assert.False(File.Exists(setup.NotePath));
                throw new IOException("The device failed.");
            }
        };
        await setup.RegisterAsync(new CacheClear("a", 7));
        await setup.Clears.Running;
        Assert.Equal((1, false), (syncs, File.Exists(setup.NotePath)));
        Assert.Empty(setup.Clears.Done);
        Assert.False(setup.Clears.HasDone("a"));
        setup.Cache.Files.Before = null;
        await setup.RegisterAsync(new CacheClear("a", 7));
        await setup.Clears.Running;
        await setup.RestartAsync();
        Assert.Equal(["a"], setup.Clears.Done);
    }

    private sealed class Setup : IAsyncDisposable
    {
        private UpstreamPool _pool = null!;

        /// <summary>The note of what is done.</summary>
        public string NotePath => Path.Combine(Cache.Options.Directory, "clears");

        public CacheSetup Cache { get; private init; } = null!;

        public PlanningUpstream Upstream { get; } = new(1);

        public CacheClears Clears { get; private set; } = null!;

        public RegistrationService Service { get; private set; } = null!;

        public static async Task<Setup> StartAsync()
        {
            var setup = new Setup { Cache = await OpenAsync() };
            var address = UpstreamAddress.Of(setup.Upstream.Url);
            setup._pool = new UpstreamPool(address, () => UpstreamPool.TlsOf(address, null), 4, TimeProvider.System);
            setup.Begin();
            return setup;
        }

        /// <summary>As after a restart of the process.</summary>
        public async Task RestartAsync()
        {
            Service.Dispose();
            await Cache.ReopenAsync();
            Begin();
        }

        private void Begin()
        {
            Clears = new CacheClears(Cache.Cache, NullLogger<CacheClears>.Instance);
            Service = new RegistrationService(
                new NodeClient(_pool, Encoding.ASCII.GetBytes("x-tarn-accelerator: a\r\nx-tarn-call: node\r\n"), TimeProvider.System),
                new AcceleratorEnvelope { Token = "t", Name = "n", Zone = "z" },
                null,
                new ZoneState(TimeProvider.System),
                Clears,
                static () => new AcceleratorStatistics(),
                SystemRandomSource.Instance,
                TimeProvider.System,
                NullLogger<RegistrationService>.Instance);
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
