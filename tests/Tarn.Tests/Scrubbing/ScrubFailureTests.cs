using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;
using Tarn.Tests.Damage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Scrubbing;

/// <summary>What cannot be read is counted and named, and hides nothing that can be.</summary>
public sealed class ScrubFailureTests
{
    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    private ScrubPass Last => _store.Store.Scrub.Status.Last!;

    [Fact]
    public async Task A_row_that_the_store_cannot_read_is_counted_and_what_follows_is_scrubbed()
    {
        StoredObject[] objects = await FillAsync(9);
        await _store.FlipAsync(objects[8], 3);
        _store.Rows.FailRead = key => key.AsSpan().SequenceEqual(objects[4].Row) ? new StoreDamagedException("block checksum mismatch") : null;
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal("key-8", Assert.Single(await _store.ListAsync()).Key.ToString());
        Assert.Equal((1L, 8L), (Last.Counts.Failures, Last.Counts.Objects));
        Assert.Contains("key-4", Assert.Single(Last.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_the_store_cannot_scan_is_counted_and_what_follows_is_scrubbed()
    {
        StoredObject[] objects = await FillAsync(9);
        await _store.FlipAsync(objects[8], 3);
        _store.Rows.FailScan = key => key.AsSpan().SequenceEqual(objects[3].Row) || key.AsSpan().SequenceEqual(objects[4].Row) ? new StoreDamagedException("block checksum mismatch") : null;
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal("key-8", Assert.Single(await _store.ListAsync()).Key.ToString());
        Assert.InRange(Last.Counts.Objects, 4, 7);
        Assert.Contains(Last.Failures, failure => failure.Contains("block checksum mismatch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Damage_is_listed_although_another_place_of_the_blob_cannot_be_read_and_what_follows_that_is_read()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(4 << 20));
        await _store.FlipAsync(stored, 3);
        await _store.FlipAsync(stored, (4 << 20) - 3);
        _store.Device.Unreadable = (DamagedStore.BlobOf(stored), (1 << 20) + (3 * BlobLayout.BlockSize));
        await _store.Store.Scrub.RunOnceAsync(Token);
        DamagedObject listed = Assert.Single(await _store.ListAsync());
        Assert.Equal((0L, 4L << 20), (listed.Offset, listed.Offset + listed.Length));
        Assert.Equal((1L, 1L), (Last.Counts.Failures, Last.Counts.Damaged));
        Assert.Contains("bucket/key", Assert.Single(Last.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_of_a_blob_is_read_however_much_of_it_is_damaged()
    {
        const int size = 40 * BlobLayout.BlockSize;
        StoredObject stored = await _store.PutAsync("z", StoreFixture.Bytes(size));
        MultipartUpload upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key("range"), "owner", "Owner", ObjectMetadata.Empty, null, Core.Hashing.ChecksumType.FullObject, Token);
        UploadedPart part = await _store.Store.Parts.CopyAsync(upload, 1, async () => await _store.FindAsync("z"), _ => (39 * BlobLayout.BlockSize, BlobLayout.BlockSize), Token);
        await _store.Store.Completion.CompleteAsync(await _store.BucketAsync(), upload.Key, upload.Id.ToString(), StoreFixture.Request(part), Token);
        await _store.CopyAsync("z", "a");
        for (int block = 0; block < 40; block++)
        {
            // Each other block, and the last.
            if (block % 2 == 0 || block == 39)
            {
                await _store.FlipAsync(stored, block * BlobLayout.BlockSize);
            }
        }

        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(["a", "range", "z"], (await _store.ListAsync()).Select(found => found.Key.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(1, Last.Counts.Damaged);
    }

    [Fact]
    public async Task A_bucket_whose_row_does_not_decode_hides_nothing_of_others()
    {
        StoredObject[] objects = await FillAsync(3);
        await _store.FlipAsync(objects[2], 3);
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put([Tables.Bucket, (byte)'a'], [9, 9]), Token));
        _store.Open();
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal("key-2", Assert.Single(await _store.ListAsync()).Key.ToString());
        Assert.Equal((3L, 0L), (Last.Counts.Objects, Last.Counts.Failures));
    }

    [Fact]
    public async Task Parts_are_read_although_another_part_and_the_upload_do_not_decode()
    {
        MultipartUpload upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key("key"), "owner", "Owner", ObjectMetadata.Empty, null, Core.Hashing.ChecksumType.FullObject, Token);
        for (int number = 1; number <= 3; number++)
        {
            await _store.Store.Parts.PutAsync(upload, number, new TestBody(StoreFixture.Bytes(500)), new IngestRequest(), Token);
        }

        byte[] row = (await _store.Memory.ScanAsync([Tables.Upload], [Tables.Upload + 1], 2, reverse: false, Token)).Single().Key;
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(row, [9, 9]).Put(Tables.PartKey(upload.Id, 1), [9, 9]), Token));
        PartRecord last = PartRecord.Decode((await _store.Memory.GetAsync(Tables.PartKey(upload.Id, 3), Token))!);
        await _store.Device.DamageAsync(last.Extents[0].Blob, static bytes => [(byte)(bytes[0] ^ 1), .. bytes[1..]]);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(3, Assert.Single(await _store.ListAsync()).PartNumber);
        Assert.Equal((2L, 2L), (Last.Counts.Objects, Last.Counts.Failures));
    }

    [Fact]
    public async Task The_blobs_of_a_row_that_does_not_decode_are_not_counted_as_orphans()
    {
        StoredObject[] objects = await FillAsync(3);
        _store.Clock.Advance(TimeSpan.FromDays(2));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(objects[1].Row, [9, 9]), Token));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(new OrphanCount(0, 0), _store.Store.Scrub.Orphans);
        Assert.Equal((0L, 1L), (Last.Counts.Orphans, Last.Counts.Failures));
    }

    [Fact]
    public async Task Where_rows_cannot_be_scanned_the_pass_ends_and_orphans_are_not_counted()
    {
        StoredObject[] objects = await FillAsync(3);
        _store.Clock.Advance(TimeSpan.FromDays(2));
        _store.Rows.FailScan = key => key.AsSpan().SequenceEqual(objects[1].Row) ? new StoreDamagedException("block checksum mismatch") : null;
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Null(_store.Store.Scrub.Orphans);
        Assert.Equal(0, Last.Counts.Orphans);
    }

    [Fact]
    public async Task A_state_that_does_not_decode_is_told_and_scrubbing_begins_anew()
    {
        await FillAsync(3);
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(Tables.ScrubKey, [9, 9]).Put(Tables.OrphanCursorKey, [9, 9]), Token));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(3, Last.Counts.Objects);
    }

