using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Damage;

/// <summary>When damage is over, and when it is not.</summary>
public sealed class DamageEndTests
{
    private const int Block = BlobLayout.BlockSize;

    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Data_that_was_missing_is_promised_again_as_soon_as_it_is_there(bool restarts)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(3 * Block));
        _store.Device.IsAway = true;
        await _store.ReadDamagedAsync("key");
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token));
        Reopen(restarts);
        await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("key", "copy"));
        _store.Device.IsAway = false;
        await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token);
        await _store.CopyAsync("key", "copy");
        await AssertNoneAsync();
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(5, true)]
    [InlineData((3 * Block) + 2, false)]
    [InlineData(-3, true)]
    public async Task Data_that_was_brought_back_is_promised_again_as_soon_as_it_is_read(int at, bool restarts)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes((3 * Block) + 9));
        await DamageAsync(stored, at);
        await _store.ReadDamagedAsync("key");
        Reopen(restarts);
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token));
        Repair(stored);
        await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token);
        await AssertNoneAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task More_than_a_request_may_read_is_looked_at_by_a_read_of_it_all_or_once_a_day(bool daily)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(100 * Block));
        await DamageAsync(stored, -3);
        await _store.ReadDamagedAsync("key");
        Repair(stored);
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token));
        if (daily)
        {
            await _store.Store.Recheck.RunOnceAsync(e => throw e, Token);
        }
        else
        {
            await _store.ReadAsync("key");
        }

        Assert.Equal(0, _store.Store.Damage.Count);
        await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token);
        await AssertNoneAsync();
    }

    [Fact]
    public async Task A_read_of_sound_blocks_does_not_end_the_damage_of_others()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(3 * Block));
        await DamageAsync(stored, Block);
        await _store.ReadDamagedAsync("key");
        await _store.ReadDamagedAsync("key");
        await _store.Store.Recheck.RunOnceAsync(e => throw e, Token);
        Assert.Single(await _store.ListAsync());
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_small_object_is_read_again_by_who_needs_to_know(bool restarts)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(50));
        byte[] row = Tables.InlineDataKey(((Core.Objects.Ownership.ObjectData.Inline)stored.Record.Data).Row);
        byte[] kept = (await _store.Memory.GetAsync(row, Token))!;
        byte[] flipped = [.. kept];
        flipped[3] ^= 1;
        await _store.Memory.CommitAsync(new KeyValueBatch().Put(row, flipped), Token);
        await _store.ReadDamagedAsync("key");
        Reopen(restarts);
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token));
        await _store.Memory.CommitAsync(new KeyValueBatch().Put(row, kept), Token);
        await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token);
        await AssertNoneAsync();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Damage_outlives_the_object_where_it_was_met_as_long_as_others_share_the_data(bool isOfParts, bool restarts)
    {
        StoredObject stored = isOfParts ? await PutPartAsync("key", StoreFixture.Bytes(Block)) : await _store.PutAsync("key", StoreFixture.Bytes(Block));
        await _store.CopyAsync("key", "copy");
        await _store.Device.DamageAsync((await _store.Store.Reader.ExtentsAsync(stored, 0, Block, Token))[0].Blob, bytes => Flip(bytes, 4));
        _store.Device.EmptyCache();
        await _store.ReadDamagedAsync("key");
        await DeleteAsync("key");
        Reopen(restarts);
        Assert.True(Assert.Single(await _store.ListAsync()).IsGone);
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(await _store.FindAsync("copy"), Token));
        await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("copy", "another"));

        await DeleteAsync("copy");
        for (int i = 0; i < 3; i++)
        {
            _store.Clock.Advance(TimeSpan.FromMinutes(11));
            await _store.Store.Reclaim.RunOnceAsync(failed: null, Token);
        }

        await AssertNoneAsync();
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_condemns_its_data_and_nothing_else()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(3 * Block)), other = await _store.PutAsync("other", StoreFixture.Bytes(Block));
        StoredObject sound = await _store.PutAsync("sound", StoreFixture.Bytes(Block));
        await DamageAsync(stored, 5);
        await _store.ReadDamagedAsync("key");
        Id128 data = DamagedStore.BlobOf(stored).Value;
        await _store.Memory.CommitAsync(new KeyValueBatch().Put(Tables.DamageKey(DamagedStore.BlobOf(other).Value, [1, 2, 3]), "no record"u8.ToArray()), Token);
        _store.Device.IsAway = true;
        _store.Open();
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token));
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(other, Token));
        await _store.Store.Reader.ThrowIfDamagedAsync(sound, Token);
        Assert.Equal(2, _store.Store.Damage.Count);
        Assert.Equal([null, "bucket"], (await _store.ListAsync()).Select(listed => listed.Bucket).Order());
        Assert.Contains("cannot be read", _store.Noticed[^1].What, StringComparison.Ordinal);

        // The blob is right, so the row is no longer needed.
        _store.Device.IsAway = false;
        await _store.Store.Reader.ThrowIfDamagedAsync(other, Token);
        Assert.Equal(data, Assert.Single(await _store.ListAsync()).Data);
    }

    [Fact]
    public async Task A_request_does_not_wait_for_long_until_damage_is_recorded()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Block));
        await DamageAsync(stored, 5);
        using var go = new ManualResetEventSlim();
        _store.Rows.BeforeCommit = _ =>
        {
            go.Wait(Token);
            return Task.CompletedTask;
        };
        Task<DamagedDataException> read = _store.ReadDamagedAsync("key");
        while (!read.IsCompleted)
        {
            _store.Clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        await read;
        Assert.Equal(1, _store.Store.Damage.Count);
        go.Set();
        _store.Rows.BeforeCommit = null;
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token));
        Assert.Single(await _store.ListAsync());
    }

    [Fact]
    public async Task A_range_becomes_a_part_only_if_it_is_right_also_where_reads_are_not_verified()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(3 * Block));
        _store.Open(VerifyReads.Off);
        await DamageAsync(stored, 5);
        var upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key("parts"), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
        await Assert.ThrowsAsync<DamagedDataException>(
            async () => await _store.Store.Parts.CopyAsync(upload, 1, async () => await _store.FindAsync("key"), _ => (0, 2 * Block), Token));
        await _store.Store.Parts.CopyAsync(upload, 1, async () => await _store.FindAsync("key"), _ => (Block, Block), Token);
    }

    private async Task<StoredObject> PutPartAsync(string key, byte[] bytes)
    {
        var upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key(key), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
        var part = await _store.Store.Parts.PutAsync(upload, 1, new TestBody(bytes), new IngestRequest(), Token);
        await _store.Store.Completion.CompleteAsync(await _store.BucketAsync(), upload.Key, upload.Id.ToString(), StoreFixture.Request(part), Token);
        return await _store.FindAsync(key);
    }

    private async Task DeleteAsync(string key) =>
        await _store.Store.Deleter.DeleteAsync(await _store.BucketAsync(), StoreFixture.Key(key), null, "owner", DeleteCondition.None, Token);

    private async Task DamageAsync(StoredObject stored, int at)
    {
        await _store.Device.DamageAsync(DamagedStore.BlobOf(stored), bytes => Flip(bytes, at < 0 ? bytes.Length + at : at));
        _store.Device.EmptyCache();
    }

    private void Repair(StoredObject stored)
    {
        _store.Device.Repair(DamagedStore.BlobOf(stored));
        _store.Device.EmptyCache();
    }

    private void Reopen(bool restarts)
    {
        if (restarts)
        {
            _store.Open();
        }
    }

    private async Task AssertNoneAsync()
    {
        Assert.Empty(await _store.ListAsync());
        Assert.Equal(0, _store.Store.Damage.Count);
        _store.Open();
        await _store.Store.Damage.LoadAsync(Token);
        Assert.Equal(0, _store.Store.Damage.Count);
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= 1;
        return flipped;
    }
}
