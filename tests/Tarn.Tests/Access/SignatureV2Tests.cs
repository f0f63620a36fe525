using System.Globalization;
using System.Text;
using Tarn.S3.Auth.SigV2;
using Tarn.S3.Operations;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Tests.Access;

/// <summary>Requests signed with Signature Version 2, through the whole service: what may be added to them, and what policies see.</summary>
public sealed class SignatureV2Tests : IAsyncLifetime
{
    // Every query parameter of the Amazon S3 API Reference, and every header that an SDK could put into a query.
    private static readonly string[] Parameters =
    [
        "abac", "accelerate", "acl", "analytics", "annotation", "attributes", "bucket-region", "continuation-token", "cors", "delete", "delimiter", "encoding-type",
        "encryption", "fetch-owner", "intelligent-tiering", "inventory", "key-marker", "legal-hold", "lifecycle", "list-type", "location", "logging",
        "marker", "max-buckets", "max-keys", "max-parts", "max-uploads", "metadataAnnotationTable", "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable",
        "metadataTable", "metrics", "notification", "object-lock", "ownershipControls", "part-number-marker", "partNumber", "policy", "policyStatus",
        "prefix", "publicAccessBlock", "renameObject", "replication", "requestPayment", "response-cache-control", "response-content-disposition",
        "response-content-encoding", "response-content-language", "response-content-type", "response-expires", "response-anything", "restore", "retention", "select",
        "session", "start-after", "tagging", "torrent", "upload-id-marker", "uploadId", "uploads", "version-id-marker", "versionId", "versioning", "versions", "website",
        "x-amz-acl", "x-amz-bucket-object-lock-enabled", "x-amz-bypass-governance-retention", "x-amz-checksum-algorithm", "x-amz-checksum-crc32",
        "x-amz-checksum-mode", "x-amz-content-sha256", "x-amz-copy-source", "x-amz-copy-source-if-match", "x-amz-copy-source-range", "x-amz-date",
        "x-amz-expected-bucket-owner", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-write", "x-amz-if-match-size", "x-amz-meta-a",
        "x-amz-metadata-directive", "x-amz-mfa", "x-amz-object-attributes", "x-amz-object-lock-mode", "x-amz-object-ownership", "x-amz-request-payer",
        "x-amz-sdk-checksum-algorithm", "x-amz-security-token", "x-amz-server-side-encryption", "x-amz-source-expected-bucket-owner", "x-amz-storage-class",
        "x-amz-tagging", "x-amz-tagging-directive", "x-amz-trailer", "x-amz-website-redirect-location", "x-amz-write-offset-bytes",
        "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Content-Sha256",
        "AWSAccessKeyId", "Signature", "Expires",
    ];

    private AccessHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await AccessHost.StartAsync(version2: new SignatureV2Options(SignatureV2Use.All, TimeSpan.FromDays(7)));
        await _host.OkAsync("a", "PUT bucket");
        await _host.OkAsync("a", "PUT bucket/key", "content");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void Every_sub_resource_is_among_the_parameters() => Assert.Empty(OperationTable.Parameters.AllSubresources.Except(Parameters));

    [Theory]
    [InlineData("GET", "/bucket/key")]
    [InlineData("PUT", "/bucket/key")]
    [InlineData("POST", "/bucket/key?uploads")]
    [InlineData("DELETE", "/bucket/key")]
    [InlineData("GET", "/bucket")]
    [InlineData("PUT", "/bucket")]
    [InlineData("DELETE", "/bucket")]
    [InlineData("GET", "/")]
    public async Task Nothing_that_means_something_can_be_added_to_a_url(string method, string target)
    {
        string url = Presign(method, target);
        foreach (string name in Parameters)
        {
            foreach (string added in (string[])[$"{name}=1", name, $"%{(int)name[0]:X2}{name[1..]}=1"])
            {
                RawS3Response answer = await _host.SendAsync(null, $"{method} {url}&{added}", method is "PUT" or "POST" ? "x" : null);
                Assert.True((int)answer.Status is 400 or 403 or 405 or 501, $"{method} {target} and {added}: {(int)answer.Status} {answer.Text}");
            }
        }

        Assert.Equal("content", (await _host.OkAsync("a", "GET bucket/key")).Text);
    }

