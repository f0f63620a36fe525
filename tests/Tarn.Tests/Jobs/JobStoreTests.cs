using System.Net;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.Core.Records;
using Tarn.S3.Jobs;
using Tarn.S3.Telemetry;
using Tarn.Tests.Objects;
using Tarn.Tests.Telemetry;

namespace Tarn.Tests.Jobs;

/// <summary>The rows of jobs, and what may be asked for.</summary>
public sealed class JobStoreTests
{
    private readonly JobFixture _fixture = new();

    [Fact]
    public async Task Errors_are_kept_up_to_a_bound_and_all_are_counted()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket");
        for (int i = 0; i < JobRecord.MaxErrors + 23; i++)
        {
            await _fixture.PutAsync("bucket", $"k{i:0000}", "x");
        }

        Principal user = await _fixture.UserAsync("u", "s3:ListBucket", "s3:DeleteObject");
        Assert.Equal(0, (await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket" }, user)).Record.Expected);
        await _fixture.Objects.Recount.RunOnceAsync(JobFixture.Token);
        Job job = await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket" }, user);
        Assert.Equal(JobRecord.MaxErrors + 23, job.Record.Expected);
        await _fixture.AllowAsync("u", "s3:ListBucket");
        JobRecord ended = await _fixture.RunAsync(job.Id);
        Assert.Equal((0L, JobRecord.MaxErrors + 23L), (ended.Counts.Done, ended.Counts.Failed));
        IReadOnlyList<JobError> errors = await _fixture.Jobs.ErrorsAsync(job.Id, int.MaxValue, JobFixture.Token);
        Assert.Equal(JobRecord.MaxErrors, errors.Count);
        Assert.Equal(JobRecord.MaxErrors, errors.Select(static error => error.Key).Distinct().Count());
    }

    [Fact]
    public async Task Long_errors_are_cut_and_take_no_more_room_than_a_bound()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket");
        Job job = await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket" });
        JobError[] errors = [.. Enumerable.Range(0, 900).Select(static i => new JobError(StoreFixture.Key($"{i:000}" + new string('k', 1000)), null, "Code", new string('m', 5000)))];
        for (int i = 0; i < 2; i++)
        {
            job = (await _fixture.Jobs.AdvanceAsync(job.Id, static record => record, null, [], errors, JobFixture.Token))!;
        }

        IReadOnlyList<JobError> kept = await _fixture.Jobs.ErrorsAsync(job.Id, int.MaxValue, JobFixture.Token);
        Assert.InRange(kept.Count, 300, 400);
        Assert.Equal(errors.Take(kept.Count).Select(static error => error.Key), kept.Select(static error => error.Key));
        Assert.All(kept, static error => Assert.Equal(new string('m', JobError.MaxMessage - 1) + "…", error.Message));
        byte[] prefix = Tables.JobKeysOf(job.Id, Tables.JobErrorKind);
        Assert.InRange((await _fixture.Rows.ScanAsync(prefix, Core.KeyValue.KeyCodec.PrefixEnd(prefix), int.MaxValue, reverse: false, JobFixture.Token)).Sum(static row => row.Value.Length), 1, JobRecord.MaxErrorBytes);
    }

