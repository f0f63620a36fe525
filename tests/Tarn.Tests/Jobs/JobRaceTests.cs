using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Hashing;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Jobs;

/// <summary>What clients and the device do while a job works never costs an object.</summary>
public sealed class JobRaceTests
{
    private readonly JobFixture _fixture = new();

    private static JobParameters Rename => new() { Kind = JobKind.Rename, Bucket = "bucket", Prefix = "k/", ToPrefix = "n/" };

    [Theory]
    [InlineData(VersioningState.Never, "put")]
    [InlineData(VersioningState.Never, "same content")]
    [InlineData(VersioningState.Never, "tag")]
    [InlineData(VersioningState.Enabled, "put")]
    [InlineData(VersioningState.Suspended, "put")]
    public async Task A_source_that_is_changed_after_it_was_copied_stays_and_is_reported(VersioningState state, string change)
    {
        await BeginAsync(state, 8);
        bool isChanged = false;
        _fixture.Hooks.After = async batch =>
        {
            if (!isChanged && Copies(batch, "n/3"))
            {
                isChanged = true;
                Bucket bucket = await _fixture.FindAsync("bucket");
                if (change == "tag")
                {
                    await _fixture.Objects.Amender.SetTagsAsync(bucket, StoreFixture.Key("k/3"), () => FindAsync(bucket, "k/3"), [new("t", "1")], JobFixture.Token);
                }
                else
                {
                    await _fixture.PutAsync("bucket", "k/3", change == "put" ? "changed" : "3");
                }
            }
        };
        Job job = await _fixture.CreateAsync(Rename);
        JobRecord ended = await _fixture.RunAsync(job.Id);
        Assert.Equal((JobState.Succeeded, 7L, 1L), (ended.State, ended.Counts.Done, ended.Counts.Failed));
        JobError error = Assert.Single(await _fixture.Jobs.ErrorsAsync(job.Id, 10, JobFixture.Token));
        Assert.Equal(("k/3", "PreconditionFailed"), (error.Key.ToString(), error.Code));
        Assert.Contains("the source stays", error.Message, StringComparison.Ordinal);
        Bucket now = await _fixture.FindAsync("bucket");
        StoredObject kept = await FindAsync(now, "k/3");
        Assert.Equal(change == "put" ? "changed" : "3", new ModelVersion(kept).Content);
        Assert.Equal("3", new ModelVersion(await FindAsync(now, "n/3")).Content);
        Assert.Null(await _fixture.Objects.Reader.FindAsync(now, StoreFixture.Key("k/4"), JobFixture.Token));
    }

    [Fact]
    public async Task A_source_that_is_deleted_after_it_was_copied_is_done()
    {
        await BeginAsync(VersioningState.Never, 4);
        _fixture.Hooks.After = async batch =>
        {
            if (Copies(batch, "n/2"))
            {
                await _fixture.DeleteAsync("bucket", "k/2");
            }
        };
        Assert.Equal(4, (await _fixture.RunAsync(Rename)).Counts.Done);
        Assert.Equal(["n/0", "n/1", "n/2", "n/3"], await KeysAsync());
    }

