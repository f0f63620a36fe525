using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Lifecycle;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Lifecycle;

/// <summary>Lifecycle rules over the object store itself.</summary>
public sealed class StoreLifecycleTests : IAsyncDisposable
{
    private readonly MemoryKeyValueStore _keys = new();
    private readonly MemoryBlobStore _blobs = new(TimeProvider.System);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ObjectStore _store;

    // Pacing would wait for a clock that only the tests advance.
    private static readonly ObjectStoreOptions Options = new() { Lifecycle = new LifecycleOptions { VersionsPerSecond = int.MaxValue } };

    public StoreLifecycleTests() => _store = new ObjectStore(new KeyRowsGuard(_keys), _blobs, _clock, new SeededRandomSource(1), Options);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _keys.DisposeAsync();
        await _blobs.DisposeAsync();
    }

    [Fact]
    public async Task Without_versioning_objects_are_deleted()
    {
        await MakeAsync(VersioningState.Never, new LifecycleRule { Id = "r", Filter = new() { Prefix = "a/" }, Expiration = new(1) });
        await PutAsync("a/1");
        await PutAsync("b/1");
        await NextAsync(1);
        Assert.Equal("a/1* b/1*", await ListAsync());
        await NextAsync(1);
        Assert.Equal("b/1*", await ListAsync());
    }

    [Fact]
    public async Task With_versioning_objects_are_hidden_then_deleted_and_their_markers_removed()
    {
        await MakeAsync(VersioningState.Enabled, new LifecycleRule { Id = "r", Expiration = new(1), NoncurrentExpiration = new(2) });
        await PutAsync("k");
        await NextAsync(2);
        Assert.Equal("k!* k", await ListAsync());
        await NextAsync(2);
        Assert.Equal("k!* k", await ListAsync());
        await NextAsync(1);
        Assert.Equal("", await ListAsync());
        Bucket bucket = await BucketAsync();
        await _store.Buckets.DeleteAsync(bucket, Cancel);
    }

    [Fact]
    public async Task While_suspended_the_null_version_is_replaced()
    {
        await MakeAsync(VersioningState.Enabled, new LifecycleRule { Id = "r", Expiration = new(1) });
        await PutAsync("k");
        await _store.Buckets.SetVersioningAsync(await BucketAsync(), VersioningState.Suspended, Cancel);
        await PutAsync("k");
        await NextAsync(2);
        Assert.Equal("k!* k", await ListAsync());
        VersionPage page = await _store.Versions.ListAsync(await BucketAsync(), new VersionQuery(), Cancel);
        Assert.Equal("null", page.Versions[0].Version.VersionName);
        Assert.NotEqual("null", page.Versions[1].Version.VersionName);
    }

    [Fact]
    public async Task The_newest_noncurrent_versions_are_kept()
    {
        await MakeAsync(VersioningState.Enabled, new LifecycleRule { Id = "r", NoncurrentExpiration = new(1, 2) });
        for (int i = 0; i < 6; i++)
        {
            await PutAsync("k");
        }

        await NextAsync(2);
        Assert.Equal("k* k k", await ListAsync());
    }

    [Fact]
    public async Task Tags_select()
    {
        var tags = TagSet.Create([new("temporary", "yes")], TagLimits.Object);
        await MakeAsync(VersioningState.Never, new LifecycleRule { Id = "r", Filter = new() { Tags = tags }, Expiration = new(1) });
        await PutAsync("plain");
        await PutAsync("tagged", new ObjectMetadata { Tags = tags.Pairs });
        await NextAsync(2);
        Assert.Equal("plain*", await ListAsync());
    }

    [Fact]
    public async Task Uploads_are_aborted()
    {
        await MakeAsync(VersioningState.Never, new LifecycleRule { Id = "r", Filter = new() { Prefix = "a" }, AbortUploadDays = 1 });
        Bucket bucket = await BucketAsync();
        foreach (string key in new[] { "a", "b" })
        {
            Assert.True(ObjectKey.TryCreate(key, out ObjectKey name));
            await _store.Uploads.CreateAsync(bucket, name, "o", "o", ObjectMetadata.Empty, null, ChecksumType.FullObject, Cancel);
        }

        await NextAsync(2);
        UploadPage page = await _store.Uploads.ListAsync(bucket, new UploadQuery(), Cancel);
        Assert.Equal(["b"], page.Uploads.Select(u => u.Key.ToString()));
    }

    /// <summary>Every page boundary, and keys that are markers beside keys that are objects.</summary>
    [Fact]
    public async Task Rules_that_are_put_again_are_followed_again_on_the_same_day()
    {
        var rule = new LifecycleRule { Id = "r", Expiration = new(null, _clock.GetUtcNow().UtcDateTime.Date) };
        await MakeAsync(VersioningState.Never, rule);
        await NextAsync(0);
        await PutAsync("k");
        await NextAsync(0);
        Assert.Equal("k*", await ListAsync());
        await _store.Buckets.SetSettingAsync(await BucketAsync(), LifecycleConfiguration.Stored, LifecycleConfiguration.Create([rule]), Cancel);
        await NextAsync(0);
        Assert.Equal("", await ListAsync());
    }

    [Fact]
    public async Task Many_keys_are_paged()
    {
        await MakeAsync(VersioningState.Enabled, new LifecycleRule { Id = "r", Expiration = new(null, null, true) });
        Bucket bucket = await BucketAsync();
        for (int i = 0; i < 600; i++)
        {
            Assert.True(ObjectKey.TryCreate($"{i:000}", out ObjectKey key));
            if (i % 3 == 0)
            {
                await PutAsync(key.ToString());
            }
            else
            {
                await _store.Deleter.DeleteAsync(bucket, key, null, "o", DeleteCondition.None, Cancel);
            }
        }

        await NextAsync(1);
        Assert.Equal(200, (await ListAsync()).Split(' ').Length);
        Assert.Equal(400, _store.Lifecycle.Tally.MarkersRemoved);
        Assert.Equal(600, _store.Lifecycle.Tally.Examined);
    }

    /// <summary>The version is as old as its upload, and its successor was written long ago; but it became noncurrent only now.</summary>
    [Fact]
    public async Task A_version_that_comes_in_as_noncurrent_has_its_days_from_then_on()
    {
        await MakeAsync(VersioningState.Enabled, new LifecycleRule { Id = "r", NoncurrentExpiration = new(2) });
        Assert.True(ObjectKey.TryCreate("k", out ObjectKey key));
        Bucket bucket = await BucketAsync();
        MultipartUpload upload = await _store.Uploads.CreateAsync(
            bucket, key, "o", "O", ObjectMetadata.Empty, null, ChecksumType.FullObject, Cancel);
        UploadedPart part = await _store.Parts.PutAsync(upload, 1, new MemoryBody(new byte[1]), new IngestRequest(), Cancel);
        await PutAsync("k");
        await NextAsync(10);
        StoredObject made = await _store.Completion.CompleteAsync(
            bucket, key, upload.Id.ToString(), new CompletionRequest { Parts = [new CompletionPart(1, part.ETag.ToString())] }, Cancel);
        Assert.False(made.IsLatest);
        await NextAsync(0);
        await NextAsync(2);
        Assert.Equal("k* k", await ListAsync());
        await NextAsync(1);
        Assert.Equal("k*", await ListAsync());
    }

    [Fact]
    public async Task Nothing_that_changed_is_touched()
    {
        await MakeAsync(VersioningState.Enabled, new LifecycleRule { Id = "r", Expiration = new(1), NoncurrentExpiration = new(1, 1) });
        await PutAsync("k");
        await PutAsync("k");
        await PutAsync("k");
        StoreLifecycleTarget target = Target();
        LifecycleBucket bucket = await FirstAsync(target);
        LifecycleKey key = Assert.Single(await target.ReadKeysAsync(bucket, [], 9, Cancel));
        IReadOnlyList<LifecycleVersion> older = await target.ReadNoncurrentAsync(bucket, key.Key, null, 9, Cancel);
        Assert.Equal(2, older.Count);
        Assert.Single(await target.ReadNoncurrentAsync(bucket, key.Key, older[0], 9, Cancel));

        // The version that would have been kept is deleted: the other one must stay.
        Assert.True(ObjectKey.TryCreate("k", out ObjectKey name));
        await _store.Deleter.DeleteAsync(await BucketAsync(), name, ((StoredObject)older[0].Token).VersionName, "o", DeleteCondition.None, Cancel);
        Assert.Equal(LifecycleResult.Changed, await target.ApplyAsync(bucket, key.Key, new(LifecycleActionKind.DeleteVersion, older[1], "r"), [older[0]], Cancel));

        // A new version comes.
        await PutAsync("k");
        Assert.Equal(LifecycleResult.Changed, await target.ApplyAsync(bucket, key.Key, new(LifecycleActionKind.ExpireCurrent, key.Newest, "r"), [], Cancel));

        // The rules change.
        await _store.Buckets.SetSettingAsync(await BucketAsync(), LifecycleConfiguration.Stored, null, Cancel);
        Assert.Equal(LifecycleResult.BucketChanged, await target.ApplyAsync(bucket, key.Key, new(LifecycleActionKind.DeleteVersion, older[1], "r"), [], Cancel));
        Assert.Equal("k* k k", await ListAsync());
    }

    /// <summary>Keys without versions share a commit: one that changed is skipped, and does not hold up the others.</summary>
    [Fact]
    public async Task Of_keys_that_share_a_commit_only_the_changed_one_stays()
    {
        await MakeAsync(VersioningState.Never, new LifecycleRule { Id = "r", Expiration = new(1) });
        foreach (string key in new[] { "a", "b", "c" })
        {
            await PutAsync(key);
        }

        StoreLifecycleTarget target = Target();
        LifecycleBucket bucket = await FirstAsync(target);
        List<LifecyclePlanned> planned = (await target.ReadKeysAsync(bucket, [], 9, Cancel))
            .Select(key => new LifecyclePlanned(key.Key, new(LifecycleActionKind.ExpireCurrent, key.Newest, "r")))
            .ToList();
        await PutAsync("b");
        Assert.Equal([LifecycleResult.Applied, LifecycleResult.Changed, LifecycleResult.Applied], await target.ApplyAsync(bucket, planned, Cancel));
        Assert.Equal("b*", await ListAsync());
        await _store.Buckets.SetSettingAsync(await BucketAsync(), LifecycleConfiguration.Stored, null, Cancel);
        Assert.All(await target.ApplyAsync(bucket, planned, Cancel), result => Assert.Equal(LifecycleResult.BucketChanged, result));
        Assert.Equal("b*", await ListAsync());
    }

    private StoreLifecycleTarget Target()
    {
        var random = new SeededRandomSource(2);
        var ownership = new DataOwnership(_clock, random, default);
        var keys = new KeyTransaction(new OptimisticTransaction(_keys, _clock, random), _keys, _store.Buckets, ownership);
        return new StoreLifecycleTarget(_keys, _store.Buckets, keys, ownership, _clock, random);
    }

    private static async Task<LifecycleBucket> FirstAsync(StoreLifecycleTarget target)
    {
        await foreach (LifecycleBucket bucket in target.BucketsAsync(Cancel))
        {
            return bucket;
        }

        throw new InvalidOperationException("No bucket has rules.");
    }

    private async Task MakeAsync(VersioningState versioning, params LifecycleRule[] rules)
    {
        Assert.True(BucketName.TryParse("bucket", out BucketName name));
        Bucket bucket = (await _store.Buckets.CreateAsync(name, "o", "o", "us-east-1", Cancel))!;
        if (versioning != VersioningState.Never)
        {
            await _store.Buckets.SetVersioningAsync(bucket, versioning, Cancel);
        }

        await _store.Buckets.SetSettingAsync(bucket, LifecycleConfiguration.Stored, LifecycleConfiguration.Create(rules), Cancel);
    }

    private ValueTask<Bucket> BucketAsync() => _store.Buckets.GetAsync(BucketName.FromStorage("bucket"), Cancel);

    private async Task PutAsync(string key, ObjectMetadata? metadata = null)
    {
        Assert.True(ObjectKey.TryCreate(key, out ObjectKey name));
        await _store.Writer.PutAsync(
            await BucketAsync(), name, "o", metadata ?? ObjectMetadata.Empty, new MemoryBody(Encoding.UTF8.GetBytes(key)), new IngestRequest(), WriteCondition.None, Cancel);
        _clock.Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>Lets days pass and the worker work.</summary>
    private async Task NextAsync(int days)
    {
        _clock.Advance(TimeSpan.FromDays(days));
        await _store.Lifecycle.RunOnceAsync(static e => Assert.Fail(e.ToString()), Cancel);
    }

    /// <summary>All versions: <c>!</c> for a delete marker, <c>*</c> for the newest.</summary>
    private async Task<string> ListAsync()
    {
        VersionPage page = await _store.Versions.ListAsync(await BucketAsync(), new VersionQuery(), Cancel);
        return string.Join(' ', page.Versions.Select(v => $"{v.Key}{(v.Version.IsDeleteMarker ? "!" : "")}{(v.IsLatest ? "*" : "")}"));
    }
}
