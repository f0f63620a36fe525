using Tarn.Core.Backups;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>What a backup takes for right, and what for damaged: of the store, and of what is in the place already.</summary>
public sealed partial class BackupStepTests
{
    [Fact]
    public async Task Data_without_checksums_that_is_not_what_its_record_knows_is_damage_and_not_copied()
    {
        Dictionary<string, BlobId> ids = await FillBareAsync();
        for (int i = 1; i <= 2; i++)
        {
            BackupManifest manifest = await RunAsync(_fixture.KeyValue, $"20260101T000000000Z-0000000{i}");
            Assert.Equal(("damaged", "rotten"), (Assert.Single(manifest.Damaged).Kind, manifest.Damaged[0].Key));
            Assert.Equal(1, manifest.Blobs);
            Assert.NotNull(await _target.Stored.FindAsync(ids["right"], StoreFixture.Token));
            Assert.Null(await _target.Stored.FindAsync(ids["rotten"], StoreFixture.Token));
        }
    }

    [Fact]
    public async Task A_backup_that_ends_before_it_checked_data_without_checksums_launders_none()
    {
        Dictionary<string, BlobId> ids = await FillBareAsync();
        var whole = new MemoryBackups(_fixture.Clock);
        await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001", whole);
        bool wasLeft = false;
        for (int end = 1; end < whole.Steps; end++)
        {
            int last = end;
            var target = new MemoryBackups(_fixture.Clock) { Stepped = step => step == last ? throw new IOException("the end") : default };
            await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001", target));
            wasLeft |= await target.Stored.FindAsync(ids["rotten"], StoreFixture.Token) is not null;
            target.Stepped = null;
            BackupManifest next = await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002", target);
            Assert.Equal(("damaged", "rotten"), (Assert.Single(next.Damaged).Kind, next.Damaged[0].Key));
            Assert.Equal(1, next.Blobs);
        }

        Assert.True(wasLeft);
    }

