using Tarn.S3.Access;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Access;

/// <summary>The order in which denials, ownership, policies and lists decide, over HTTP: <c>a</c> owns the bucket.</summary>
public sealed class DecisionTests : IAsyncLifetime
{
    private const string Anyone = """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""";

    private AccessHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await AccessHost.StartAsync();
        await _host.OkAsync("a", "PUT bucket");
        await _host.OkAsync("a", "PUT bucket/key", "x", "x-amz-tagging: class=open");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Without_policies_the_owners_root_user_may_do_everything_and_nobody_else_anything()
    {
        foreach (string? who in new[] { null, "b", "b.user", "a.user", "a.disk" })
        {
            await _host.RefusedAsync("AccessDenied", who, "GET bucket/key");
            await _host.RefusedAsync("AccessDenied", who, "GET bucket/none");
            await _host.RefusedAsync("AccessDenied", who, "PUT bucket/key", "y");
            await _host.RefusedAsync("AccessDenied", who, "GET bucket?policy");
        }

        // No policy could allow these to delete a key: the list of keys is not even read.
        foreach (string? who in new[] { null, "b", "b.user", "a.disk" })
        {
            await _host.RefusedAsync("AccessDenied", who, "POST bucket?delete", "<Delete/>");
        }

        await _host.RefusedAsync("AccessDenied", null, "GET ");
        await _host.RefusedAsync("AccessDenied", null, "PUT mine");
        await _host.RefusedAsync("AccessDenied", "a.user", "GET ");
        await _host.RefusedAsync("AccessDenied", "a.user", "PUT mine");
        await _host.RefusedAsync("NoSuchBucket", null, "GET none/key");
        await _host.RefusedAsync("NoSuchKey", "a", "GET bucket/none");
    }

    [Fact]
    public async Task An_organization_policy_lets_in_its_own_users_and_only_to_its_own_buckets()
    {
        const string Everything = """{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["*"]}""";
        _host.Identity.SetPolicy("b", Everything);
        await _host.RefusedAsync("AccessDenied", "b.user", "GET bucket/key");
        await _host.OkAsync("b.user", "PUT mine");
        await _host.OkAsync("b.user", "GET ");
        await _host.OkAsync("b.user", "PUT mine/k", "x");

        _host.Identity.SetPolicy("a", Everything);
        await _host.OkAsync("a.user", "GET bucket/key");
        await _host.RefusedAsync("AccessDenied", "b.user", "GET bucket/key");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket/key");
        await _host.RefusedAsync("AccessDenied", "a.disk", "GET bucket/key");
    }

    [Fact]
    public async Task A_denial_outweighs_everything()
    {
        await _host.PolicyAsync("bucket", Anyone, """{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/secret"}""");
        await _host.OkAsync("a", "PUT bucket/secret", "x");
        await _host.RefusedAsync("AccessDenied", "a", "GET bucket/secret");
        await _host.OkAsync(null, "GET bucket/key");

        // The requester's own organization may deny its users what another organization allows them.
        _host.Identity.SetPolicy("b", """{"name":"s","effect":"Deny","actions":["s3:GetObject"],"resources":["*"],"principals":["*"]}""");
        await _host.RefusedAsync("AccessDenied", "b.user", "GET bucket/key");
        await _host.OkAsync("c.user", "GET bucket/key");
    }

    [Fact]
    public async Task Nobody_locks_himself_out()
    {
        await _host.PolicyAsync("bucket", """{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}""");
        await _host.RefusedAsync("AccessDenied", "a", "GET bucket/key");
        await _host.RefusedAsync("AccessDenied", "a", "GET bucket");
        await _host.OkAsync("a", "GET bucket?policy");
        await _host.PolicyAsync("bucket", """{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}""");
        await _host.OkAsync("a", "DELETE bucket?policy");
        await _host.OkAsync("a", "GET bucket/key");
    }

