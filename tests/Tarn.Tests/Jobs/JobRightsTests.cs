using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Policy;
using Tarn.Core.Records;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Jobs;

/// <summary>A job may do with each key what its requester may do then.</summary>
public sealed class JobRightsTests : IAsyncLifetime
{
    private readonly JobFixture _fixture = new();

    public async ValueTask InitializeAsync()
    {
        await _fixture.BeginAsync();
        await _fixture.BucketAsync("bucket");
        for (int i = 0; i < 20; i++)
        {
            await _fixture.PutAsync("bucket", $"k/{i:00}", "x", ("n", i % 2 == 0 ? "even" : "odd"));
        }
    }

    public ValueTask DisposeAsync() => default;

    private static JobParameters Delete => new() { Kind = JobKind.Delete, Bucket = "bucket", Prefix = "k/" };

    private static JobParameters Rename => new() { Kind = JobKind.Rename, Bucket = "bucket", Prefix = "k/", ToPrefix = "n/" };

    /// <summary>Who owns a bucket chooses how long its policies take, and a job asks for each of millions of keys.</summary>
    [Fact]
    public async Task A_worker_rests_after_a_decision_that_took_long()
    {
        Principal user = await _fixture.UserAsync("u", "s3:*");
        JobRecord job = (await _fixture.CreateAsync(Delete, user)).Record;
        string costly = "*" + string.Concat(Enumerable.Repeat("a?", 50)) + "b";
        await _fixture.Identity.Policies.PutAsync(JobFixture.Organization, "costly", $$"""
            {"version":"v1alpha1","name":"costly","statements":[{"name":"s","effect":"Deny","actions":["s3:DeleteObject"],"resources":["bucket/{{costly}}"],"principals":["*"]}]}
            """, JobFixture.Token);
        AccessTarget bucket = await _fixture.Access.FindAsync("bucket", JobFixture.Token);
        Assert.True(Decide("k/00").IsCompletedSuccessfully);
        Task slow = Decide(new string('a', 1000) + "c");
        Assert.False(slow.IsCompleted);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        await slow;

        Task Decide(string key) => _fixture.Access.ThrowIfDeniedAsync(
            job, user, bucket with { Key = StoreFixture.Key(key) }, new Permission(S3Action.DeleteObject), default, stored: null, creates: false, JobFixture.Token).AsTask();
    }

    [Theory]
    [InlineData(JobKind.Delete, "s3:ListBucket")]
    [InlineData(JobKind.Delete, "s3:DeleteObject")]
    [InlineData(JobKind.Copy, "s3:GetObject", "s3:ListBucket")]
    [InlineData(JobKind.Copy, "s3:PutObject", "s3:ListBucket")]
    [InlineData(JobKind.Rename, "s3:GetObject", "s3:ListBucket", "s3:PutObject")]
    [InlineData(JobKind.Tag, "s3:PutObject", "s3:ListBucket")]
    public async Task Who_can_be_allowed_none_of_it_cannot_start_it(JobKind kind, params string[] actions)
    {
        Principal user = await _fixture.UserAsync("u", actions);
        JobParameters wanted = kind switch
        {
            JobKind.Delete => Delete,
            JobKind.Tag => new JobParameters { Kind = kind, Bucket = "bucket", Tags = [new("a", "b")] },
            _ => Rename with { Kind = kind },
        };
        Assert.Equal(S3Error.AccessDenied, await StoreFixture.RefusedAsync(() => _fixture.CreateAsync(wanted, user)));
    }

    [Fact]
    public async Task A_right_that_is_taken_away_in_the_middle_counts_from_the_next_key()
    {
        Principal user = await _fixture.UserAsync("u", "s3:ListBucket", "s3:DeleteObject");
        int deleted = 0;
        _fixture.Hooks.After = async batch =>
        {
            // The hook's own commit has no row of an object.
            if (batch.Changes.Any(static change => change.Key[0] == Tables.Current) && Interlocked.Increment(ref deleted) == 7)
            {
                await _fixture.AllowAsync("u", "s3:ListBucket");
            }
        };
        Job job = await _fixture.CreateAsync(Delete, user);
        JobRecord ended = await _fixture.RunAsync(job.Id);
        Assert.Equal(JobState.Succeeded, ended.State);
        Assert.Equal(20, ended.Counts.Done + ended.Counts.Failed);

        // Keys that were authorized before are not stopped: two at most, besides the seventh.
        Assert.InRange(ended.Counts.Done, 7, 7 + _fixture.Options.Concurrency - 1);
        Assert.Equal(ended.Counts.Failed, (await _fixture.DumpAsync("bucket")).Length);
        Assert.All(await _fixture.Jobs.ErrorsAsync(job.Id, 1000, JobFixture.Token), static error =>
        {
            Assert.Equal("AccessDenied", error.Code);
            Assert.Equal($"s3:DeleteObject on arn:aws:s3:::bucket/{error.Key} is not allowed", error.Message);
        });
    }

