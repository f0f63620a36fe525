using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;
using Tarn.Tests.Damage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Scrubbing;

/// <summary>When what was set aside may be removed by itself: what a wrong clock, a lost count and rows that cannot be read do, and that it is said.</summary>
public sealed class OrphanRetentionTests
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(30);

    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    private OrphanShelf Shelf => _store.Store.Orphans;

    [Fact]
    public async Task A_clock_that_is_ahead_ends_no_retention()
    {
        await SetAsideAsync();
        _store.Wall.Ahead = Retention * 12;
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));

        // Nor when it is set right again.
        _store.Wall.Ahead = TimeSpan.Zero;
        await ServeAsync(Retention - TimeSpan.FromHours(1));
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        await ServeAsync(TimeSpan.FromHours(1));
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
    }

    [Fact]
    public async Task A_clock_that_was_ahead_when_a_blob_was_set_aside_keeps_it_longer()
    {
        _store.Wall.Ahead = Retention;
        await SetAsideAsync();
        _store.Wall.Ahead = TimeSpan.Zero;
        await ServeAsync(Retention);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        await ServeAsync(Retention);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
    }

    [Fact]
    public async Task Time_that_the_store_is_not_served_does_not_count_and_what_was_counted_outlasts_restarts()
    {
        await SetAsideAsync();
        for (int i = 0; i < 3; i++)
        {
            await ServeAsync(Retention / 3 - TimeSpan.FromHours(1));
            _store.Wall.Ahead += TimeSpan.FromDays(100);
            _store.Open();
        }

        await ServeAsync(TimeSpan.FromHours(2));
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        await ServeAsync(TimeSpan.FromHours(2));
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
    }

    [Theory]
    [InlineData("undecodable")]
    [InlineData("ahead")]
    [InlineData("gone")]
    public async Task A_note_that_does_not_say_when_begins_the_retention_anew(string note)
    {
        BlobId orphan = await SetAsideAsync();
        await ServeAsync(Retention - TimeSpan.FromHours(1));
        byte[] row = Tables.SetAsideKey(orphan.Value);
        SetAsideRecord known = SetAsideRecord.Decode((await _store.Memory.GetAsync(row, Token))!);
        KeyValueBatch batch = note switch
        {
            "undecodable" => new KeyValueBatch().Put(row, [9, 9]),
            "ahead" => new KeyValueBatch().Put(row, (known with { Served = long.MaxValue }).Encode()),
            _ => new KeyValueBatch().Delete(row),
        };
        Assert.True(await _store.Memory.CommitAsync(batch, Token));
        await ServeAsync(TimeSpan.FromHours(2));
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        await ServeAsync(Retention);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
    }

    [Fact]
    public async Task While_a_row_cannot_be_decoded_nothing_is_removed_and_that_is_said()
    {
        await SetAsideAsync();
        Assert.Null(_store.Store.Scrub.Status.OrphansKeptBecause);
        StoredObject broken = await _store.PutAsync("broken", StoreFixture.Bytes(500));
        byte[] value = (await _store.Memory.GetAsync(broken.Row, Token))!;
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(broken.Row, [9, 9]), Token));
        await ServeAsync(Retention);
        await ServeAsync(Retention);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        Assert.NotNull(await _store.Device.FindAsync(DamagedStore.BlobOf(broken), Token));
        Assert.Contains("could not read everything", _store.Store.Scrub.Status.OrphansKeptBecause, StringComparison.Ordinal);

        // Once it can be read, or is gone, removal goes on: first what was set aside before.
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(broken.Row, value), Token));
        await ServeAsync(TimeSpan.Zero);
        Assert.Null(_store.Store.Scrub.Status.OrphansKeptBecause);
        Assert.Empty(await Shelf.ListAsync(null, 10, Token));
    }

    [Fact]
    public async Task A_row_that_breaks_after_the_pass_keeps_what_is_due_and_that_is_said()
    {
        await SetAsideAsync();
        StoredObject broken = await _store.PutAsync("broken", StoreFixture.Bytes(500));
        _store.Clock.Advance(Retention);
        bool isBroken = false;
        _store.Rows.BeforeSnapshot = async () =>
        {
            isBroken = true;
            Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(broken.Row, [9, 9]), Token));
        };
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.True(isBroken);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        Assert.Contains("broken", _store.Store.Scrub.Status.OrphansKeptBecause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_nothing_is_removed_is_said_in_each_case()
    {
        Assert.Contains("No pass", _store.Store.Scrub.Status.OrphansKeptBecause, StringComparison.Ordinal);
        await SetAsideAsync();
        Assert.Null(_store.Store.Scrub.Status.OrphansKeptBecause);
        await _store.Store.Scrub.PauseAsync(Token);
        Assert.Contains("paused", _store.Store.Scrub.Status.OrphansKeptBecause, StringComparison.Ordinal);
        _store.Kept.Reason = "A reason.";
        Assert.Equal("A reason.", _store.Store.Scrub.Status.OrphansKeptBecause);
        _store.Kept.Reason = null;
        _store.Scrubbing = _store.Scrubbing with { BytesPerSecond = 0 };
        _store.Open();
        Assert.Contains("turned off", _store.Store.Scrub.Status.OrphansKeptBecause, StringComparison.Ordinal);
    }

    private async Task ServeAsync(TimeSpan time)
    {
        _store.Clock.Advance(time);
        await _store.Store.Scrub.RunOnceAsync(Token);
    }

    /// <summary>Stores an object, removes its row behind everybody's back, and has its blob set aside.</summary>
    private async Task<BlobId> SetAsideAsync()
    {
        StoredObject stored = await _store.PutAsync("lost", StoreFixture.Bytes(500));
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Delete(stored.Row), Token));
        _store.Clock.Advance(TimeSpan.FromDays(2));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Single(await Shelf.ListAsync(null, 10, Token));
        return DamagedStore.BlobOf(stored);
    }
}
