using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Jobs;

/// <summary>A job destroys nothing that nobody named: neither the version <c>null</c> behind others, nor what clients put after it was asked for.</summary>
public sealed class JobLossTests
{
    private readonly JobFixture _fixture = new();

    private static JobParameters Rename => new() { Kind = JobKind.Rename, Bucket = "bucket", Prefix = "k/", ToPrefix = "n/" };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_restored_where_versioning_is_suspended(bool begunBefore)
    {
        await _fixture.BeginAsync();
        await HideNullAsync("k/a");
        await _fixture.DeleteAsync("bucket", "k/a");
        var restore = new JobParameters { Kind = JobKind.Restore, Bucket = "bucket" };
        Job? job = begunBefore ? await _fixture.CreateAsync(restore) : null;
        await StateAsync(VersioningState.Suspended);
        string[] before = await _fixture.DumpAsync("bucket");
        if (job is null)
        {
            Assert.Equal(S3Error.InvalidArgument, await StoreFixture.RefusedAsync(() => _fixture.CreateAsync(restore)));
        }
        else
        {
            JobRecord ended = await RunAsync(job.Id);
            Assert.Equal(JobState.Failed, ended.State);
            Assert.Contains("suspended", ended.Reason, StringComparison.Ordinal);
        }

        Assert.Equal(before, await _fixture.DumpAsync("bucket"));
    }

