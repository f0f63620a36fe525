using Tarn.Core.Backups;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>What is held while a backup runs, and what is left when it ends at any step. The checkpoint is a snapshot of a store in memory.</summary>
public sealed class BackupStepTests : IDisposable
{
    private const int Objects = 12;

    private readonly string _scratch = Directory.CreateTempSubdirectory("tarn-backup-").FullName;
    private readonly StoreFixture _fixture = new();
    private readonly MemoryBackups _target;
    private readonly BackupHold _hold = new();
    private readonly BackupProgress _progress = new();

    public BackupStepTests()
    {
        _target = new MemoryBackups(_fixture.Clock);
        Directory.CreateDirectory(Metadata);
        File.WriteAllText(Path.Combine(Metadata, "CURRENT"), "MANIFEST-1\n");
    }

    private string Metadata => Path.Combine(_scratch, "checkpoint");

    public void Dispose() => Directory.Delete(_scratch, recursive: true);

    [Fact]
    public async Task What_is_deleted_while_a_backup_runs_is_in_it_and_removed_afterwards()
    {
        Bucket bucket = await FillAsync();
        int before = await CountAsync(_fixture.Blobs);
        _fixture.Store.Reclaim.Hold = _hold;
        await using IKeyValueSnapshot checkpoint = await _fixture.KeyValue.OpenSnapshotAsync(StoreFixture.Token);

        // Nothing was read yet: everything is held.
        await _fixture.DeleteAsync(bucket, "object0");
        await ReclaimAsync();
        Assert.Equal(before, await CountAsync(_fixture.Blobs));
        Assert.True(_hold.HasKept);
        var during = new List<int>();
        _target.Stepped = async step =>
        {
            if (during.Count == 0 && step > 2)
            {
                // A copy is under way: what the checkpoint names is held, what is newer is not.
                during.Add(0);
                await _fixture.DeleteAsync(bucket, "object1");
                await _fixture.PutAsync(bucket, "newer", StoreFixture.Bytes(1000, 99));
                await _fixture.DeleteAsync(bucket, "newer");
                await ReclaimAsync();
                during.Add(await CountAsync(_fixture.Blobs));
            }
        };
        BackupManifest manifest = await RunAsync(checkpoint, "20260101T000000000Z-00000001");
        Assert.Equal((before, 0), (manifest.Blobs, manifest.Damaged.Count));
        Assert.Equal(before, await CountAsync(_target.Stored));
        Assert.InRange(during[1], before - 1, before);

        await ReclaimAsync();
        Assert.Equal(before - 2, await CountAsync(_fixture.Blobs));
    }

    [Fact]
    public async Task Without_the_hold_the_backup_would_lack_what_was_deleted()
    {
        Bucket bucket = await FillAsync();
        await using IKeyValueSnapshot checkpoint = await _fixture.KeyValue.OpenSnapshotAsync(StoreFixture.Token);
        await _fixture.DeleteAsync(bucket, "object0");
        await ReclaimAsync();
        BackupManifest manifest = await RunAsync(checkpoint, "20260101T000000000Z-00000001");
        Assert.Equal(("missing", "object0"), (Assert.Single(manifest.Damaged).Kind, manifest.Damaged[0].Key));
    }

    [Fact]
    public async Task A_manifest_that_is_removed_while_a_backup_runs_keeps_its_parts()
    {
        Bucket bucket = await _fixture.BucketAsync();
        var upload = await _fixture.BeginAsync(bucket, "parts");
        var one = await _fixture.PartAsync(upload, 1, StoreFixture.Bytes(5 << 20, 1));
        var two = await _fixture.PartAsync(upload, 2, StoreFixture.Bytes(1000, 2));
        await _fixture.CompleteAsync(bucket, upload, one, two);
        _fixture.Store.Reclaim.Hold = _hold;
        await using IKeyValueSnapshot checkpoint = await _fixture.KeyValue.OpenSnapshotAsync(StoreFixture.Token);
        await _fixture.DeleteAsync(bucket, "parts");
        await ReclaimAsync();
        await ReclaimAsync();
        BackupManifest manifest = await RunAsync(checkpoint, "20260101T000000000Z-00000001");
        Assert.Equal((2, 0), (manifest.Blobs, manifest.Damaged.Count));
        await ReclaimAsync();
        Assert.Equal(0, await CountAsync(_fixture.Blobs));
    }