    [Fact]
    public async Task A_url_does_what_it_was_signed_for()
    {
        Assert.Equal("content", (await _host.OkAsync(null, "GET " + Presign("GET", "/bucket/key"))).Text);
        Assert.Equal("content", (await _host.OkAsync(null, "GET " + Presign("GET", "/bucket/key") + "&x-id=GetObject")).Text);
        Assert.Equal("text/x", (await _host.OkAsync(null, "GET " + Presign("GET", "/bucket/key?response-content-type=text%2Fx"))).Headers["Content-Type"]);
        await _host.OkAsync(null, "PUT " + Presign("PUT", "/bucket/new", ("Content-Type", "text/y"), ("x-amz-meta-a", "1")), "x", "Content-Type: text/y", "x-amz-meta-a: 1");
        await _host.RefusedAsync("SignatureDoesNotMatch", null, "PUT " + Presign("PUT", "/bucket/new"), "x", "x-amz-meta-a: 1");
        await _host.RefusedAsync("SignatureDoesNotMatch", null, "PUT " + Presign("PUT", "/bucket/new"), "x", "Content-Type: text/y");
        Assert.Equal("1", (await _host.OkAsync("a", "HEAD bucket/new")).Headers["x-amz-meta-a"]);
        Assert.Contains("<Key>key</Key>", (await _host.OkAsync(null, "GET " + Presign("GET", "/bucket"))).Text, StringComparison.Ordinal);
        await _host.OkAsync(null, "DELETE " + Presign("DELETE", "/bucket/new"));
    }

    [Fact]
    public async Task Who_signs_in_the_header_may_ask_for_parts_of_a_listing()
    {
        Assert.Contains("<Key>key</Key>", (await HeaderAsync("GET", "/bucket?list-type=2&prefix=k&max-keys=5")).Text, StringComparison.Ordinal);
        Assert.Equal("InvalidRequest", (await HeaderAsync("GET", "/bucket/key?attributes")).ErrorCode);
        Assert.Equal("InvalidRequest", (await HeaderAsync("GET", "/bucket?publicAccessBlock")).ErrorCode);
        Assert.Equal("InvalidRequest", (await HeaderAsync("PUT", "/bucket/key?x-amz-acl=private")).ErrorCode);
        Assert.True((await HeaderAsync("GET", "/bucket?versions")).IsSuccess);
    }

    [Theory]
    [InlineData("StringEquals", "s3:signatureversion", "AWS")]
    [InlineData("StringNotEquals", "s3:signatureversion", "AWS4-HMAC-SHA256")]
    [InlineData("NumericGreaterThan", "s3:signatureAge", "600000")]
    [InlineData("NumericGreaterThan", "s3:signatureAge", "604800000")]
    [InlineData("StringEquals", "s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD")]
    public async Task What_a_policy_denies_of_it_is_denied(string condition, string key, string value)
    {
        await _host.PolicyAsync("bucket", $$"""{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"{{condition}}":{"{{key}}":"{{value}}"} } }""");
        await _host.RefusedAsync("AccessDenied", null, "GET " + Presign("GET", "/bucket/key"));
        RawS3Response byHeader = await HeaderAsync("GET", "/bucket/key");
        Assert.Equal(key != "s3:signatureAge", byHeader.ErrorCode == "AccessDenied");
        await _host.OkAsync(null, "GET " + new SigV4TestSigner("a", TestIdentity.Secret).Presign(
            "GET", "/bucket/key?X-Amz-Content-Sha256=" + SigV4TestSigner.EmptySha256, new Dictionary<string, string> { ["host"] = _host.Address.Authority },
            TimeProvider.System.GetUtcNow(), 60, SigV4TestSigner.EmptySha256));
    }

    [Theory]
    [InlineData("NumericLessThan", "s3:signatureAge", "600000")]
    [InlineData("StringEquals", "s3:signatureversion", "AWS4-HMAC-SHA256")]
    [InlineData("StringEquals", "s3:authType", "POST")]
    [InlineData("StringEquals", "s3:authType", "REST-HEADER")]
    public async Task What_a_policy_allows_only_others_is_not_allowed(string condition, string key, string value)
    {
        await _host.PolicyAsync("bucket", $$"""{"Effect":"Allow","Principal":{"AWS":"b"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"{{condition}}":{"{{key}}":"{{value}}"} } }""");
        await _host.RefusedAsync("AccessDenied", null, "GET " + Presign("GET", "/bucket/key", by: "b"));
    }