    [Fact]
    public async Task Whether_a_key_is_there_is_told_to_who_may_list_that_key()
    {
        await _host.PolicyAsync(
            "bucket",
            """{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bucket/*"}""",
            """{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket","Condition":{"StringLike":{"s3:prefix":"open/*"}}}""");
        foreach (string? who in new[] { null, "b" })
        {
            await _host.RefusedAsync("NoSuchKey", who, "GET bucket/open/none");
            await _host.RefusedAsync("NotFound", who, "HEAD bucket/open/none");
            await _host.RefusedAsync("AccessDenied", who, "GET bucket/shut/none");
            await _host.RefusedAsync("Forbidden", who, "HEAD bucket/shut/none");
            await _host.RefusedAsync("AccessDenied", who, "GET bucket/none?prefix=open/x");
        }

        await _host.RefusedAsync("NoSuchKey", "b", "PUT bucket/copy", null, "x-amz-copy-source: bucket/open/none");
        await _host.RefusedAsync("AccessDenied", "b", "PUT bucket/copy", null, "x-amz-copy-source: bucket/shut/none");

        // A denial under a condition on the key has the same effect.
        await _host.PolicyAsync(
            "bucket",
            """{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}""",
            """{"Effect":"Deny","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket","Condition":{"StringLike":{"s3:prefix":"shut/*"}}}""");
        await _host.RefusedAsync("NoSuchKey", null, "GET bucket/none");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket/shut/none");
    }

    [Fact]
    public async Task Changes_hold_from_the_next_request_on()
    {
        for (int round = 0; round < 3; round++)
        {
            await _host.PolicyAsync("bucket", Anyone);
            await _host.OkAsync(null, "GET bucket/key");
            await _host.OkAsync("a", "DELETE bucket?policy");
            await _host.RefusedAsync("AccessDenied", null, "GET bucket/key");
        }
    }

    [Fact]
    public async Task A_key_that_is_not_there_is_named_only_to_who_may_list()
    {
        await _host.PolicyAsync("bucket", Anyone);
        await _host.RefusedAsync("AccessDenied", null, "GET bucket/none");
        await _host.RefusedAsync("Forbidden", null, "HEAD bucket/none");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket/none?attributes", null, "x-amz-object-attributes: ETag");
        await _host.PolicyAsync("bucket", Anyone, """{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket"}""");
        await _host.RefusedAsync("NoSuchKey", null, "GET bucket/none");
        await _host.RefusedAsync("NotFound", null, "HEAD bucket/none");
    }

