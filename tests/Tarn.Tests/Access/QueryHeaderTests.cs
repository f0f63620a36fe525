using System.Text;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Tests.Access;

/// <summary>Headers in the query of presigned URLs: read as headers everywhere if they are signed, and nowhere if they are not.</summary>
public sealed class QueryHeaderTests : IAsyncLifetime
{
    private AccessHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await AccessHost.StartAsync();
        await _host.OkAsync("a", "PUT bucket");
        await _host.OkAsync("a", "PUT bucket/from", "source");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task What_the_query_says_of_an_object_is_stored()
    {
        await OkAsync("PUT", "/bucket/key?x-amz-meta-a=1%20%202&X-Amz-Meta-B=%2B%20%3D&x-amz-tagging=t%3Dv&x-amz-storage-class=STANDARD_IA&x-amz-acl=private", "x");
        RawS3Response head = await _host.OkAsync("a", "HEAD bucket/key");
        Assert.Equal("1  2", head.Headers["x-amz-meta-a"]);
        Assert.Equal("+ =", head.Headers["x-amz-meta-b"]);
        Assert.Equal("STANDARD_IA", head.Headers["x-amz-storage-class"]);
        Assert.Contains("<Key>t</Key><Value>v</Value>", (await _host.OkAsync("a", "GET bucket/key?tagging")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_are_routed_by_it()
    {
        await OkAsync("PUT", "/bucket/copy?x-amz-copy-source=bucket%2Ffrom&x-amz-metadata-directive=REPLACE&x-amz-meta-a=1");
        RawS3Response copy = await _host.OkAsync("a", "GET bucket/copy");
        Assert.Equal(("source", "1"), (copy.Text, copy.Headers["x-amz-meta-a"]));
        await RefusedAsync("PreconditionFailed", "PUT", "/bucket/copy?x-amz-copy-source=bucket%2Ffrom&x-amz-copy-source-if-match=%22no%22");
        string upload = (await OkAsync("POST", "/bucket/parts?uploads&x-amz-meta-a=2")).Xml.Elements().Single(e => e.Name.LocalName == "UploadId").Value;
        await OkAsync("PUT", $"/bucket/parts?partNumber=1&uploadId={upload}&x-amz-copy-source=bucket%2Ffrom&x-amz-copy-source-range=bytes%3D0-1");
    }

    [Theory]
    [InlineData("x-amz-server-side-encryption=AES256")]
    [InlineData("x-amz-server-side-encryption=aws%3Akms")]
    [InlineData("x-amz-server-side-encryption-customer-algorithm=AES256")]
    [InlineData("x-amz-object-lock-mode=GOVERNANCE")]
    [InlineData("x-amz-object-lock-legal-hold=ON")]
    [InlineData("x-amz-website-redirect-location=%2Fa")]
    [InlineData("X-AMZ-WRITE-OFFSET-BYTES=1")]
    [InlineData("x-amz-mfa=1")]
    public async Task Features_that_are_not_implemented_are_refused_there_too(string parameter)
    {
        await RefusedAsync("NotImplemented", "PUT", "/bucket/key?" + parameter, "x");
        await _host.RefusedAsync("NotFound", "a", "HEAD bucket/key");
    }

    [Theory]
    [InlineData("x-amz-acl=public-read", "AccessControlListNotSupported")]
    [InlineData("x-amz-grant-read=id%3Dx", "InvalidArgument")]
    [InlineData("x-amz-storage-class=COLD", "InvalidStorageClass")]
    [InlineData("x-amz-tagging=a%3D1%26a%3D2", "InvalidArgument")]
    [InlineData("x-amz-expected-bucket-owner=123", "AccessDenied")]
    [InlineData("x-amz-content-sha256=nonsense", "InvalidArgument")]
    [InlineData("x-amz-security-token=t", "InvalidToken")]
    [InlineData("X-Amz-Security-Token=t", "InvalidToken")]
    [InlineData("x-amz-meta-a=1&x-amz-meta-a=2", "InvalidArgument")]
    [InlineData("x-amz-meta-a=1&X-Amz-Meta-A=1", "InvalidArgument")]
    [InlineData("x-amz-meta-a=1%0Ax-amz-acl%3Apublic-read", "InvalidArgument")]
    [InlineData("x-amz-meta-a%20b=1", "InvalidArgument")]
    [InlineData("x-amz-meta-%C3%A9=1", "InvalidArgument")]
    public async Task Its_values_are_refused_like_those_of_headers(string parameter, string code)
    {
        await RefusedAsync(code, "PUT", "/bucket/key?" + parameter, "x");
        await _host.RefusedAsync("NotFound", "a", "HEAD bucket/key");
    }

    [Theory]
    [InlineData("X-Amz-Content-Sha256")]
    [InlineData("x-amz-content-sha256")]
    public async Task A_hash_in_the_query_is_what_was_signed(string name)
    {
        string hash = SigV4TestSigner.Hash("x"u8);
        await _host.OkAsync(null, "PUT " + PresignHashed("PUT", $"/bucket/key?{name}={hash}", hash), "x");
        await _host.RefusedAsync("XAmzContentSHA256Mismatch", null, "PUT " + PresignHashed("PUT", $"/bucket/other?{name}={hash}", hash), "y");
        await RefusedAsync("SignatureDoesNotMatch", "PUT", $"/bucket/other?{name}={hash}", "x");
        await _host.RefusedAsync("NotFound", "a", "HEAD bucket/other");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_has_the_URL_of_a_completion_sends_the_list_that_was_signed(bool inHeader)
    {
        // Over plain HTTP some clients sign the hash of what they will send. It is in the query, or in a header that is signed.
        string upload = (await _host.OkAsync("a", "POST bucket/parts?uploads")).Xml.Elements().Single(e => e.Name.LocalName == "UploadId").Value;
        string etag = (await _host.OkAsync("a", $"PUT bucket/parts?partNumber=1&uploadId={upload}", "x")).Headers["ETag"];
        string list = $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>";
        string hash = SigV4TestSigner.Hash(Encoding.UTF8.GetBytes(list)), target = "/bucket/parts?uploadId=" + upload;
        string url = inHeader ? PresignHashed("POST", target, hash, ("x-amz-content-sha256", hash)) : PresignHashed("POST", $"{target}&X-Amz-Content-Sha256={hash}", hash);
        string[] headers = inHeader ? ["x-amz-content-sha256: " + hash] : [];
        await _host.RefusedAsync("XAmzContentSHA256Mismatch", null, "POST " + url, list + " ", headers);
        await _host.RefusedAsync("XAmzContentSHA256Mismatch", null, "POST " + url, null, headers);
        await _host.RefusedAsync(inHeader ? "SignatureDoesNotMatch" : "XAmzContentSHA256Mismatch", null, "POST " + url, list + " ", "x-amz-content-sha256: UNSIGNED-PAYLOAD");
        await _host.RefusedAsync("NotFound", "a", "HEAD bucket/parts");
        await _host.OkAsync(null, "POST " + url, list, headers);
        Assert.Equal("x", (await _host.OkAsync("a", "GET bucket/parts")).Text);
    }

    [Fact]
    public async Task Checksums_and_words_of_the_SDK_are_passed_over() =>
        await OkAsync("PUT", "/bucket/key?x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32&x-amz-checksum-mode=ENABLED&x-id=PutObject", "x");

    [Fact]
    public async Task A_header_of_the_same_name_must_say_the_same()
    {
        await OkAsync("PUT", "/bucket/key?x-amz-meta-a=1", "x", "x-amz-meta-a: 1");
        await RefusedAsync("InvalidRequest", "PUT", "/bucket/key?x-amz-meta-a=1", "x", "x-amz-meta-a: 2");
        await RefusedAsync("InvalidRequest", "PUT", "/bucket/key?x-amz-acl=private", "x", "X-Amz-Acl: public-read");
        await RefusedAsync("AccessDenied", "PUT", "/bucket/key?x-amz-meta-a=1", "x", "x-amz-meta-b: 1");
    }

    [Fact]
    public async Task A_header_that_was_signed_may_come_in_the_query_only()
    {
        // JavaScript's SDK 2: the header is in SignedHeaders, and its value only in the query, which is signed as well.
        var headers = new Dictionary<string, string> { ["host"] = _host.Address.Authority, ["x-amz-meta-foo"] = "bar" };
        string url = Signer.Presign("PUT", "/bucket/key?x-amz-meta-foo=bar", headers, TimeProvider.System.GetUtcNow(), 60);
        await _host.OkAsync(null, "PUT " + url, "x");
        Assert.Equal("bar", (await _host.OkAsync("a", "HEAD bucket/key")).Headers["x-amz-meta-foo"]);
        await _host.RefusedAsync("SignatureDoesNotMatch", null, "PUT " + url.Replace("foo=bar", "foo=baz", StringComparison.Ordinal), "x");
    }

    [Fact]
    public async Task Requests_signed_in_the_header_cover_their_query_too()
    {
        await _host.OkAsync("a", "PUT bucket/key?x-amz-meta-a=1", "x");
        Assert.Equal("1", (await _host.OkAsync("a", "HEAD bucket/key")).Headers["x-amz-meta-a"]);
        await _host.RefusedAsync("NotImplemented", "a", "PUT bucket/key?x-amz-server-side-encryption=AES256", "x");
    }

    [Fact]
    public async Task Policies_see_it()
    {
        await _host.PolicyAsync(
            "bucket",
            """{"Effect":"Allow","Principal":{"AWS":["b","*"]},"Action":["s3:PutObject","s3:PutObjectTagging"],"Resource":"arn:aws:s3:::bucket/*","Condition":{"StringEquals":{"s3:x-amz-storage-class":"STANDARD_IA"}}}""",
            """{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringEquals":{"s3:RequestObjectTag/class":"secret"}}}""");
        await RefusedAsync("AccessDenied", "PUT", "/bucket/key", "x", by: "b");
        await OkAsync("PUT", "/bucket/key?x-amz-storage-class=STANDARD_IA", "x", by: "b");
        await RefusedAsync("AccessDenied", "PUT", "/bucket/key?x-amz-storage-class=STANDARD_IA&x-amz-tagging=class%3Dsecret", "x", by: "b");
    }

    [Theory]
    [InlineData("x-amz-storage-class=STANDARD_IA")]
    [InlineData("x-amz-meta-a=1")]
    [InlineData("X-Amz-Acl=public-read")]
    [InlineData("x-amz-server-side-encryption=AES256")]
    [InlineData("x-amz-copy-source=bucket%2Ffrom")]
    [InlineData("x-amz-checksum-crc32=AAAAAA%3D%3D")]
    [InlineData("X-Amz-Date=20130524T000000Z")]
    [InlineData("x-amz-anything")]
    [InlineData("%78-amz-meta-a=1")]
    public async Task Of_nobody_it_is_refused(string parameter)
    {
        await _host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":"*","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::bucket/*"}""");
        await _host.OkAsync(null, "PUT bucket/open", "x");
        await _host.RefusedAsync("InvalidRequest", null, "PUT bucket/key?" + parameter, "x");
        await _host.RefusedAsync("InvalidRequest", null, "GET bucket/open?" + parameter);
        await _host.RefusedAsync("NotFound", "a", "HEAD bucket/key");
    }

    private static SigV4TestSigner Signer { get; } = new("a", TestIdentity.Secret);

    private string Presign(string method, string target, string by) => new SigV4TestSigner(by, TestIdentity.Secret).Presign(
        method, target, new Dictionary<string, string> { ["host"] = _host.Address.Authority }, TimeProvider.System.GetUtcNow(), 60);

    private string PresignHashed(string method, string target, string hash, params (string Name, string Value)[] headers) => Signer.Presign(
        method, target, headers.Append(("host", _host.Address.Authority)).ToDictionary(), TimeProvider.System.GetUtcNow(), 60, hash);

    private Task<RawS3Response> OkAsync(string method, string target, string? body = null, string? header = null, string by = "a") =>
        _host.OkAsync(null, $"{method} {Presign(method, target, by)}", body, header is null ? [] : [header]);

    private Task<RawS3Response> RefusedAsync(string code, string method, string target, string? body = null, string? header = null, string by = "a") =>
        _host.RefusedAsync(code, null, $"{method} {Presign(method, target, by)}", body, header is null ? [] : [header]);
}
