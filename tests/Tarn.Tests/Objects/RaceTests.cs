using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.TestKit.Stores;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>Changes between a writer's read and its commit.</summary>
public sealed class RaceTests : IAsyncDisposable
{
    private static readonly WriteCondition IfAbsent = WriteCondition.Absent;

    private readonly StoreFixture _fixture = new();
    private readonly HookedKeyValueStore _hooks;

    public RaceTests()
    {
        _hooks = new HookedKeyValueStore(_fixture.KeyValue);
        _fixture.Store = _fixture.Open(_hooks, _fixture.Blobs);
    }

    public ValueTask DisposeAsync() => _hooks.DisposeAsync();

    [Theory]
    [InlineData(10)]
    [InlineData(InlineLimit + 1)]
    public async Task Of_a_hundred_writers_of_an_absent_key_one_wins(int size)
    {
        Bucket bucket = await _fixture.BucketAsync();
        S3Error?[] outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
        {
            try
            {
                await _fixture.PutAsync(bucket, "key", Bytes(size, i), IfAbsent);
                return null;
            }
            catch (S3Exception refusal)
            {
                return refusal.Error;
            }
        })));
        int winner = Array.IndexOf(outcomes, null);
        Assert.All(outcomes.Where((_, i) => i != winner), error => Assert.Equal(S3Error.PreconditionFailed, error));
        Assert.Equal(Bytes(size, winner), await _fixture.ReadAsync(bucket, "key"));
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Unconditional_writers_and_deleters_of_one_key_all_succeed()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => (i % 3) switch
        {
            0 => _fixture.DeleteAsync(bucket, "key"),
            1 => _fixture.PutAsync(bucket, "key", Bytes(200, i)),
            _ => _fixture.PutAsync(bucket, "key", Bytes(20, i)),
        })));
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task An_object_that_comes_and_goes_under_a_conditional_write_is_a_conflict()
    {
        Bucket bucket = await _fixture.BucketAsync();
        _hooks.BeforeCommit = async _ =>
        {
            await _fixture.PutAsync(bucket, "key", Bytes(20));
            _hooks.AfterCommit = _ => _fixture.DeleteAsync(bucket, "key");
        };
        S3Exception refusal = await Assert.ThrowsAsync<S3Exception>(() => _fixture.PutAsync(bucket, "key", Bytes(10), IfAbsent));
        Assert.Equal(S3Error.ConditionalRequestConflict, refusal.Error);
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task A_change_of_the_bucket_does_not_refuse_a_conditional_write()
    {
        Bucket bucket = await _fixture.BucketAsync();
        _hooks.BeforeCommit = _ => _fixture.Store.Buckets.SetVersioningAsync(bucket, VersioningState.Enabled, Token).AsTask();
        await _fixture.PutAsync(bucket, "key", Bytes(10), IfAbsent);
        Assert.Equal(Bytes(10), await _fixture.ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_keeps_its_data()
    {
        Bucket bucket = await _fixture.BucketAsync();
        _hooks.AfterCommit = _ =>
        {
            // That was the announcement of the blob; the next commit makes the object.
            _hooks.AfterCommit = _ => throw new IOException("The connection broke.");
            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<IOException>(() => _fixture.PutAsync(bucket, "key", Bytes(1000)));
        Assert.Equal(Bytes(1000), await _fixture.ReadAsync(bucket, "key"));
        await _fixture.AssertNothingLeaksAsync();
        Assert.Equal(Bytes(1000), await _fixture.ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task An_upload_that_outlived_its_announcement_is_refused()
    {
        Bucket bucket = await _fixture.BucketAsync();
        _hooks.AfterCommit = _ =>
        {
            _hooks.BeforeCommit = async _ =>
            {
                _fixture.Clock.Advance(TimeSpan.FromDays(8));
                await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token);
            };
            return Task.CompletedTask;
        };
        Assert.Equal(S3Error.RequestTimeout, await RefusedAsync(() => _fixture.PutAsync(bucket, "key", Bytes(1000))));
        Assert.Null(await _fixture.ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task A_copied_part_whose_source_grows_meanwhile_leaves_nothing_of_the_first_attempt()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "source", Bytes(10));
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "key");
        _hooks.AfterCommit = _ =>
        {
            _hooks.BeforeCommit = _ => _fixture.PutAsync(bucket, "source", Bytes(1000));
            return Task.CompletedTask;
        };
        UploadedPart part = await _fixture.Store.Parts.CopyAsync(
            upload, 1, () => _fixture.FindAsync(bucket, "source"), size => (0, size), Token);
        await _fixture.CompleteAsync(bucket, upload, part);
        Assert.Equal(Bytes(1000), await _fixture.ReadAsync(bucket, "key"));

        // Long before an announcement expires.
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token);
        await LeakCheck.AssertAsync(_fixture.KeyValue, _fixture.Blobs, drained: true);
    }

    [Fact]
    public async Task Parts_completion_and_abort_of_one_upload_race_to_one_outcome()
    {
        for (int round = 0; round < 20; round++)
        {
            Bucket bucket = await _fixture.BucketAsync();
            string key = $"key{round}";
            MultipartUpload upload = await _fixture.BeginAsync(bucket, key);
            UploadedPart part = await _fixture.PartAsync(upload, 1, Bytes(500));
            Task<S3Error?>[] racers =
            [
                OutcomeAsync(() => _fixture.PartAsync(upload, 1, Bytes(600, 1))),
                OutcomeAsync(() => _fixture.PartAsync(upload, 2, Bytes(700))),
                OutcomeAsync(() => _fixture.CompleteAsync(bucket, upload, part)),
                OutcomeAsync(() => _fixture.Store.Uploads.AbortAsync(upload, Token).AsTask()),
            ];
            S3Error?[] outcomes = await Task.WhenAll(racers);
            Assert.Equal(outcomes[2] is null ? Bytes(500) : null, await _fixture.ReadAsync(bucket, key));
            Assert.Null(await _fixture.Store.Uploads.FindAsync(bucket, Key(key), upload.Id, Token));
        }

        await _fixture.AssertNothingLeaksAsync();
    }

    private static Task<S3Error?> OutcomeAsync(Func<Task> act) => Task.Run(async () =>
    {
        try
        {
            await act();
            return null;
        }
        catch (S3Exception refusal)
        {
            return refusal.Error;
        }
    });
}