    [Fact]
    public async Task Blobs_of_older_builds_are_copied_with_a_checksum_of_their_own()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "old", StoreFixture.Bytes(1000));
        BlobInfo blob = Assert.Single(await _fixture.Blobs.ListAsync(StoreFixture.Token).ToListAsync(StoreFixture.Token));
        StoredObject stored = await _fixture.FindAsync(bucket, "old");
        await _fixture.Blobs.DeleteAsync(blob.Id, StoreFixture.Token);
        _fixture.Blobs.AddBare(blob.Id, StoreFixture.Bytes(1000));
        var copy = new VerifiedCopy(_fixture.Blobs, _target.Blobs, static _ => { });
        CopiedBlob copied = await copy.RunAsync(blob.Id, 0, 1000, null, StoreFixture.Token);
        Assert.Equal((true, true, null, 1000), (copied.IsBare, copied.IsNew, copied.Problem, (int)copied.Length));
        Assert.False((await copy.RunAsync(blob.Id, 0, 1000, copied, StoreFixture.Token)).IsNew);
        Assert.Null(await VerifiedCopy.ProblemAsync(_target.Stored, blob.Id, copied, static _ => { }, StoreFixture.Token));
        await _target.Stored.DeleteAsync(blob.Id, StoreFixture.Token);
        byte[] damaged = StoreFixture.Bytes(1000);
        damaged[500] ^= 1;
        _target.Stored.AddBare(blob.Id, damaged);
        Assert.Equal(FindingKind.Damaged, (await VerifiedCopy.ProblemAsync(_target.Stored, blob.Id, copied, static _ => { }, StoreFixture.Token))!.Value.Kind);

        // Which of the two is right is known only from what an earlier backup lists.
        CopiedBlob undecided = await copy.RunAsync(blob.Id, 0, 1000, null, StoreFixture.Token);
        Assert.Equal((FindingKind.Damaged, false), (undecided.Problem?.Kind, undecided.IsKept));
        Assert.True((await copy.RunAsync(blob.Id, 0, 1000, copied, StoreFixture.Token)).IsNew);
        Assert.Null(await VerifiedCopy.ProblemAsync(_target.Stored, blob.Id, copied, static _ => { }, StoreFixture.Token));
        Assert.Equal(FindingKind.WrongLength, (await copy.RunAsync(blob.Id, 0, 1001, copied, StoreFixture.Token)).Problem!.Value.Kind);

        // Where the row says how long the blob is with its checksums, one without them is damage.
        Assert.Equal(FindingKind.WrongLength, (await copy.RunAsync(blob.Id, blob.Length, blob.Length, null, StoreFixture.Token)).Problem!.Value.Kind);
        Assert.Equal(1000, stored.Size);
    }

    [Fact]
    public async Task A_good_copy_without_checksums_outlives_damage_to_the_store()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "old", StoreFixture.Bytes(1000));
        BlobInfo blob = Assert.Single(await _fixture.Blobs.ListAsync(StoreFixture.Token).ToListAsync(StoreFixture.Token));
        var copy = new VerifiedCopy(_fixture.Blobs, _target.Blobs, static _ => { });
        await SetAsync(StoreFixture.Bytes(1000));
        CopiedBlob first = await copy.RunAsync(blob.Id, 0, 1000, null, StoreFixture.Token);
        byte[] rotten = StoreFixture.Bytes(1000);
        rotten[1] ^= 1;
        foreach (byte[] content in new[] { rotten, StoreFixture.Bytes(1000)[..999] })
        {
            await SetAsync(content);
            CopiedBlob second = await copy.RunAsync(blob.Id, 0, content.Length, first, StoreFixture.Token);
            Assert.Equal((FindingKind.Damaged, true, first.Length, first.Crc), (second.Problem!.Value.Kind, second.IsKept, second.Length, second.Crc));
            Assert.Null(await VerifiedCopy.ProblemAsync(_target.Stored, blob.Id, first, static _ => { }, StoreFixture.Token));
        }

        async Task SetAsync(byte[] content)
        {
            await _fixture.Blobs.DeleteAsync(blob.Id, StoreFixture.Token);
            _fixture.Blobs.AddBare(blob.Id, content);
        }
    }

    [Fact]
    public async Task What_no_backup_lists_is_trusted_only_if_all_of_it_is_right()
    {
        await FillAsync();
        BlobInfo blob = await _fixture.Blobs.ListAsync(StoreFixture.Token).FirstAsync(StoreFixture.Token);
        byte[] bytes = await ReadAsync(_fixture.Blobs, blob.Id);
        bytes.AsSpan(100, 500).Clear();
        await using (IBlobWriter left = await _target.Stored.CreateAsync(blob.Id, null, StoreFixture.Token))
        {
            // As a power cut leaves it: what was written last is there, what was written before is not.
            await left.WriteAsync(new System.Buffers.ReadOnlySequence<byte>(bytes), StoreFixture.Token);
            await left.CommitAsync(StoreFixture.Token);
        }

        BackupManifest manifest = await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001");
        Assert.Equal((Objects, 0), (manifest.Blobs, manifest.Damaged.Count));
        Assert.Equal(await ReadAsync(_fixture.Blobs, blob.Id), await ReadAsync(_target.Stored, blob.Id));
    }

    [Fact]
    public async Task A_damaged_copy_stays_until_there_is_a_new_one()
    {
        await FillAsync();
        await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001");
        BlobInfo blob = await _fixture.Blobs.ListAsync(StoreFixture.Token).FirstAsync(StoreFixture.Token);
        byte[] bytes = await ReadAsync(_fixture.Blobs, blob.Id);
        await _target.Stored.DeleteAsync(blob.Id, StoreFixture.Token);
        await using (IBlobWriter cut = await _target.Stored.CreateAsync(blob.Id, null, StoreFixture.Token))
        {
            await cut.WriteAsync(new System.Buffers.ReadOnlySequence<byte>(bytes.AsMemory(0, 900)), StoreFixture.Token);
            await cut.CommitAsync(StoreFixture.Token);
        }

        await _fixture.Blobs.DeleteAsync(blob.Id, StoreFixture.Token);
        BackupManifest manifest = await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002");
        Assert.Equal("missing", Assert.Single(manifest.Damaged).Kind);
        Assert.Equal(900, (await _target.Stored.FindAsync(blob.Id, StoreFixture.Token))?.Length);
    }

    /// <summary>Stores two objects as a build before layout 1 left them. The bytes of one are not those that its record knows.</summary>
    private async Task<Dictionary<string, BlobId>> FillBareAsync()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "right", StoreFixture.Bytes(1000, 1));
        await _fixture.PutAsync(bucket, "rotten", StoreFixture.Bytes(1000, 2));
        var ids = new Dictionary<string, BlobId>();
        foreach (string key in new[] { "right", "rotten" })
        {
            // As a build before layout 1 left it.
            StoredObject stored = await _fixture.FindAsync(bucket, key);
            Extent extent = ((ObjectData.Extents)stored.Record.Data).List[0];
            ObjectRecord older = stored.Record with { Data = new ObjectData.Extents([extent with { Stored = 0 }]) };
            await _fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(stored.Row, older.Encode()), StoreFixture.Token);
            await _fixture.Blobs.DeleteAsync(extent.Blob, StoreFixture.Token);
            byte[] bytes = StoreFixture.Bytes(1000, ids.Count + 1);
            bytes[500] ^= (byte)ids.Count;
            _fixture.Blobs.AddBare(extent.Blob, bytes);
            ids[key] = extent.Blob;
        }

        return ids;
    }
}
