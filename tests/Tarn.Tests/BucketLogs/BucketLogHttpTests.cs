using System.Text.RegularExpressions;
using Tarn.Core.Buckets;
using Tarn.Core.Logging;
using Tarn.Core.Model;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Storage;
using Tarn.Server.Requests;
using Tarn.TestKit.Servers;
using Tarn.Tests.Access;
using Tarn.Tests.Objects;

namespace Tarn.Tests.BucketLogs;

/// <summary>Which requests have lines, and which values of the setting are taken.</summary>
public sealed partial class BucketLogHttpTests : IDisposable
{
    private readonly TemporaryDirectory _data = new("bucket-logs");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Every_request_for_the_bucket_has_a_line_and_the_delivery_has_none()
    {
        await using AccessHost host = await AccessHost.StartAsync(dataPath: _data.FullPath);
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT other");
        await host.OkAsync("a", "PUT bucket/before", "x");
        await host.OkAsync("a", "PUT bucket?logging", Setting("bucket", "logs/"));
        await host.OkAsync("a", "PUT bucket/key", "12345");
        await host.OkAsync("a", "GET bucket/key");
        await host.SendAsync("a", "HEAD bucket/key");
        await host.RefusedAsync("NoSuchKey", "a", "GET bucket/missing");
        await host.RefusedAsync("AccessDenied", null, "GET bucket/key");
        await host.RefusedAsync("AccessDenied", "b", "DELETE bucket/key");
        await host.OkAsync("a", "PUT other/copy", "", "x-amz-copy-source: /bucket/key");
        await host.RefusedAsync("AccessDenied", "b", "PUT other/copy", "", "x-amz-copy-source: /bucket/key");
        await host.OkAsync("a", "PUT bucket/copy", "", "x-amz-copy-source: /other/copy");

        // Refused before it was read, not there, and of another owner than expected.
        await host.RefusedAsync("PreconditionFailed", "a", "PUT other/copy", "", "x-amz-copy-source: /bucket/key", "If-None-Match: *");
        await host.RefusedAsync("NoSuchKey", "a", "PUT other/copy", "", "x-amz-copy-source: /bucket/missing");
        await host.RefusedAsync("AccessDenied", "a", "PUT other/copy", "", "x-amz-copy-source: /bucket/key", "x-amz-source-expected-bucket-owner: b");
        await host.OkAsync("a", "GET bucket?logging");
        await host.OkAsync("a", "GET other/copy");
        await host.RefusedAsync("NoSuchBucket", "a", "GET none/key");

        string[] lines = await DeliveredAsync(host, "bucket");
        string[] expected =
        [
            "REST.PUT.OBJECT key 200 -", "REST.GET.OBJECT key 200 -", "REST.HEAD.OBJECT key 200 -", "REST.GET.OBJECT missing 404 NoSuchKey",
            "REST.GET.OBJECT key 403 AccessDenied", "REST.DELETE.OBJECT key 403 AccessDenied", "REST.COPY.OBJECT_GET key 200 -",
            "REST.COPY.OBJECT_GET key 412 PreconditionFailed", "REST.COPY.OBJECT_GET missing 404 NoSuchKey", "REST.COPY.OBJECT_GET key 403 AccessDenied",
            "REST.COPY.OBJECT copy 200 -", "REST.GET.LOGGING_STATUS - 200 -",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), lines.Select(Summary).Order(StringComparer.Ordinal));
        Assert.All(lines, line => Assert.StartsWith(TestIdentity.IdOf("a") + " bucket [", line, StringComparison.Ordinal));
        Assert.Contains(" " + TestIdentity.IdOf("b") + " ", Assert.Single(lines, static line => line.Contains("DELETE", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Empty(await DeliveredAsync(host, "bucket"));
    }

    [Fact]
    public async Task A_request_whose_signature_is_wrong_or_whose_operation_is_unknown_has_a_line_too()
    {
        await using AccessHost host = await AccessHost.StartAsync(dataPath: _data.FullPath);
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket?logging", Setting("bucket", ""));
        using var client = new HttpClient();
        using var wrong = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, "bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=0"));
        (await client.SendAsync(wrong, Token)).Dispose();
        await host.RefusedAsync("NotImplemented", "a", "PUT bucket?metadataJournalTable", "<x/>");
        string[] lines = await DeliveredAsync(host, "bucket", more: 1);
        Assert.Equal(2, lines.Length);
        Assert.Single(lines, static line => line.Contains(" 400 ", StringComparison.Ordinal));
        Assert.Single(lines, static line => line.Contains(" 501 NotImplemented ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("MalformedXML", "<BucketLoggingStatus><Other/></BucketLoggingStatus>")]
    [InlineData("MalformedXML", "<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>")]
    [InlineData("MalformedXML", "<BucketLoggingStatus><LoggingEnabled><TargetBucket>bucket</TargetBucket></LoggingEnabled></BucketLoggingStatus>")]
    [InlineData("MalformedXML", "<BucketLoggingStatus><LoggingEnabled><TargetPrefix>p</TargetPrefix></LoggingEnabled></BucketLoggingStatus>")]
    [InlineData("MalformedXML", "<TargetObjectKeyFormat/>")]
    [InlineData("MalformedXML", "<TargetObjectKeyFormat><SimplePrefix/><PartitionedPrefix/></TargetObjectKeyFormat>")]
    [InlineData("MalformedXML", "<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>Whenever</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>")]
    [InlineData("MalformedXML", "<TargetGrants><Grant><Permission>READ</Permission></Grant></TargetGrants>")]
    [InlineData("MalformedXML", "<TargetGrants><Grant><Grantee xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='Group'><URI>http://acs.amazonaws.com/groups/s3/LogDelivery</URI></Grantee><Permission>LOOK</Permission></Grant></TargetGrants>")]
    [InlineData("MalformedXML", "<TargetGrants><Grant><Grantee xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='Group'><URI>http://acs.amazonaws.com/groups/s3/LogDelivery</URI></Grantee><Permission>READ_ACP</Permission></Grant></TargetGrants>")]
    [InlineData("InvalidTargetBucketForLogging", "none")]
    [InlineData("InvalidTargetBucketForLogging", "foreign")]
    [InlineData("InvalidTargetBucketForLogging", "No Bucket")]
    [InlineData("InvalidTargetBucketForLogging", "dsk-0000000000000001")]
    [InlineData("InvalidTargetBucketForLogging", "")]
    [InlineData("InvalidArgument", "long")]
    [InlineData("AccessControlListNotSupported", "enforced")]
    [InlineData("AccessDenied", "blocked")]
    [InlineData("UnresolvableGrantByEmailAddress", "email")]
    [InlineData("MalformedXML", "many")]
    public async Task What_is_refused(string code, string what)
    {
        await using AccessHost host = await AccessHost.StartAsync(ObjectOwnership.ObjectWriter, dataPath: _data.FullPath);
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("b", "PUT foreign");
        await host.OkAsync("a", "PUT enforced", "", "x-amz-object-ownership: BucketOwnerEnforced");
        await host.OkAsync("a", "PUT blocked");
        await host.OkAsync("a", "PUT blocked?publicAccessBlock", "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>");
        const string everyone = "<Grant><Grantee xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='Group'><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant>";
        string body = what switch
        {
            ['<', 'B', ..] => what,
            ['<', ..] => Setting("bucket", "p", what),
            "long" => Setting("bucket", new string('p', 1000)),
            "enforced" or "blocked" => Setting(what, "p", $"<TargetGrants>{everyone}</TargetGrants>"),
            "email" => Setting("bucket", "p", "<TargetGrants><Grant><Grantee xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='AmazonCustomerByEmail'><EmailAddress>none@example.com</EmailAddress></Grantee><Permission>READ</Permission></Grant></TargetGrants>"),
            "many" => Setting("bucket", "p", $"<TargetGrants>{string.Concat(Enumerable.Repeat(everyone, 101))}</TargetGrants>"),
            _ => Setting(what, "p"),
        };
        await host.RefusedAsync(code, "a", "PUT bucket?logging", body);
        Assert.DoesNotContain("LoggingEnabled", (await host.OkAsync("a", "GET bucket?logging")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("<TargetObjectKeyFormat><SimplePrefix/></TargetObjectKeyFormat>", "<TargetObjectKeyFormat><SimplePrefix></SimplePrefix></TargetObjectKeyFormat>")]
    [InlineData("<TargetObjectKeyFormat><PartitionedPrefix/></TargetObjectKeyFormat>", "<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>")]
    [InlineData("<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>DeliveryTime</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>", "<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>DeliveryTime</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>")]
    public async Task What_is_set_is_answered_and_an_empty_document_turns_it_off(string format, string shown)
    {
        await using AccessHost host = await AccessHost.StartAsync(dataPath: _data.FullPath);
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT target");
        await host.OkAsync("a", "PUT bucket?logging", Setting("target", " p&amp;/", format));
        Assert.EndsWith(
            $"<LoggingEnabled><TargetBucket>target</TargetBucket><TargetPrefix> p&amp;/</TargetPrefix>{shown}</LoggingEnabled></BucketLoggingStatus>",
            (await host.OkAsync("a", "GET bucket?logging")).Text,
            StringComparison.Ordinal);
        await host.OkAsync("a", "PUT bucket?logging", "<BucketLoggingStatus xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>");
        Assert.DoesNotContain("LoggingEnabled", (await host.OkAsync("a", "GET bucket?logging")).Text, StringComparison.Ordinal);
        await host.OkAsync("a", "GET bucket?logging");
        Assert.Empty(await DeliveredAsync(host, "target"));
    }

    [Fact]
    public async Task Target_grants_are_those_of_the_objects()
    {
        await using AccessHost host = await AccessHost.StartAsync(ObjectOwnership.ObjectWriter, dataPath: _data.FullPath);
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket?logging", Setting("bucket", "logs/", $"<TargetGrants><Grant><Grantee xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='CanonicalUser'><ID>{TestIdentity.IdOf("b")}</ID></Grantee><Permission>READ</Permission></Grant></TargetGrants>"));
        Assert.Matches("<TargetGrants><Grant><Grantee [^>]*xsi:type=\"CanonicalUser\"><ID>" + TestIdentity.IdOf("b") + "</ID><DisplayName>B</DisplayName></Grantee><Permission>READ</Permission></Grant></TargetGrants>", (await host.OkAsync("a", "GET bucket?logging")).Text);
        string key = Assert.Single(await DeliverAsync(host, "bucket", more: 0));
        await host.OkAsync("b", "GET bucket/" + key);
        await host.RefusedAsync("AccessDenied", null, "GET bucket/" + key);
        Assert.Contains("FULL_CONTROL", (await host.OkAsync("a", $"GET bucket/{key}?acl")).Text, StringComparison.Ordinal);
    }

    /// <summary>Otherwise anybody of the organization could have lines of their own making, with User-Agents of their choice, written into any of its buckets.</summary>
    [Fact]
    public async Task Who_may_not_write_to_the_target_cannot_have_the_server_write_there()
    {
        await using AccessHost host = await AccessHost.StartAsync(ObjectOwnership.ObjectWriter, dataPath: _data.FullPath);
        await host.OkAsync("a", "PUT mine");
        await host.OkAsync("a", "PUT payroll");
        await host.PolicyAsync("payroll", """{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::a:user/other"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::payroll/*"}""");

        // The first policy, which any user may put, does not give it at all.
        const string all = """{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::a:user/user"},"Action":"s3:*","Resource":["arn:aws:s3:::mine","arn:aws:s3:::mine/*"]}""";
        await host.OkAsync("a.user", "PUT mine?policy", $$"""{"Version":"2012-10-17","Statement":[{{all}}]}""");
        await host.OkAsync("a.user", "PUT mine/key", "x");
        await host.RefusedAsync("AccessDenied", "a.user", "PUT mine?logging", Setting("mine", ""));
        await host.RefusedAsync("AccessDenied", "a.user", "PUT mine?logging", Setting("payroll", ""));

        // Nor does the permission on the source give one on the target.
        await host.PolicyAsync("mine", all);
        await host.OkAsync("a.user", "PUT mine?logging", Setting("mine", ""));
        await host.RefusedAsync("AccessDenied", "a.user", "PUT mine?logging", Setting("payroll", "logs/"));
        const string some = """{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::a:user/user"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::payroll/logs/*"}""";
        await host.PolicyAsync("payroll", some);
        await host.RefusedAsync("AccessDenied", "a.user", "PUT mine?logging", Setting("payroll", ""));
        await host.OkAsync("a.user", "PUT mine?logging", Setting("payroll", "logs/"));

        string grants = $"<TargetGrants><Grant><Grantee xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='CanonicalUser'><ID>{TestIdentity.IdOf("b")}</ID></Grantee><Permission>READ</Permission></Grant></TargetGrants>";
        await host.RefusedAsync("AccessDenied", "a.user", "PUT mine?logging", Setting("payroll", "logs/", grants));
        await host.PolicyAsync("payroll", some.Replace("\"s3:PutObject\"", "[\"s3:PutObject\",\"s3:PutObjectAcl\"]", StringComparison.Ordinal));
        await host.OkAsync("a.user", "PUT mine?logging", Setting("payroll", "logs/", grants));
    }

    [Fact]
    public async Task Another_organization_learns_nothing_about_the_owners_buckets()
    {
        await using AccessHost host = await AccessHost.StartAsync(dataPath: _data.FullPath);
        await host.OkAsync("a", "PUT shared");
        await host.OkAsync("a", "PUT secret");
        await host.PolicyAsync("shared", """{"Effect":"Allow","Principal":{"AWS":"b"},"Action":"s3:*","Resource":["arn:aws:s3:::shared","arn:aws:s3:::shared/*"]}""");
        foreach (string target in (string[])["shared", "secret", "none"])
        {
            await host.RefusedAsync("MethodNotAllowed", "b", "PUT shared?logging", Setting(target, ""));
        }
    }

    [Fact]
    public async Task A_policy_can_name_the_service_that_delivers_logs_and_no_other()
    {
        await using AccessHost host = await AccessHost.StartAsync(dataPath: _data.FullPath);
        await host.OkAsync("a", "PUT bucket");
        await host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/logs*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::bucket"},"StringEquals":{"aws:SourceAccount":"a"}}}""");
        Assert.DoesNotContain("<IsPublic>true", (await host.OkAsync("a", "GET bucket?policyStatus")).Text, StringComparison.OrdinalIgnoreCase);
        await host.RefusedAsync("AccessDenied", null, "PUT bucket/logs1", "x");
        await host.RefusedAsync("AccessDenied", "b", "PUT bucket/logs1", "x");
        await host.RefusedAsync(
            "MalformedPolicy", "a", "PUT bucket?policy",
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"}]}""");
    }

    private static string Setting(string target, string prefix, string more = "") =>
        $"<BucketLoggingStatus xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LoggingEnabled><TargetBucket>{target}</TargetBucket><TargetPrefix>{prefix}</TargetPrefix>{more}</LoggingEnabled></BucketLoggingStatus>";

    /// <summary>Delivers what waits, and returns the keys of the new objects.</summary>
    /// <param name="host">The server.</param>
    /// <param name="bucket">The target.</param>
    /// <param name="more">How many requests were sent past the host.</param>
    private static async Task<string[]> DeliverAsync(AccessHost host, string bucket, int more)
    {
        string[] before = await KeysAsync(host, bucket);

        // An answer can arrive before its request is reported, to the recent requests last.
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (host.Get<RecentRequests>().NewestFirst().Count() < host.Sent + more)
        {
            await tick.WaitForNextTickAsync(Token);
        }

        // As a restart: what is on disk is delivered at once.
        await host.Get<LogCollector>().CollectAsync(Token);
        host.Get<LogSpool>().Dispose();
        await host.Get<LogCollector>().RunOnceAsync(Token);
        await host.Get<LogDelivery>().RunOnceAsync(Token);
        return [.. (await KeysAsync(host, bucket)).Except(before)];
    }

    private static async Task<string[]> DeliveredAsync(AccessHost host, string bucket, int more = 0)
    {
        var lines = new List<string>();
        foreach (string key in await DeliverAsync(host, bucket, more))
        {
            ObjectStore store = host.Get<ObjectStore>();
            (Core.Objects.StoredObject? found, IObjectContent? content) = await store.Reader.OpenAsync((await store.Buckets.FindAsync(StoreFixture.Name(bucket), Token))!, StoreFixture.Key(key), null, Token);
            lines.AddRange(System.Text.Encoding.ASCII.GetString(await StoreFixture.ReadAsync(content!, 0, found!.Size))[..^1].Split('\n'));
        }

        return [.. lines];
    }

    private static async Task<string[]> KeysAsync(AccessHost host, string bucket)
    {
        ObjectStore store = host.Get<ObjectStore>();
        Bucket found = (await store.Buckets.FindAsync(StoreFixture.Name(bucket), Token))!;
        return [.. (await store.Lister.ListAsync(found, new ListQuery(), Token)).Objects.Select(static it => it.Key.ToString())];
    }

    /// <summary>Operation, key, status and error code.</summary>
    private static string Summary(string line)
    {
        Match match = Fields().Match(line);
        Assert.True(match.Success, line);
        return string.Join(' ', Enumerable.Range(1, 4).Select(i => match.Groups[i].Value));
    }

    [GeneratedRegex("""(REST\.\S+) (\S+) "[^"]*" (\d+) (\S+)""")]
    private static partial Regex Fields();
}