    [Fact]
    public async Task On_a_full_device_nothing_is_lost_and_the_job_ends()
    {
        await BeginAsync(VersioningState.Never, 12);
        Job job = await _fixture.CreateAsync(Rename);
        _fixture.Hooks.Before = static batch => batch.IsRemoval ? Task.CompletedTask : throw new StorageFullException();
        JobRecord ended = await _fixture.RunAsync(job.Id);
        Assert.Equal((JobState.Failed, "there is no room left on the server", 0L), (ended.State, ended.Reason, ended.Counts.Done));
        Assert.InRange(ended.Counts.Failed, 1, _fixture.Options.Concurrency);
        Assert.Equal(12, (await KeysAsync()).Count(static key => key.StartsWith("k/", StringComparison.Ordinal)));

        // The room that is left is for what makes room: neither for what is told of failures nor for other jobs.
        Assert.Empty(await _fixture.Jobs.ErrorsAsync(job.Id, 10, JobFixture.Token));
        await Assert.ThrowsAsync<StorageFullException>(() => _fixture.CreateAsync(Rename));

        // Deleting makes room, so it must go on.
        Assert.Equal(12, (await _fixture.RunAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket" })).Counts.Done);
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task A_copy_whose_data_is_gone_fails_and_its_source_stays()
    {
        await BeginAsync(VersioningState.Never, 3);
        await _fixture.PutAsync("bucket", "k/big", new string('b', 5000));
        BlobInfo blob = await _fixture.Blobs.ListAsync(JobFixture.Token).SingleAsync(JobFixture.Token);
        await _fixture.Blobs.DeleteAsync(blob.Id, JobFixture.Token);

        Job job = await _fixture.CreateAsync(Rename);
        JobRecord ended = await _fixture.RunAsync(job.Id);
        Assert.Equal((JobState.Succeeded, 3L, 1L), (ended.State, ended.Counts.Done, ended.Counts.Failed));
        Assert.Equal("InternalError", Assert.Single(await _fixture.Jobs.ErrorsAsync(job.Id, 10, JobFixture.Token)).Code);
        Assert.Single(_fixture.Failures);
        Assert.Equal(["k/big", "n/0", "n/1", "n/2"], await KeysAsync());
    }

    [Fact]
    public async Task A_bucket_that_was_made_again_or_begins_to_keep_versions_ends_the_job()
    {
        await BeginAsync(VersioningState.Never, 8);
        await _fixture.BucketAsync("target");
        Job copy = await _fixture.CreateAsync(Rename with { ToBucket = "target" });
        await _fixture.Objects.Buckets.DeleteAsync(await _fixture.FindAsync("target"), JobFixture.Token);
        await _fixture.BucketAsync("target");
        JobRecord ended = await _fixture.RunAsync(copy.Id);
        Assert.Equal((JobState.Failed, "the bucket target is gone"), (ended.State, ended.Reason));

        Job delete = await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Delete, Bucket = "bucket", Prefix = "k/" });
        await _fixture.Objects.Buckets.SetVersioningAsync(await _fixture.FindAsync("bucket"), VersioningState.Enabled, JobFixture.Token);
        ended = await _fixture.RunAsync(delete.Id);
        Assert.Equal(JobState.Failed, ended.State);
        Assert.Contains("keeps versions now", ended.Reason, StringComparison.Ordinal);
        Assert.Equal(8, (await KeysAsync()).Length);
    }

    [Fact]
    public async Task Cancelled_it_finishes_the_keys_that_it_works_on_and_counts_them()
    {
        await BeginAsync(VersioningState.Never, 30);
        int copies = 0;
        _fixture.Hooks.After = batch =>
        {
            if (batch.Changes.Any(static change => change.Key[0] == Tables.JobKey && change.Value is not null) && Interlocked.Increment(ref copies) == 9)
            {
                _fixture.IsCancelled = true;
            }

            return Task.CompletedTask;
        };
        Job job = await _fixture.CreateAsync(Rename);
        JobRecord ended = await _fixture.RunAsync(job.Id);
        Assert.Equal(JobState.Cancelled, ended.State);
        string[] keys = await KeysAsync();
        Assert.Equal(30, keys.Length);
        Assert.Equal(ended.Counts.Done, keys.Count(static key => key.StartsWith("n/", StringComparison.Ordinal)));
        Assert.InRange(ended.Counts.Done, 1, 29);
        Assert.Equal(0, await _fixture.MarksAsync(job.Id));
    }

    [Fact]
    public async Task Keys_that_are_put_between_an_interruption_and_its_end_are_not_copied_and_none_is_copied_twice()
    {
        await BeginAsync(VersioningState.Enabled, 9);
        using var stop = new CancellationTokenSource();
        int done = 0;
        _fixture.Hooks.After = batch =>
        {
            if (batch.Changes.Any(static change => change.Key[0] == Tables.JobKey && change.Value is not null) && Interlocked.Increment(ref done) == 3)
            {
                stop.Cancel();
            }

            return Task.CompletedTask;
        };
        Job job = await _fixture.CreateAsync(Rename with { Kind = JobKind.Copy });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fixture.Runner.RunAsync(job.Id, _fixture, stop.Token));
        Assert.True(await _fixture.MarksAsync(job.Id) >= 3);
        _fixture.Hooks.After = null;
        for (int i = 0; i < 6; i++)
        {
            await _fixture.PutAsync("bucket", $"k/0{i}", "new");
        }

        JobRecord ended = await _fixture.RunAsync(job.Id);
        Assert.Equal((JobState.Succeeded, 9L, 0L, 6L), (ended.State, ended.Counts.Done, ended.Counts.Failed, ended.Counts.Skipped));

        // A copy that is made twice would be two versions.
        Assert.Equal(9, (await _fixture.DumpAsync("bucket")).Count(static line => line.StartsWith("n/", StringComparison.Ordinal)));
        Assert.Equal(0, await _fixture.MarksAsync(job.Id));
    }