    [Fact]
    public async Task A_shared_part_in_another_object_does_not_let_what_was_not_read_be_passed_over()
    {
        await MultipartAsync("other", seed: 1, from: null);
        int commits = 0;
        _store.Rows.BeforeCommit = CutOff;
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.Store.Scrub.RunOnceAsync(Token));
        _store.Rows.BeforeCommit = null;
        StoredObject before = await _store.FindAsync("other");

        // The same key gets an object of a new part, and the part that was done.
        await MultipartAsync("other", seed: 7, from: "other");
        Assert.NotEmpty(before.Row);
        _store.Open();
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(2 * MultipartUpload.MinPartSize + MultipartUpload.MinPartSize, Last.Counts.Bytes);

        // After the first part.
        Task CutOff(KeyValueBatch batch)
        {
            _store.Rows.BeforeCommit = CutOff;
            return commits++ < 2 ? Task.CompletedTask : throw new InvalidOperationException("cut off");
        }
    }

    private async Task MultipartAsync(string key, int seed, string? from)
    {
        MultipartUpload upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key(key), "owner", "Owner", ObjectMetadata.Empty, null, Core.Hashing.ChecksumType.FullObject, Token);
        UploadedPart first = await _store.Store.Parts.PutAsync(upload, 1, new TestBody(StoreFixture.Bytes((int)MultipartUpload.MinPartSize, seed)), new IngestRequest(), Token);
        UploadedPart second = from is null
            ? await _store.Store.Parts.PutAsync(upload, 2, new TestBody(StoreFixture.Bytes((int)MultipartUpload.MinPartSize, seed + 1)), new IngestRequest(), Token)
            : await _store.Store.Parts.CopyAsync(upload, 2, async () => await _store.FindAsync(from), _ => (0, MultipartUpload.MinPartSize), Token);
        await _store.Store.Completion.CompleteAsync(await _store.BucketAsync(), upload.Key, upload.Id.ToString(), StoreFixture.Request(first, second), Token);
    }

    private async Task<StoredObject[]> FillAsync(int count)
    {
        var objects = new StoredObject[count];
        for (int i = 0; i < count; i++)
        {
            objects[i] = await _store.PutAsync($"key-{i}", StoreFixture.Bytes(1000 + i, i));
        }

        return objects;
    }
}
