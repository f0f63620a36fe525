using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Records;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Consistency;

public sealed class RebuildTests : IAsyncDisposable
{
    private const int PartSize = (int)MultipartUpload.MinPartSize;

    private readonly StoreFixture _lost = new();
    private readonly MemoryKeyValueStore _rows = new();
    private readonly MemoryBlobStore _blobs;
    private readonly List<Finding> _unplaced = [];

    public RebuildTests() => _blobs = new MemoryBlobStore(_lost.Clock);

    public async ValueTask DisposeAsync()
    {
        await _rows.DisposeAsync();
        await _blobs.DisposeAsync();
    }

    [Fact]
    public async Task Objects_come_back_with_their_bytes_their_metadata_and_their_time()
    {
        Bucket bucket = await _lost.BucketAsync();
        var metadata = new ObjectMetadata { ContentType = "text/x-test", User = [new("colour", "blue")] };
        StoredObject put = await _lost.PutAsync(bucket, "dir/key ü", StoreFixture.Bytes(100_000, 1), metadata: metadata);
        await _lost.PutAsync(await _lost.BucketAsync("other"), "key", StoreFixture.Bytes(200, 2));
        RebuildSummary summary = await RebuildAsync();
        Assert.Equal((2, 2, 0), (summary.Buckets, summary.Objects, summary.Unplaced));
        StoredObject back = await FindAsync("recovered-bucket", "dir/key ü");
        Assert.Equal((put.ETag, put.Size, put.LastModified, put.Checksum), (back.ETag, back.Size, back.LastModified, back.Checksum));
        Assert.Equal("text/x-test", back.Metadata.ContentType);
        Assert.Equal([new("colour", "blue")], back.Metadata.User);
        Assert.Equal(StoreFixture.Bytes(100_000, 1), await ReadAsync(back));
        Assert.Equal(StoreFixture.Bytes(200, 2), await ReadAsync(await FindAsync("recovered-other", "key")));
        await AssertCleanAsync();
    }

    [Fact]
    public async Task Blobs_that_were_set_aside_come_back_too()
    {
        StoredObject put = await _lost.PutAsync(await _lost.BucketAsync(), "key", StoreFixture.Bytes(300, 1));
        var data = Assert.IsType<Core.Objects.Ownership.ObjectData.Extents>(put.Record.Data);
        Assert.True(await _lost.Blobs.SetAsideAsync(data.List[0].Blob, StoreFixture.Token));
        Assert.Equal(1, (await RebuildAsync()).Objects);
        Assert.Equal(StoreFixture.Bytes(300, 1), await ReadAsync(await FindAsync("recovered-bucket", "key")));
        await AssertCleanAsync();
    }

    [Fact]
    public async Task Blobs_of_one_key_become_versions_in_the_order_of_their_times()
    {
        Bucket bucket = await _lost.BucketAsync();
        for (int version = 1; version <= 5; version++)
        {
            await _lost.PutAsync(bucket, "key", StoreFixture.Bytes(1000, version));
            _lost.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await RebuildAsync();
        VersionPage page = await Open().Versions.ListAsync(await Open().Buckets.GetAsync(StoreFixture.Name("recovered-bucket"), StoreFixture.Token), new VersionQuery(), StoreFixture.Token);
        Assert.Equal(5, page.Versions.Count);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(StoreFixture.Bytes(1000, 5 - i), await ReadAsync(page.Versions[i].Version));
        }

        await AssertCleanAsync();
    }

