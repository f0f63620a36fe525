using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;
using Tarn.TestKit.Stores;
using Tarn.Tests.Damage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Scrubbing;

/// <summary>Blobs that nothing refers to: set aside, listed, removed in time, kept where they may be needed, and brought back.</summary>
public sealed class OrphanShelfTests
{
    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    private OrphanShelf Shelf => _store.Store.Orphans;

    [Fact]
    public async Task An_orphan_is_set_aside_listed_with_what_it_says_of_itself_and_removed_after_its_retention()
    {
        BlobId orphan = await OrphanAsync("lost");
        await _store.PutAsync("kept", StoreFixture.Bytes(500));
        DateTimeOffset since = _store.Clock.GetUtcNow();
        await _store.Store.Scrub.RunOnceAsync(Token);
        OrphanBlob listed = Assert.Single(await Shelf.ListAsync(null, 10, Token));
        Assert.Equal((orphan, since, "bucket", "lost"), (listed.Id, listed.Since, listed.Bucket, listed.Key?.ToString()));
        Assert.Equal((1L, 0), (_store.Store.Scrub.Status.Last!.Counts.Orphans, _store.Store.Scrub.Status.Last!.Counts.Damaged));
        Assert.Equal(new OrphanCount(1, listed.Length), Shelf.Count);
        Assert.Null(await _store.Device.FindAsync(orphan, Token));

        _store.Clock.Advance(TimeSpan.FromDays(29));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        _store.Clock.Advance(TimeSpan.FromDays(1));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
        Assert.Null(await _store.Memory.GetAsync(Tables.SetAsideKey(orphan.Value), Token));
        Assert.Equal(StoreFixture.Bytes(500), await _store.ReadAsync("kept"));
    }

    [Fact]
    public async Task Retention_ends_between_passes_too()
    {
        await OrphanAsync("lost");
        _store.Scrubbing = _store.Scrubbing with { Interval = TimeSpan.FromDays(300), OrphanRetention = TimeSpan.FromDays(3) };
        _store.Open();
        await using var running = new RunningScrub(_store.Store.Scrub);
        await running.PassAsync(async () => await _store.Store.Scrub.StartAsync(Token));
        await running.IdleAsync();
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        for (int day = 0; day < 4; day++)
        {
            int waits = _store.Store.Scrub.Waits;
            _store.Clock.Advance(TimeSpan.FromDays(1));
            while (_store.Store.Scrub.Waits == waits)
            {
                await Task.Yield();
            }
        }

        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
    }

    [Fact]
    public async Task Nothing_is_removed_by_itself_while_metadata_may_be_missing_until_an_operator_drops()
    {
        BlobId first = await OrphanAsync("one");
        _store.Kept.Reason = "The server was started by force.";
        await _store.Store.Scrub.RunOnceAsync(Token);
        _store.Clock.Advance(TimeSpan.FromDays(300));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(first, Assert.Single(await Shelf.ListAsync(null, 10, Token)).Id);
        Assert.Equal("The server was started by force.", Shelf.KeptBecause);

        Assert.Equal(1, (await DropAsync(null)).Dropped.Blobs);
        Assert.Null(Shelf.KeptBecause);
        await OrphanAsync("two");
        await _store.Store.Scrub.RunOnceAsync(Token);
        _store.Clock.Advance(TimeSpan.FromDays(30));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
    }

    [Fact]
    public async Task What_a_backup_needs_is_neither_moved_nor_removed()
    {
        BlobId orphan = await OrphanAsync("one");
        _store.Holds.Add(orphan);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
        Assert.NotNull(await _store.Device.FindAsync(orphan, Token));

        _store.Holds.Clear();
        await _store.Store.Scrub.RunOnceAsync(Token);
        _store.Holds.Add(orphan);
        _store.Clock.Advance(TimeSpan.FromDays(60));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Null(await Shelf.Drops.BeginAsync(orphan, Token));
        Assert.Equal(0, (await DropAsync(null)).Dropped.Blobs);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
    }

