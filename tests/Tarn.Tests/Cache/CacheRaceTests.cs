using Tarn.Core.Cache;
using static Tarn.Tests.Cache.CacheSetup;

namespace Tarn.Tests.Cache;

public sealed class CacheRaceTests
{
    [Fact]
    public async Task A_frame_that_is_being_read_keeps_its_slot_while_others_come_and_go()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        using var held = new HeldCalls(setup, FileCall.ReadCached, most: 1);
        Task<CacheRead> reader = Task.Run(() => setup.ReadAsync(Key(1)));
        await held.ReachedAsync();
        for (int i = 10; i < 80; i++)
        {
            await setup.FillAsync(Key(i));
        }

        Assert.True(setup.Statistics.Evictions > 30);
        held.LetGo();
        Assert.Equal((Frame, CacheOrigin.Hit), Got(await reader));
    }

    [Fact]
    public async Task A_frame_that_is_dropped_while_it_is_read_gives_its_own_bytes_and_frees_its_slot_afterwards()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        using var held = new HeldCalls(setup, FileCall.ReadCached, most: 1);
        Task<CacheRead> reader = Task.Run(() => setup.ReadAsync(Key(1)));
        await held.ReachedAsync();
        await setup.Cache.ClearAsync(null, CancellationToken.None);
        Assert.False(setup.Cache.Contains(Key(1)));
        for (int i = 10; i < 50; i++)
        {
            await setup.FillAsync(Key(i));
        }

        held.LetGo();
        Assert.Equal((Frame, CacheOrigin.Hit), Got(await reader));
        long most = setup.Statistics.Frames;
        await setup.FillAsync(Key(90));
        await setup.FillAsync(Key(91));
        Assert.Equal(most + 1, setup.Statistics.Frames);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Readers_that_come_and_leave_at_once_get_right_bytes_while_frames_are_evicted_cleared_and_fail(int seed, bool hasNoMemory)
    {
        await using CacheSetup setup = await OpenAsync(static options => options with { FetchMemory = 6L << 20 });
        setup.Files.HasNoMemory = hasNoMemory;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(reader => Task.Run(() => ReadAsync(setup, new Random((seed * 100) + reader)))));
        await setup.Cache.SettleAsync();
        BlockCacheStatistics statistics = setup.Statistics;
        Assert.Equal((0, 0, 0), (statistics.FetchesInFlight, statistics.FetchesWaiting, statistics.DamagedStoredFrames));
        Assert.InRange(statistics.FetchMemoryUsed, 0, 6L << 20);
        Assert.True(statistics.Evictions > 0);
        Assert.Equal(0, setup.Source.Open);

        // Nothing is pinned for ever: everything can be dropped, and all the room taken again.
        await setup.Cache.ClearAsync(null, CancellationToken.None);
        for (int i = 0; i < 30; i++)
        {
            await setup.FillAsync(Key(1000 + i));
        }

        Assert.Equal(30, setup.Statistics.Frames);
    }

    private static async Task ReadAsync(CacheSetup setup, Random random)
    {
        var failing = new TestSource { Giving = at => at % (3 * Block) == 0 ? Task.CompletedTask : throw new IOException("cut off") };
        for (int i = 0; i < 120; i++)
        {
            int blob = random.Next(60);
            FrameKey key = blob % 3 == 0 ? Key(blob, 0, 1 + (blob * 15_000)) : Key(blob);
            int offset = random.Next(key.Length);
            CacheUse use = random.Next(10) switch { 0 => CacheUse.LookOnly, 1 => CacheUse.None, _ => CacheUse.Fill };
            using var leaving = new CancellationTokenSource();
            bool fails = random.Next(10) == 0;
            try
            {
                Task<CacheRead> read = setup.ReadAsync(key, offset, Math.Min(key.Length - offset, 1 + random.Next(300_000)), use, (ulong)blob % 4, fails ? failing : null, leaving.Token);
                if (random.Next(8) == 0)
                {
                    await leaving.CancelAsync();
                }

                await read;
            }
            catch (OperationCanceledException) when (leaving.IsCancellationRequested)
            {
            }
            catch (IOException e) when (fails && e.Message == "cut off")
            {
            }

            if (random.Next(60) == 0)
            {
                await setup.Cache.ClearAsync((ulong)random.Next(4), CancellationToken.None);
            }

            if (random.Next(10) == 0)
            {
                setup.Cache.Prefetch(Key(random.Next(60)), 1, setup.Source);
            }
        }
    }
}
