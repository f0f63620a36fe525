using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Jobs;

/// <summary>What goes wrong in the middle of a job loses nothing, brings nothing to light, and is told.</summary>
public sealed class JobHazardTests
{
    private readonly JobFixture _fixture = new();

    private static JobParameters Rename => new() { Kind = JobKind.Rename, Bucket = "bucket", Prefix = "k/", ToPrefix = "n/" };

    private static JobParameters All => new() { Kind = JobKind.Empty, Bucket = "bucket", Versions = JobVersions.All };

    [Theory]
    [InlineData(JobKind.Delete, "k/")]
    [InlineData(JobKind.Empty, "")]
    public async Task Markers_are_refused_where_nothing_keeps_what_they_would_hide(JobKind kind, string prefix)
    {
        await BeginAsync(VersioningState.Never, 2);
        Assert.Equal(S3Error.InvalidArgument, await StoreFixture.RefusedAsync(
            () => _fixture.CreateAsync(new JobParameters { Kind = kind, Bucket = "bucket", Prefix = prefix, Versions = JobVersions.Markers })));
        Assert.Equal(2, (await _fixture.DumpAsync("bucket")).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(11)]
    public async Task A_version_that_stays_is_not_brought_to_light(int kept)
    {
        await BeginAsync(VersioningState.Enabled, 0);
        var versions = new List<string>();
        for (int i = 0; i < 12; i++)
        {
            versions.Add((await _fixture.PutAsync("bucket", "k", $"{i}")).VersionName);
        }

        await _fixture.DeleteAsync("bucket", "k");
        await _fixture.PutAsync("bucket", "l", "x");
        await DenyAsync($$$"""{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObjectVersion","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringEquals":{"s3:VersionId":"{{{versions[kept]}}}"} } }""");
        Job job = await _fixture.CreateAsync(All);
        JobRecord ended = await _fixture.RunAsync(job.Id);

        // The marker and what it hides stay, the other key goes.
        Assert.Equal((JobState.Succeeded, kept + 1L, 13L - kept), (ended.State, ended.Counts.Done, ended.Counts.Failed));
        Assert.Equal(13 - kept, (await _fixture.DumpAsync("bucket")).Length);
        Assert.Null(await _fixture.Objects.Reader.FindAsync(await _fixture.FindAsync("bucket"), StoreFixture.Key("k"), JobFixture.Token));
        JobError error = Assert.Single(await _fixture.Jobs.ErrorsAsync(job.Id, 100, JobFixture.Token));
        Assert.Equal(("k", versions[kept], "AccessDenied"), (error.Key.ToString(), error.Version, error.Code));
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("revoke")]
    [InlineData("deny")]
    public async Task A_source_that_was_copied_and_stays_is_told_however_the_job_ends(string end)
    {
        await BeginAsync(VersioningState.Never, 8);
        Principal user = await _fixture.UserAsync("u", "s3:*");
        using var stop = new CancellationTokenSource();
        _fixture.Hooks.After = batch =>
        {
            if (Copies(batch, "n/2"))
            {
                stop.Cancel();
            }

            return Task.CompletedTask;
        };
        Job job = await _fixture.CreateAsync(Rename, user);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fixture.Runner.RunAsync(job.Id, _fixture, stop.Token));
        string[] half = [.. (await KeysAsync()).Where(static key => key.StartsWith("n/", StringComparison.Ordinal)).Select(static key => "k" + key[1..]).Intersect(await KeysAsync())];
        Assert.Contains("k/2", half);
        _fixture.Hooks.After = null;
        switch (end)
        {
            case "cancel": _fixture.IsCancelled = true; break;
            case "revoke": await _fixture.Identity.Keys.RevokeAsync(user.AccessKeyId, JobFixture.Token); break;
            default: await _fixture.AllowAsync("u", "s3:ListBucket", "s3:GetObject", "s3:PutObject"); break;
        }

        JobRecord ended = await _fixture.RunAsync(job.Id);
        Assert.Equal(end switch { "cancel" => JobState.Cancelled, "revoke" => JobState.Failed, _ => JobState.Succeeded }, ended.State);
        IReadOnlyList<JobError> errors = await _fixture.Jobs.ErrorsAsync(job.Id, 100, JobFixture.Token);
        Assert.Equal(half, errors.Where(static error => error.Message.Contains("The copy was made", StringComparison.Ordinal)).Select(static error => error.Key.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(errors.Count, ended.Counts.Failed);
        Assert.Equal(8, ended.Counts.Done + (await KeysAsync()).Count(static key => key.StartsWith("k/", StringComparison.Ordinal)));
        Assert.Equal(0, await _fixture.MarksAsync(job.Id));
    }

    [Fact]
    public async Task The_right_to_delete_a_source_is_decided_after_it_was_copied_too()
    {
        await BeginAsync(VersioningState.Never, 8);
        Principal user = await _fixture.UserAsync("u", "s3:*");
        _fixture.Hooks.After = async batch =>
        {
            if (Copies(batch, "n/3"))
            {
                await _fixture.AllowAsync("u", "s3:ListBucket", "s3:GetObject", "s3:PutObject");
            }
        };
        Job job = await _fixture.CreateAsync(Rename, user);
        await _fixture.RunAsync(job.Id);
        Assert.Contains("k/3", await KeysAsync());
        JobError error = Assert.Single(await _fixture.Jobs.ErrorsAsync(job.Id, 100, JobFixture.Token), static error => error.Key.ToString() == "k/3");
        Assert.Equal(("AccessDenied", true), (error.Code, error.Message.StartsWith("The copy was made, and the source stays", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_tags_of_the_copied_source_decide_whether_it_may_be_deleted()
    {
        await BeginAsync(VersioningState.Never, 4);
        await DenyAsync("""{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringEquals":{"s3:ExistingObjectTag/keep":"yes"}}}""");
        bool isTagged = false;
        _fixture.Hooks.Before = async batch =>
        {
            if (!isTagged && Copies(batch, "n/1"))
            {
                // The copy loses the race, and copies the object with the tag.
                isTagged = true;
                Core.Buckets.Bucket bucket = await _fixture.FindAsync("bucket");
                await _fixture.Objects.Amender.SetTagsAsync(
                    bucket, StoreFixture.Key("k/1"), async () => (await _fixture.Objects.Reader.FindAsync(bucket, StoreFixture.Key("k/1"), JobFixture.Token))!, [new("keep", "yes")], JobFixture.Token);
            }
        };
        Job job = await _fixture.CreateAsync(Rename with { Overwrite = true });
        JobRecord ended = await TickAsync(_fixture.RunAsync(job.Id));
        Assert.Equal((3L, 1L), (ended.Counts.Done, ended.Counts.Failed));
        Assert.Contains("k/1", await KeysAsync());
    }

    [Fact]
    public async Task The_object_that_is_copied_decides_whether_it_may_be_put()
    {
        await BeginAsync(VersioningState.Never, 4);
        await DenyAsync("""{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringEquals":{"s3:x-amz-storage-class":"GLACIER"}}}""");
        bool isPut = false;
        _fixture.Hooks.Before = async batch =>
        {
            if (!isPut && Copies(batch, "n/1"))
            {
                isPut = true;
                await _fixture.PutNowAsync("bucket", "k/1", "1", new ObjectMetadata { StorageClass = "GLACIER" });
            }
        };
        Job job = await _fixture.CreateAsync(Rename with { Kind = JobKind.Copy }, ahead: TimeSpan.FromHours(1));
        JobRecord ended = await TickAsync(_fixture.RunAsync(job.Id));
        Assert.Equal((3L, 1L), (ended.Counts.Done, ended.Counts.Failed));
        JobError error = Assert.Single(await _fixture.Jobs.ErrorsAsync(job.Id, 10, JobFixture.Token));
        Assert.Equal(("k/1", "AccessDenied"), (error.Key.ToString(), error.Code));
    }

    [Theory]
    [InlineData("SlowDown")]
    [InlineData("OperationAborted")]
    public async Task What_passes_is_tried_again(string code)
    {
        await BeginAsync(VersioningState.Never, 6);
        int failures = 0;
        _fixture.Hooks.Before = batch => batch.Changes.Any(static change => change.Key[0] == Tables.Current && change.Value is null && change.Key[^1] == (byte)'3') && failures++ < 2
            ? throw new S3Exception(code == "SlowDown" ? S3Error.SlowDown : S3Error.OperationAborted)
            : Task.CompletedTask;
        Job job = await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Delete, Bucket = "bucket", Prefix = "k/" });
        JobRecord ended = await TickAsync(_fixture.RunAsync(job.Id));
        Assert.Equal((JobState.Succeeded, 6L, 0L), (ended.State, ended.Counts.Done, ended.Counts.Failed));
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task A_commit_that_was_applied_though_it_failed_is_done_and_not_done_twice()
    {
        await BeginAsync(VersioningState.Enabled, 6);
        bool isLost = false;
        _fixture.Hooks.After = batch =>
        {
            if (!isLost && Copies(batch, "n/3"))
            {
                isLost = true;
                throw new S3Exception(S3Error.SlowDown);
            }

            return Task.CompletedTask;
        };
        Job job = await _fixture.CreateAsync(Rename with { Kind = JobKind.Copy });
        JobRecord ended = await TickAsync(_fixture.RunAsync(job.Id));
        Assert.Equal((JobState.Succeeded, 6L, 0L), (ended.State, ended.Counts.Done, ended.Counts.Failed));
        Assert.Equal(12, (await _fixture.DumpAsync("bucket")).Length);
    }

    [Fact]
    public async Task All_versions_go_though_the_bucket_begins_to_keep_them_in_the_middle()
    {
        await BeginAsync(VersioningState.Never, 12);
        bool isOn = false;
        _fixture.Hooks.Before = async batch =>
        {
            if (!isOn && batch.Changes.Any(static change => change.Key[0] == Tables.Current && change.Value is null))
            {
                isOn = true;
                await _fixture.Objects.Buckets.SetVersioningAsync(await _fixture.FindAsync("bucket"), VersioningState.Enabled, JobFixture.Token);
            }
        };
        JobRecord ended = await _fixture.RunAsync(All);
        Assert.Equal((JobState.Succeeded, 12L, 0L), (ended.State, ended.Counts.Done, ended.Counts.Failed));
        Assert.Empty(await _fixture.DumpAsync("bucket"));
    }

    [Fact]
    public async Task The_state_of_a_time_within_a_second_is_restored()
    {
        await BeginAsync(VersioningState.Enabled, 0);
        await _fixture.PutAsync("bucket", "k", "first");
        _fixture.Clock.Advance(TimeSpan.FromMilliseconds(1) + TimeSpan.FromMicroseconds(300));
        DateTimeOffset then = _fixture.Clock.GetUtcNow() + TimeSpan.FromMicroseconds(500);
        _fixture.Clock.Advance(TimeSpan.FromMicroseconds(600));
        await _fixture.PutNowAsync("bucket", "k", "second");
        await _fixture.PutNowAsync("bucket", "later", "second");
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        JobRecord ended = await _fixture.RunAsync(new JobParameters { Kind = JobKind.Restore, Bucket = "bucket", At = then });
        Assert.Equal((1L, 1L), (ended.Counts.Done, ended.Counts.Skipped));
        StoredObject restored = (await _fixture.Objects.Reader.FindAsync(await _fixture.FindAsync("bucket"), StoreFixture.Key("k"), JobFixture.Token))!;
        Assert.Equal("first", new ModelVersion(restored).Content);
    }

    [Fact]
    public async Task Copies_do_not_feed_on_what_is_put_after_their_start()
    {
        await BeginAsync(VersioningState.Never, 6);
        await _fixture.BucketAsync("other");
        int put = 0;
        _fixture.OnAdvanced = _ => _fixture.PutAsync("bucket", $"k/z{put++}", "new").GetAwaiter().GetResult();
        JobRecord ended = await _fixture.RunAsync(Rename with { ToBucket = "other", Kind = JobKind.Copy });
        Assert.Equal((JobState.Succeeded, 6L, 0L), (ended.State, ended.Counts.Done, ended.Counts.Failed));
        Assert.Equal(6, (await _fixture.DumpAsync("other")).Length);
    }

    private async Task BeginAsync(VersioningState state, int keys)
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket", state);
        for (int i = 0; i < keys; i++)
        {
            await _fixture.PutAsync("bucket", $"k/{i}", $"{i}");
        }

        _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
    }

    private async Task DenyAsync(string statement) => await _fixture.Objects.Buckets.SetSettingAsync(
        await _fixture.FindAsync("bucket"), AccessSettings.Policy,
        new StoredBucketPolicy(System.Text.Encoding.UTF8.GetBytes($$"""{"Version":"2012-10-17","Statement":[{{statement}}]}"""), false), JobFixture.Token);

    /// <summary>Lets time pass until a job has ended.</summary>
    private async Task<JobRecord> TickAsync(Task<JobRecord> job)
    {
        while (!job.IsCompleted)
        {
            _fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        return await job;
    }

    private static bool Copies(KeyValueBatch batch, string key) =>
        batch.Changes.Any(change => change.Key[0] == Tables.Current && change.Value is not null && change.Key.AsSpan(Tables.CurrentPrefixLength).SequenceEqual(StoreFixture.Key(key).Utf8));

    private async Task<string[]> KeysAsync() =>
        [.. (await _fixture.Objects.Lister.ListAsync(await _fixture.FindAsync("bucket"), new Core.Objects.Listing.ListQuery(), JobFixture.Token)).Objects.Select(static found => found.Key.ToString())];
}
