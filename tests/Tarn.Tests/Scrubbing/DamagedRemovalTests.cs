using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;
using Tarn.TestKit.Stores;
using Tarn.Tests.Damage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Scrubbing;

/// <summary>Dropping what is damaged: it is deleted for good with its data, and nothing else ever is.</summary>
public sealed class DamagedRemovalTests
{
    private const int Size = 2 * BlobLayout.BlockSize;

    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_damaged_object_is_deleted_and_its_data_reclaimed(bool isMissing)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await (isMissing ? _store.Device.LoseAsync(DamagedStore.BlobOf(stored)) : _store.FlipAsync(stored, 0));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(DropOutcome.Dropped, await DropAsync("key", "null"));
        Assert.Null(await _store.Store.Reader.FindAsync(await _store.BucketAsync(), StoreFixture.Key("key"), Token));
        Assert.Equal(0, _store.Store.Damage.Count);
        Assert.Equal(DropOutcome.NotFound, await DropAsync("key", "null"));
        await AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task What_is_not_damaged_or_right_again_is_left()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        Assert.Equal(DropOutcome.NotDamaged, await DropAsync("key", "null"));
        await _store.FlipAsync(stored, 0);
        await _store.Store.Scrub.RunOnceAsync(Token);
        _store.Device.Repair(DamagedStore.BlobOf(stored));
        Assert.Equal(DropOutcome.NotDamaged, await DropAsync("key", "null"));
        Assert.Equal(StoreFixture.Bytes(Size), await _store.ReadAsync("key"));
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task An_object_that_took_the_key_during_the_drop_is_left()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await _store.FlipAsync(stored, 0);
        await _store.Store.Scrub.RunOnceAsync(Token);
        _store.Rows.BeforeCommit = async _ => await _store.PutAsync("key", StoreFixture.Bytes(Size, 1));
        Assert.Equal(DropOutcome.NotDamaged, await DropAsync("key", "null"));
        Assert.Equal(StoreFixture.Bytes(Size, 1), await _store.ReadAsync("key"));
    }

    [Fact]
    public async Task Only_the_version_that_is_damaged_goes_and_no_delete_marker_is_left()
    {
        await _store.Store.Buckets.SetVersioningAsync(await _store.BucketAsync(), VersioningState.Enabled, Token);
        StoredObject old = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        StoredObject damaged = await _store.PutAsync("key", StoreFixture.Bytes(Size, 1));
        await _store.FlipAsync(damaged, 0);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(DropOutcome.NotDamaged, await DropAsync("key", old.VersionName));
        Assert.Equal(DropOutcome.Dropped, await DropAsync("key", damaged.VersionName));
        Assert.Equal(StoreFixture.Bytes(Size), await _store.ReadAsync("key"));
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task A_copy_that_shares_the_damage_stays_listed_until_it_is_dropped_too()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await _store.CopyAsync("key", "copy");
        await _store.FlipAsync(stored, 0);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(DropOutcome.Dropped, await DropAsync("key", "null"));
        Assert.Contains(await _store.ListAsync(), found => found.Key.ToString() == "copy" && !found.IsGone);
        Assert.Equal(DropOutcome.Dropped, await DropAsync("copy", "null"));
        await AssertNothingLeaksAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_object_whose_manifest_is_damaged_can_be_dropped_and_what_is_known_of_its_data_is_reclaimed(bool isMissing)
    {
        (MultipartUpload upload, UploadedPart part) = await PartAsync("parts");
        await _store.Store.Completion.CompleteAsync(await _store.BucketAsync(), upload.Key, upload.Id.ToString(), StoreFixture.Request(part), Token);
        var manifest = Assert.IsType<ObjectData.Manifest>((await _store.FindAsync("parts")).Record.Data);
        byte[] row = Tables.ManifestKey(manifest.Id, 0);
        Assert.True(await _store.Memory.CommitAsync(isMissing ? new KeyValueBatch().Delete(row) : new KeyValueBatch().Put(row, [1, 3]), Token));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal("parts", Assert.Single(await _store.ListAsync()).Key.ToString());
        Assert.Equal(DropOutcome.Dropped, await DropAsync("parts", "null"));
        Assert.Empty(await _store.ListAsync());

        // Whose the blob of the part is, nobody knows any more: it is an orphan.
        _store.Clock.Advance(TimeSpan.FromDays(2));
        await _store.Store.Reclaim.RunOnceAsync(failed: null, Token);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal("parts", Assert.Single(await _store.Store.Orphans.ListAsync(null, 10, Token)).Key?.ToString());
        await _store.Store.Orphans.Drops.BeginAsync(null, Token);
        await _store.Store.Orphans.Drops.RunOnceAsync(Token);
        Assert.Equal(1, _store.Store.Orphans.Drops.Last!.Dropped.Blobs);
        await AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task A_record_that_a_newer_build_may_have_written_is_left()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(stored.Row, [9, 9]), Token));
        Assert.True((await Assert.ThrowsAsync<RecordFormatException>(() => DropAsync("key", "null"))).IsNewer);
        Assert.NotNull(await _store.Memory.GetAsync(stored.Row, Token));
    }

    [Fact]
    public async Task A_record_that_does_not_decode_can_be_dropped()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(stored.Row, [1, 3]), Token));
        Assert.Equal(DropOutcome.Dropped, await DropAsync("key", "null"));
        Assert.Null(await _store.Memory.GetAsync(stored.Row, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_damaged_part_of_an_upload_is_deleted_and_can_be_uploaded_again(bool isUnreadable)
    {
        (MultipartUpload upload, UploadedPart _) = await PartAsync("parts");
        Bucket bucket = await _store.BucketAsync();
        byte[] row = Tables.PartKey(upload.Id, 1);
        Assert.Equal(DropOutcome.NotDamaged, await _store.Store.Removal.DropPartAsync(bucket, upload.Key, upload.Id, 1, Token));
        if (isUnreadable)
        {
            Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(row, [1, 3]), Token));
        }
        else
        {
            await _store.Device.LoseAsync(PartRecord.Decode((await _store.Memory.GetAsync(row, Token))!).Extents[0].Blob);
            await _store.Store.Scrub.RunOnceAsync(Token);
        }

        Assert.Equal(DropOutcome.Dropped, await _store.Store.Removal.DropPartAsync(bucket, upload.Key, upload.Id, 1, Token));
        Assert.Equal(DropOutcome.NotFound, await _store.Store.Removal.DropPartAsync(bucket, upload.Key, upload.Id, 1, Token));
        Assert.Empty(await _store.ListAsync());
        UploadedPart again = await _store.Store.Parts.PutAsync(upload, 1, new TestBody(StoreFixture.Bytes(Size)), new IngestRequest(), Token);
        await _store.Store.Completion.CompleteAsync(bucket, upload.Key, upload.Id.ToString(), StoreFixture.Request(again), Token);
        Assert.Equal(StoreFixture.Bytes(Size), await _store.ReadAsync("parts"));
    }

    [Fact]
    public async Task An_object_whose_blob_was_set_aside_is_not_dropped()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        _store.Device.IsAway = true;
        await _store.ReadDamagedAsync("key");
        _store.Device.IsAway = false;
        Assert.True(await _store.Device.SetAsideAsync(DamagedStore.BlobOf(stored), Token));
        Assert.Equal(DropOutcome.NotDamaged, await DropAsync("key", "null"));
        Assert.Equal(StoreFixture.Bytes(Size), await _store.ReadAsync("key"));
        Assert.Empty(await _store.ListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_blob_without_checksums_is_compared_with_what_its_record_knows(bool isRepaired)
    {
        byte[] right = StoreFixture.Bytes(Size), wrong = StoreFixture.Bytes(Size);
        wrong[7] ^= 1;
        StoredObject stored = await _store.PutOldAsync("key", right, wrong);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Single(await _store.ListAsync());
        if (isRepaired)
        {
            await _store.Device.DamageAsync(DamagedStore.BlobOf(stored), _ => right);
        }

        Assert.Equal(isRepaired ? DropOutcome.NotDamaged : DropOutcome.Dropped, await DropAsync("key", "null"));
        Assert.Equal(isRepaired, await _store.Store.Reader.FindAsync(await _store.BucketAsync(), StoreFixture.Key("key"), Token) is not null);
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task A_blob_of_which_nothing_is_known_is_left_unless_it_is_missing()
    {
        StoredObject stored = await _store.PutOldAsync("key", StoreFixture.Bytes(Size));
        BlobId blob = DamagedStore.BlobOf(stored);
        var unknown = stored.Record with { ETag = ETag.FromMd5(stored.ETag.ToMd5(), 2), Checksum = null };
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(stored.Row, unknown.Encode()), Token));
        _store.Device.IsAway = true;
        await _store.ReadDamagedAsync("key");
        _store.Device.IsAway = false;
        Assert.Equal(DropOutcome.NotDamaged, await DropAsync("key", "null"));
        await _store.Device.LoseAsync(blob);
        await _store.ReadDamagedAsync("key");
        Assert.Equal(DropOutcome.Dropped, await DropAsync("key", "null"));
    }

    [Fact]
    public async Task A_range_between_damaged_blocks_of_a_shared_blob_is_left()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(3 * BlobLayout.BlockSize));
        Bucket bucket = await _store.BucketAsync();
        MultipartUpload upload = await _store.Store.Uploads.CreateAsync(bucket, StoreFixture.Key("range"), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
        UploadedPart part = await _store.Store.Parts.CopyAsync(upload, 1, async () => await _store.FindAsync("key"), _ => (BlobLayout.BlockSize, BlobLayout.BlockSize), Token);
        await _store.Store.Completion.CompleteAsync(bucket, upload.Key, upload.Id.ToString(), StoreFixture.Request(part), Token);
        upload = await _store.Store.Uploads.CreateAsync(bucket, StoreFixture.Key("range"), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
        await _store.Store.Parts.CopyAsync(upload, 1, async () => await _store.FindAsync("key"), _ => (BlobLayout.BlockSize, BlobLayout.BlockSize), Token);
        await _store.FlipAsync(stored, 0);
        await _store.FlipAsync(stored, 2 * BlobLayout.BlockSize);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(DropOutcome.NotDamaged, await _store.Store.Removal.DropPartAsync(bucket, upload.Key, upload.Id, 1, Token));
        Assert.Equal(DropOutcome.NotDamaged, await DropAsync("range", "null"));
        Assert.Equal(StoreFixture.Bytes(3 * BlobLayout.BlockSize)[BlobLayout.BlockSize..(2 * BlobLayout.BlockSize)], await _store.ReadAsync("range"));
        Assert.Equal(DropOutcome.Dropped, await DropAsync("key", "null"));
    }

    [Fact]
    public async Task Bytes_that_are_not_those_of_the_record_are_damaged_although_their_own_checksums_are_right()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        StoredObject other = await _store.PutAsync("other", StoreFixture.Bytes(Size, 1));
        var wrong = stored.Record with { ETag = other.ETag, Checksum = other.Checksum };
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(stored.Row, wrong.Encode()), Token));
        var found = new DamagedDataException(DamageKind.Checksum, DamagedStore.BlobOf(stored).Value, "The bytes are not those of the record.") { Length = long.MaxValue };
        await new DamageReport(_store.Store.Damage, DataHolder.Of(stored)).ReportAsync(found);
        Assert.Equal(DropOutcome.Dropped, await DropAsync("key", "null"));
        Assert.Empty(await _store.ListAsync());
    }

    private async Task<DropOutcome> DropAsync(string key, string version) =>
        await _store.Store.Removal.DropAsync(await _store.BucketAsync(), StoreFixture.Key(key), version, Token);

    private async Task<(MultipartUpload Upload, UploadedPart Part)> PartAsync(string key)
    {
        MultipartUpload upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key(key), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
        return (upload, await _store.Store.Parts.PutAsync(upload, 1, new TestBody(StoreFixture.Bytes(Size)), new IngestRequest(), Token));
    }

    private async Task AssertNothingLeaksAsync()
    {
        _store.Clock.Advance(TimeSpan.FromDays(8));
        while (await _store.Store.Reclaim.RunOnceAsync(failed: null, Token) > 0)
        {
            _store.Clock.Advance(TimeSpan.FromMinutes(11));
        }

        await LeakCheck.AssertAsync(_store.Memory, _store.Device, drained: true);
    }
}