    [Fact]
    public async Task A_form()
    {
        Assert.True((await FormAsync(60)).IsSuccess);
        Assert.Equal("from a form", (await _host.OkAsync("a", "GET bucket/form")).Text);
        Assert.Equal("AccessDenied", (await FormAsync(-60)).ErrorCode);
        Assert.Equal("AccessDenied", (await FormAsync(7 * 86_400 + 60)).ErrorCode);
        Assert.Equal("AccessDenied", (await FormAsync(60, extra: ("x-amz-meta-a", "1"))).ErrorCode);
        Assert.Equal("InvalidToken", (await FormAsync(60, extra: ("x-amz-security-token", "1"))).ErrorCode);
        Assert.Equal("InvalidArgument", (await FormAsync(60, extra: ("x-amz-signature", "1"))).ErrorCode);
        Assert.Equal("SignatureDoesNotMatch", (await FormAsync(60, secret: "wrong")).ErrorCode);
        Assert.Equal("InvalidRequest", (await FormAsync(60, by: "a.disk")).ErrorCode);
        Assert.Equal("AccessDenied", (await FormAsync(60, by: "b")).ErrorCode);
        Assert.Equal("InvalidRequest", (await FormAsync(60, query: "?x-amz-acl=public-read")).ErrorCode);
    }

    [Theory]
    [InlineData("StringEquals", "s3:signatureversion", "AWS")]
    [InlineData("StringEquals", "s3:authType", "POST")]
    [InlineData("NumericGreaterThan", "s3:signatureAge", "600000")]
    [InlineData("StringEquals", "s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD")]
    public async Task What_a_policy_denies_of_a_form_is_denied(string condition, string key, string value)
    {
        await _host.PolicyAsync("bucket", $$"""{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"{{condition}}":{"{{key}}":"{{value}}"} } }""");
        Assert.Equal("AccessDenied", (await FormAsync(60)).ErrorCode);
        Assert.Equal("AccessDenied", (await FormAsync(60, condition: """{"x-amz-content-sha256":"abc"}""", extra: ("x-amz-content-sha256", "abc"))).ErrorCode);
    }

    [Fact]
    public async Task Keys_of_disks_are_refused() =>
        await _host.RefusedAsync("InvalidRequest", null, "GET " + Presign("GET", "/dsk-0000000000000001/key", by: "a.disk"));

    private static string Presign(string method, string target, params (string Name, string Value)[] headers) => Presign(method, target, "a", headers);

    private static string Presign(string method, string target, string by, params (string Name, string Value)[] headers) => new SigV2TestSigner(by, TestIdentity.Secret).Presign(
        method, target, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 60, headers.ToDictionary(h => h.Name, h => h.Value));

    private Task<RawS3Response> FormAsync(
        int seconds, string by = "a", string secret = TestIdentity.Secret, string query = "", string? condition = null, (string Name, string Value)? extra = null)
    {
        string end = TimeProvider.System.GetUtcNow().AddSeconds(seconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string conditions = """{"bucket":"bucket"},["eq","$key","form"]""" + (condition is null ? "" : "," + condition);
        string policy = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"expiration":"{{end}}","conditions":[{{conditions}}]}"""));
        List<(string Name, string Value)> fields = [("key", "form"), ("AWSAccessKeyId", by), ("policy", policy), ("signature", new SigV2TestSigner(by, secret).Sign(policy))];
        if (extra is { } more)
        {
            fields.Add(more);
        }

        string text = string.Concat(fields.Select(f => $"--X\r\nContent-Disposition: form-data; name=\"{f.Name}\"\r\n\r\n{f.Value}\r\n"))
            + "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nfrom a form\r\n--X--\r\n";
        return _host.SendAsync(null, "POST bucket" + query, text, "Content-Type: multipart/form-data; boundary=X");
    }

    private async Task<RawS3Response> HeaderAsync(string method, string target)
    {
        string date = TimeProvider.System.GetUtcNow().ToString("r");
        string authorization = new SigV2TestSigner("a", TestIdentity.Secret).Authorization(method, target, new Dictionary<string, string> { ["x-amz-date"] = date });
        return await _host.SendAsync(null, $"{method} {target}", null, "x-amz-date: " + date, "Authorization: " + authorization);
    }
}