    [Fact]
    public async Task A_backup_that_ends_at_any_step_is_not_listed_and_the_next_one_goes_on()
    {
        Bucket bucket = await FillAsync();
        await using IKeyValueSnapshot checkpoint = await _fixture.KeyValue.OpenSnapshotAsync(StoreFixture.Token);
        var whole = new MemoryBackups(_fixture.Clock);
        BackupManifest wanted = await RunAsync(checkpoint, "20260101T000000000Z-00000001", whole);
        Assert.InRange(whole.Steps, Objects, 1000);

        // The last step only notes that there is an end.
        for (int end = 1; end < whole.Steps; end++)
        {
            int last = end;
            var target = new MemoryBackups(_fixture.Clock) { Stepped = step => step == last ? throw new IOException("no room") : default };
            IOException failure = await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(checkpoint, "20260101T000000000Z-00000001", target));
            Assert.Contains("no room", failure.Message, StringComparison.Ordinal);
            Assert.Empty(await target.NamesAsync(StoreFixture.Token));
            Assert.Equal(end == 1 ? [] : ["20260101T000000000Z-00000001"], await target.UnfinishedAsync(StoreFixture.Token));

            int copied = await CountAsync(target.Stored);
            target.Stepped = null;
            BackupManifest next = await RunAsync(checkpoint, "20260101T000000000Z-00000002", target);
            Assert.Equal((wanted.Blobs, wanted.BlobBytes, 0), (next.Blobs, next.BlobBytes, next.Damaged.Count));
            Assert.True(copied == 0 || next.CopiedBytes < wanted.CopiedBytes);
            Assert.Equal(["20260101T000000000Z-00000002"], await target.NamesAsync(StoreFixture.Token));
            Assert.Empty(await target.UnfinishedAsync(StoreFixture.Token));
        }

