using Tarn.Core.Policy;
using Tarn.S3.Access;
using Tarn.S3.Operations.Settings;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Tests.Access;

/// <summary>Access keys with a policy, over HTTP: nothing that the policy does not allow is possible with them, however it is allowed to their user.</summary>
public sealed class KeyPolicyTests
{
    /// <summary>A key of the root user of <c>a</c>, which owns everything, and one of a user of <c>b</c>, whom the bucket lets in.</summary>
    private const string OfRoot = "a!limited", OfGuest = "b.user!limited";

    private const string Everything = """{"Effect":"Allow","Action":"s3:*","Resource":"*"}""";

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, PermissionTableTests.Calls.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_call_with_a_key_of_the_root_user_needs_every_permission_in_its_policy(int row)
    {
        (string operation, string permissions, string request, string? body, string[] headers) = PermissionTableTests.Calls[row];
        await using AccessHost host = await AccessHost.StartAsync();
        (request, body, headers) = await PermissionTableTests.PrepareAsync(host, request, body, headers);
        string refusal = request.StartsWith("HEAD", StringComparison.Ordinal) ? "Forbidden" : "AccessDenied";
        string[] needed = permissions.Split(',');

        // So that there is a policy to read and to delete.
        await host.PolicyAsync("bucket", """{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/never"}""");
        foreach (string missing in needed)
        {
            string[] others = [.. S3Actions.All.Select(action => action.ToString()).Where(action => action != missing && !PermissionTableTests.StandsFor(operation, permissions, action))];
            host.Identity.SetKeyPolicy(OfRoot, Allow(others));
            await host.RefusedAsync(refusal, OfRoot, request, body, headers);
        }

        host.Identity.SetKeyPolicy(OfRoot, Everything, $$"""{"Effect":"Deny","Action":"s3:{{needed[0]}}","Resource":"*"}""");
        await host.RefusedAsync(refusal, OfRoot, request, body, headers);
        host.Identity.SetKeyPolicy(OfRoot, Allow(needed).Replace("\"*\"", "\"arn:aws:s3:::another*\"", StringComparison.Ordinal));
        await host.RefusedAsync(refusal, OfRoot, request, body, headers);
        host.Identity.SetKeyPolicy(OfRoot, Allow(needed));
        await host.OkAsync(OfRoot, request, body, headers);
    }