    [Fact]
    public async Task Keys_of_one_request_are_decided_one_by_one()
    {
        await _host.OkAsync("a", "PUT bucket/mine/1", "x");
        await _host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/mine/*"}""");
        const string Body = "<Delete><Object><Key>mine/1</Key></Object><Object><Key>key</Key></Object><Object><Key>mine/2</Key><VersionId>null</VersionId></Object></Delete>";
        RawS3Response answer = await _host.OkAsync(
            "b", "POST bucket?delete", Body, "x-amz-checksum-sha256: " + Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Body))));
        string Shown(string element) => string.Join(' ', answer.Xml.Elements().Where(e => e.Name.LocalName == element)
            .Select(e => string.Join('=', e.Elements().Where(child => child.Name.LocalName is "Key" or "Code").Select(child => child.Value))));
        Assert.Equal("mine/1", Shown("Deleted"));
        Assert.Equal("key=AccessDenied mine/2=AccessDenied", Shown("Error"));
        await _host.OkAsync("a", "GET bucket/key");
        await _host.RefusedAsync("NoSuchKey", "a", "GET bucket/mine/1");
    }

    [Fact]
    public async Task A_copy_reads_its_source_as_who_asks_for_it()
    {
        await _host.OkAsync("b", "PUT drop");
        await _host.RefusedAsync("AccessDenied", "b", "PUT drop/stolen", null, "x-amz-copy-source: bucket/key");
        await _host.RefusedAsync("AccessDenied", "b", "PUT drop/stolen", null, "x-amz-copy-source: bucket/none");
        RawS3Response begun = await _host.OkAsync("b", "POST drop/stolen?uploads", "");
        string id = begun.Xml.Elements().Single(e => e.Name.LocalName == "UploadId").Value;
        await _host.RefusedAsync("AccessDenied", "b", $"PUT drop/stolen?partNumber=1&uploadId={id}", null, "x-amz-copy-source: bucket/key");

        // Writing into a bucket that could read the source does not help either.
        await _host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":{"AWS":"b"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"}""");
        await _host.RefusedAsync("AccessDenied", "b", "PUT bucket/stolen", null, "x-amz-copy-source: bucket/key");
        await _host.OkAsync("b", "PUT bucket/given", "x");
        await _host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":{"AWS":"b"},"Action":["s3:GetObject","s3:GetObjectTagging"],"Resource":"arn:aws:s3:::bucket/*"}""");
        await _host.OkAsync("b", "PUT drop/copy", null, "x-amz-copy-source: bucket/key");
        await _host.RefusedAsync("AccessDenied", "b", "PUT drop/copy", null, "x-amz-copy-source: bucket/none");
        await _host.RefusedAsync("AccessDenied", "b", "PUT drop/copy", null, "x-amz-copy-source: bucket/key", $"x-amz-source-expected-bucket-owner: {TestIdentity.IdOf("b")}");
    }

    [Fact]
    public async Task Conditions_see_the_request_and_the_stored_tags()
    {
        const string Allow = """{"Effect":"Allow","Principal":"*","Action":"ACTION","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"],"Condition":CONDITION}""";
        Task With(string action, string condition) =>
            _host.PolicyAsync("bucket", Allow.Replace("ACTION", action, StringComparison.Ordinal).Replace("CONDITION", condition, StringComparison.Ordinal));

        await With("s3:ListBucket", """{"StringEquals":{"s3:prefix":"open/"}}""");
        await _host.OkAsync(null, "GET bucket?list-type=2&prefix=open/");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket?list-type=2&prefix=shut/");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket?list-type=2");

        await With("s3:GetObject", """{"StringEquals":{"s3:ExistingObjectTag/class":"open"}}""");
        await _host.OkAsync("a", "PUT bucket/shut", "x", "x-amz-tagging: class=shut");
        await _host.OkAsync(null, "GET bucket/key");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket/shut");

        await With("s3:GetObject", """{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}""");
        await _host.OkAsync(null, "GET bucket/key");
        await With("s3:GetObject", """{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}""");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket/key");

        await With("s3:GetObject", """{"StringLike":{"aws:Referer":"https://example.com/*"}}""");
        await _host.OkAsync(null, "GET bucket/key", null, "Referer: https://example.com/page");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket/key", null, "Referer: https://example.org/page");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket/key");

        await With("s3:GetObject", """{"StringEquals":{"s3:authType":"REST-HEADER"},"NumericLessThan":{"s3:signatureAge":"60000"}}""");
        await _host.OkAsync("b", "GET bucket/key");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket/key");

        await With("s3:GetObject", """{"Bool":{"aws:SecureTransport":"true"}}""");
        await _host.RefusedAsync("AccessDenied", "b", "GET bucket/key");

        await With("s3:Put*", """{"StringEquals":{"s3:RequestObjectTag/team":"red"}}""");
        await _host.OkAsync("b", "PUT bucket/red", "x", "x-amz-tagging: team=red");
        await _host.RefusedAsync("AccessDenied", "b", "PUT bucket/blue", "x", "x-amz-tagging: team=blue");
        const string Body = "<Tagging><TagSet><Tag><Key>team</Key><Value>red</Value></Tag></TagSet></Tagging>";
        string digest = "x-amz-checksum-sha256: " + Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Body)));
        await _host.OkAsync("b", "PUT bucket/red?tagging", Body, digest);

        await With("s3:PutObject", """{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}""");
        await _host.OkAsync("b", "PUT bucket/with", "x", "x-amz-acl: bucket-owner-full-control");
        await _host.RefusedAsync("AccessDenied", "b", "PUT bucket/without", "x");

        await With("s3:PutObject", """{"StringLike":{"s3:x-amz-copy-source":"bucket/key*"}}""");
        await _host.RefusedAsync("AccessDenied", "b", "PUT bucket/copy", "x");

        // As in AWS's examples, and in every form that a request may use.
        await With("s3:*Object*", """{"StringLikeIfExists":{"s3:x-amz-copy-source":"/bucket/key*"}}""");
        await _host.OkAsync("b", "PUT bucket/copy", null, "x-amz-copy-source: /bucket/key");
        await _host.OkAsync("b", "PUT bucket/copy", null, "x-amz-copy-source: bucket/key");
        await _host.RefusedAsync("AccessDenied", "b", "PUT bucket/other", null, "x-amz-copy-source: /bucket/copy");
    }

    [Fact]
    public async Task Either_name_of_a_permission_denies()
    {
        await _host.PolicyAsync(
            "bucket",
            """{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket"}""",
            """{"Effect":"Deny","Principal":"*","Action":"s3:ListBucketVersions","Resource":"arn:aws:s3:::bucket"}""");
        await _host.OkAsync(null, "GET bucket");
        await _host.RefusedAsync("AccessDenied", null, "GET bucket?versions");
    }

    [Fact]
    public async Task A_refusal_says_why_to_administrators_alone()
    {
        await _host.PolicyAsync("bucket", Anyone, """{"Sid":"NoSecrets","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/secret"}""");
        RawS3Response refused = await _host.RefusedAsync("AccessDenied", "b.user", "GET bucket/secret");
        Assert.DoesNotContain("NoSecrets", refused.Text, StringComparison.Ordinal);
        Denial denial = Of(refused);
        Assert.Equal(
            (DenialKind.BucketPolicy, "arn:aws:iam::b:user/user", "s3:GetObject", "arn:aws:s3:::bucket/secret", "NoSecrets", "GetObject", "b.user"),
            (denial.Kind, denial.Principal, denial.Action, denial.Resource, denial.Decision?.Verdict.Sid, denial.Operation, denial.AccessKeyId));

        denial = Of(await _host.RefusedAsync("AccessDenied", null, "PUT bucket/k", "x"));
        Assert.Equal((DenialKind.NotAllowed, "anonymous", "s3:PutObject"), (denial.Kind, denial.Principal, denial.Action));
        denial = Of(await _host.RefusedAsync("AccessDenied", "a", "GET bucket/key", null, "x-amz-expected-bucket-owner: somebody"));
        Assert.Equal(DenialKind.ExpectedOwner, denial.Kind);
        denial = Of(await _host.RefusedAsync("SignatureDoesNotMatch", null, "GET bucket/key", null,
            $"x-amz-date: {DateTimeOffset.UtcNow:yyyyMMdd'T'HHmmss'Z'}",
            "x-amz-content-sha256: UNSIGNED-PAYLOAD",
            $"Authorization: AWS4-HMAC-SHA256 Credential=a/{DateTimeOffset.UtcNow:yyyyMMdd}/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={new string('0', 64)}"));
        Assert.Equal((DenialKind.Signature, null, "a"), (denial.Kind, denial.Principal, denial.AccessKeyId));
        Assert.StartsWith("GET\n/bucket/key\n", denial.Signature!.CanonicalRequest, StringComparison.Ordinal);
        Assert.StartsWith("AWS4-HMAC-SHA256\n", denial.Signature.StringToSign, StringComparison.Ordinal);
        Assert.Equal(_host.Address.Authority, denial.Signature.Host);
        Assert.DoesNotContain(TestIdentity.Secret, denial.ToString(), StringComparison.Ordinal);

        Denial Of(RawS3Response answer) => _host.Denials.TryFind(answer.Header("x-amz-request-id")!, out Denial? found) ? found : throw new KeyNotFoundException();
    }
}