    [Fact]
    public async Task An_announced_blob_and_a_young_one_stay()
    {
        await OrphanAsync("young", age: TimeSpan.FromHours(20));
        BlobId announced = await OrphanAsync("announced", age: TimeSpan.Zero);
        Assert.True(await _store.Memory.CommitAsync(
            new KeyValueBatch().Put(Tables.ReclaimKey(long.MaxValue >> 1, announced.Value), new ReclaimRecord(ReclaimKind.PendingBlob, announced.Value).Encode()), Token));
        await _store.Store.Scrub.RunOnceAsync(Token);
        _store.Clock.Advance(TimeSpan.FromHours(3));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_a_row_cannot_be_decoded_nothing_is_set_aside_or_removed(bool isAsideBefore)
    {
        BlobId orphan = await OrphanAsync("one");
        if (isAsideBefore)
        {
            await _store.Store.Scrub.RunOnceAsync(Token);
        }

        StoredObject broken = await _store.PutAsync("broken", StoreFixture.Bytes(500));
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(broken.Row, [9, 9]), Token));
        _store.Clock.Advance(TimeSpan.FromDays(60));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(isAsideBefore, (await Shelf.ListAsync(null, 10, Token)).Count == 1);
        Assert.Equal(!isAsideBefore, await _store.Device.FindAsync(orphan, Token) is not null);
    }

    [Fact]
    public async Task A_blob_that_rows_need_again_is_brought_back_by_the_pass_and_is_no_damage()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(500));
        Assert.True(await _store.Device.SetAsideAsync(DamagedStore.BlobOf(stored), Token));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(StoreFixture.Bytes(500), await _store.ReadAsync("key"));
        Assert.Equal((1L, 0L), (_store.Store.Scrub.Status.Last!.Counts.BroughtBack, _store.Store.Scrub.Status.Last!.Counts.Damaged));
        Assert.Empty(await _store.ListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_rows_need_again_is_brought_back_by_a_drop_and_not_removed(bool all)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(500));
        Assert.True(await _store.Device.SetAsideAsync(DamagedStore.BlobOf(stored), Token));
        OrphanDrop drop = await DropAsync(all ? null : DamagedStore.BlobOf(stored));
        Assert.Equal((OrphanDropState.Done, new OrphansDropped(0, 0, 1)), (drop.State, drop.Dropped));
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
        Assert.NotNull(await _store.Device.FindAsync(DamagedStore.BlobOf(stored), Token));
        Assert.Equal(StoreFixture.Bytes(500), await _store.ReadAsync("key"));
    }

    [Fact]
    public async Task Where_a_row_cannot_be_decoded_a_drop_is_refused()
    {
        BlobId orphan = await OrphanAsync("one");
        await _store.Store.Scrub.RunOnceAsync(Token);
        _store.Kept.Reason = "A reason.";
        byte[] broken = Tables.ReclaimKey(1, orphan.Value);
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(broken, [9, 9]), Token));
        Assert.Contains("not known", (await DropAsync(orphan)).Error, StringComparison.Ordinal);
        Assert.Contains("not known", (await DropAsync(null)).Error, StringComparison.Ordinal);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        Assert.Equal("A reason.", Shelf.KeptBecause);
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Delete(broken), Token));
        Assert.Equal((OrphanDropState.Done, 1), ((await DropAsync(orphan)).State, Shelf.Drops.Last!.Dropped.Blobs));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_rows_need_again_is_brought_back_by_whoever_asks_for_it(bool reads)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(500));
        Assert.True(await _store.Device.SetAsideAsync(DamagedStore.BlobOf(stored), Token));
        if (reads)
        {
            Assert.Equal(StoreFixture.Bytes(500), await _store.ReadAsync("key"));
        }
        else
        {
            Assert.True(await _store.Store.Reader.IsThereAsync(stored, Token));
        }

        Assert.NotNull(await _store.Device.FindAsync(DamagedStore.BlobOf(stored), Token));
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task An_operator_puts_one_back_or_removes_one()
    {
        BlobId one = await OrphanAsync("one"), two = await OrphanAsync("two");
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(2, (await Shelf.ListAsync(null, 10, Token)).Count);
        Assert.Single(await Shelf.ListAsync((await Shelf.ListAsync(null, 1, Token))[0].Id, 10, Token));
        Assert.True(await Shelf.BringBackAsync(one, Token));
        Assert.False(await Shelf.BringBackAsync(one, Token));
        Assert.NotNull(await _store.Device.FindAsync(one, Token));
        Assert.Equal(1, (await DropAsync(two)).Dropped.Blobs);
        Assert.Null(await Shelf.Drops.BeginAsync(two, Token));
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
    }

    [Fact]
    public async Task A_move_or_a_removal_that_fails_is_counted_and_tried_again()
    {
        BlobId orphan = await OrphanAsync("one");
        _store.Device.FailsMoves = true;
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Contains(orphan.ToString(), Assert.Single(_store.Store.Scrub.Status.Last!.Failures), StringComparison.Ordinal);
        Assert.NotNull(await _store.Device.FindAsync(orphan, Token));
        _store.Device.FailsMoves = false;
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        _store.Clock.Advance(TimeSpan.FromDays(31));
        _store.Device.FailsMoves = true;
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        _store.Device.FailsMoves = false;
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
    }

    [Theory]
    [InlineData(CrashSide.Before)]
    [InlineData(CrashSide.After)]
    public async Task A_crash_at_any_step_loses_nothing_that_is_needed_and_forgets_nothing_that_is_not(CrashSide side)
    {
        for (int step = 0; ; step++)
        {
            var fixture = new StoreFixture(step + 1);
            await fixture.PutAsync(await fixture.BucketAsync(), "kept", StoreFixture.Bytes(500));
            await LeaveAsync(fixture.Blobs, step * 10 + 1);
            await LeaveAsync(fixture.Blobs, step * 10 + 2);
            fixture.Clock.Advance(TimeSpan.FromDays(2));
            var crash = new CrashPoint(step, side);
            bool isOver = false;
            try
            {
                var store = Open(fixture, new CrashingKeyValueStore(fixture.KeyValue, crash), new CrashingBlobStore(fixture.Blobs, crash));
                await store.Scrub.RunOnceAsync(Token);
                fixture.Clock.Advance(TimeSpan.FromDays(31));
                await store.Scrub.RunOnceAsync(Token);
                isOver = true;
            }
            catch (InjectedCrashException)
            {
            }

            for (int pass = 0; pass < 3; pass++)
            {
                var store = Open(fixture, fixture.KeyValue, fixture.Blobs);
                fixture.Clock.Advance(TimeSpan.FromDays(31));
                await store.Scrub.RunOnceAsync(Token);
            }

            Assert.Equal(StoreFixture.Bytes(500), await fixture.ReadAsync(await fixture.BucketAsync(), "kept"));
            Assert.Empty(await Open(fixture, fixture.KeyValue, fixture.Blobs).Orphans.ListAsync(null, 10, Token));
            await LeakCheck.AssertAsync(fixture.KeyValue, fixture.Blobs, drained: true);
            if (isOver)
            {
                Assert.InRange(step, 8, 100);
                return;
            }
        }
    }

    [Fact]
    public async Task A_page_of_the_list_looks_at_no_more_files_than_it_has()
    {
        for (int i = 0; i < 20; i++)
        {
            await OrphanAsync($"key-{i}", TimeSpan.Zero);
        }

        _store.Clock.Advance(TimeSpan.FromDays(2));
        await _store.Store.Scrub.RunOnceAsync(Token);
        await Shelf.ListAsync(null, 1, Token);
        int lists = _store.Device.AsideLists, opens = _store.Device.AsideOpens;
        var seen = new List<BlobId>();
        while (await Shelf.ListAsync(seen.Count == 0 ? null : seen[^1], 3, Token) is { Count: > 0 } page)
        {
            Assert.InRange(_store.Device.AsideOpens - opens, 0, 2 * 3);
            opens = _store.Device.AsideOpens;
            seen.AddRange(page.Select(static orphan => orphan.Id));
        }

        Assert.Equal((20, lists), (seen.Distinct().Count(), _store.Device.AsideLists));
    }

    /// <summary>Rows move while they are read, so that a walk can miss them: only those of one instant tell.</summary>
    [Fact]
    public async Task A_blob_to_which_a_row_of_the_snapshot_refers_stays()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(500));
        byte[] value = (await _store.Memory.GetAsync(stored.Row, Token))!;
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Delete(stored.Row), Token));
        _store.Clock.Advance(TimeSpan.FromDays(2));
        _store.Rows.BeforeSnapshot = async () => Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(stored.Row, value), Token));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
        Assert.Equal(StoreFixture.Bytes(500), await _store.ReadAsync("key"));
    }

    /// <summary>Nor what a pass finds that could not read all data: a row that cannot be read may be what refers to it.</summary>
    [Fact]
    public async Task Where_the_first_half_could_not_read_everything_nothing_is_set_aside()
    {
        BlobId orphan = await OrphanAsync("lost", TimeSpan.Zero);
        StoredObject failing = await _store.PutAsync("failing", StoreFixture.Bytes(500));
        _store.Clock.Advance(TimeSpan.FromDays(2));
        _store.Device.Failing = (DamagedStore.BlobOf(failing), Times: int.MaxValue);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
        Assert.NotNull(await _store.Device.FindAsync(orphan, Token));
    }

    [Fact]
    public async Task The_counts_are_those_of_the_shelf_and_of_what_was_left()
    {
        BlobId one = await OrphanAsync("one"), held = await OrphanAsync("held");
        _store.Holds.Add(held);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((1L, 1L, 2L), (Shelf.Count!.Blobs, _store.Store.Scrub.Orphans!.Blobs, _store.Store.Scrub.Status.Last!.Counts.Orphans));
        _store.Holds.Clear();
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((2L, 0L), (Shelf.Count.Blobs, _store.Store.Scrub.Orphans.Blobs));
        await Shelf.BringBackAsync(one, Token);
        Assert.Equal(1, Shelf.Count.Blobs);
        await DropAsync(held);
        Assert.Equal(new OrphanCount(0, 0), Shelf.Count);
    }

    [Fact]
    public async Task A_pause_interrupts_removal_between_passes()
    {
        await OrphanAsync("lost");
        _store.Scrubbing = _store.Scrubbing with { Interval = TimeSpan.FromDays(300), OrphanRetention = TimeSpan.FromHours(30) };
        _store.Open();
        await using var running = new RunningScrub(_store.Store.Scrub);
        await running.PassAsync(async () => await _store.Store.Scrub.StartAsync(Token));
        await running.IdleAsync();
        var looked = new TaskCompletionSource();
        _store.Rows.BeforeSnapshot = async () =>
        {
            await _store.Store.Scrub.PauseAsync(Token);
            looked.SetResult();
        };
        while (!looked.Task.IsCompleted)
        {
            int waits = _store.Store.Scrub.Waits;
            _store.Clock.Advance(TimeSpan.FromDays(1));
            while (_store.Store.Scrub.Waits == waits && !looked.Task.IsCompleted)
            {
                await Task.Yield();
            }
        }

        await running.IdleAsync();
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
    }

    [Fact]
    public async Task What_was_set_aside_and_is_in_its_place_too_is_removed_after_its_retention()
    {
        StoredObject stored = await PutTwiceAsync(static bytes => bytes);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        Assert.False(await Shelf.BringBackAsync(DamagedStore.BlobOf(stored), Token));
        _store.Clock.Advance(TimeSpan.FromDays(31));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
        Assert.Empty(_store.Store.Scrub.Status.Last!.Failures);
        Assert.Equal(StoreFixture.Bytes(500), await _store.ReadAsync("key"));
    }

    [Fact]
    public async Task What_was_set_aside_is_kept_while_the_one_in_its_place_is_damaged()
    {
        await PutTwiceAsync(static bytes => [(byte)(bytes[0] ^ 1), .. bytes[1..]]);
        await _store.Store.Scrub.RunOnceAsync(Token);
        _store.Clock.Advance(TimeSpan.FromDays(31));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
    }

    /// <summary>Puts an object whose blob is set aside as it was written, and in its place as <paramref name="second"/> makes it.</summary>
    private async Task<StoredObject> PutTwiceAsync(Func<byte[], byte[]> second)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(500));
        byte[] bytes = await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored));
        Assert.True(await _store.Device.SetAsideAsync(DamagedStore.BlobOf(stored), Token));
        await using IBlobWriter writer = await _store.Device.CreateAsync(DamagedStore.BlobOf(stored), null, Token);
        await writer.WriteAsync(new(second(bytes)), Token);
        await writer.CommitAsync(Token);
        return stored;
    }

    private async Task<OrphanDrop> DropAsync(BlobId? id)
    {
        Assert.Equal(OrphanDropState.Running, Assert.IsType<OrphanDrop>(await Shelf.Drops.BeginAsync(id, Token)).State);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Shelf.Drops.BeginAsync(null, Token));
        await Shelf.Drops.RunOnceAsync(Token);
        return Shelf.Drops.Last!;
    }

    private Core.Storage.ObjectStore Open(StoreFixture fixture, IKeyValueStore rows, IBlobStore blobs) =>
        new(rows, blobs, fixture.Clock, new SeededRandomSource(5), new() { InlineLimit = StoreFixture.InlineLimit, Scrub = _store.Scrubbing });

    private static async Task LeaveAsync(IBlobStore blobs, int seed)
    {
        await using IBlobWriter writer = await blobs.CreateAsync(BlobId.Create(new SeededRandomSource(seed)), null, Token);
        await writer.WriteAsync(new(StoreFixture.Bytes(300)), Token);
        await writer.CommitAsync(Token);
    }

    /// <summary>Stores an object and removes its row behind everybody's back.</summary>
    private async Task<BlobId> OrphanAsync(string key, TimeSpan? age = null)
    {
        StoredObject stored = await _store.PutAsync(key, StoreFixture.Bytes(500));
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Delete(stored.Row), Token));
        _store.Clock.Advance(age ?? TimeSpan.FromDays(2));
        return DamagedStore.BlobOf(stored);
    }
}
