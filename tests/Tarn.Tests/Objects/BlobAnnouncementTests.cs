using System.Buffers;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;
using Tarn.Tests.Damage;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>Announcements of blobs, which the commits of earlier uploads make for later ones.</summary>
public sealed class BlobAnnouncementTests : IAsyncDisposable
{
    private readonly StoreFixture _fixture = new();
    private readonly HookedKeyValueStore _hooks;

    public BlobAnnouncementTests()
    {
        _hooks = new HookedKeyValueStore(_fixture.KeyValue);
        _fixture.Store = _fixture.Open(_hooks, _fixture.Blobs);
    }

    public ValueTask DisposeAsync() => _hooks.DisposeAsync();

    [Fact]
    public async Task Only_the_first_of_uploads_one_after_another_waits_for_two_commits()
    {
        Bucket bucket = await _fixture.BucketAsync();
        Assert.Equal(2, await CommitsAsync(() => _fixture.PutAsync(bucket, "first", Bytes(1000))));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(1, await CommitsAsync(() => _fixture.PutAsync(bucket, $"key{i}", Bytes(1000))));
            Assert.Single(await AnnouncedAsync());
        }

        MultipartUpload upload = await _fixture.BeginAsync(bucket, "parts");
        Assert.Equal(1, await CommitsAsync(() => _fixture.PartAsync(upload, 1, Bytes(1000))));
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Small_objects_announce_nothing()
    {
        Bucket bucket = await _fixture.BucketAsync();
        Assert.Equal(1, await CommitsAsync(() => _fixture.PutAsync(bucket, "small", Bytes(InlineLimit))));
        Assert.Empty(await AnnouncedAsync());
    }

    [Fact]
    public async Task As_many_are_kept_as_there_were_uploads_at_once()
    {
        Bucket bucket = await _fixture.BucketAsync();
        HeldBody[] bodies = [.. Enumerable.Range(0, 10).Select(static i => new HeldBody(Bytes(1000, i)))];
        Task[] uploads = [.. bodies.Select((body, i) => _fixture.Store.Writer.PutAsync(
            bucket, Key($"key{i}"), "owner", ObjectMetadata.Empty, body, new IngestRequest(), WriteCondition.None, Token).AsTask())];
        await Task.WhenAll(bodies.Select(static body => body.Read));
        Array.ForEach(bodies, static body => body.Release());
        await Task.WhenAll(uploads);
        Assert.Equal(10, (await AnnouncedAsync()).Length);
        await _fixture.PutAsync(bucket, "more", Bytes(1000));
        Assert.Equal(10, (await AnnouncedAsync()).Length);
        await _fixture.AssertNothingLeaksAsync();
    }