        Assert.NotNull(bucket);
    }

    [Fact]
    public async Task A_backup_is_whole_whether_or_not_the_place_can_be_tidied_afterwards()
    {
        await FillAsync();
        var whole = new MemoryBackups(_fixture.Clock);
        await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001", whole);
        _target.Stepped = step => step == whole.Steps ? throw new IOException("no room") : default;
        BackupManifest manifest = await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001");
        Assert.Contains("was not removed: no room", Assert.Single(manifest.Notices), StringComparison.Ordinal);
        Assert.Equal(["20260101T000000000Z-00000001"], await _target.NamesAsync(StoreFixture.Token));
        Assert.Empty(await _target.UnfinishedAsync(StoreFixture.Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_an_interrupted_backup_left_goes_with_the_next_one_or_when_it_is_deleted(bool isDeleted)
    {
        Bucket bucket = await FillAsync();
        await _fixture.PutAsync(bucket, "gone", StoreFixture.Bytes(1000, 99));
        _target.Stepped = step => step > Objects + 4 ? throw new IOException("the end") : default;
        await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001"));
        _target.Stepped = null;
        await _fixture.DeleteAsync(bucket, "gone");
        await ReclaimAsync();
        if (isDeleted)
        {
            Assert.True(await BackupRemoval.RunAsync(_target, "20260101T000000000Z-00000001", _progress, StoreFixture.Token));
            Assert.Equal(0, await CountAsync(_target.Stored));
            Assert.Empty(_target.Files);
        }
        else
        {
            await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002");
            Assert.Equal(Objects, await CountAsync(_target.Stored));
        }

        Assert.Empty(await _target.UnfinishedAsync(StoreFixture.Token));
        Assert.False(await BackupRemoval.RunAsync(_target, "20260101T000000000Z-00000001", _progress, StoreFixture.Token));
    }

    [Fact]
    public async Task The_place_is_listed_once_and_the_last_manifest_is_read_once()
    {
        await FillAsync();
        await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001");
        await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002");
        Assert.Equal((2, 1), (_target.Listings, _target.ManifestsRead));
        await BackupRemoval.RunAsync(_target, "20260101T000000000Z-00000001", _progress, StoreFixture.Token);
        Assert.Equal(3, _target.Listings);
        Assert.Equal(Objects, await CountAsync(_target.Stored));
    }

    [Fact]
    public async Task Data_without_checksums_that_is_not_what_its_record_knows_is_damage_and_not_copied()
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
    public async Task A_removal_that_ends_at_any_step_harms_no_other_backup()
    {
        Bucket bucket = await FillAsync();
        for (int end = 1; ; end++)
        {
            int last = end;
            var target = new MemoryBackups(_fixture.Clock);
            await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001", target);
            await _fixture.PutAsync(bucket, "more", StoreFixture.Bytes(1000, end + 1000));
            BackupManifest kept = await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002", target);
            int begun = target.Steps;
            target.Stepped = step => step == begun + last ? throw new IOException("the end") : default;
            bool isDone = false;
            try
            {
                isDone = await BackupRemoval.RunAsync(target, "20260101T000000000Z-00000001", _progress, StoreFixture.Token);
            }
            catch (IOException)
            {
                // Ended at a step.
            }

            Assert.All(kept.Files, file => Assert.True(target.Files.ContainsKey(file.Sha256)));
            NamedBlobs named = await NamedBlobs.ReadAsync(_fixture.KeyValue, StoreFixture.Token);
            for (int directory = 0; directory < 256; directory++)
            {
                foreach (NamedBlob blob in named.In(directory))
                {
                    Assert.NotNull(await target.Stored.FindAsync(blob.Id, StoreFixture.Token));
                }
            }

            if (isDone)
            {
                Assert.InRange(end, 4, 100);
                return;
            }
        }
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

    private static async Task<byte[]> ReadAsync(IBlobStore blobs, BlobId id)
    {
        await using IBlobReader reader = (await blobs.OpenAsync(id, StoreFixture.Token))!;
        byte[] bytes = new byte[reader.Length];
        Assert.Equal(bytes.Length, await reader.ReadAsync(0, bytes, StoreFixture.Token));
        return bytes;
    }

    private async Task<Bucket> FillAsync()
    {
        Bucket bucket = await _fixture.BucketAsync();
        for (int i = 0; i < Objects; i++)
        {
            await _fixture.PutAsync(bucket, $"object{i}", StoreFixture.Bytes(1000, i));
        }

        return bucket;
    }

    private async Task ReclaimAsync()
    {
        _fixture.Clock.Advance(StoreFixture.Grace + TimeSpan.FromSeconds(1));
        await _fixture.Store.Reclaim.RunOnceAsync(null, StoreFixture.Token);
    }

    private Task<BackupManifest> RunAsync(IKeyValueReader rows, string name, MemoryBackups? target = null) => BackupCreation.RunAsync(
        new BackupSource
        {
            Name = name,
            Started = _fixture.Clock.GetUtcNow(),
            Rows = rows,
            MetadataDirectory = Metadata,
            Change = 1,
            Blobs = _fixture.Blobs,
            StoreId = new string('1', 32),
            Format = 5,
            Scratch = _scratch,
        },
        target ?? _target,
        _hold,
        _progress,
        _fixture.Clock,
        StoreFixture.Token);

    private static async Task<int> CountAsync(IBlobStore blobs) => await blobs.ListAsync(StoreFixture.Token).CountAsync(StoreFixture.Token);
}
