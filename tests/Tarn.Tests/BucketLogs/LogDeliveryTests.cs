using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Logging;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Tests.Access;

namespace Tarn.Tests.BucketLogs;

/// <summary>What is delivered, when, under which keys, and what happens if the target does not take it.</summary>
public sealed partial class LogDeliveryTests
{
    private readonly LogFixture _logs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_are_delivered_as_one_object_after_the_interval()
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Add(source, "one");
        await _logs.CollectAsync();
        _logs.Objects.Clock.Advance(_logs.Options.Interval - TimeSpan.FromSeconds(1));
        _logs.Add(source, "two");
        await _logs.CollectAsync();
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Empty(await _logs.KeysAsync(target));

        _logs.Objects.Clock.Advance(TimeSpan.FromSeconds(1));
        await _logs.CollectAsync();
        await _logs.Delivery.RunOnceAsync(Token);
        string key = Assert.Single(await _logs.KeysAsync(target));
        Assert.Matches("^logs/2026-02-06-10-04-00-[0-9A-F]{16}$", key);
        Assert.Equal(["one", "two"], await _logs.LinesAsync(target));
        StoredObject stored = await _logs.FindAsync(target, key);
        Assert.Equal((LogFixture.Owner, "text/plain", null), (stored.Record.OwnerId, stored.Metadata.ContentType, stored.Metadata.Acl));
        Assert.Equal((2, 1, 0L, TimeSpan.Zero), (_logs.Tally.Delivered, _logs.Tally.Objects, _logs.Spool.Length, _logs.Spool.OldestAge));
        Assert.Empty(_logs.Files.Names);
        Assert.Empty(_logs.Events.All);
    }

    [Fact]
    public async Task By_event_time_each_day_has_its_object_and_its_time_is_midnight()
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target", "p/", LogKeyFormat.ByEventTime);
        _logs.Objects.Clock.SetUtcNow(new DateTimeOffset(2026, 2, 28, 23, 59, 0, TimeSpan.Zero));
        _logs.Add(source, "old");
        await _logs.CollectAsync();
        _logs.Objects.Clock.Advance(TimeSpan.FromMinutes(2));
        _logs.Add(source, "new");
        await _logs.DeliverAsync();
        string[] keys = await _logs.KeysAsync(target);
        Assert.Equal(2, keys.Length);
        Assert.Matches("^p/a/eu-west-1/source/2026/02/28/2026-02-28-00-00-00-[0-9A-F]{16}$", keys[0]);
        Assert.Matches("^p/a/eu-west-1/source/2026/03/01/2026-03-01-00-00-00-[0-9A-F]{16}$", keys[1]);
        Assert.Equal(["old", "new"], await _logs.LinesAsync(target));
    }

    [Fact]
    public async Task By_delivery_time_all_days_share_an_object()
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target", "", LogKeyFormat.ByDeliveryTime);
        _logs.Objects.Clock.SetUtcNow(new DateTimeOffset(2026, 2, 28, 23, 58, 0, TimeSpan.Zero));
        _logs.Add(source, "old");
        await _logs.CollectAsync();
        _logs.Objects.Clock.Advance(TimeSpan.FromMinutes(3));
        _logs.Add(source, "new");
        await _logs.CollectAsync();
        _logs.Objects.Clock.Advance(TimeSpan.FromMinutes(1));
        await _logs.CollectAsync();
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Matches("^a/eu-west-1/source/2026/03/01/2026-03-01-00-02-00-[0-9A-F]{16}$", Assert.Single(await _logs.KeysAsync(target)));
        Assert.Equal(["old", "new"], await _logs.LinesAsync(target));
    }

    [Fact]
    public async Task Each_bucket_has_its_objects_and_the_target_may_be_the_bucket_itself()
    {
        Bucket one = await _logs.LoggedAsync("one", "one");
        Bucket two = await _logs.LoggedAsync("two", "one");
        _logs.Add(one, "of one");
        _logs.Add(two, "of two");
        _logs.Add(one, "of one too");
        await _logs.DeliverAsync();
        string[] texts = await Task.WhenAll((await _logs.KeysAsync(one)).Select(async key => System.Text.Encoding.ASCII.GetString((await _logs.Objects.ReadAsync(one, key))!)));
        Assert.Equal(["of one\nof one too\n", "of two\n"], texts.Order(StringComparer.Ordinal));
        await _logs.DeliverAsync();
        Assert.Equal(2, (await _logs.KeysAsync(one)).Length);
    }

    [Fact]
    public async Task A_large_segment_is_delivered_before_its_time()
    {
        _logs.Options = new LogOptions { SegmentBytes = 1000 };
        _logs.Start();
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        _logs.Add(source, new string('x', 2000));
        await _logs.CollectAsync();
        await _logs.Delivery.RunOnceAsync(Token);
        Assert.Single(await _logs.KeysAsync(target));
    }

    [Fact]
    public async Task A_bucket_whose_logging_was_turned_off_has_no_more_lines_and_a_deleted_one_has_its_last()
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket off = await _logs.LoggedAsync("off", "target");
        Bucket gone = await _logs.LoggedAsync("gone", "target");
        _logs.Add(off, "off 1");
        _logs.Add(gone, "gone 1");
        await _logs.CollectAsync();
        await _logs.SetAsync(off, BucketLogging.Stored, null);
        await _logs.Objects.Store.Buckets.DeleteAsync(gone, Token);
        _logs.Add(off, "off 2");
        _logs.Add(gone, "gone 2");
        await _logs.DeliverAsync();
        Assert.Equal(["gone 1", "gone 2", "off 1"], (await _logs.LinesAsync(target)).Order(StringComparer.Ordinal));
        Assert.Empty(_logs.Events.All);
    }

    [Fact]
    public async Task The_grants_of_the_setting_and_the_owners_are_those_of_the_object()
    {
        Bucket target = await _logs.BucketAsync("target");
        await _logs.SetAsync(target, AccessSettings.Ownership, new OwnershipControls(ObjectOwnership.ObjectWriter));
        var reader = new Grant(Grantee.Canonical(TestIdentity.IdOf("b")), AclPermission.Read);
        Bucket source = await _logs.LoggedAsync("source", "target", grants: AccessControlList.Create([reader]));
        _logs.Add(source, "line");
        await _logs.DeliverAsync();
        StoredObject stored = await _logs.FindAsync(target, Assert.Single(await _logs.KeysAsync(target)));
        Assert.Equal([new Grant(Grantee.Canonical(LogFixture.Owner), AclPermission.FullControl), reader], stored.Metadata.Acl!.Grants);

        // What the setting no longer grants, no later object grants.
        _logs.Add(source, "line");
        await _logs.CollectAsync();
        await _logs.SetAsync((await _logs.Objects.Store.Buckets.FindAsync(source.Name, Token))!, BucketLogging.Stored, new BucketLogging("target", "logs/"));
        await _logs.DeliverAsync();
        Assert.Null((await _logs.FindAsync(target, (await _logs.KeysAsync(target))[1])).Metadata.Acl);

        // Since then lists do not count there: they are not stored either.
        source = await _logs.LoggedAsync("source", "target", grants: AccessControlList.Create([reader]));
        await _logs.SetAsync((await _logs.Objects.Store.Buckets.FindAsync(target.Name, Token))!, AccessSettings.Ownership, OwnershipControls.Default);
        _logs.Add(source, "line");
        await _logs.DeliverAsync();
        Assert.Null((await _logs.FindAsync(target, (await _logs.KeysAsync(target))[2])).Metadata.Acl);
    }

    [Theory]
    [InlineData("missing", "the target bucket does not exist")]
    [InlineData("foreign", "the target bucket has another owner")]
    [InlineData("denied", "a policy denies s3:PutObject to logging.s3.amazonaws.com")]
    [InlineData("denied by everyone", "a policy denies s3:PutObject to logging.s3.amazonaws.com")]
    [InlineData("denied by the organization", "a policy denies s3:PutObject to logging.s3.amazonaws.com")]
    [InlineData("unreadable policy", "a policy denies s3:PutObject to logging.s3.amazonaws.com")]
    [InlineData("denied lists", "it has target grants, and a policy denies s3:PutObjectAcl to logging.s3.amazonaws.com")]
    [InlineData("denied services", "a policy denies s3:PutObject to logging.s3.amazonaws.com")]
    [InlineData("blocked", "a target grant is public, and the target bucket has BlockPublicAcls")]
    [InlineData("long", "the key would be longer than 1,024 bytes")]
    public async Task What_the_target_does_not_take_is_dropped_and_counted(string kind, string reason)
    {
        Bucket target = await _logs.BucketAsync("target", kind == "foreign" ? "b" : "a");
        Bucket other = await _logs.BucketAsync("other");
        Bucket source = await _logs.LoggedAsync(
            "source", "target", kind == "long" ? new string('p', 1000) : "logs/",
            grants: kind is "blocked" or "denied lists" ? AccessControlList.Create([new Grant(Grantee.AllUsers, AclPermission.Read)]) : null);
        Bucket fine = await _logs.LoggedAsync("fine", "other");
        switch (kind)
        {
            case "missing":
                await _logs.Objects.Store.Buckets.DeleteAsync(target, Token);
                break;
            case "denied":
                await _logs.PolicyAsync(target, """{"Effect":"Deny","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::target/logs/*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::sour*"},"StringEquals":{"aws:SourceAccount":"a"}}}""");
                break;
            case "denied by everyone":
                await _logs.PolicyAsync(target, """{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::target/*","Condition":{"StringNotEquals":{"aws:PrincipalArn":"arn:aws:iam::a:root"}}}""");
                break;
            case "denied by the organization":
                _logs.Identity.SetPolicy("a", """{"name":"s","effect":"Deny","actions":["s3:PutObject"],"resources":["target/*"],"principals":["*"]}""");
                break;
            case "unreadable policy":
                await _logs.SetAsync(target, AccessSettings.Policy, new StoredBucketPolicy("{"u8.ToArray(), false));
                break;
            case "denied services":
                await _logs.PolicyAsync(target, """{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::target/*","Condition":{"StringEquals":{"aws:PrincipalServiceName":"logging.s3.amazonaws.com"}}}""");
                break;
            case "denied lists":
                await _logs.SetAsync(target, AccessSettings.Ownership, new OwnershipControls(ObjectOwnership.ObjectWriter));
                await _logs.PolicyAsync((await _logs.Objects.Store.Buckets.FindAsync(target.Name, Token))!, """{"Effect":"Deny","Principal":"*","Action":"s3:PutObjectAcl","Resource":"arn:aws:s3:::target/*"}""");
                break;
            case "blocked":
                await _logs.SetAsync(target, AccessSettings.Ownership, new OwnershipControls(ObjectOwnership.ObjectWriter));
                await _logs.SetAsync((await _logs.Objects.Store.Buckets.FindAsync(target.Name, Token))!, AccessSettings.Block, new PublicAccessBlock(true, false, false, false));
                break;
        }

        _logs.Add(source, "lost");
        _logs.Add(source, "lost too");
        _logs.Add(fine, "kept");
        await _logs.DeliverAsync();
        Assert.Equal((2L, 1L, 0L), (_logs.Tally.Lost(LogLoss.Target), _logs.Tally.Delivered, _logs.Spool.Length));
        Assert.Equal([$"dropped 2 Target source: {reason}"], _logs.Events.All);
        Assert.Equal(["kept"], await _logs.LinesAsync(other));
        if (kind != "missing")
        {
            Assert.Empty(await _logs.KeysAsync(target));
        }
    }

    [Theory]
    [InlineData("""{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::target/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}""")]
    [InlineData("""{"Effect":"Deny","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::target/*","Condition":{"StringNotEquals":{"aws:SourceAccount":"a"}}}""")]
    [InlineData("""{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::target/*","Condition":{"Bool":{"aws:PrincipalIsAWSService":"false"}}}""")]
    [InlineData("""{"Effect":"Deny","Principal":"*","Action":"s3:PutObjectAcl","Resource":"arn:aws:s3:::target/*"}""")]
    [InlineData("""{"Effect":"Deny","NotPrincipal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::target/*"}""")]
    [InlineData("""{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::a:root"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::target/*"}""")]
    [InlineData("""{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::a:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::target/*"}""")]
    public async Task A_policy_that_denies_others_does_not_keep_logs_out(string statement)
    {
        Bucket target = await _logs.BucketAsync("target");
        Bucket source = await _logs.LoggedAsync("source", "target");
        await _logs.PolicyAsync(target, statement);
        _logs.Add(source, "line");
        await _logs.DeliverAsync();
        Assert.Equal(["line"], await _logs.LinesAsync(target));
    }
}
