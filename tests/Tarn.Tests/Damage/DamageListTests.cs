using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Damage;

/// <summary>What is on the list of damage, for how long, and who asks it.</summary>
public sealed class DamageListTests
{
    private const int Block = BlobLayout.BlockSize;

    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    [Fact]
    public async Task Damage_is_listed_with_bucket_key_version_and_place_also_after_a_restart()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(3 * Block));
        await _store.FlipAsync(stored, Block + 7);
        await _store.ReadDamagedAsync("key");
        DamagedObject damaged = Assert.Single(await _store.ListAsync());
        Assert.Equal(
            new DamagedObject(
                "bucket", StoreFixture.Key("key"), "null", null, 0, DamagedStore.BlobOf(stored).Value, DamageKind.Checksum, Block, Block,
                _store.Clock.GetUtcNow(), _store.Clock.GetUtcNow()),
            damaged);
        Assert.Equal(damaged, Assert.Single(_store.Noticed).Object);
        Assert.Equal(1, _store.Store.Damage.Count);

        _store.Open();
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(await _store.FindAsync("key"), Token));
        Assert.Equal(1, _store.Store.Damage.Count);
        Assert.Equal(damaged, Assert.Single(await _store.ListAsync()));
    }

    [Fact]
    public async Task Damage_that_is_met_again_is_written_and_noticed_once_an_hour_and_more_of_it_at_once()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(9 * Block));
        await _store.FlipAsync(stored, 7 * Block);
        DateTimeOffset first = _store.Clock.GetUtcNow();
        for (int i = 0; i < 5; i++)
        {
            await _store.ReadDamagedAsync("key");
            _store.Clock.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Single(_store.Noticed);
        _store.Clock.Advance(TimeSpan.FromMinutes(10));
        await _store.ReadDamagedAsync("key");
        Assert.Equal(2, _store.Noticed.Count);
        DamagedObject damaged = Assert.Single(await _store.ListAsync());
        Assert.Equal((first, _store.Clock.GetUtcNow()), (damaged.FirstSeen, damaged.LastSeen));

        await _store.FlipAsync(stored, 2 * Block);
        await _store.ReadDamagedAsync("key");
        damaged = Assert.Single(await _store.ListAsync());
        Assert.Equal((2L * Block, 6L * Block), (damaged.Offset, damaged.Length));
        Assert.Equal(3, _store.Noticed.Count);
    }

    [Fact]
    public async Task What_is_listed_is_listed_although_the_row_of_another_bucket_or_of_the_object_cannot_be_read()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Block));
        await _store.FlipAsync(stored, 0);
        await _store.ReadDamagedAsync("key");
        await _store.Memory.CommitAsync(new KeyValueBatch().Put(Tables.BucketKey("a-damaged-one"), [0xFF]), Token);
        _store.Open();
        Assert.Equal("bucket", Assert.Single(await _store.ListAsync()).Bucket);

        _store.Rows.FailRead = key => key[0] is Tables.Current or Tables.History ? new IOException("Corruption: block checksum mismatch") : null;
        Assert.False(Assert.Single(await _store.ListAsync()).IsGone);
    }

    [Fact]
    public async Task A_small_object_that_is_read_and_right_leaves_the_list()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(50));
        byte[] row = Tables.InlineDataKey(Assert.IsType<ObjectData.Inline>(stored.Record.Data).Row);
        byte[] right = (await _store.Memory.GetAsync(row, Token))!, wrong = [.. right];
        wrong[7] ^= 1;
        await _store.Memory.CommitAsync(new KeyValueBatch().Put(row, wrong), Token);
        await _store.ReadDamagedAsync("key");
        Assert.Single(await _store.ListAsync());
        await _store.Memory.CommitAsync(new KeyValueBatch().Put(row, right), Token);
        await _store.ReadAsync("key");
        Assert.Empty(await _store.ListAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_object_that_is_gone_or_has_other_data_is_not_listed(bool overwrites)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Block));
        await _store.FlipAsync(stored, 0);
        await _store.ReadDamagedAsync("key");
        _store.Clock.Advance(TimeSpan.FromSeconds(2));
        if (overwrites)
        {
            await _store.PutAsync("key", StoreFixture.Bytes(Block, 1));
            Assert.Equal(StoreFixture.Bytes(Block, 1), await _store.ReadAsync("key"));
        }
        else
        {
            await _store.Store.Deleter.DeleteAsync(await _store.BucketAsync(), StoreFixture.Key("key"), null, "owner", DeleteCondition.None, Token);
        }

        Assert.Empty(await _store.ListAsync());
        Assert.Equal(0, _store.Store.Damage.Count);
    }

    [Fact]
    public async Task A_version_stays_listed_when_it_is_no_longer_the_newest_and_when_it_is_again()
    {
        await _store.Store.Buckets.SetVersioningAsync(await _store.BucketAsync(), VersioningState.Enabled, Token);
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Block));
        await _store.FlipAsync(stored, 0);
        await _store.ReadDamagedAsync("key");
        StoredObject newer = await _store.PutAsync("key", StoreFixture.Bytes(Block, 1));
        Assert.Equal(stored.VersionName, Assert.Single(await _store.ListAsync()).Version);
        await _store.ReadDamagedAsync("key", stored.VersionName);
        Assert.Equal(stored.VersionName, Assert.Single(await _store.ListAsync()).Version);
        await _store.Store.Reader.ThrowIfDamagedAsync(newer, Token);

        await _store.Store.Deleter.DeleteAsync(await _store.BucketAsync(), StoreFixture.Key("key"), newer.VersionName, "owner", DeleteCondition.None, Token);
        Assert.Equal(stored.VersionName, Assert.Single(await _store.ListAsync()).Version);
    }

    [Fact]
    public async Task Who_shares_the_damaged_bytes_is_refused_and_who_shares_others_is_not()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(3 * Block));
        await _store.CopyAsync("key", "copy");
        var upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key("parts"), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
        var part = await _store.Store.Parts.CopyAsync(upload, 1, async () => await _store.FindAsync("key"), _ => (0, Block), Token);
        await _store.Store.Completion.CompleteAsync(await _store.BucketAsync(), upload.Key, upload.Id.ToString(), StoreFixture.Request(part), Token);
        _store.Open();
        await _store.FlipAsync(stored, 2 * Block);
        await _store.ReadDamagedAsync("key");

        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(await _store.FindAsync("copy"), Token));
        await Assert.ThrowsAsync<DamagedDataException>(() => _store.CopyAsync("copy", "another"));
        await _store.Store.Reader.ThrowIfDamagedAsync(await _store.FindAsync("parts"), Token);
        await _store.CopyAsync("parts", "another");
        Assert.Equal(StoreFixture.Bytes(3 * Block)[..Block], await _store.ReadAsync("another"));
    }

    [Fact]
    public async Task What_is_taken_off_the_list_is_promised_again_until_it_is_read()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Block));
        await _store.FlipAsync(stored, 0);
        await _store.ReadDamagedAsync("key");
        await _store.Store.Damage.DropAsync(DamagedStore.BlobOf(stored).Value, Token);
        Assert.Empty(await _store.ListAsync());
        await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token);
        await _store.ReadDamagedAsync("key");
        Assert.Single(await _store.ListAsync());
    }

    [Fact]
    public async Task Damage_that_cannot_be_recorded_is_remembered_and_said()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Block));
        await _store.FlipAsync(stored, 0);
        _store.Rows.BeforeCommit = _ => throw new StorageFullException();
        await _store.ReadDamagedAsync("key");
        _store.Rows.BeforeCommit = null;
        Assert.IsType<StorageFullException>(Assert.Single(_store.Noticed).Failure);
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _store.Store.Reader.ThrowIfDamagedAsync(stored, Token));
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task Data_of_an_object_that_was_replaced_while_it_was_read_is_not_damage()
    {
        var upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key("key"), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
        var part = await _store.Store.Parts.PutAsync(upload, 1, new TestBody(StoreFixture.Bytes(1000)), new IngestRequest(), Token);
        await _store.Store.Completion.CompleteAsync(await _store.BucketAsync(), upload.Key, upload.Id.ToString(), StoreFixture.Request(part), Token);
        (StoredObject? found, IObjectContent? content) = await _store.Store.Reader.OpenAsync(await _store.BucketAsync(), StoreFixture.Key("key"), null, Token);
        await _store.PutAsync("key", StoreFixture.Bytes(10));
        for (int i = 0; i < 3; i++)
        {
            _store.Clock.Advance(TimeSpan.FromMinutes(11));
            await _store.Store.Reclaim.RunOnceAsync(failed: null, Token);
        }

        IOException cut = await Assert.ThrowsAnyAsync<IOException>(() => StoreFixture.ReadAsync(content!, 0, found!.Size));
        Assert.IsNotType<DamagedDataException>(cut);
        Assert.Empty(_store.Noticed);
        Assert.Equal(0, _store.Store.Damage.Count);
    }
}