    [Fact]
    public async Task Who_may_no_longer_list_ends_the_job()
    {
        Principal user = await _fixture.UserAsync("u", "s3:ListBucket", "s3:DeleteObject");
        _fixture.OnAdvanced = _ => Wait(_fixture.AllowAsync("u", "s3:DeleteObject"));
        JobRecord ended = await _fixture.RunAsync(Delete, user);
        Assert.Equal((JobState.Failed, "s3:ListBucket on arn:aws:s3:::bucket is not allowed"), (ended.State, ended.Reason));
        Assert.Equal(_fixture.Options.PageSize, ended.Counts.Done);
        Assert.Empty(_fixture.Failures);
    }

    [Fact]
    public async Task A_key_a_user_or_a_token_that_is_gone_ends_the_job()
    {
        Principal user = await _fixture.UserAsync("u", "s3:ListBucket", "s3:DeleteObject");
        Job byKey = await _fixture.CreateAsync(Delete, user);
        await _fixture.Identity.Keys.RevokeAsync(user.AccessKeyId, JobFixture.Token);
        await EndsAsync(byKey);

        NewApiToken token = await _fixture.Identity.Tokens.CreateAsync(JobFixture.Organization, "u", "t", null, JobFixture.Token);
        Principal holder = (await _fixture.Identity.Tokens.AuthenticateAsync(token.Text, JobFixture.Token))!;
        Job byToken = await _fixture.CreateAsync(Delete, holder);
        await _fixture.Identity.Tokens.DeleteAsync(token.Token, JobFixture.Token);
        await EndsAsync(byToken);

        Principal other = await _fixture.UserAsync("v", "s3:ListBucket", "s3:DeleteObject");
        Job byUser = await _fixture.CreateAsync(Delete, other);
        await _fixture.Identity.Users.DeleteAsync(JobFixture.Organization, "v", JobFixture.Token);
        await EndsAsync(byUser);
        Assert.Equal(20, (await _fixture.DumpAsync("bucket")).Length);

        async Task EndsAsync(Job job)
        {
            JobRecord ended = await _fixture.RunAsync(job.Id);
            Assert.Equal(JobState.Failed, ended.State);
            Assert.Contains("expired, or were revoked", ended.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_that_expires_in_the_middle_ends_the_job_and_a_token_works_like_its_user()
    {
        await _fixture.UserAsync("u", "s3:ListBucket", "s3:DeleteObject");
        NewAccessKey key = await _fixture.Identity.Keys.CreateAsync(
            JobFixture.Organization, "u", new AccessKeyRequest { Expires = _fixture.Clock.GetUtcNow().AddHours(1) }, JobFixture.Token);
        Principal user = (await _fixture.Credentials.FindAsync(key.Key.Id, JobFixture.Token))!.Principal;
        Job job = await _fixture.CreateAsync(Delete, user);
        _fixture.OnAdvanced = _ => _fixture.Clock.Advance(TimeSpan.FromHours(2));
        JobRecord ended = await _fixture.RunAsync(job.Id);
        Assert.Equal((JobState.Failed, (long)_fixture.Options.PageSize), (ended.State, ended.Counts.Done));
        Assert.Equal(0, await _fixture.MarksAsync(job.Id));

        NewApiToken token = await _fixture.Identity.Tokens.CreateAsync(JobFixture.Organization, "u", "t", null, JobFixture.Token);
        Principal holder = (await _fixture.Identity.Tokens.AuthenticateAsync(token.Text, JobFixture.Token))!;
        ended = await _fixture.RunAsync(Delete, holder);
        Assert.Equal((JobState.Succeeded, 20L - _fixture.Options.PageSize), (ended.State, ended.Counts.Done));
    }

    [Fact]
    public async Task Conditions_see_each_objects_tags_and_where_the_request_came_from()
    {
        await PolicyAsync("""{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringEquals":{"s3:ExistingObjectTag/n":"odd"}}}""");
        JobRecord ended = await _fixture.RunAsync(Delete);
        Assert.Equal((10L, 10L), (ended.Counts.Done, ended.Counts.Failed));

        await PolicyAsync("""{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}""");
        Assert.Equal(10, (await _fixture.RunAsync(Delete)).Counts.Failed);

        await PolicyAsync("""{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringLike":{"s3:x-amz-copy-source":"bucket/k/0*"}}}""");
        ended = await _fixture.RunAsync(Rename);
        Assert.Equal((5L, 5L), (ended.Counts.Done, ended.Counts.Failed));
    }

    public static TheoryData<string, JobOrigin, JobOrigin> Origins()
    {
        var now = new DateTimeOffset(2026, 1, 1, 0, 1, 0, TimeSpan.Zero);
        var signed = new JobOrigin { IsSigned = true, SignedAt = now, Remote = System.Net.IPAddress.Loopback };
        return new()
        {
            { """ "StringEquals":{"s3:TlsVersion":"1.2"} """, signed with { TlsVersion = "1.2", IsSecure = true }, signed with { TlsVersion = "1.3", IsSecure = true } },
            { """ "Bool":{"aws:SecureTransport":"false"} """, signed, signed with { IsSecure = true } },
            { """ "NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"} """, signed, signed with { Remote = System.Net.IPAddress.Parse("10.1.1.1") } },
            { """ "NumericGreaterThan":{"s3:signatureAge":"120000"} """, signed with { SignedAt = now.AddMinutes(-4) }, signed },
            { """ "NumericGreaterThan":{"s3:signatureAge":"120000"} """, signed with { SignedAt = null }, signed },
            { """ "StringNotEquals":{"s3:authType":"REST-HEADER"} """, signed with { IsSigned = false }, signed },
            { """ "StringNotEquals":{"s3:signatureversion":"AWS4-HMAC-SHA256"} """, signed with { IsSigned = false }, signed },
            { """ "StringLike":{"aws:UserAgent":"evil*"} """, signed with { UserAgent = "evil/1" }, signed with { UserAgent = "good/1" } },
            { """ "StringNotLike":{"aws:Referer":"https://acme.*"} """, signed, signed with { Referer = "https://acme.example/" } },
            { """ "StringEquals":{"s3:x-amz-content-sha256":"UNSIGNED-PAYLOAD"} """, signed with { ContentSha256 = "UNSIGNED-PAYLOAD" }, signed with { ContentSha256 = "00" } },
            { """ "DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"} """, signed, null! },
        };
    }

    [Theory]
    [MemberData(nameof(Origins))]
    public async Task Conditions_see_the_request_that_asked_for_the_job(string condition, JobOrigin denied, JobOrigin? allowed)
    {
        await PolicyAsync($$$"""{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*","Condition":{ {{{condition}}} } }""");
        Job job = await _fixture.CreateAsync(Delete, origin: denied);

        // Stored with the job: nothing of the request is left when the server starts again.
        _fixture.Open(Tarn.TestKit.Stores.CrashPoint.Never());
        Assert.Equal((0L, 20L), await CountAsync(job));
        if (allowed is not null)
        {
            Assert.Equal((20L, 0L), await CountAsync(await _fixture.CreateAsync(Delete, origin: allowed)));
        }

        async Task<(long Done, long Failed)> CountAsync(Job asked)
        {
            JobRecord ended = await _fixture.RunAsync(asked.Id);
            return (ended.Counts.Done, ended.Counts.Failed);
        }
    }

    [Theory]
    [InlineData("rotate")]
    [InlineData("other policy")]
    [InlineData("no policy")]
    [InlineData("revoke")]
    public async Task A_key_with_a_policy_gives_its_job_no_more_than_it_has_and_ends_it(string end)
    {
        await _fixture.UserAsync("u", "s3:*");
        var request = new AccessKeyRequest
        {
            Id = "LIMITEDKEY0000000000", SecretKey = new string('s', 40),
            Policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"},{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/k/0*"}]}""",
        };
        await _fixture.Identity.Keys.CreateAsync(JobFixture.Organization, "u", request, JobFixture.Token);
        Principal limited = (await _fixture.Credentials.FindAsync(request.Id, JobFixture.Token))!.Principal;
        JobRecord ended = await _fixture.RunAsync(Delete, limited);
        Assert.Equal((10L, 10L), (ended.Counts.Done, ended.Counts.Failed));
        Assert.Equal(S3Error.AccessDenied, await StoreFixture.RefusedAsync(() => _fixture.CreateAsync(Rename, limited)));

        Job job = await _fixture.CreateAsync(Delete, limited);
        if (end == "rotate")
        {
            await _fixture.Identity.Keys.RotateAsync(request.Id, new string('t', 40), JobFixture.Token);
        }
        else
        {
            await _fixture.Identity.Keys.RevokeAsync(request.Id, JobFixture.Token);
            if (end != "revoke")
            {
                string? wider = end == "no policy" ? null : """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}""";
                await _fixture.Identity.Keys.CreateAsync(JobFixture.Organization, "u", request with { Policy = wider }, JobFixture.Token);
            }
        }

        ended = await _fixture.RunAsync(job.Id);
        Assert.Equal((JobState.Failed, 0L), (ended.State, ended.Counts.Done));
        Assert.Contains("expired, or were revoked", ended.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expires")]
    [InlineData("parent")]
    [InlineData("user")]
    [InlineData("revoke")]
    public async Task A_session_gives_its_job_no_more_than_it_has_and_ends_it(string end)
    {
        Principal user = await _fixture.UserAsync("u", "s3:*");
        NewTemporaryKey key = await _fixture.Identity.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = JobFixture.Organization, User = "u", Source = TemporaryKeySource.AccessKey, Parent = user.AccessKeyId,
                ParentKey = await _fixture.Credentials.FindAsync(user.AccessKeyId, JobFixture.Token), Life = TimeSpan.FromHours(1), WithToken = true,
                Policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"},{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/k/0*"}]}""",
            },
            JobFixture.Token);
        Principal session = (await _fixture.Credentials.FindAsync(key.Key.Id, JobFixture.Token))!.Principal;
        JobRecord ended = await _fixture.RunAsync(Delete, session);
        Assert.Equal((10L, 10L), (ended.Counts.Done, ended.Counts.Failed));
        Job own = await _fixture.CreateAsync(Delete, session), users = await _fixture.CreateAsync(Delete, user);
        Assert.Equal((true, false, true), (own.Record.Requester.IsOwnOf(session), users.Record.Requester.IsOwnOf(session), own.Record.Requester.IsOwnOf(user)));
        switch (end)
        {
            case "expires": _fixture.Clock.Advance(TimeSpan.FromHours(2)); break;
            case "parent": await _fixture.Identity.Keys.RevokeAsync(user.AccessKeyId, JobFixture.Token); break;
            case "user": await _fixture.Identity.Users.DeleteAsync(JobFixture.Organization, "u", JobFixture.Token); break;
            default: await _fixture.Identity.TemporaryKeys.RevokeAsync(key.Key, JobFixture.Token); break;
        }

        ended = await _fixture.RunAsync(own.Id);
        Assert.Equal((JobState.Failed, 0L), (ended.State, ended.Counts.Done));
        Assert.Contains("expired, or were revoked", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_of_tags_needs_the_rights_to_read_and_to_set_them_and_a_rename_the_right_to_delete()
    {
        Principal copier = await _fixture.UserAsync("u", "s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:GetObjectTagging");
        JobRecord ended = await _fixture.RunAsync(Rename with { Kind = JobKind.Copy }, copier);
        Assert.Equal((0L, 20L), (ended.Counts.Done, ended.Counts.Failed));

        Principal renamer = await _fixture.UserAsync("v", "s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:GetObjectTagging", "s3:PutObjectTagging", "s3:DeleteObject");
        await PolicyAsync("""{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/k/1*"}""");
        ended = await _fixture.RunAsync(Rename, renamer);
        Assert.Equal((10L, 10L), (ended.Counts.Done, ended.Counts.Failed));

        // What may not be deleted is not copied either.
        Assert.Equal(20, (await _fixture.DumpAsync("bucket")).Length);
    }

    [Fact]
    public async Task Merging_tags_needs_the_right_to_read_them()
    {
        Principal tagger = await _fixture.UserAsync("u", "s3:ListBucket", "s3:PutObjectTagging");
        var wanted = new JobParameters { Kind = JobKind.Tag, Bucket = "bucket", Tags = [new("a", "b")] };
        Assert.Equal(20, (await _fixture.RunAsync(wanted with { Merge = true }, tagger)).Counts.Failed);
        Assert.Equal(20, (await _fixture.RunAsync(wanted, tagger)).Counts.Done);
    }

    [Fact]
    public async Task Another_organizations_bucket_is_closed()
    {
        Bucket foreign = (await _fixture.Objects.Buckets.CreateAsync(StoreFixture.Name("foreign"), new string('f', 64), "other", "us-east-1", JobFixture.Token))!;
        Assert.NotNull(foreign);
        Assert.Equal(S3Error.AccessDenied, await StoreFixture.RefusedAsync(() => _fixture.CreateAsync(Delete with { Bucket = "foreign" })));
        Assert.Equal(S3Error.AccessDenied, await StoreFixture.RefusedAsync(() => _fixture.CreateAsync(Rename with { ToBucket = "foreign" })));
    }

    private async Task PolicyAsync(string statement)
    {
        string text = $$"""{"Version":"2012-10-17","Statement":[{{statement}}]}""";
        await _fixture.Objects.Buckets.SetSettingAsync(await _fixture.FindAsync("bucket"), AccessSettings.Policy, new StoredBucketPolicy(System.Text.Encoding.UTF8.GetBytes(text), false), JobFixture.Token);
    }

    private static void Wait(Task task) => task.GetAwaiter().GetResult();
}