    /// <summary>The settings that Tarn does not have, which can be read as unset and turned off.</summary>
    [Fact]
    public async Task Settings_that_are_not_there_need_permission_too()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/key", "x");
        host.Identity.SetKeyPolicy(OfRoot, Allow("GetObject"));
        foreach ((bool ofObject, UnsetSetting setting) in UnsetSettings.OfBuckets.Select(static it => (false, it)).Concat(UnsetSettings.OfObjects.Select(static it => (true, it))))
        {
            foreach (SettingRequest request in setting.Requests)
            {
                RawS3Response answer = await host.SendAsync(
                    OfRoot, $"{request.Method} bucket{(ofObject ? "/key" : "")}?{setting.Subresource}{(request.ById ? "&id=x" : "")}", request.Method is "PUT" or "POST" ? "<x/>" : null);
                Assert.True(answer.ErrorCode is "AccessDenied", $"{request.Name}: {(int)answer.Status} {answer.Text}");
            }
        }
    }

    [Fact]
    public async Task What_a_bucket_policy_or_a_list_allows_to_everyone_the_keys_policy_must_allow_as_well()
    {
        await using AccessHost host = await AccessHost.StartAsync(Core.Model.ObjectOwnership.ObjectWriter);
        await host.OkAsync("a", "PUT bucket", "", "x-amz-acl: public-read-write");
        await host.OkAsync("a", "PUT bucket/listed", "x", "x-amz-acl: public-read");
        await host.OkAsync("a", "PUT bucket/key", "x");
        await host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket","s3:PutObject"],"Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}""");
        foreach (string key in (string[])[OfRoot, OfGuest, "a.user!limited"])
        {
            host.Identity.SetKeyPolicy(key, Allow("GetBucketLocation"));
            foreach (string request in (string[])["GET bucket/key", "GET bucket/listed", "GET bucket", "GET bucket/none", "DELETE bucket/listed", "POST bucket?delete"])
            {
                await host.OkAsync(null, "GET bucket/listed");
                await host.RefusedAsync("AccessDenied", key, request, request.StartsWith("POST", StringComparison.Ordinal) ? "<no document" : null);
            }

            await host.RefusedAsync("AccessDenied", key, "PUT bucket/new", "x");
            await host.RefusedAsync("AccessDenied", key, "PUT bucket/new", "x", "x-amz-acl: public-read");
        }

        // What the policy allows, the user must still be allowed.
        host.Identity.SetKeyPolicy(OfGuest, Everything);
        await host.OkAsync(OfGuest, "GET bucket/key");
        await host.RefusedAsync("AccessDenied", OfGuest, "PUT bucket?tagging", "<no document");
        await host.RefusedAsync("AccessDenied", OfGuest, "DELETE bucket");
    }

    [Fact]
    public async Task The_initiator_of_an_upload_needs_the_keys_policy_to_abort_it()
    {
        await using AccessHost host = await AccessHost.StartAsync(Core.Model.ObjectOwnership.ObjectWriter);
        await host.OkAsync("a", "PUT bucket", "", "x-amz-acl: public-read-write");
        string upload = (await host.OkAsync("b", "POST bucket/key?uploads", "")).Xml.Elements().Single(static e => e.Name.LocalName == "UploadId").Value;
        host.Identity.SetKeyPolicy("b!limited", Allow("PutObject"));
        await host.RefusedAsync("AccessDenied", "b!limited", $"GET bucket/key?uploadId={upload}");
        await host.RefusedAsync("AccessDenied", "b!limited", $"DELETE bucket/key?uploadId={upload}");
        host.Identity.SetKeyPolicy("b!limited", Allow("AbortMultipartUpload", "ListMultipartUploadParts"));
        await host.OkAsync("b!limited", $"GET bucket/key?uploadId={upload}");
        await host.OkAsync("b!limited", $"DELETE bucket/key?uploadId={upload}");
    }

    [Fact]
    public async Task Lists_and_creations_of_buckets_need_the_keys_policy()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        host.Identity.SetKeyPolicy(OfRoot, Allow("GetObject"));
        await host.RefusedAsync("AccessDenied", OfRoot, "GET ");
        await host.RefusedAsync("AccessDenied", OfRoot, "PUT mine");
        host.Identity.SetKeyPolicy(OfRoot, Allow("ListAllMyBuckets"), """{"Effect":"Allow","Action":"s3:CreateBucket","Resource":"arn:aws:s3:::mine"}""");
        await host.OkAsync(OfRoot, "GET ");
        await host.OkAsync(OfRoot, "PUT mine");
        await host.RefusedAsync("AccessDenied", OfRoot, "PUT others");
        await host.RefusedAsync("AccessDenied", OfRoot, "PUT mine", "", "x-amz-object-ownership: ObjectWriter");
    }

    [Fact]
    public async Task Keys_of_one_deletion_are_decided_one_by_one()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/own/1", "x");
        await host.OkAsync("a", "PUT bucket/other/1", "x");
        host.Identity.SetKeyPolicy(OfRoot, """{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/own/*"}""");
        const string Keys = "<Delete><Object><Key>own/1</Key></Object><Object><Key>other/1</Key></Object></Delete>";
        RawS3Response answer = await host.OkAsync(OfRoot, "POST bucket?delete", Keys, PermissionTableTests.Digest(Keys));
        Assert.Contains("<Error><Key>other/1</Key><Code>AccessDenied</Code>", answer.Text, StringComparison.Ordinal);
        await host.OkAsync("a", "GET bucket/other/1");
        await host.RefusedAsync("NoSuchKey", "a", "GET bucket/own/1");
    }

    [Fact]
    public async Task The_source_of_a_copy_is_read_by_the_keys_policy()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT secret");
        await host.OkAsync("a", "PUT secret/key", "x");
        host.Identity.SetKeyPolicy(OfRoot, """{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}""");
        await host.RefusedAsync("AccessDenied", OfRoot, "PUT bucket/copy", null, "x-amz-copy-source: secret/key");
    }

    [Fact]
    public async Task Its_conditions_and_variables_are_those_of_the_request()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/open", "x", "x-amz-tagging: class=open");
        await host.OkAsync("a", "PUT bucket/shut", "x", "x-amz-tagging: class=shut");
        host.Identity.SetKeyPolicy(OfRoot, """{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringEquals":{"s3:ExistingObjectTag/class":"open"}}}""");
        await host.OkAsync(OfRoot, "GET bucket/open");
        await host.RefusedAsync("AccessDenied", OfRoot, "GET bucket/shut");
        host.Identity.SetKeyPolicy(OfRoot, """{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket","Condition":{"StringLike":{"s3:prefix":"home/*"}}}""");
        await host.OkAsync(OfRoot, "GET bucket?prefix=home/a");
        await host.RefusedAsync("AccessDenied", OfRoot, "GET bucket?prefix=etc/a");
        host.Identity.SetKeyPolicy(OfRoot, """{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}""");
        await host.RefusedAsync("AccessDenied", OfRoot, "GET bucket");

        await host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""");
        await host.OkAsync("a", "PUT bucket/user/1", "x");
        host.Identity.SetKeyPolicy("a.user!limited", """{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/${aws:username}/*"}""");
        await host.OkAsync("a.user!limited", "GET bucket/user/1");
        await host.RefusedAsync("AccessDenied", "a.user!limited", "GET bucket/open");
    }

    [Fact]
    public async Task Its_conditions_on_new_tags_are_about_those_in_the_body()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/key", "x");
        host.Identity.SetKeyPolicy(
            OfRoot, Allow("PutObjectTagging"), """{"Effect":"Deny","Action":"s3:PutObjectTagging","Resource":"*","Condition":{"StringEquals":{"s3:RequestObjectTag/class":"open"}}}""");
        foreach ((string value, bool allowed) in new[] { ("open", false), ("shut", true) })
        {
            string tags = $"<Tagging><TagSet><Tag><Key>class</Key><Value>{value}</Value></Tag></TagSet></Tagging>";
            _ = allowed
                ? await host.OkAsync(OfRoot, "PUT bucket/key?tagging", tags, PermissionTableTests.Digest(tags))
                : await host.RefusedAsync("AccessDenied", OfRoot, "PUT bucket/key?tagging", tags, PermissionTableTests.Digest(tags));
        }
    }

    [Fact]
    public async Task Presigned_requests_and_forms_are_decided_alike()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/key", "x");
        var signer = new SigV4TestSigner(OfRoot, TestIdentity.Secret);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        string url = signer.Presign("GET", "/bucket/key", new Dictionary<string, string> { ["host"] = host.Address.Authority }, now, 60);
        host.Identity.SetKeyPolicy(OfRoot, Allow("PutObject"));
        await host.RefusedAsync("AccessDenied", null, "GET " + url);
        await host.OkAsync(null, "POST bucket", Form(signer, now), "Content-Type: multipart/form-data; boundary=line");
        host.Identity.SetKeyPolicy(OfRoot, Allow("GetObject"));
        await host.OkAsync(null, "GET " + url);
        await host.RefusedAsync("AccessDenied", null, "POST bucket", Form(signer, now), "Content-Type: multipart/form-data; boundary=line");
    }

    [Fact]
    public async Task A_limited_key_of_the_root_user_is_the_root_user_to_policies()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/key", "x");
        host.Identity.SetKeyPolicy(OfRoot, Everything);
        await host.OkAsync(OfRoot, "GET bucket/key");
        await host.PolicyAsync("bucket", """{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::a:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""");
        await host.OkAsync(OfRoot, "GET bucket/key");
        await host.PolicyAsync("bucket", """{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::a:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""");
        await host.RefusedAsync("AccessDenied", OfRoot, "GET bucket/key");
        host.Identity.SetPolicy("a", """{"name":"s","effect":"Deny","actions":["s3:ListBucket"],"resources":["*"],"principals":["arn:aws:iam::a:root"]}""");
        await host.RefusedAsync("AccessDenied", OfRoot, "GET bucket");
    }

    [Fact]
    public async Task A_denial_by_the_keys_policy_is_told_as_such()
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        host.Identity.SetKeyPolicy(OfRoot, Allow("GetObject"), """{"Sid":"NoLists","Effect":"Deny","Action":"s3:ListBucket","Resource":"*"}""");
        Denial denial = Of(await host.RefusedAsync("AccessDenied", OfRoot, "GET bucket"));
        Assert.Equal((DenialKind.KeyPolicy, "NoLists", OfRoot), (denial.Kind, denial.Decision?.Verdict.Sid, denial.AccessKeyId));
        Assert.Equal("Statement \"NoLists\" (number 2) of the policy of the access key denies it.", denial.Reason);
        denial = Of(await host.RefusedAsync("AccessDenied", OfRoot, "PUT bucket/key", "x"));
        Assert.Equal((DenialKind.KeyPolicy, "The policy of the access key does not allow it, whatever its user may do."), (denial.Kind, denial.Reason));
        denial = Of(await host.RefusedAsync("AccessDenied", OfRoot, "POST bucket?delete", "<no document"));
        Assert.Equal(DenialKind.KeyPolicy, denial.Kind);

        Denial Of(RawS3Response answer) => host.Denials.TryFind(answer.Header("x-amz-request-id")!, out Denial? found) ? found : throw new KeyNotFoundException();
    }

    private static string Allow(params string[] actions) =>
        $$"""{"Effect":"Allow","Action":[{{string.Join(',', actions.Select(static action => $"\"s3:{action}\""))}}],"Resource":"*"}""";

    private static string Form(SigV4TestSigner signer, DateTimeOffset now)
    {
        string date = SigV4TestSigner.Timestamp(now), credential = signer.Credential(now);
        string policy = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($$"""
            {"expiration":"{{now.AddHours(1).UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}}","conditions":[{"bucket":"bucket"},["starts-with","$key",""],
             {"x-amz-algorithm":"AWS4-HMAC-SHA256"},{"x-amz-credential":"{{credential}}"},{"x-amz-date":"{{date}}"}]}
            """));
        (string Name, string Value)[] fields =
        [
            ("key", "posted"), ("x-amz-algorithm", "AWS4-HMAC-SHA256"), ("x-amz-credential", credential), ("x-amz-date", date), ("policy", policy),
            ("x-amz-signature", signer.SignText(policy, now)), ("file", "x"),
        ];
        return string.Concat(fields.Select(static field => $"--line\r\nContent-Disposition: form-data; name=\"{field.Name}\"\r\n\r\n{field.Value}\r\n")) + "--line--\r\n";
    }
}