    [Fact]
    public async Task Parts_become_an_object_when_none_is_missing_from_the_first_to_the_last()
    {
        Bucket bucket = await _lost.BucketAsync();
        byte[] bytes = StoreFixture.Bytes(PartSize + 1000, 3);
        MultipartUpload upload = await _lost.BeginAsync(bucket, "parts");
        await _lost.PartAsync(upload, 2, StoreFixture.Bytes(7, 9));
        _lost.Clock.Advance(TimeSpan.FromSeconds(1));
        UploadedPart one = await _lost.PartAsync(upload, 1, bytes[..PartSize]);
        UploadedPart two = await _lost.PartAsync(upload, 2, bytes[PartSize..]);
        StoredObject made = await _lost.CompleteAsync(bucket, upload, one, two);
        MultipartUpload gap = await _lost.BeginAsync(bucket, "gap");
        await _lost.PartAsync(gap, 1, StoreFixture.Bytes(10));
        await _lost.PartAsync(gap, 3, StoreFixture.Bytes(20));
        RebuildSummary summary = await RebuildAsync();
        StoredObject back = await FindAsync("recovered-bucket", "parts");
        Assert.Equal((made.ETag, made.Size, made.Checksum), (back.ETag, back.Size, back.Checksum));
        Assert.Equal(bytes, await ReadAsync(back));
        Assert.Equal(1, summary.Objects);
        Assert.Equal(
            ["gap 1 Unplaced", "gap 3 Unplaced", "parts 0 Assembled", "parts 2 Unplaced"],
            _unplaced.Select(finding => $"{finding.Key} {finding.Part} {finding.Kind}").Order(StringComparer.Ordinal));
        await AssertCleanAsync();
    }

