using Tarn.Core.Backups;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>What is held while a backup runs, and what is left when it ends at any step. The checkpoint is a snapshot of a store in memory.</summary>
public sealed partial class BackupStepTests : IDisposable
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
    public async Task A_manifest_that_cannot_be_read_keeps_no_backup_from_being_made()
    {
        await FillAsync();
        await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000001");
        _target.Unreadable = "20260101T000000000Z-00000001";
        BackupManifest manifest = await RunAsync(_fixture.KeyValue, "20260101T000000000Z-00000002");
        Assert.Equal((Objects, 0L), (manifest.Blobs, manifest.CopiedBytes));
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

    private async Task<BackupManifest> RunAsync(IKeyValueReader rows, string name, MemoryBackups? target = null, Func<BackupSource, BackupSource>? more = null) 
    {
        target ??= _target;
        BackupManifest made = await BackupCreation.RunAsync(
            (more ?? (static source => source))(new BackupSource
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
            }),
            target,
            _hold,
            _progress,
            _fixture.Clock,
            StoreFixture.Token);
        return await BackupRemoval.TidyAsync(target, made, _progress, StoreFixture.Token);
    }

    private static async Task<int> CountAsync(IBlobStore blobs) => await blobs.ListAsync(StoreFixture.Token).CountAsync(StoreFixture.Token);
}
