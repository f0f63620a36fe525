using Tarn.TestKit.Signing;

namespace Tarn.Tests.Access;

/// <summary>
/// Conditions of policies concern what the request does: a parameter or header that its operation ignores satisfies none.
/// <c>a</c> owns the buckets.
/// </summary>
public sealed class ConditionEvasionTests : IAsyncLifetime
{
    private const string Form = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nup\r\n"
        + "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nown words\r\n--x--\r\n";

    private AccessHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await AccessHost.StartAsync();
        await _host.OkAsync("a", "PUT bucket");
        await _host.OkAsync("a", "PUT bucket/key", "x");
        await _host.OkAsync("b", "PUT mine");
        await _host.OkAsync("b", "PUT mine/tagged", "x", "x-amz-tagging: class=secret");
        await _host.OkAsync("b", "PUT mine/plain", "x");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Tags_that_a_copy_does_not_set_fulfil_no_condition()
    {
        await _host.PolicyAsync("bucket", Allow("b", "[\"s3:PutObject\",\"s3:PutObjectTagging\"]", """{"StringEquals":{"s3:RequestObjectTag/class":"open"}}"""));
        await _host.RefusedAsync("AccessDenied", "b", "PUT bucket/copy", "", "x-amz-copy-source: mine/tagged", "x-amz-tagging: class=open");
        await _host.RefusedAsync("AccessDenied", "b", "PUT bucket/copy", "", "x-amz-copy-source: mine/plain", "x-amz-tagging: class=open");
        await _host.OkAsync(
            "b", "PUT bucket/copy", "", "x-amz-copy-source: mine/tagged", "x-amz-tagging: class=open", "x-amz-tagging-directive: REPLACE");
        Assert.Contains("<Value>open</Value>", (await _host.OkAsync("a", "GET bucket/copy?tagging")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_is_not_copied_fulfils_no_condition()
    {
        await _host.PolicyAsync("bucket", Allow("*", "\"s3:PutObject\"", """{"StringLike":{"s3:x-amz-copy-source":"mine/*"}}"""));
        await _host.RefusedAsync(
            "AccessDenied", null, "POST bucket", Form, "Content-Type: multipart/form-data; boundary=x", "x-amz-copy-source: mine/plain");
        await _host.RefusedAsync("AccessDenied", "b", "POST bucket/up?uploads", "", "x-amz-copy-source: mine/plain");
        await _host.RefusedAsync("AccessDenied", "b", "PUT bucket/up", "own words");
        await _host.OkAsync("b", "PUT bucket/up", "", "x-amz-copy-source: mine/plain");
    }

    [Fact]
    public async Task A_form_is_refused_what_is_not_implemented_in_its_fields_and_in_its_headers()
    {
        await _host.PolicyAsync("bucket", Allow("*", "\"s3:PutObject\"", "{}"));
        const string type = "Content-Type: multipart/form-data; boundary=x";
        string field = "--x\r\nContent-Disposition: form-data; name=\"x-amz-object-lock-mode\"\r\n\r\nGOVERNANCE\r\n" + Form;
        await _host.RefusedAsync("NotImplemented", null, "POST bucket", field, type);
        await _host.RefusedAsync("NotImplemented", null, "POST bucket", field.Replace("object-lock-mode", "copy-source", StringComparison.Ordinal), type);
        await _host.RefusedAsync("NotImplemented", null, "POST bucket", Form, type, "x-amz-server-side-encryption: AES256");
        await _host.RefusedAsync("NotImplemented", null, "POST bucket", Form, type, "x-amz-copy-source: mine/plain");
        await _host.RefusedAsync("NoSuchKey", "a", "GET bucket/up");
        await _host.OkAsync(null, "POST bucket", Form, type);
    }

    [Fact]
    public async Task What_is_not_implemented_is_refused_of_any_operation_that_is_allowed()
    {
        await _host.RefusedAsync("NotImplemented", "a", "GET bucket/key", null, "x-amz-server-side-encryption-customer-algorithm: AES256");
        await _host.RefusedAsync("NotImplemented", "a", "GET bucket?list-type=2", null, "x-amz-object-lock-anything: 1");
        await _host.RefusedAsync("NotImplemented", "a", "PUT bucket?tagging", "<Tagging/>", "x-amz-grant-read: id=x");
        await _host.RefusedAsync("NotImplemented", "a", "GET ", null, "x-amz-mfa: 1 2");
        await _host.RefusedAsync("InvalidArgument", "a", "GET bucket?response-content-type=x");
        await _host.RefusedAsync("AccessDenied", "b", "GET bucket/key", null, "x-amz-server-side-encryption: AES256");
    }

    [Fact]
    public async Task A_parameter_of_listings_fulfils_conditions_of_listings_only()
    {
        await _host.PolicyAsync(
            "bucket",
            """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""",
            """{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket","Condition":{"StringEquals":{"s3:prefix":"home/"}}}""");
        foreach (string listing in new[] { "?prefix=home/", "?list-type=2&prefix=home/", "?versions&prefix=home/" })
        {
            await _host.OkAsync("b", "GET bucket" + listing);
            await _host.RefusedAsync("AccessDenied", "b", "GET bucket" + listing.Replace("home/", "", StringComparison.Ordinal));
        }

        // Whether a key exists is disclosed to those who may list it, not to those who merely add a prefix parameter.
        await _host.RefusedAsync("AccessDenied", "b", "GET bucket/none?prefix=home/");
        await _host.RefusedAsync("AccessDenied", "b", "GET bucket?acl&prefix=home/");
    }

    [Fact]
    public async Task A_presigned_url_vouches_for_the_payload_that_it_was_signed_for()
    {
        await _host.PolicyAsync(
            "bucket",
            """{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringEquals":{"s3:x-amz-content-sha256":"UNSIGNED-PAYLOAD"}}}""");
        string hash = SigV4TestSigner.Hash("x"u8);
        await _host.RefusedAsync("AccessDenied", null, "PUT " + Presign("/bucket/up"), "x");
        await _host.RefusedAsync("AccessDenied", null, "PUT " + Presign("/bucket/up"), "x", "x-amz-content-sha256: " + hash);
        await _host.OkAsync(null, "PUT " + Presign("/bucket/up?X-Amz-Content-Sha256=" + hash, hash), "x");
        await _host.RefusedAsync("AccessDenied", "a", "PUT bucket/up", "x", "x-amz-content-sha256: UNSIGNED-PAYLOAD");
    }

    [Fact]
    public async Task Who_may_write_by_the_buckets_list_cannot_evade_a_denial_of_lists()
    {
        await _host.OkAsync("a", "PUT lists", "", "x-amz-object-ownership: ObjectWriter", $"x-amz-grant-write: id={TestIdentity.IdOf("b")}");
        await _host.OkAsync("b", "PUT lists/k", "x", "x-amz-acl: public-read");
        await _host.PolicyAsync("lists", """{"Effect":"Deny","Principal":"*","Action":"s3:PutObjectAcl","Resource":"arn:aws:s3:::lists/*"}""");
        await _host.RefusedAsync("AccessDenied", "b", "PUT lists/k", "x", "x-amz-acl: public-read");
        await _host.RefusedAsync("AccessDenied", "b", "PUT lists/k", "x", $"x-amz-grant-read: id={TestIdentity.IdOf("c")}");
        await _host.RefusedAsync("AccessDenied", "b", "POST lists/k?uploads", "", "x-amz-acl: authenticated-read");
        await _host.OkAsync("b", "PUT lists/k", "x");
        await _host.OkAsync("b", "PUT lists/k", "x", "x-amz-acl: bucket-owner-full-control");
    }

    private static string Allow(string who, string actions, string condition) =>
        $$$"""{"Effect":"Allow","Principal":{"AWS":"{{{who}}}"},"Action":{{{actions}}},"Resource":"arn:aws:s3:::bucket/*","Condition":{{{condition}}}}""";

    private string Presign(string target, string? hash = null)
    {
        var host = new Dictionary<string, string> { ["host"] = _host.Address.Authority };
        var signer = new SigV4TestSigner("a", TestIdentity.Secret);
        return (hash is null
            ? signer.Presign("PUT", target, host, TimeProvider.System.GetUtcNow(), 60)
            : signer.Presign("PUT", target, host, TimeProvider.System.GetUtcNow(), 60, hash))[1..];
    }
}
