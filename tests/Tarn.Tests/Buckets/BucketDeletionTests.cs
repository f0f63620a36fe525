using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Buckets;

public sealed class BucketDeletionTests : IAsyncDisposable
{
    private readonly StoreFixture _fixture = new();
    private readonly HookedKeyValueStore _hooks;

    public BucketDeletionTests()
    {
        _hooks = new HookedKeyValueStore(_fixture.KeyValue);
        _fixture.Store = _fixture.Open(_hooks, _fixture.Blobs);
    }

    public ValueTask DisposeAsync() => _hooks.DisposeAsync();

    [Fact]
    public async Task No_object_is_lost_into_a_bucket_that_is_deleted_meanwhile()
    {
        for (int round = 0; round < 50; round++)
        {
            Bucket bucket = await _fixture.BucketAsync($"bucket{round}");
            Task<bool> put = SucceedsAsync(() => _fixture.PutAsync(bucket, "key", Bytes(round * 4)));
            Task<bool> delete = SucceedsAsync(() => _fixture.Store.Buckets.DeleteAsync(bucket, Token).AsTask());
            bool stored = await put;
            bool deleted = await delete;
            Assert.False(stored && deleted);
            Assert.Equal(deleted, await _fixture.Store.Buckets.FindAsync(bucket.Name, Token) is null);
        }

        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Uploads_in_progress_end_with_the_bucket()
    {
        Bucket bucket = await _fixture.BucketAsync();
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "key");
        await _fixture.PartAsync(upload, 1, Bytes(1000));
        await _fixture.Store.Buckets.DeleteAsync(bucket, Token);
        Assert.Equal(
            S3Error.NoSuchBucket, await RefusedAsync(() => _fixture.BeginAsync(bucket, "key")));
        await _fixture.AssertNothingLeaksAsync();
        Assert.Empty(await _fixture.KeyValue.ScanAsync([Tables.Upload], [Tables.Reclaim], 10, false, Token));
    }

    [Fact]
    public async Task A_deletion_that_fails_at_the_end_leaves_the_uploads()
    {
        Bucket bucket = await _fixture.BucketAsync();
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "key");
        _hooks.AfterCommit = _ =>
        {
            _hooks.BeforeCommit = _ => MarkAsync(bucket, _fixture.Clock.GetUtcNow().ToUnixTimeMilliseconds() + 1);
            return Task.CompletedTask;
        };
        Assert.Equal(S3Error.OperationAborted, await RefusedAsync(() => _fixture.Store.Buckets.DeleteAsync(bucket, Token).AsTask()));
        Assert.NotNull(await _fixture.Store.Uploads.FindAsync(bucket, Key("key"), upload.Id, Token));
    }

    [Fact]
    public async Task A_mark_keeps_writers_out_until_it_lapses()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await MarkAsync(bucket, _fixture.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Equal(S3Error.OperationAborted, await RefusedAsync(() => _fixture.PutAsync(bucket, "key", Bytes(1))));
        _fixture.Clock.Advance(TimeSpan.FromSeconds(31));
        await _fixture.PutAsync(bucket, "key", Bytes(1));
        Assert.Equal(Bytes(1), await _fixture.ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task A_writer_that_clears_a_stale_mark_does_not_take_the_next_one_for_an_open_bucket()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await MarkAsync(bucket, _fixture.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        _fixture.Clock.Advance(TimeSpan.FromSeconds(31));
        _hooks.AfterCommit = _ => MarkAsync(bucket, _fixture.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Equal(
            S3Error.OperationAborted, await RefusedAsync(() => _fixture.Store.Buckets.GetForWriteAsync(bucket.Name, Token).AsTask()));
    }

    [Fact]
    public async Task A_bucket_with_an_object_stays_and_can_be_written()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(1));
        Assert.Equal(S3Error.BucketNotEmpty, await RefusedAsync(() => _fixture.Store.Buckets.DeleteAsync(bucket, Token).AsTask()));
        await _fixture.PutAsync(bucket, "other", Bytes(1));
    }

    private async Task MarkAsync(Bucket bucket, long since) => await _fixture.KeyValue.CommitAsync(
        new KeyValueBatch().Put(Tables.BucketKey(bucket.Name.Value), (bucket.Record with { DeletingSince = since }).Encode()), Token);

    private static Task<bool> SucceedsAsync(Func<Task> act) => Task.Run(async () =>
    {
        try
        {
            await act();
            return true;
        }
        catch (S3Exception)
        {
            return false;
        }
    });
}