    [Fact]
    public async Task The_state_of_a_time_is_restored()
    {
        await BeginAsync(VersioningState.Enabled, 0);
        await _fixture.PutAsync("bucket", "changed", "old");
        await _fixture.PutAsync("bucket", "deleted", "old");
        await _fixture.PutAsync("bucket", "same", "old");
        await _fixture.PutAsync("bucket", "gone", "old");
        await _fixture.DeleteAsync("bucket", "gone");
        _fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));
        DateTimeOffset then = _fixture.Clock.GetUtcNow();
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await _fixture.PutAsync("bucket", "changed", "new");
        await _fixture.PutAsync("bucket", "gone", "new");
        await _fixture.PutAsync("bucket", "later", "new");
        await _fixture.DeleteAsync("bucket", "deleted");
        JobRecord ended = await _fixture.RunAsync(new JobParameters { Kind = JobKind.Restore, Bucket = "bucket", At = then });
        Assert.Equal((2L, 3L), (ended.Counts.Done, ended.Counts.Skipped));
        Bucket bucket = await _fixture.FindAsync("bucket");
        Assert.Equal("old", new ModelVersion(await FindAsync(bucket, "changed")).Content);
        Assert.Equal("old", new ModelVersion(await FindAsync(bucket, "deleted")).Content);
        Assert.Equal("new", new ModelVersion(await FindAsync(bucket, "later")).Content);
        Assert.Equal("new", new ModelVersion(await FindAsync(bucket, "gone")).Content);
        Assert.Equal(3, (await _fixture.DumpAsync("bucket")).Count(static line => line.StartsWith("changed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Many_versions_of_one_key_are_deleted_page_by_page_and_none_comes_to_light()
    {
        await BeginAsync(VersioningState.Enabled, 0);
        for (int i = 0; i < 23; i++)
        {
            await _fixture.PutAsync("bucket", "k", $"{i}");
        }

        await _fixture.DeleteAsync("bucket", "k");
        var seen = new List<string?>();
        _fixture.Hooks.After = async _ =>
        {
            StoredObject? live = await _fixture.Objects.Reader.FindAsync(await _fixture.FindAsync("bucket"), StoreFixture.Key("k"), JobFixture.Token);
            lock (seen)
            {
                seen.Add(live is null ? null : new ModelVersion(live).Content);
            }
        };
        JobRecord ended = await _fixture.RunAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket", Versions = JobVersions.All });
        Assert.Equal((24L, 0L), (ended.Counts.Done, ended.Counts.Failed));
        Assert.All(seen, Assert.Null);
        Assert.Empty(await _fixture.DumpAsync("bucket"));
    }

    [Fact]
    public async Task An_object_of_parts_is_renamed_with_its_entity_tag_and_parts_and_without_copying_bytes()
    {
        await BeginAsync(VersioningState.Never, 0);
        Bucket bucket = await _fixture.FindAsync("bucket");
        MultipartUpload upload = await _fixture.Objects.Uploads.CreateAsync(
            bucket, StoreFixture.Key("k/parts"), _fixture.Root.OwnerId, "acme", ObjectMetadata.Empty with { User = [new("content", "c")], StorageClass = "GLACIER" }, null, ChecksumType.FullObject, JobFixture.Token);
        UploadedPart first = await _fixture.Objects.Parts.PutAsync(upload, 1, new TestBody(new byte[5 << 20]), new IngestRequest(), JobFixture.Token);
        UploadedPart second = await _fixture.Objects.Parts.PutAsync(upload, 2, new TestBody([1, 2, 3]), new IngestRequest(), JobFixture.Token);
        StoredObject made = await _fixture.Objects.Completion.CompleteAsync(bucket, upload.Key, upload.Id.ToString(), StoreFixture.Request(first, second), JobFixture.Token);
        int blobs = await CountBlobsAsync();
        JobRecord ended = await _fixture.RunAsync(Rename);
        Assert.Equal((1L, (5L << 20) + 3), (ended.Counts.Done, ended.Counts.Bytes));
        StoredObject renamed = await FindAsync(bucket, "n/parts");
        Assert.Equal((made.ETag, 2, "GLACIER", blobs), (renamed.ETag, renamed.PartCount, renamed.StorageClass, await CountBlobsAsync()));
        Assert.Equal(["n/parts"], await KeysAsync());

        async Task<int> CountBlobsAsync() => await _fixture.Blobs.ListAsync(JobFixture.Token).CountAsync(JobFixture.Token);
    }

    private async Task BeginAsync(VersioningState state, int keys)
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket", state);
        for (int i = 0; i < keys; i++)
        {
            await _fixture.PutAsync("bucket", $"k/{i}", $"{i}");
        }
    }

    /// <summary>Whether a batch puts an object under a key.</summary>
    private static bool Copies(KeyValueBatch batch, string key) =>
        batch.Changes.Any(change => change.Key[0] == Tables.Current && change.Value is not null && change.Key.AsSpan(Tables.CurrentPrefixLength).SequenceEqual(StoreFixture.Key(key).Utf8));

    private async ValueTask<StoredObject> FindAsync(Bucket bucket, string key) =>
        await _fixture.Objects.Reader.FindAsync(bucket, StoreFixture.Key(key), JobFixture.Token) ?? throw new InvalidOperationException(key);

    private async Task<string[]> KeysAsync() =>
        [.. (await _fixture.Objects.Lister.ListAsync(await _fixture.FindAsync("bucket"), new Core.Objects.Listing.ListQuery(), JobFixture.Token)).Objects.Select(static found => found.Key.ToString())];
}
