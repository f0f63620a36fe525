using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Maintenance;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>Counts that are not exact become so while the store is used, whatever comes in between.</summary>
public sealed class RecountTests
{
    private readonly StoreFixture _fixture = new();
    private readonly Random _random = new(7);

    [Fact]
    public async Task A_store_that_was_not_counted_is_counted()
    {
        await FillAsync(120);
        await ForgetAsync();
        Assert.False(await AreExactAsync());

        Assert.True(await _fixture.Store.Recount.RunOnceAsync(Token));
        Assert.True(await AreExactAsync());
        await LeakCheck.AssertAsync(_fixture.KeyValue, _fixture.Blobs, drained: false);
        Assert.False(await _fixture.Store.Recount.RunOnceAsync(Token));
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task An_empty_store_is_exact_after_the_first_run()
    {
        Assert.True(await _fixture.Store.Recount.RunOnceAsync(Token));
        Assert.True(await AreExactAsync());
    }

    [Fact]
    public async Task Changes_that_come_meanwhile_count_once()
    {
        await FillAsync(60);
        await ForgetAsync();
        var observed = new ScanHook(_fixture.KeyValue) { BeforeScan = () => FillAsync(3) };
        await RecountOver(observed).RunOnceAsync(Token);
        Assert.True(observed.Scans > 10);
        await LeakCheck.AssertAsync(_fixture.KeyValue, _fixture.Blobs, drained: false);
    }

    [Fact]
    public async Task A_run_that_is_cut_off_anywhere_is_run_again()
    {
        for (int cut = 1; ; cut++)
        {
            await FillAsync(10);
            await ForgetAsync();
            var crashing = new CrashingKeyValueStore(_fixture.KeyValue, new CrashPoint(cut, CrashSide.Before));
            bool wasCut = false;
            try
            {
                await RecountOver(crashing).RunOnceAsync(Token);
            }
            catch (InjectedCrashException)
            {
                wasCut = true;
            }

            await FillAsync(3);
            await _fixture.Store.Recount.RunOnceAsync(Token);
            await LeakCheck.AssertAsync(_fixture.KeyValue, _fixture.Blobs, drained: false);
            if (!wasCut)
            {
                Assert.True(cut > 2);
                return;
            }
        }
    }

    [Fact]
    public async Task A_run_that_is_cut_off_between_two_pages_of_corrections_is_run_again()
    {
        for (int i = 0; i < 600; i++)
        {
            await _fixture.PutAsync(await _fixture.BucketAsync($"bucket-{i}"), "k", Bytes(i % 50));
        }

        await ForgetAsync();

        // The third commit is the second page: the first names the run.
        var crashing = new CrashingKeyValueStore(_fixture.KeyValue, new CrashPoint(3, CrashSide.Before));
        await Assert.ThrowsAsync<InjectedCrashException>(async () => await RecountOver(crashing).RunOnceAsync(Token));
        Assert.False(await AreExactAsync());
        await _fixture.Store.Recount.RunOnceAsync(Token);
        await LeakCheck.AssertAsync(_fixture.KeyValue, _fixture.Blobs, drained: false);
    }

    [Fact]
    public async Task Damaged_counts_keep_nothing_from_being_written_and_are_counted_anew()
    {
        await FillAsync(40);
        await _fixture.Store.Recount.RunOnceAsync(Token);
        Bucket bucket = await _fixture.BucketAsync("bucket-1");
        await _fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(Tables.BucketCountsKey(bucket.Id), [1, 2, 3]), Token);
        Assert.False((await _fixture.Store.Counts.GetAsync([bucket.Id], Token)).AreExact);

        await _fixture.PutAsync(bucket, "after", Bytes(20));
        Assert.False(await AreExactAsync());
        await _fixture.Store.Recount.RunOnceAsync(Token);
        Assert.True(await AreExactAsync());
        await LeakCheck.AssertAsync(_fixture.KeyValue, _fixture.Blobs, drained: false);

        await _fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(Tables.BucketCountsKey(bucket.Id), [1, 2, 3]), Token);
        await _fixture.Store.Recount.DemandAsync(Token);
        await _fixture.Store.Recount.RunOnceAsync(Token);
        Assert.True(await AreExactAsync());
        await LeakCheck.AssertAsync(_fixture.KeyValue, _fixture.Blobs, drained: false);
    }

    [Fact]
    public async Task A_row_of_a_newer_build_keeps_the_counts_from_being_called_exact()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "a", Bytes(10));
        await ForgetAsync();
        await _fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(Tables.CurrentKey(bucket.Id, Key("a").Utf8), [200, 1, 2]), Token);
        await Assert.ThrowsAsync<RecordFormatException>(async () => await _fixture.Store.Recount.RunOnceAsync(Token));
        Assert.False(await AreExactAsync());
    }

    [Fact]
    public async Task A_part_that_is_dropped_no_longer_counts_or_has_everything_counted_anew()
    {
        await _fixture.Store.Recount.RunOnceAsync(Token);
        Bucket bucket = await _fixture.BucketAsync();
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "m");
        UploadedPart first = await _fixture.PartAsync(upload, 1, Bytes(200));
        await _fixture.PartAsync(upload, 2, Bytes(300));
        PartRecord part = PartRecord.Decode((await _fixture.KeyValue.GetAsync(Tables.PartKey(upload.Id, 1), Token))!);
        await _fixture.Blobs.DeleteAsync(part.Extents[0].Blob, Token);
        await Assert.ThrowsAnyAsync<IOException>(() => _fixture.CompleteAsync(bucket, upload, first));
        Assert.Equal(DropOutcome.Dropped, await _fixture.Store.Removal.DropPartAsync(bucket, upload.Key, upload.Id, 1, Token));
        Assert.Equal(new BucketCounts { Uploads = 1, UploadBytes = 300 }, await CountsAsync(bucket));
        Assert.True(await AreExactAsync());

        await _fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(Tables.PartKey(upload.Id, 2), [1, 2]), Token);
        Assert.Equal(DropOutcome.Dropped, await _fixture.Store.Removal.DropPartAsync(bucket, upload.Key, upload.Id, 2, Token));
        Assert.False(await AreExactAsync());
        await _fixture.Store.Recount.RunOnceAsync(Token);
        Assert.Equal(new BucketCounts { Uploads = 1 }, await CountsAsync(bucket));
    }

    [Fact]
    public async Task An_upload_that_is_aborted_while_its_bucket_is_removed_counts_once()
    {
        Bucket bucket = await _fixture.BucketAsync();
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "m");
        await _fixture.PartAsync(upload, 1, Bytes(200));
        await _fixture.Store.Buckets.DeleteAsync(bucket, Token);
        var racing = new HookedKeyValueStore(_fixture.KeyValue);
        ObjectStore other = _fixture.Open(racing, _fixture.Blobs);
        racing.BeforeCommit = async _ => Assert.True(await _fixture.Store.Uploads.AbortAsync(upload, Token));
        await other.Reclaim.RunOnceAsync(null, Token);
        await LeakCheck.AssertAsync(_fixture.KeyValue, _fixture.Blobs, drained: false);
        await _fixture.AssertNothingLeaksAsync();
        Assert.Equal(default, await CountsAsync(bucket));
    }

    [Fact]
    public async Task Of_two_runs_at_once_neither_corrects_what_the_other_did()
    {
        await FillAsync(60);
        await ForgetAsync();
        Recount other = RecountOver(_fixture.KeyValue);
        int scans = 0;
        var observed = new ScanHook(_fixture.KeyValue);
        observed.BeforeScan = async () =>
        {
            if (++scans == 3)
            {
                await other.RunOnceAsync(Token);
            }
        };
        await RecountOver(observed).RunOnceAsync(Token);
        await LeakCheck.AssertAsync(_fixture.KeyValue, _fixture.Blobs, drained: false);
    }

    [Fact]
    public async Task A_demand_during_a_run_has_everything_counted_once_more()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "a", Bytes(10));
        await ForgetAsync();
        int scans = 0;
        var observed = new ScanHook(_fixture.KeyValue);
        observed.BeforeScan = async () =>
        {
            if (++scans == 2)
            {
                // A row goes of which nobody knows what it counted.
                await _fixture.KeyValue.CommitAsync(RecountRecord.Demand(new KeyValueBatch().Delete(Tables.CurrentKey(bucket.Id, Key("a").Utf8))), Token);
            }
        };
        await RecountOver(observed).RunOnceAsync(Token);
        Assert.True(await AreExactAsync());
        Assert.Equal(default, await CountsAsync(bucket));
    }

    [Fact]
    public async Task What_cannot_be_decoded_counts_nothing_and_to_drop_it_counts_again()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "a", Bytes(10));
        await _fixture.PutAsync(bucket, "b", Bytes(20));
        await _fixture.Store.Recount.RunOnceAsync(Token);
        await _fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(Tables.CurrentKey(bucket.Id, Key("a").Utf8), [1, 2]), Token);
        await _fixture.Store.Removal.DropAsync(bucket, Key("a"), "null", Token);
        Assert.False(await AreExactAsync());
        await _fixture.Store.Recount.RunOnceAsync(Token);
        Assert.Equal(new BucketCounts(1, 20, 0, 0, 0, 0, 0), await CountsAsync(bucket));
    }

    [Fact]
    public async Task Each_kind_of_change_counts()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "a", Bytes(10));
        await _fixture.PutAsync(bucket, "a", Bytes(30));
        await AssertAsync(new(1, 30, 0, 0, 0, 0, 0));
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "m");
        UploadedPart part = await _fixture.PartAsync(upload, 1, Bytes(200));
        await _fixture.PartAsync(upload, 2, Bytes(400));
        await _fixture.PartAsync(upload, 2, Bytes(500));
        await AssertAsync(new(1, 30, 0, 0, 0, 1, 700));
        await _fixture.CompleteAsync(bucket, upload, part);
        await AssertAsync(new(2, 230, 0, 0, 0, 0, 500));
        await _fixture.Store.Reclaim.RunOnceAsync(null, Token);
        await AssertAsync(new(2, 230, 0, 0, 0, 0, 0));
        await _fixture.Store.Buckets.SetVersioningAsync(bucket, VersioningState.Enabled, Token);
        bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "a", Bytes(5));
        await _fixture.DeleteAsync(bucket, "m");
        await AssertAsync(new(1, 5, 2, 230, 1, 0, 0));
        await _fixture.DeleteAsync(bucket, "m");
        await AssertAsync(new(1, 5, 2, 230, 2, 0, 0));

        async Task AssertAsync(BucketCounts expected) => Assert.Equal(expected, await CountsAsync(bucket));
    }

    private async Task<bool> AreExactAsync() => (await _fixture.Store.Counts.GetAsync([], Token)).AreExact;

    private async Task<BucketCounts> CountsAsync(Bucket bucket) => Assert.Single((await _fixture.Store.Counts.GetAsync([bucket.Id], Token)).Counts);

    private Recount RecountOver(IKeyValueStore store) => new(store, new SeededRandomSource(_random.Next()), TimeProvider.System, isPaced: false);

    /// <summary>Takes the counts back, as if a build had written the store that did not count.</summary>
    private async Task ForgetAsync()
    {
        KeyValueBatch batch = new KeyValueBatch().Delete(Tables.RecountKey);
        foreach (KeyValueEntry row in await _fixture.KeyValue.ScanAsync([Tables.BucketCounts], [Tables.BucketCounts + 1], int.MaxValue, reverse: false, Token))
        {
            // Some stay, and are wrong.
            _ = row.Key[^1] % 3 == 0 ? batch.Add(row.Key, 5, -7) : batch.Delete(row.Key);
        }

        await _fixture.KeyValue.CommitAsync(batch, Token);
    }

    private async Task FillAsync(int changes)
    {
        for (int i = 0; i < changes; i++)
        {
            Bucket bucket = await _fixture.BucketAsync($"bucket-{_random.Next(3)}");
            string key = $"k{_random.Next(6)}";
            switch (_random.Next(8))
            {
                case 0:
                    await _fixture.Store.Buckets.SetVersioningAsync(bucket, _random.Next(2) == 0 ? VersioningState.Enabled : VersioningState.Suspended, Token);
                    break;
                case 1 or 2:
                    await _fixture.DeleteAsync(bucket, key);
                    break;
                case 3:
                    MultipartUpload upload = await _fixture.BeginAsync(bucket, key);
                    UploadedPart[] parts = [await _fixture.PartAsync(upload, 1, Bytes(_random.Next(300))), await _fixture.PartAsync(upload, 2, Bytes(_random.Next(300)))];
                    _ = _random.Next(3) switch
                    {
                        0 => await _fixture.CompleteAsync(bucket, upload, parts[_random.Next(2)]),
                        1 => (object)await _fixture.Store.Uploads.AbortAsync(upload, Token),
                        _ => upload,
                    };
                    break;
                case 4:
                    await _fixture.Store.Reclaim.RunOnceAsync(null, Token);
                    break;
                default:
                    await _fixture.PutAsync(bucket, key, Bytes(_random.Next(250)));
                    break;
            }
        }
    }

    /// <summary>Runs a test's hook before each scan of a snapshot.</summary>
    private sealed class ScanHook(IKeyValueStore inner) : IKeyValueStore
    {
        public Func<Task> BeforeScan { get; set; } = static () => Task.CompletedTask;

        public int Scans { get; private set; }

        public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => inner.GetAsync(keys, cancellationToken);

        public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
            inner.ScanAsync(from, to, limit, reverse, cancellationToken);

        public async ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) => new Snapshot(await inner.OpenSnapshotAsync(cancellationToken), this);

        public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken) => inner.CommitAsync(batch, cancellationToken);

        public ValueTask DisposeAsync() => default;

        private sealed class Snapshot(IKeyValueSnapshot inner, ScanHook owner) : IKeyValueSnapshot
        {
            public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => inner.GetAsync(keys, cancellationToken);

            public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

            public async ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
            {
                owner.Scans++;
                await owner.BeforeScan();
                return await inner.ScanAsync(from, to, limit, reverse, cancellationToken);
            }

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