    [Fact]
    public async Task What_is_damaged_or_says_nothing_of_itself_is_listed()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        await store.ChangeAsync(await store.BlobAsync("single"), bytes => CheckedStore.Flip(bytes, 70_000));
        await store.ChangeAsync(await store.BlobAsync("double"), bytes => CheckedStore.Flip(bytes, bytes.Length - 70));
        store.Fixture.Blobs.AddBare(new BlobId(new Id128(7, 7)), [1, 2, 3]);
        RebuildSummary summary = await Rebuild.RunAsync(store.Fixture.Blobs, Target(), Add, null, StoreFixture.Token);
        Assert.Equal(
            ["Assembled parts", "Damaged ", "Damaged single", "Unplaced ", "Unplaced upload"], _unplaced.Select(finding => $"{finding.Kind} {finding.Key}").Order(StringComparer.Ordinal));
        Assert.Equal((3, 4), (summary.Objects, summary.Unplaced));
        await AssertCleanAsync();
    }

    [Fact]
    public async Task Two_buckets_that_had_one_name_stay_apart()
    {
        Bucket first = await _lost.BucketAsync();
        await _lost.PutAsync(first, "key", StoreFixture.Bytes(1000, 1));
        await _lost.DeleteAsync(first, "key");
        await _lost.Store.Buckets.DeleteAsync(first, StoreFixture.Token);
        Bucket second = await _lost.BucketAsync();
        await _lost.PutAsync(second, "key", StoreFixture.Bytes(1000, 2));
        RebuildSummary summary = await RebuildAsync();
        Assert.Equal((2, 2), (summary.Buckets, summary.Objects));
        List<byte[]> contents = [];
        await foreach (string name in BucketsAsync())
        {
            Assert.StartsWith("recovered-", name, StringComparison.Ordinal);
            contents.Add(await ReadAsync(await FindAsync(name, "key")));
        }

        Assert.Equal(
            [Convert.ToHexString(StoreFixture.Bytes(1000, 1)), Convert.ToHexString(StoreFixture.Bytes(1000, 2))],
            contents.Select(Convert.ToHexString).OrderBy(hex => hex != Convert.ToHexString(StoreFixture.Bytes(1000, 1))));
        await AssertCleanAsync();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public async Task No_object_is_made_of_an_upload_with_a_damaged_part(int damaged, bool isUnreadable)
    {
        MultipartUpload upload = await _lost.BeginAsync(await _lost.BucketAsync(), "parts");
        for (int part = 1; part <= 3; part++)
        {
            await _lost.PartAsync(upload, part, StoreFixture.Bytes(1000, part));
        }

        BlobId id = await PartAsync(upload, damaged);
        var source = new FailingBlobStore(_lost.Blobs);
        if (isUnreadable)
        {
            source.ReadsLeft[id] = 2; // The trailer and the footer, but not the payload.
        }
        else
        {
            await ChangeAsync(id, bytes => CheckedStore.Flip(bytes, 500));
        }

        RebuildSummary summary = await Rebuild.RunAsync(source, Target(), Add, null, StoreFixture.Token);
        Assert.Equal((0, 3), (summary.Objects, summary.Unplaced));
        Assert.Equal(
            [$"{damaged} {(isUnreadable ? "Unreadable" : "Damaged")}", .. Enumerable.Range(1, 3).Where(part => part != damaged).Select(part => $"{part} Unplaced")],
            _unplaced.Select(finding => $"{finding.Part} {finding.Kind}").OrderBy(text => text.EndsWith("Unplaced", StringComparison.Ordinal)).ThenBy(text => text, StringComparer.Ordinal));
        await AssertCleanAsync();
    }

    [Fact]
    public async Task An_older_part_does_not_take_the_place_of_a_damaged_one()
    {
        MultipartUpload upload = await _lost.BeginAsync(await _lost.BucketAsync(), "parts");
        await _lost.PartAsync(upload, 1, StoreFixture.Bytes(1000, 1));
        for (int time = 0; time < 5; time++)
        {
            await _lost.PartAsync(upload, 2, StoreFixture.Bytes(1000, 2));
            _lost.Clock.Advance(TimeSpan.FromMicroseconds(1));
        }

        BlobId last = await PartAsync(upload, 2);
        await ChangeAsync(last, bytes => CheckedStore.Flip(bytes, 500));
        Assert.Equal(0, (await RebuildAsync()).Objects);
        Assert.Equal(6, _unplaced.Count);
        Assert.DoesNotContain(_unplaced, finding => finding.Kind == FindingKind.Assembled);
        await AssertCleanAsync();
    }

    [Fact]
    public async Task Of_parts_with_one_number_the_last_is_taken_to_the_microsecond()
    {
        MultipartUpload upload = await _lost.BeginAsync(await _lost.BucketAsync(), "parts");
        for (int time = 1; time <= 9; time++)
        {
            await _lost.PartAsync(upload, 1, StoreFixture.Bytes(1000, time));
            _lost.Clock.Advance(TimeSpan.FromMicroseconds(1));
        }

        await RebuildAsync();
        Assert.Equal(StoreFixture.Bytes(1000, 9), await ReadAsync(await FindAsync("recovered-bucket", "parts")));
    }

    [Fact]
    public async Task An_upload_that_was_abandoned_before_the_object_was_stored_does_not_hide_it()
    {
        Bucket bucket = await _lost.BucketAsync();
        MultipartUpload upload = await _lost.BeginAsync(bucket, "key");
        await _lost.PartAsync(upload, 1, StoreFixture.Bytes(500, 1));
        _lost.Clock.Advance(TimeSpan.FromSeconds(1));
        await _lost.PutAsync(bucket, "key", StoreFixture.Bytes(1000, 2));
        await RebuildAsync();
        Assert.Equal(StoreFixture.Bytes(1000, 2), await ReadAsync(await FindAsync("recovered-bucket", "key")));
    }

    [Fact]
    public async Task An_upload_that_ended_after_the_object_was_stored_is_the_newest()
    {
        Bucket bucket = await _lost.BucketAsync();
        MultipartUpload upload = await _lost.BeginAsync(bucket, "key");
        _lost.Clock.Advance(TimeSpan.FromSeconds(1));
        await _lost.PutAsync(bucket, "key", StoreFixture.Bytes(1000, 2));
        _lost.Clock.Advance(TimeSpan.FromSeconds(1));
        await _lost.PartAsync(upload, 1, StoreFixture.Bytes(500, 1));
        await RebuildAsync();
        Assert.Equal(StoreFixture.Bytes(500, 1), await ReadAsync(await FindAsync("recovered-bucket", "key")));
        await AssertCleanAsync();
    }

    [Fact]
    public async Task What_cannot_be_read_of_the_source_is_listed_and_the_rest_is_rebuilt()
    {
        Bucket bucket = await _lost.BucketAsync();
        for (int i = 0; i < 20; i++)
        {
            await _lost.PutAsync(bucket, $"key-{i}", StoreFixture.Bytes(1000, i));
        }

        List<BlobId> ids = [];
        await foreach (BlobInfo info in _lost.Blobs.ListAsync(StoreFixture.Token))
        {
            ids.Add(info.Id);
        }

        var source = new FailingBlobStore(_lost.Blobs);
        source.NotOpened.Add(ids[0]);
        source.ReadsLeft[ids[1]] = 0;
        source.ReadsLeft[ids[2]] = 3; // It is verified, and cannot be read again.
        source.NotListed.Add(ids[^1].Directory);
        int lost = 3 + ids.Count(id => id.Directory == ids[^1].Directory);
        RebuildSummary summary = await Rebuild.RunAsync(source, Target(), Add, null, StoreFixture.Token);
        Assert.Equal((20 - lost, 4), (summary.Objects, summary.Unplaced));
        Assert.All(_unplaced, finding => Assert.Equal(FindingKind.Unreadable, finding.Kind));
        await AssertCleanAsync();
    }

    [Fact]
    public async Task A_part_that_cannot_be_read_when_it_is_copied_leaves_nothing_of_its_upload()
    {
        MultipartUpload upload = await _lost.BeginAsync(await _lost.BucketAsync(), "parts");
        await _lost.PartAsync(upload, 1, StoreFixture.Bytes(1000, 1));
        await _lost.PartAsync(upload, 2, StoreFixture.Bytes(1000, 2));
        var source = new FailingBlobStore(_lost.Blobs);
        source.ReadsLeft[await PartAsync(upload, 2)] = 3;
        RebuildSummary summary = await Rebuild.RunAsync(source, Target(), Add, null, StoreFixture.Token);
        Assert.Equal((0, 2), (summary.Objects, summary.Unplaced));
        await AssertCleanAsync();
    }

    [Fact]
    public async Task An_upload_of_which_more_can_be_read_later_does_not_become_two_objects()
    {
        MultipartUpload upload = await _lost.BeginAsync(await _lost.BucketAsync(), "parts");
        await _lost.PartAsync(upload, 1, StoreFixture.Bytes(1000, 1));
        _lost.Clock.Advance(TimeSpan.FromSeconds(1));
        await _lost.PartAsync(upload, 2, StoreFixture.Bytes(1000, 2));
        var source = new FailingBlobStore(_lost.Blobs);
        source.NotOpened.Add(await PartAsync(upload, 2));
        Assert.Equal(1, (await Rebuild.RunAsync(source, Target(), Add, null, StoreFixture.Token)).Objects);
        RebuildSummary summary = await RebuildAsync();
        Assert.Equal((0, 2), (summary.Objects, summary.Unplaced));
        Assert.Equal(StoreFixture.Bytes(1000, 1), await ReadAsync(await FindAsync("recovered-bucket", "parts")));
        await AssertCleanAsync();
    }

    [Fact]
    public async Task A_blob_of_the_future_is_not_believed()
    {
        Bucket bucket = await _lost.BucketAsync();
        var now = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(_lost.Clock.GetUtcNow());
        _lost.Clock.Advance(TimeSpan.FromDays(2));
        await _lost.PutAsync(bucket, "key", StoreFixture.Bytes(1000, 1));
        RebuildSummary summary = await Rebuild.RunAsync(_lost.Blobs, Target() with { Clock = now }, Add, null, StoreFixture.Token);
        Assert.Equal((0, 1), (summary.Objects, summary.Unplaced));
        Assert.Equal(FindingKind.Unplaced, Assert.Single(_unplaced).Kind);
    }

    [Fact]
    public async Task A_copy_that_a_power_failure_cut_short_is_made_again()
    {
        string directory = Directory.CreateTempSubdirectory("tarn-rebuild-").FullName;
        try
        {
            await _lost.PutAsync(await _lost.BucketAsync(), "key", StoreFixture.Bytes(100_000, 1));
            await using var files = new Tarn.Backends.Files.FileBlobStore(directory, fsync: false);
            await foreach (BlobInfo info in _lost.Blobs.ListAsync(StoreFixture.Token))
            {
                string id = info.Id.ToString();
                await File.WriteAllBytesAsync(Path.Combine(directory, id[..2], id), new byte[1000], StoreFixture.Token);
            }

            RebuildSummary summary = await Rebuild.RunAsync(_lost.Blobs, Target(_rows, files), Add, null, StoreFixture.Token);
            Assert.Equal((1, 1, 0), (summary.Objects, summary.Copied, summary.Linked));
            (List<Finding> findings, _) = await CheckedStore.CheckAsync(_rows, files);
            Assert.Empty(findings);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_link_takes_the_place_of_a_copy()
    {
        await _lost.PutAsync(await _lost.BucketAsync(), "key", StoreFixture.Bytes(1000, 1));
        List<BlobId> linked = [];
        RebuildTarget target = Target() with
        {
            TryLink = id =>
            {
                linked.Add(id);
                return true;
            },
        };
        await Rebuild.RunAsync(_lost.Blobs, target, Add, null, StoreFixture.Token);
        Assert.Single(linked);
        Assert.Null(await _blobs.FindAsync(linked[0], StoreFixture.Token));
    }

    [Fact]
    public async Task Blobs_are_made_durable_many_at_a_time_and_before_any_row_refers_to_them()
    {
        const int objects = 600, uploads = 300;
        Bucket bucket = await _lost.BucketAsync();
        for (int i = 0; i < objects; i++)
        {
            await _lost.PutAsync(bucket, $"key-{i}", StoreFixture.Bytes(200, i));
        }

        for (int i = 0; i < uploads; i++)
        {
            MultipartUpload upload = await _lost.BeginAsync(bucket, $"parts-{i}");
            await _lost.PartAsync(upload, 1, StoreFixture.Bytes(300, 3));
            await _lost.PartAsync(upload, 2, StoreFixture.Bytes(400, 4));
        }

        HashSet<BlobId> durable = [];
        int syncs = 0;
        List<ulong> notDurable = [];
        var rows = new HookedKeyValueStore(_rows);
        rows.BeforeCommit = LookAsync;
        RebuildTarget target = Target(rows, _blobs) with
        {
            SyncBlobsAsync = async () =>
            {
                syncs++;
                await foreach (BlobInfo blob in _blobs.ListAsync(StoreFixture.Token))
                {
                    durable.Add(blob.Id);
                }
            },
        };
        RebuildSummary summary = await Rebuild.RunAsync(_lost.Blobs, target, Add, null, StoreFixture.Token);
        Assert.Equal((objects + uploads, objects + (2 * uploads), 0), (summary.Objects, durable.Count, notDurable.Count));
        Assert.InRange(syncs, 4, 6);
        Assert.Empty(await _rows.ScanAsync([Tables.Part], [Tables.Part + 1], 1, reverse: false, StoreFixture.Token));

        Task LookAsync(KeyValueBatch batch)
        {
            rows.BeforeCommit = LookAsync;
            foreach (KeyValueChange change in batch.Changes.Where(change => change.Value is not null))
            {
                IEnumerable<Extent> extents = change.Key[0] switch
                {
                    Tables.Current or Tables.History => (ObjectRecord.Decode(change.Value).Data as ObjectData.Extents)?.List ?? [],
                    Tables.Manifest => ManifestChunk.Decode(change.Value).SelectMany(part => part.Extents),
                    _ => [],
                };
                notDurable.AddRange(extents.Where(extent => !durable.Contains(extent.Blob)).Select(extent => extent.Blob.Value.Low));
            }

            return Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData(CrashSide.Before)]
    [InlineData(CrashSide.After)]
    public async Task A_rebuild_that_was_cut_off_anywhere_is_repeated(CrashSide side)
    {
        Bucket bucket = await _lost.BucketAsync();
        await _lost.PutAsync(bucket, "key", StoreFixture.Bytes(1000, 1));
        _lost.Clock.Advance(TimeSpan.FromSeconds(1));
        await _lost.PutAsync(bucket, "key", StoreFixture.Bytes(1000, 2));
        MultipartUpload upload = await _lost.BeginAsync(bucket, "parts");
        await _lost.PartAsync(upload, 1, StoreFixture.Bytes(300, 3));
        await _lost.PartAsync(upload, 2, StoreFixture.Bytes(400, 4));
        for (int nth = 1; ; nth++)
        {
            var rows = new MemoryKeyValueStore();
            var blobs = new MemoryBlobStore(_lost.Clock);
            var crash = new CrashPoint(nth, side);
            bool crashed = false;
            try
            {
                await Rebuild.RunAsync(
                    _lost.Blobs, Target(new CrashingKeyValueStore(rows, crash), new CrashingBlobStore(blobs, crash)), Add, null, StoreFixture.Token);
            }
            catch (InjectedCrashException)
            {
                crashed = true;
            }

            RebuildSummary summary = await Rebuild.RunAsync(_lost.Blobs, Target(rows, blobs), Add, null, StoreFixture.Token);
            Assert.Equal((1, 3, 0), (summary.Buckets, summary.Objects, summary.Unplaced));
            (List<Finding> findings, CheckSummary check) = await CheckedStore.CheckAsync(rows, blobs);
            Assert.True(findings.Count == 0, $"Change {nth}:\n{string.Join('\n', findings)}");
            Assert.Equal((3, 4), (check.Objects, check.Blobs));
            if (!crashed)
            {
                Assert.True(nth > 8, "The rebuild makes too few changes to mean anything.");
                return;
            }
        }
    }

    private Task<RebuildSummary> RebuildAsync() => Rebuild.RunAsync(_lost.Blobs, Target(), Add, null, StoreFixture.Token);

    private RebuildTarget Target() => Target(_rows, _blobs);

    private RebuildTarget Target(IKeyValueStore rows, IBlobStore blobs) => new(rows, blobs, _lost.Clock, new SeededRandomSource(5), "us-east-1");

    private async Task<BlobId> PartAsync(MultipartUpload upload, int number) =>
        PartRecord.Decode((await _lost.KeyValue.GetAsync(Tables.PartKey(upload.Id, number), StoreFixture.Token))!).Extents[0].Blob;

    private async Task ChangeAsync(BlobId id, Func<byte[], byte[]> change)
    {
        byte[] bytes;
        await using (IBlobReader reader = (await _lost.Blobs.OpenAsync(id, StoreFixture.Token))!)
        {
            bytes = new byte[reader.Length];
            await reader.ReadAsync(0, bytes, StoreFixture.Token);
        }

        await _lost.Blobs.DeleteAsync(id, StoreFixture.Token);
        await using IBlobWriter writer = await _lost.Blobs.CreateAsync(id, bytes.Length, StoreFixture.Token);
        await writer.WriteAsync(new ReadOnlySequence<byte>(change(bytes)), StoreFixture.Token);
        await writer.CommitAsync(StoreFixture.Token);
    }

    private async IAsyncEnumerable<string> BucketsAsync()
    {
        foreach (KeyValueEntry row in await _rows.ScanAsync([Tables.Bucket], [Tables.Bucket + 1], 100, reverse: false, StoreFixture.Token))
        {
            yield return System.Text.Encoding.UTF8.GetString(row.Key.AsSpan(1));
        }
    }

    private ValueTask Add(Finding finding)
    {
        _unplaced.Add(finding);
        return default;
    }

    private ObjectStore Open() => new(_rows, _blobs, _lost.Clock, new SeededRandomSource(6), new ObjectStoreOptions());

    private async Task<StoredObject> FindAsync(string bucket, string key)
    {
        ObjectStore store = Open();
        return (await store.Reader.FindAsync(await store.Buckets.GetAsync(StoreFixture.Name(bucket), StoreFixture.Token), StoreFixture.Key(key), StoreFixture.Token))!;
    }

    private async Task<byte[]> ReadAsync(StoredObject found)
    {
        IObjectContent content = (await Open().Reader.OpenAsync(found, always: true, StoreFixture.Token))!;
        return await StoreFixture.ReadAsync(content, 0, found.Size);
    }

    private async Task AssertCleanAsync()
    {
        (List<Finding> findings, _) = await CheckedStore.CheckAsync(_rows, _blobs);
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }
}