    [Theory]
    [InlineData(JobKind.Copy, false, false)]
    [InlineData(JobKind.Copy, true, false)]
    [InlineData(JobKind.Rename, false, false)]
    [InlineData(JobKind.Rename, true, false)]
    [InlineData(JobKind.Copy, false, true)]
    [InlineData(JobKind.Rename, true, true)]
    public async Task The_version_null_behind_others_stays_where_versioning_is_suspended(JobKind kind, bool isOfSource, bool dryRun)
    {
        await _fixture.BeginAsync();
        await HideNullAsync(isOfSource ? "k/a" : "n/a");
        if (!isOfSource)
        {
            await _fixture.DeleteAsync("bucket", "n/a");
            await _fixture.PutAsync("bucket", "k/a", "source");
        }

        await _fixture.PutAsync("bucket", "k/b", "other");
        await StateAsync(VersioningState.Suspended);
        bool fails = !isOfSource || kind == JobKind.Rename;
        Job job = await _fixture.CreateAsync(Rename with { Kind = kind, DryRun = dryRun });
        JobRecord ended = await RunAsync(job.Id);
        Assert.Equal((fails ? 1L : 2L, fails ? 1L : 0L), (ended.Counts.Done, ended.Counts.Failed));
        string[] left = await _fixture.DumpAsync("bucket");
        Assert.Contains($"{(isOfSource ? "k/a" : "n/a")} hidden null []", left);
        if (fails)
        {
            JobError error = Assert.Single(await _fixture.Jobs.ErrorsAsync(job.Id, 10, JobFixture.Token));
            Assert.Equal("k/a", error.Key.ToString());
            Assert.Contains("null", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("The copy was made", error.Message, StringComparison.Ordinal);
            Assert.Equal(isOfSource, !left.Any(static line => line.StartsWith("n/a", StringComparison.Ordinal)));
            Assert.DoesNotContain(left, static line => line.StartsWith("n/a source", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task With_overwrite_a_copy_replaces_the_version_null_as_a_client_would()
    {
        await _fixture.BeginAsync();
        await HideNullAsync("n/a");
        await _fixture.PutAsync("bucket", "k/a", "source");
        await StateAsync(VersioningState.Suspended);
        Assert.Equal(1, (await RunAsync(Rename with { Kind = JobKind.Copy, Overwrite = true })).Counts.Done);
        Assert.Contains("n/a source null []", await _fixture.DumpAsync("bucket"));
    }

    [Theory]
    [InlineData(VersioningState.Never)]
    [InlineData(VersioningState.Suspended)]
    [InlineData(VersioningState.Enabled)]
    public async Task What_is_put_after_all_versions_were_to_be_deleted_stays(VersioningState state)
    {
        await BeginAsync(state, 9);
        using var stop = new CancellationTokenSource();
        int done = 0;
        _fixture.Hooks.After = batch =>
        {
            if (IsOfAKey(batch) && Interlocked.Increment(ref done) == 3)
            {
                stop.Cancel();
            }

            return Task.CompletedTask;
        };
        Job job = await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket", Versions = JobVersions.All });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fixture.Runner.RunAsync(job.Id, _fixture, stop.Token));
        _fixture.Hooks.After = null;
        for (int i = 0; i < 9; i++)
        {
            await _fixture.PutAsync("bucket", $"k/{i}", "new");
        }

        JobRecord ended = await RunAsync(job.Id);
        Assert.Equal((JobState.Succeeded, 0L), (ended.State, ended.Counts.Failed));
        string end = state == VersioningState.Enabled ? " []" : " null []";
        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"k/{i} new{end}"), await _fixture.DumpAsync("bucket"));
        Assert.Equal(0, await _fixture.MarksAsync(job.Id));
    }

    [Theory]
    [InlineData(VersioningState.Never, JobVersions.Unspecified)]
    [InlineData(VersioningState.Never, JobVersions.All)]
    [InlineData(VersioningState.Suspended, JobVersions.All)]
    [InlineData(VersioningState.Suspended, JobVersions.Markers)]
    [InlineData(VersioningState.Enabled, JobVersions.Markers)]
    public async Task What_is_put_between_the_listing_and_the_deletion_stays(VersioningState state, JobVersions versions)
    {
        await BeginAsync(state, 4);
        bool isPut = false;
        _fixture.Hooks.Before = async batch =>
        {
            if (!isPut && IsOfAKey(batch))
            {
                isPut = true;
                await _fixture.PutAsync("bucket", "k/3", "new");
            }
        };
        JobRecord ended = await RunAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket", Versions = versions });
        Assert.Equal((JobState.Succeeded, 3L, 1L), (ended.State, ended.Counts.Done, ended.Counts.Skipped));
        Assert.Equal("new", new ModelVersion((await FindAsync("k/3"))!).Content);
    }

    [Theory]
    [InlineData(VersioningState.Never)]
    [InlineData(VersioningState.Suspended)]
    public async Task A_version_of_the_same_name_and_time_as_the_listed_one_stays(VersioningState state)
    {
        await BeginAsync(state, 4);
        bool isPut = false;
        _fixture.Hooks.Before = async batch =>
        {
            if (!isPut && IsOfAKey(batch))
            {
                isPut = true;
                await _fixture.PutNowAsync("bucket", "k/3", "new");
            }
        };
        Task<JobRecord> running = RunAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket", Versions = JobVersions.All });
        Assert.Equal((3L, 1L), ((await running).Counts.Done, (await running).Counts.Skipped));
        Assert.Equal("new", new ModelVersion((await FindAsync("k/3"))!).Content);
    }

    [Fact]
    public async Task A_version_that_moves_or_gets_tags_before_its_turn_is_deleted_all_the_same()
    {
        await BeginAsync(VersioningState.Enabled, 4);
        bool isPut = false;
        _fixture.Hooks.Before = async batch =>
        {
            if (!isPut && IsOfAKey(batch))
            {
                isPut = true;
                StoredObject old = (await FindAsync("k/3"))!;
                await _fixture.Objects.Amender.SetTagsAsync(await _fixture.FindAsync("bucket"), StoreFixture.Key("k/3"), async () => (await FindAsync("k/3"))!, [new("t", "1")], JobFixture.Token);
                await _fixture.PutAsync("bucket", "k/3", "new");
            }
        };
        JobRecord ended = await RunAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket", Versions = JobVersions.All });
        Assert.Equal((JobState.Succeeded, 4L, 0L), (ended.State, ended.Counts.Done, ended.Counts.Failed));
        Assert.Equal(["k/3 new []"], await _fixture.DumpAsync("bucket"));
    }

    [Theory]
    [InlineData(JobKind.Copy)]
    [InlineData(JobKind.Rename)]
    public async Task What_is_put_between_the_listing_and_the_copy_is_not_copied(JobKind kind)
    {
        await BeginAsync(VersioningState.Never, 4);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        bool isPut = false;
        _fixture.Hooks.Before = async batch =>
        {
            if (!isPut && IsOfAKey(batch))
            {
                isPut = true;
                await _fixture.PutAsync("bucket", "k/3", "new");
            }
        };
        JobRecord ended = await RunAsync(Rename with { Kind = kind });
        Assert.Equal((JobState.Succeeded, 3L, 0L, 1L), (ended.State, ended.Counts.Done, ended.Counts.Failed, ended.Counts.Skipped));
        Assert.Equal("new", new ModelVersion((await FindAsync("k/3"))!).Content);
        Assert.Null(await FindAsync("n/3"));
    }

    [Theory]
    [InlineData(JobKind.Copy)]
    [InlineData(JobKind.Empty)]
    public async Task An_object_from_a_later_time_than_it_is_fails_instead_of_being_left_out_unsaid(JobKind kind)
    {
        await BeginAsync(VersioningState.Never, 4);
        _fixture.Clock.AdjustTime(_fixture.Clock.GetUtcNow() - TimeSpan.FromHours(1));
        _fixture.Open(CrashPoint.Never());
        Job job = await _fixture.CreateAsync(kind == JobKind.Copy ? Rename with { Kind = kind } : new JobParameters { Kind = kind, Bucket = "bucket" });
        JobRecord ended = await RunAsync(job.Id);
        Assert.Equal((0L, 4L, 0L), (ended.Counts.Done, ended.Counts.Failed, ended.Counts.Skipped));
        Assert.All(await _fixture.Jobs.ErrorsAsync(job.Id, 10, JobFixture.Token), static error => Assert.Contains("clock", error.Message, StringComparison.Ordinal));
        Assert.Equal(4, (await _fixture.DumpAsync("bucket")).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_what_makes_room_uses_the_room_that_is_kept_for_it(bool dryRun)
    {
        await BeginAsync(VersioningState.Enabled, 6);
        JobParameters markers = new() { Kind = JobKind.Empty, Bucket = "bucket", Versions = JobVersions.Markers };
        Job job = await _fixture.CreateAsync(markers);
        _fixture.Hooks.Before = static batch => batch.IsRemoval ? Task.CompletedTask : throw new StorageFullException();
        JobRecord ended = await RunAsync(job.Id);
        Assert.Equal((JobState.Failed, "there is no room left on the server", 0L), (ended.State, ended.Reason, ended.Counts.Done));
        Assert.Equal(6, (await _fixture.DumpAsync("bucket")).Length);
        JobParameters more = dryRun ? markers with { Versions = JobVersions.All, DryRun = true } : markers;
        await Assert.ThrowsAsync<StorageFullException>(() => _fixture.CreateAsync(more));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_that_is_gone_is_not_said_to_stay(bool isReplaced)
    {
        await BeginAsync(VersioningState.Never, 2);
        using var stop = new CancellationTokenSource();
        _fixture.Hooks.After = batch =>
        {
            if (batch.Changes.Any(static change => change.Key[0] == Tables.JobKey && change.Value is { } value && JobMark.Decode(value).Copied is not null))
            {
                stop.Cancel();
            }

            return Task.CompletedTask;
        };
        Job job = await _fixture.CreateAsync(Rename with { Prefix = "k/0", ToPrefix = "n/0" });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fixture.Runner.RunAsync(job.Id, _fixture, stop.Token));
        _fixture.Hooks.After = null;
        await (isReplaced ? _fixture.PutAsync("bucket", "k/0", "new") : _fixture.DeleteAsync("bucket", "k/0"));
        _fixture.IsCancelled = true;
        JobRecord ended = await RunAsync(job.Id);
        Assert.Equal((isReplaced ? 0L : 1L, isReplaced ? 1L : 0L), (ended.Counts.Done, ended.Counts.Failed));
        Assert.All(await _fixture.Jobs.ErrorsAsync(job.Id, 10, JobFixture.Token), static error => Assert.Contains("was changed after it was copied", error.Message, StringComparison.Ordinal));
    }

    private async Task<JobRecord> RunAsync(JobParameters wanted) => await RunAsync((await _fixture.CreateAsync(wanted)).Id);

    /// <summary>Runs a job, and lets time pass until it has ended.</summary>
    private async Task<JobRecord> RunAsync(Id128 id)
    {
        Task<JobRecord> running = _fixture.RunAsync(id);
        for (int i = 0; !running.IsCompleted; i++)
        {
            Assert.InRange(i, 0, 100_000);
            _fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        return await running;
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

    /// <summary>Puts an object into a bucket that keeps no versions yet, and then a newer version in front of it.</summary>
    private async Task HideNullAsync(string key)
    {
        await _fixture.BucketAsync("bucket");
        await _fixture.PutAsync("bucket", key, "hidden");
        await StateAsync(VersioningState.Enabled);
        await _fixture.PutAsync("bucket", key, "newer");
    }

    private async Task StateAsync(VersioningState state) => await _fixture.Objects.Buckets.SetVersioningAsync(await _fixture.FindAsync("bucket"), state, JobFixture.Token);

    private static bool IsOfAKey(KeyValueBatch batch) => batch.Changes.Any(static change => change.Key[0] == Tables.JobKey && change.Value is not null);

    private async Task<StoredObject?> FindAsync(string key) => await _fixture.Objects.Reader.FindAsync(await _fixture.FindAsync("bucket"), StoreFixture.Key(key), JobFixture.Token);
}