    [Fact]
    public async Task A_job_whose_row_is_damaged_does_not_keep_the_others_from_going_on()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket");
        Job damaged = await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket" });
        Job other = await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket" });
        await _fixture.Rows.CommitAsync(new Core.KeyValue.KeyValueBatch().Put(Tables.JobIdKey(damaged.Id), [1, 2, 3]), JobFixture.Token);
        var told = new List<Exception>();
        Assert.Equal(other.Id, Assert.Single(await _fixture.Jobs.UnfinishedAsync(told.Add, JobFixture.Token)).Id);
        Assert.IsType<RecordFormatException>(Assert.Single(told));
    }

    [Fact]
    public async Task A_job_whose_row_is_damaged_hides_no_other_from_lists_and_keeps_none_from_being_removed()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket");
        var wanted = new JobParameters { Kind = JobKind.Empty, Bucket = "bucket" };
        Job[] made = [await _fixture.CreateAsync(wanted), await _fixture.CreateAsync(wanted), await _fixture.CreateAsync(wanted)];
        await _fixture.RunAsync(made[0].Id);
        await _fixture.Rows.CommitAsync(new Core.KeyValue.KeyValueBatch().Put(Tables.JobIdKey(made[1].Id), [1, 2, 3]), JobFixture.Token);
        var owner = JobOwner.Of((await _fixture.Identity.Organizations.FindAsync(JobFixture.Organization, JobFixture.Token))!);
        Assert.Equal([made[2].Id, made[0].Id], (await _fixture.Jobs.ListAsync(owner, null, 10, JobFixture.Token)).Jobs.Select(static job => job.Id));
        _fixture.Clock.Advance(JobStore.Kept + TimeSpan.FromHours(1));
        var told = new List<Exception>();
        await _fixture.Jobs.TrimAllAsync(told.Add, JobFixture.Token);
        Assert.IsType<RecordFormatException>(Assert.Single(told));
        Assert.Null(await _fixture.Jobs.FindAsync(made[0].Id, JobFixture.Token));
        Assert.NotNull(await _fixture.Jobs.FindAsync(made[2].Id, JobFixture.Token));
    }

    [Fact]
    public async Task The_time_of_a_signature_is_noted_of_signed_requests_alone()
    {
        await _fixture.BeginAsync();
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        http.Request.Headers["x-amz-date"] = "19600101T000000Z";
        await _fixture.BucketAsync("bucket");
        JobOrigin origin = S3.Access.RequestOrigin.Of(http, _fixture.Root with { HoldsToken = true });
        Assert.Null((await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket" }, origin: origin)).Record.Origin.SignedAt);
        http.Request.Headers["x-amz-date"] = "20260101T000000Z";
        Assert.Null(S3.Access.RequestOrigin.Of(http, _fixture.Root).SignedAt);
        http.Request.Headers.Authorization = "AWS4-HMAC-SHA256 …";
        Assert.NotNull(S3.Access.RequestOrigin.Of(http, _fixture.Root).SignedAt);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_with_its_token_makes_no_second_job()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket");
        var wanted = new JobParameters { Kind = JobKind.Tag, Bucket = "bucket", Tags = [new("a", "1"), new("b", "2")] };
        Job first = await _fixture.CreateAsync(wanted, token: "t");
        Assert.Equal(first.Id, (await _fixture.CreateAsync(wanted with { Tags = [new("b", "2"), new("a", "1")] }, token: "t")).Id);
        await Assert.ThrowsAsync<JobTokenException>(() => _fixture.CreateAsync(wanted with { Tags = [new("a", "1")] }, token: "t"));
        Assert.NotEqual(first.Id, (await _fixture.CreateAsync(wanted, token: "u")).Id);
        Assert.NotEqual(first.Id, (await _fixture.CreateAsync(wanted, await _fixture.UserAsync("u", "s3:*"), token: "t")).Id);
        await _fixture.RunAsync(first.Id);
        Assert.Equal(JobState.Succeeded, (await _fixture.CreateAsync(wanted, token: "t")).Record.State);
        Assert.Equal(3, await CountAsync(Tables.JobByToken));
        _fixture.Clock.Advance(JobStore.Kept + TimeSpan.FromHours(1));
        await _fixture.Jobs.TrimAllAsync(static e => throw e, JobFixture.Token);
        Assert.Equal(2, await CountAsync(Tables.JobByToken));
        Assert.NotEqual(first.Id, (await _fixture.CreateAsync(wanted, token: "t")).Id);
    }

    [Fact]
    public async Task Ended_jobs_are_kept_up_to_a_bound_and_for_a_time_and_all_of_their_rows_go()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket");
        await _fixture.PutAsync("bucket", "k", "x");
        var tag = new JobParameters { Kind = JobKind.Tag, Bucket = "bucket", Tags = [new("a", "b")] };
        for (int i = 0; i < JobStore.MaxKept + 3; i++)
        {
            _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            Job job = await _fixture.CreateAsync(tag);
            await _fixture.Jobs.AdvanceAsync(
                job.Id, record => record with { State = JobState.Failed, Finished = _fixture.Clock.GetUtcNow().ToUnixTimeMilliseconds() }, null, [],
                [new JobError(StoreFixture.Key("k"), null, "AccessDenied", "no")], JobFixture.Token);
        }

        Job waiting = await _fixture.CreateAsync(tag);
        Assert.Equal(waiting.Id, Assert.Single(await _fixture.Jobs.UnfinishedAsync(static e => throw e, JobFixture.Token)).Id);
        await _fixture.Jobs.TrimAllAsync(static e => throw e, JobFixture.Token);
        Assert.Equal(JobStore.MaxKept + 1, await CountAsync(Tables.Job));
        Assert.Equal(JobStore.MaxKept + 1, await CountAsync(Tables.JobByOrganization));
        Assert.Equal(JobStore.MaxKept, await CountAsync(Tables.JobKey));
        Assert.Equal(2, await CountAsync(Tables.JobUnfinished));
        _fixture.Clock.Advance(JobStore.Kept + TimeSpan.FromHours(1));
        await _fixture.Jobs.TrimAllAsync(static e => throw e, JobFixture.Token);
        Assert.Equal((1, 1, 0), (await CountAsync(Tables.Job), await CountAsync(Tables.JobByOrganization), await CountAsync(Tables.JobKey)));
    }

    [Fact]
    public async Task A_list_has_the_newest_first_page_by_page_and_only_of_the_organization()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket");
        var ids = new List<Id128>();
        for (int i = 0; i < 7; i++)
        {
            _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            ids.Insert(0, (await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "bucket" })).Id);
        }

        var owner = JobOwner.Of((await _fixture.Identity.Organizations.FindAsync(JobFixture.Organization, JobFixture.Token))!);
        var listed = new List<Id128>();
        Id128? before = null;
        do
        {
            (IReadOnlyList<Job> page, before) = await _fixture.Jobs.ListAsync(owner, before, 3, JobFixture.Token);
            listed.AddRange(page.Select(static job => job.Id));
        }
        while (before is not null);
        Assert.Equal(ids, listed);
        Assert.Empty((await _fixture.Jobs.ListAsync(owner with { OwnerId = owner.OwnerId[..^1] }, null, 10, JobFixture.Token)).Jobs);
    }

    [Fact]
    public void A_record_keeps_everything()
    {
        var record = new JobRecord
        {
            Parameters = new JobParameters
            {
                Kind = JobKind.Rename, Bucket = "b", Prefix = "p", Versions = JobVersions.All, ToBucket = "t", ToPrefix = "", Overwrite = true,
                Tags = [new("a", "1"), new("b", "")], Merge = true, At = DateTimeOffset.UnixEpoch.AddTicks(50_000_001), DryRun = true,
            },
            Requester = new JobRequester
            {
                Organization = "o", Owner = new JobOwner("c", 5), Arn = "r", UserId = "u", CredentialId = "k", HoldsToken = true, CredentialMark = [1],
            },
            Origin = new JobOrigin
            {
                Remote = IPAddress.Parse("fe80::1"), IsSecure = true, TlsVersion = "1.3", IsSigned = true, SignedAt = DateTimeOffset.FromUnixTimeSeconds(9),
                UserAgent = "", Referer = "=r", ContentSha256 = "s",
            },
            Token = "t", IsAfterHeld = true, Attempts = 2, Errors = 3, ErrorBytes = 4,
            BucketId = ulong.MaxValue, DestinationId = 7, Created = 1, Started = 2, Finished = 3, State = JobState.Cancelled, Reason = "why", IsCancelRequested = true, Expected = 9,
            Counts = new JobCounts { Done = 1, Failed = 2, Skipped = 3, Bytes = 4 }, AfterKey = [0, 1], AfterVersion = new VersionId(1, 2),
        };
        JobRecord read = JobRecord.Decode(record.Encode());
        Assert.Equal(record.Encode(), read.Encode());
        Assert.Equal(record.Parameters with { Tags = [] }, read.Parameters with { Tags = [] });
        Assert.Equal(record.Requester with { CredentialMark = null }, read.Requester with { CredentialMark = null });
        Assert.Equal(record.Origin, read.Origin);
        Assert.Equal((record.Token, true, 2, 3, 4), (read.Token, read.IsAfterHeld, read.Attempts, read.Errors, read.ErrorBytes));
        Assert.Equal((record.Counts, record.AfterVersion, record.BucketId), (read.Counts, read.AfterVersion, read.BucketId));
    }

    public static TheoryData<string, JobParameters> Broken() => new()
    {
        { "a prefix is needed", new() { Kind = JobKind.Delete, Bucket = "b" } },
        { "use delete", new() { Kind = JobKind.Empty, Bucket = "b", Prefix = "p" } },
        { "1024 bytes", new() { Kind = JobKind.Delete, Bucket = "b", Prefix = new string('é', 513) } },
        { "UTF-16", new() { Kind = JobKind.Delete, Bucket = "b", Prefix = "\ud800" } },
        { "toPrefix is missing", new() { Kind = JobKind.Copy, Bucket = "b", ToBucket = "c" } },
        { "toPrefix is not", new() { Kind = JobKind.Copy, Bucket = "b", ToPrefix = "\udc00" } },
        { "toPrefix begins with prefix", new() { Kind = JobKind.Rename, Bucket = "b", Prefix = "a", ToPrefix = "ab" } },
        { "toPrefix begins with prefix", new() { Kind = JobKind.Rename, Bucket = "b", ToBucket = "b", Prefix = "a", ToPrefix = "a" } },
        { "toPrefix begins with prefix", new() { Kind = JobKind.Copy, Bucket = "b", ToPrefix = "copy/" } },
        { "only for copy and rename", new() { Kind = JobKind.Delete, Bucket = "b", Prefix = "p", ToPrefix = "x" } },
        { "only for copy and rename", new() { Kind = JobKind.Tag, Bucket = "b", Overwrite = true } },
        { "only for delete and empty", new() { Kind = JobKind.Copy, Bucket = "b", ToPrefix = "x", ToBucket = "c", Versions = JobVersions.All } },
        { "only for tag", new() { Kind = JobKind.Empty, Bucket = "b", Merge = true } },
        { "only for restore", new() { Kind = JobKind.Empty, Bucket = "b", At = DateTimeOffset.UnixEpoch.AddDays(1) } },
        { "in the future", new() { Kind = JobKind.Restore, Bucket = "b", At = DateTimeOffset.MaxValue } },
        { "before the first", new() { Kind = JobKind.Restore, Bucket = "b", At = DateTimeOffset.MinValue } },
        { "merge needs tags", new() { Kind = JobKind.Tag, Bucket = "b", Merge = true } },
        { "greater than 10", new() { Kind = JobKind.Tag, Bucket = "b", Tags = [.. Enumerable.Range(0, 11).Select(static i => KeyValuePair.Create($"{i}", ""))] } },
        { "System tags", new() { Kind = JobKind.Tag, Bucket = "b", Tags = [new("aws:x", "")] } },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_makes_no_sense_is_refused(string expected, JobParameters wanted)
    {
        S3Exception refusal = Assert.Throws<S3Exception>(() => JobRules.ThrowIfBroken(wanted, DateTimeOffset.UnixEpoch.AddDays(20_000)));
        Assert.Equal(400, refusal.Error.Status);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_that_keeps_versions_needs_to_be_told_what_is_deleted_and_another_has_nothing_to_restore()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("plain");
        await _fixture.BucketAsync("kept", VersioningState.Suspended);
        Assert.Equal(S3Error.InvalidArgument, await StoreFixture.RefusedAsync(() => _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "kept" })));
        Assert.Equal(S3Error.InvalidArgument, await StoreFixture.RefusedAsync(() => _fixture.CreateAsync(new JobParameters { Kind = JobKind.Restore, Bucket = "plain" })));
        Assert.Equal(S3Error.NoSuchBucket, await StoreFixture.RefusedAsync(() => _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "none" })));
        Assert.Equal(S3Error.InvalidBucketName, await StoreFixture.RefusedAsync(() => _fixture.CreateAsync(new JobParameters { Kind = JobKind.Empty, Bucket = "a/../b" })));
        Assert.Empty(await _fixture.Jobs.UnfinishedAsync(static e => throw e, JobFixture.Token));
    }

    [Fact]
    public async Task A_key_that_would_become_too_long_fails_alone()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket");
        await _fixture.PutAsync("bucket", "k/" + new string('l', 1000), "x");
        await _fixture.PutAsync("bucket", "k/short", "x");
        Job job = await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Rename, Bucket = "bucket", Prefix = "k/", ToPrefix = new string('p', 30) });
        JobRecord ended = await _fixture.RunAsync(job.Id);
        Assert.Equal((1L, 1L), (ended.Counts.Done, ended.Counts.Failed));
        Assert.Equal("KeyTooLongError", Assert.Single(await _fixture.Jobs.ErrorsAsync(job.Id, 10, JobFixture.Token)).Code);
    }

    [Fact]
    public async Task A_run_has_a_span_with_what_it_did()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket");
        await _fixture.PutAsync("bucket", "k/a", "x");
        await _fixture.PutAsync("bucket", "k/b", "x");
        await _fixture.PutAsync("bucket", "n/b", "x");
        using var spans = new KeptSpans(S3Telemetry.Name);
        Job job = await _fixture.CreateAsync(new JobParameters { Kind = JobKind.Rename, Bucket = "bucket", Prefix = "k/", ToPrefix = "n/" });
        await _fixture.RunAsync(job.Id);
        Dictionary<string, object?> tags = spans.Single("Job");
        Assert.Equal((job.Id.ToString(), "rename", 1L, 1L), (tags["tarn.job.id"], tags["tarn.job.kind"], tags["tarn.job.done"], tags["tarn.job.failed"]));
    }

    private async Task<int> CountAsync(byte table) => (await _fixture.Rows.ScanAsync([table], [(byte)(table + 1)], 100_000, reverse: false, JobFixture.Token)).Count;
}