    [Theory]
    [InlineData(61)]
    [InlineData(60 * 24 * 8)]
    public async Task One_that_is_old_is_not_begun_with_and_goes(int minutes)
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "first", Bytes(1000));
        byte[] old = Assert.Single(await AnnouncedAsync());
        _fixture.Clock.Advance(TimeSpan.FromMinutes(minutes));
        await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token);
        Assert.Equal(2, await CommitsAsync(() => _fixture.PutAsync(bucket, "later", Bytes(1000))));
        Assert.NotEqual(old, Assert.Single(await AnnouncedAsync()));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_makes_them_old()
    {
        _fixture.Clock.AdjustTime(_fixture.Clock.GetUtcNow().AddDays(1));
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "first", Bytes(1000));
        _fixture.Clock.AdjustTime(_fixture.Clock.GetUtcNow().AddHours(-3));
        Assert.Equal(2, await CommitsAsync(() => _fixture.PutAsync(bucket, "later", Bytes(1000))));
    }

    [Fact]
    public async Task One_whose_row_went_while_the_clock_was_wrong_is_not_begun_with()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "first", Bytes(1000));
        DateTimeOffset right = _fixture.Clock.GetUtcNow();
        _fixture.Clock.AdjustTime(right.AddDays(8));
        await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token);
        _fixture.Clock.AdjustTime(right.AddMinutes(1));
        await _fixture.PutAsync(bucket, "later", Bytes(1000));
        Assert.Equal(Bytes(1000), await _fixture.ReadAsync(bucket, "later"));
    }

    [Fact]
    public async Task Where_rows_may_be_missing_what_was_written_under_an_announcement_stays()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "first", Bytes(1000));
        IReadOnlyList<KeyValueEntry> kept = await _fixture.KeyValue.ScanAsync([0], [0xFF], int.MaxValue, reverse: false, Token);
        await _fixture.PutAsync(bucket, "lost", Bytes(1000, 1));

        // The metadata are as they were before.
        var older = new MemoryKeyValueStore();
        var batch = new KeyValueBatch();
        foreach (KeyValueEntry row in kept)
        {
            batch.Put(row.Key, row.Value);
        }

        await older.CommitAsync(batch, Token);
        var store = new ObjectStore(older, _fixture.Blobs, _fixture.Clock, new SeededRandomSource(9), new ObjectStoreOptions { InlineLimit = InlineLimit, KeptOrphans = new KeptForTests { Reason = "Rows are missing." } });
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await store.Reclaim.RecoverAsync(_fixture.Clock.GetUtcNow(), failed: null, Token);
        await store.Reclaim.RunOnceAsync(failed: null, Token);
        Assert.Equal(2, await _fixture.Blobs.ListAsync(Token).CountAsync(Token));
    }

    [Fact]
    public async Task What_a_refused_commit_announced_is_not_begun_with()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(1000));
        _hooks.BeforeCommit = _ => _fixture.PutAsync(bucket, "key", Bytes(5));
        await _fixture.PutAsync(bucket, "key", Bytes(1000, 1));
        Assert.Equal(S3Error.PreconditionFailed, (await Assert.ThrowsAsync<S3Exception>(() =>
        {
            _hooks.BeforeCommit = _ => _fixture.PutAsync(bucket, "other", Bytes(5));
            return _fixture.PutAsync(bucket, "other", Bytes(1000), WriteCondition.Absent);
        })).Error);
        await _fixture.PutAsync(bucket, "last", Bytes(1000));
        Assert.Equal(Bytes(1000), await _fixture.ReadAsync(bucket, "last"));
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task What_a_dead_process_kept_is_removed_at_the_start()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(1000));
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        _fixture.Store = _fixture.Open(_hooks, _fixture.Blobs);
        await _fixture.Store.Reclaim.RecoverAsync(_fixture.Clock.GetUtcNow(), failed: null, Token);
        Assert.Empty(await AnnouncedAsync());
        Assert.Equal(Bytes(1000), await _fixture.ReadAsync(bucket, "key"));
    }

    private async Task<int> CommitsAsync(Func<Task> act)
    {
        int before = _hooks.Commits;
        await act();
        return _hooks.Commits - before;
    }

    private async Task<byte[][]> AnnouncedAsync() =>
    [
        .. (await _fixture.KeyValue.ScanAsync([Tables.Reclaim], [Tables.Reclaim + 1], int.MaxValue, reverse: false, Token))
            .Where(static row => ReclaimRecord.Decode(row.Value).Kind == ReclaimKind.PendingBlob).Select(static row => row.Key),
    ];

    /// <summary>A body that is not sent until it is released.</summary>
    private sealed class HeldBody(byte[] bytes) : IUploadBody
    {
        private readonly TestBody _body = new(bytes);
        private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Read => _read.Task;

        public long? Length => _body.Length;

        public IReadOnlyDictionary<string, string> Trailers => _body.Trailers;

        public void Release() => _released.SetResult();

        public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
        {
            _read.TrySetResult();
            await _released.Task;
            return await _body.ReadAsync(cancellationToken);
        }
    }
}
