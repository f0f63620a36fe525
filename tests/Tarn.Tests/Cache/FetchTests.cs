using Tarn.Core.Cache;
using static Tarn.Tests.Cache.CacheSetup;

namespace Tarn.Tests.Cache;

public sealed class FetchTests
{
    [Fact]
    public async Task The_first_bytes_do_not_wait_for_the_frames_end()
    {
        await using CacheSetup setup = await OpenAsync();
        var gates = new Gates(setup.Source);
        Task<CacheRead> first = setup.ReadAsync(Key(1));
        await gates.ReachedAsync(0);
        Assert.False(first.IsCompleted);
        gates.Open(0);
        Assert.Equal((Block, CacheOrigin.Miss), Got(await first));
        await gates.ReachedAsync(1);
        gates.OpenAll();
    }

    [Fact]
    public async Task Late_readers_join_get_what_has_come_and_wait_for_the_rest()
    {
        await using CacheSetup setup = await OpenAsync();
        var gates = new Gates(setup.Source);
        Task<CacheRead> first = setup.ReadAsync(Key(1));
        gates.Open(0);
        gates.Open(1);
        gates.Open(2);
        await gates.ReachedAsync(3);
        await first;
        Assert.Equal(((3 * Block) - 10, CacheOrigin.Joined), Got(await setup.ReadAsync(Key(1), 10)));
        Task<CacheRead> waits = setup.ReadAsync(Key(1), 3 * Block, 5, CacheUse.LookOnly);
        Assert.False(waits.IsCompleted);
        gates.OpenAll();
        Assert.Equal((5, CacheOrigin.Joined), Got(await waits));
        await setup.Cache.SettleAsync();
        Assert.Single(setup.Source.Opened);
        Assert.True(await setup.IsHitAsync(Key(1)));
    }

    [Fact]
    public async Task Many_readers_of_a_frame_make_one_fetch()
    {
        await using CacheSetup setup = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => setup.ReadAllAsync(Key(i % 2), step: 30_000 + i))));
        Assert.Equal(2, setup.Source.Opened.Count);
    }

    [Fact]
    public async Task A_fetch_goes_on_when_its_reader_leaves()
    {
        await using CacheSetup setup = await OpenAsync();
        var gates = new Gates(setup.Source);
        using var leaving = new CancellationTokenSource();
        Task<CacheRead> reader = setup.ReadAsync(Key(1), ct: leaving.Token);
        await gates.ReachedAsync(0);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        gates.OpenAll();
        await setup.Cache.SettleAsync();
        Assert.True(await setup.IsHitAsync(Key(1)));
        Assert.Single(setup.Source.Opened);
        Assert.Equal(0, setup.Source.Open);
    }

    [Fact]
    public async Task A_fetch_without_a_reader_is_joined_and_kept()
    {
        await using CacheSetup setup = await OpenAsync();
        var gates = new Gates(setup.Source);
        Assert.Equal(PrefetchResult.Started, setup.Cache.Prefetch(Key(1), 1, setup.Source));
        Assert.Equal(PrefetchResult.Fetching, setup.Cache.Prefetch(Key(1), 1, setup.Source));
        await gates.ReachedAsync(0);
        Task<CacheRead> reader = setup.ReadAsync(Key(1));
        gates.OpenAll();
        Assert.Equal(CacheOrigin.Joined, (await reader).Origin);
        await setup.Cache.SettleAsync();
        Assert.Equal(PrefetchResult.Cached, setup.Cache.Prefetch(Key(1), 1, setup.Source));
        Assert.Single(setup.Source.Opened);
        Assert.True(await setup.IsHitAsync(Key(1)));
    }

    [Fact]
    public async Task A_source_that_refuses_answers_who_came_with_it_and_others_ask_their_own()
    {
        await using CacheSetup setup = await OpenAsync();
        var refused = new TaskCompletionSource();
        var refusing = new TestSource { Opening = _ => refused.Task };
        Task<CacheRead> first = setup.ReadAsync(Key(1), source: refusing), same = setup.ReadAsync(Key(1), source: refusing), other = setup.ReadAsync(Key(1));
        Assert.Empty(setup.Source.Opened);
        var answer = new FrameUnavailableException("no");
        refused.SetException(answer);
        Assert.Same(answer, await Assert.ThrowsAsync<FrameUnavailableException>(() => first));
        Assert.Same(answer, await Assert.ThrowsAsync<FrameUnavailableException>(() => same));
        Assert.Equal(CacheOrigin.Miss, (await other).Origin);
        await setup.Cache.SettleAsync();
        Assert.True(await setup.IsHitAsync(Key(1)));
        Assert.Same(answer, Assert.Single(setup.FailedFetches));
    }

    [Fact]
    public async Task A_fetch_that_fails_half_way_leaves_nothing_and_the_next_read_tries_again()
    {
        await using CacheSetup setup = await OpenAsync();
        setup.Source.Giving = at => at == 3 * Block ? throw new IOException("cut off") : Task.CompletedTask;
        IOException cut = await Assert.ThrowsAsync<IOException>(() => setup.ReadAllAsync(Key(1)));
        Assert.Equal("cut off", cut.Message);
        await setup.Cache.SettleAsync();
        Assert.Equal((0, 0), (setup.Statistics.Frames, setup.Statistics.FetchMemoryUsed));
        setup.Source.Giving = null;
        await setup.FillAsync(Key(1));
        Assert.True(await setup.IsHitAsync(Key(1)));
    }

    [Fact]
    public async Task A_source_that_gives_up_by_itself_is_no_cancellation_of_the_reader()
    {
        await using CacheSetup setup = await OpenAsync();
        setup.Source.Giving = static _ => throw new TaskCanceledException();
        await Assert.ThrowsAsync<FrameUnavailableException>(() => setup.ReadAsync(Key(1)));
    }

    [Fact]
    public async Task Damage_from_the_source_is_never_given_never_kept_and_told_once()
    {
        await using CacheSetup setup = await OpenAsync();
        setup.Source.Damaged = (5 * Block) + 7;
        for (int i = 0; i < 3; i++)
        {
            FrameDamagedException damage = await Assert.ThrowsAsync<FrameDamagedException>(() => setup.ReadAllAsync(Key(1)));
            Assert.Equal((Key(1), 5 * Block, Block), (damage.Frame, damage.Offset, damage.Length));
            await setup.Cache.SettleAsync();
        }

        foreach (CacheUse use in (CacheUse[])[CacheUse.LookOnly, CacheUse.None])
        {
            await Assert.ThrowsAsync<FrameDamagedException>(() => setup.ReadAsync(Key(1), 0, Frame, use));
            await Assert.ThrowsAsync<FrameDamagedException>(() => setup.ReadAsync(Key(1), (5 * Block) + 100, 1, use));

            // Other blocks are sound.
            await setup.ReadAsync(Key(1), 6 * Block, Block, use);
        }

        Assert.Single(setup.Damage);
        Assert.Equal((0, 0), (setup.Statistics.Frames, setup.Statistics.FetchMemoryUsed));

        // A reader that comes for its next blocks after the fetch has failed begins another.
        Assert.True(setup.Statistics.DamagedFrames >= 7);
        setup.Source.Damaged = null;
        await setup.FillAsync(Key(1));
        Assert.True(await setup.IsHitAsync(Key(1)));
        await setup.Cache.ClearAsync(null, CancellationToken.None);
        setup.Source.Damaged = 0;
        await Assert.ThrowsAsync<FrameDamagedException>(() => setup.ReadAllAsync(Key(1)));
        Assert.Equal(2, setup.Damage.Count);
    }

    [Fact]
    public async Task Fetches_take_no_more_memory_than_they_may_and_get_it_in_the_order_in_which_they_came()
    {
        await using CacheSetup setup = await OpenAsync(static options => options with { FetchMemory = 4L << 20 });
        var gates = new Gates(setup.Source);
        Task<CacheRead>[] readers = [.. Enumerable.Range(0, 12).Select(i => setup.ReadAsync(Key(i)))];
        await gates.ReachedAsync(0, times: 4);
        Assert.Equal((4, 8, 4L << 20), (setup.Statistics.FetchesInFlight, setup.Statistics.FetchesWaiting, setup.Statistics.FetchMemoryUsed));

        // A small one does not pass those that wait, and nothing is prefetched meanwhile.
        Task<CacheRead> small = setup.ReadAsync(Key(50, 0, 10));
        Assert.Equal(PrefetchResult.NoRoom, setup.Cache.Prefetch(Key(51), 1, setup.Source));
        Assert.Equal(9, setup.Statistics.FetchesWaiting);
        setup.Files.Before = (call, _, _) => Assert.InRange(setup.Statistics.FetchMemoryUsed, 0, 4L << 20);
        gates.OpenAll();
        await Task.WhenAll([.. readers, small]);
        await setup.Cache.SettleAsync();
        Assert.Equal(Enumerable.Range(4, 8).Select(static i => Key(i)).Append(Key(50, 0, 10)), setup.Source.Opened.Skip(4));
        Assert.InRange(setup.Statistics.FetchMemoryUsed, 0, 4L << 20);
        Assert.Equal(0, setup.Statistics.FetchesWaiting);
    }

    [Fact]
    public async Task A_reader_that_leaves_before_its_turn_takes_its_fetch_along_unless_another_waits_for_it_too()
    {
        await using CacheSetup setup = await OpenAsync(static options => options with { FetchMemory = 4L << 20 });
        var gates = new Gates(setup.Source);
        Task<CacheRead>[] readers = [.. Enumerable.Range(0, 4).Select(i => setup.ReadAsync(Key(i)))];
        using var leaving = new CancellationTokenSource();
        Task<CacheRead> leaves = setup.ReadAsync(Key(10), ct: leaving.Token), both = setup.ReadAsync(Key(11), ct: leaving.Token), stays = setup.ReadAsync(Key(11));
        Assert.Equal(2, setup.Statistics.FetchesWaiting);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => both);
        Assert.Equal(1, setup.Statistics.FetchesWaiting);
        gates.OpenAll();
        await Task.WhenAll([.. readers, stays]);
        Assert.DoesNotContain(Key(10), setup.Source.Opened);
    }

    [Fact]
    public async Task Fetches_without_readers_leave_half_of_the_memory_to_readers()
    {
        await using CacheSetup setup = await OpenAsync(static options => options with { FetchMemory = 8L << 20 });
        var gates = new Gates(setup.Source);
        Assert.Equal(4, Enumerable.Range(0, 10).Count(i => setup.Cache.Prefetch(Key(i), 1, setup.Source) == PrefetchResult.Started));
        Task<CacheRead> reader = setup.ReadAsync(Key(20));
        Assert.Equal((5, 0), (setup.Statistics.FetchesInFlight, setup.Statistics.FetchesWaiting));
        gates.OpenAll();
        await reader;
        await setup.Cache.SettleAsync();
        Assert.Equal(PrefetchResult.Started, setup.Cache.Prefetch(Key(5), 1, setup.Source));
    }

    [Fact]
    public async Task Closing_the_cache_ends_fetches_and_readers_get_an_error()
    {
        await using CacheSetup setup = await OpenAsync(static options => options with { FetchMemory = 4L << 20 });
        var gates = new Gates(setup.Source);
        Task<CacheRead>[] readers = [.. Enumerable.Range(0, 6).Select(i => setup.ReadAsync(Key(i)))];
        await gates.ReachedAsync(0, times: 4);
        BlockCache cache = setup.Cache;
        await setup.CloseAsync();
        foreach (Task<CacheRead> reader in readers)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reader);
        }

        Assert.Equal(0, setup.Source.Open);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await cache.ReadAsync(Key(1), 0, new byte[1], 1, CacheUse.Fill, setup.Source, default));
        Assert.Equal(PrefetchResult.NoRoom, cache.Prefetch(Key(1), 1, setup.Source));
    }

    [Fact]
    public async Task A_fetch_does_not_run_in_the_context_of_the_reader_that_began_it()
    {
        await using CacheSetup setup = await OpenAsync();
        var context = new AsyncLocal<string>();
        string? seen = "";
        setup.Source.Opening = _ =>
        {
            seen = context.Value;
            return Task.CompletedTask;
        };
        context.Value = "reader";
        await setup.ReadAsync(Key(1));
        Assert.Null(seen);
    }

    /// <summary>Holds a source up before each block until the test lets it go on. Blocks are numbered in their frame.</summary>
    private sealed class Gates
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<long, TaskCompletionSource> _open = [];
        private readonly SemaphoreSlim[] _reached = [.. Enumerable.Range(0, 16).Select(static _ => new SemaphoreSlim(0))];
        private bool _all;

        public Gates(TestSource source) => source.Giving = at =>
        {
            long block = at / Block % 16;
            _reached[block].Release();
            return Gate(block).Task;
        };

        public async Task ReachedAsync(int block, int times = 1)
        {
            for (int i = 0; i < times; i++)
            {
                await _reached[block].WaitAsync();
            }
        }

        public void Open(int block) => Gate(block).TrySetResult();

        public void OpenAll()
        {
            lock (_lock)
            {
                _all = true;
            }

            for (int block = 0; block < 16; block++)
            {
                Open(block);
            }
        }

        private TaskCompletionSource Gate(long block)
        {
            lock (_lock)
            {
                if (!_open.TryGetValue(block, out TaskCompletionSource? gate))
                {
                    _open.Add(block, gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                }

                if (_all)
                {
                    gate.TrySetResult();
                }

                return gate;
            }
        }
    }
}
