using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, "POST Object" and "Browser-Based Uploads Using POST (AWS Signature Version 4)".</summary>
public sealed class PostObject(TestEndpoint endpoint) : S3Test(endpoint)
{
    private static readonly (string Name, string Value) Type = ("Content-Type", "multipart/form-data; boundary=" + PostForm.Boundary);

    private Task<RawResponse> SendAsync(string bucket, PostForm form, TimedSigner? signer = null, string query = "", params (string Name, string Value)[] headers) =>
        Raw.SendUnsignedAsync("POST", $"/{bucket}{query}", [Type, .. headers], form.Body(signer ?? Raw.Signer()));

    [Fact]
    public async Task A_form_is_stored_as_its_fields_say()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(300_000);
        PostForm form = new PostForm(bucket) { File = data, FileName = "C:\\photos\\cat é.jpg" }
            .WithCondition("""["starts-with", "$key", "user/"]""").WithUnnamed("key", "user/${filename}")
            .WithCondition("""["starts-with", "$x-amz-meta-original", "cat"]""").WithUnnamed("x-amz-meta-original", "${filename}")
            .With("Content-Type", "image/jpeg").With("Cache-Control", "max-age=5").With("Content-Disposition", "inline").With("acl", "private")
            .With("Expires", "Thu, 01 Jan 2032 00:00:00 GMT").With("x-amz-storage-class", "STANDARD_IA").WithUnnamed("x-ignore-me", "whatever")
            .With("tagging", "<Tagging><TagSet><Tag><Key>k</Key><Value>v w</Value></Tag></TagSet></Tagging>");
        RawResponse answer = (await SendAsync(bucket, form)).Expect(204);
        Assert.Equal(ETag(data), answer["ETag"]);
        Assert.EndsWith($"/{bucket}/user/cat%20%C3%A9.jpg", answer["Location"], StringComparison.Ordinal);
        Assert.Empty(answer.Body);

        RawResponse stored = (await GetAsync(bucket, "user/cat é.jpg")).Expect(200);
        Assert.Equal(data, stored.Body);
        Assert.Equal(("image/jpeg", "max-age=5", "inline"), (stored["Content-Type"], stored["Cache-Control"], stored["Content-Disposition"]));
        Assert.Equal(("Thu, 01 Jan 2032 00:00:00 GMT", "STANDARD_IA", "1"), (stored["Expires"], stored["x-amz-storage-class"], stored["x-amz-tagging-count"]));
        Assert.Equal("cat é.jpg", MailSafe.Decode(stored["x-amz-meta-original"]!));
        Tag tag = Assert.Single((await S3.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = bucket, Key = "user/cat é.jpg" })).Tagging);
        Assert.Equal(("k", "v w"), (tag.Key, tag.Value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20_000)]
    [InlineData(9_000_000)]
    public async Task Files_of_any_size(int size)
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(size, 3);
        RawResponse answer = (await SendAsync(bucket, new PostForm(bucket) { File = data }.With("key", "k"))).Expect(204);
        Assert.Equal(ETag(data), answer["ETag"]);
        Assert.Equal(data, (await GetAsync(bucket, "k")).Expect(200).Body);
        Assert.Equal("binary/octet-stream", (await HeadAsync(bucket, "k"))["Content-Type"]);
    }

    [Theory]
    [InlineData("200", 200)]
    [InlineData("204", 204)]
    [InlineData("302", 204)]
    [InlineData("", 204)]
    public async Task The_form_chooses_its_answer(string status, int expected)
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await SendAsync(bucket, new PostForm(bucket).With("key", "k").With("success_action_status", status))).Expect(expected);
        Assert.Empty(answer.Body);
    }

    [Fact]
    public async Task Created_is_answered_with_a_document()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await SendAsync(bucket, new PostForm(bucket).With("key", "a b/c&").With("success_action_status", "201"))).Expect(201);
        Assert.Equal("PostResponse", answer.Xml().Name.LocalName);
        Assert.StartsWith("application/xml", answer["Content-Type"], StringComparison.Ordinal);
        Assert.Equal((bucket, "a b/c&", answer["ETag"]), (answer.Element("Bucket"), answer.Element("Key"), answer.Element("ETag")));
        Assert.Equal(answer["Location"], answer.Element("Location"));
        Assert.EndsWith($"/{bucket}/a%20b/c%26", answer["Location"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("success_action_redirect", "http://app.example/done", "http://app.example/done?")]
    [InlineData("redirect", "https://app.example:8443/done?a=1#part", "https://app.example:8443/done?a=1&")]
    [InlineData("success_action_redirect", "http://bücher.example/done", "http://xn--bcher-kva.example/done?")]
    [InlineData("success_action_redirect", "javascript:alert(1)", null)]
    [InlineData("success_action_redirect", "/relative", null)]
    public async Task The_form_chooses_where_to_go_on(string field, string address, string? start)
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = await SendAsync(bucket, new PostForm(bucket).With("key", "a b&c").With(field, address));
        if (start is null)
        {
            answer.Expect(204);
            return;
        }

        string etag = answer.Expect(303)["ETag"]!.Trim('"');
        Assert.Equal($"{start}bucket={bucket}&key=a%20b%26c&etag=%22{etag}%22{(address.Contains('#', StringComparison.Ordinal) ? "#part" : "")}", answer["Location"]);
    }

    [Fact]
    public async Task Checksums_are_verified_and_kept()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(5000);
        string sum = Digest.Base64("CRC32", data);
        RawResponse answer = (await SendAsync(bucket, new PostForm(bucket) { File = data }
            .With("key", "k").With("x-amz-checksum-crc32", sum).With("x-amz-sdk-checksum-algorithm", "CRC32"))).Expect(204);
        Assert.Equal(sum, answer["x-amz-checksum-crc32"]);
        (await SendAsync(bucket, new PostForm(bucket) { File = Pattern(5000, 1) }.With("key", "wrong").With("x-amz-checksum-crc32", sum))).ExpectError(400, "BadDigest");
        (await SendAsync(bucket, new PostForm(bucket) { File = data }.With("key", "wrong").With("Content-MD5", Convert.ToBase64String(new byte[16])))).ExpectError(400, "BadDigest");
        await AbsentAsync(bucket, "wrong");
    }

    [Fact]
    public async Task The_policy_bounds_the_size_and_nothing_is_left_of_what_it_refuses()
    {
        string bucket = await NewBucketAsync();
        RawResponse large = (await SendAsync(bucket, Sized(100_001))).ExpectError(400, "EntityTooLarge");
        Assert.Equal("100000", large.Element("MaxSizeAllowed"));
        RawResponse small = (await SendAsync(bucket, Sized(49_999))).ExpectError(400, "EntityTooSmall");
        Assert.Equal(("49999", "50000"), (small.Element("ProposedSize"), small.Element("MinSizeAllowed")));
        (await SendAsync(bucket, Sized(3_000_000))).ExpectError(400, "EntityTooLarge");
        await AbsentAsync(bucket, "k");
        (await SendAsync(bucket, Sized(50_000))).Expect(204);
        (await SendAsync(bucket, Sized(100_000))).Expect(204);

        PostForm Sized(int size) => new PostForm(bucket) { File = Pattern(size) }.With("key", "k").WithCondition("""["content-length-range", 50000, 100000]""");
    }

    [Fact]
    public async Task What_the_policy_does_not_allow_is_denied()
    {
        string bucket = await NewBucketAsync(), other = await NewBucketAsync();
        await DeniedAsync("Policy expired.", new PostForm(bucket).With("key", "k").Expiring(DateTimeOffset.UtcNow.AddSeconds(-5)));
        await DeniedAsync("Extra input fields: x-amz-meta-a", new PostForm(bucket).With("key", "k").WithUnnamed("x-amz-meta-a", "b"));
        await DeniedAsync("Policy Condition failed: ", new PostForm(bucket).WithUnnamed("key", "k").WithCondition("""["starts-with", "$key", "user/"]"""));
        await DeniedAsync("Policy Condition failed: ", new PostForm(other).With("key", "k"));
        await AbsentAsync(bucket, "k");

        async Task DeniedAsync(string why, PostForm form)
        {
            RawResponse answer = (await SendAsync(bucket, form)).ExpectError(403, "AccessDenied");
            Assert.StartsWith("Invalid according to Policy: " + why, answer.Element("Message"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_not_signed_right_is_refused()
    {
        string bucket = await NewBucketAsync();
        (await SendAsync(bucket, Form(), Raw.Signer(withSecret: "wrong"))).ExpectError(403, "SignatureDoesNotMatch");
        (await SendAsync(bucket, Form(), Raw.Signer(withAccessKey: "NOBODY"))).ExpectError(403, "InvalidAccessKeyId");
        (await SendAsync(bucket, Form(), Raw.Signer(withRegion: "eu-nowhere-9"))).ExpectRefusal("InvalidArgument", "InvalidRequest");
        (await SendAsync(bucket, Form().With("x-amz-security-token", "t"))).ExpectRefusal("InvalidToken", "InvalidAccessKeyId");
        (await SendAsync(bucket, Form().WithUnnamed("AWSAccessKeyId", "a"))).ExpectRefusal("InvalidArgument", "InvalidRequest");
        (await SendAsync(bucket, Form(), query: "?X-Amz-Algorithm=AWS4-HMAC-SHA256")).ExpectError(400, "InvalidArgument");
        (await Raw.SendAsync("POST", $"/{bucket}", [Type], Form().Body(Raw.Signer()))).ExpectError(400, "InvalidArgument");
        (await Raw.SendUnsignedAsync("POST", $"/{bucket}", [Type], Form().Body(null))).ExpectError(403, "AccessDenied");
        (await Raw.SendUnsignedAsync("POST", $"/{bucket}", [Type], Form().WithUnnamed("policy", "e30=").Body(null))).ExpectError(400, "InvalidArgument");
        await AbsentAsync(bucket, "k");

        // A form may be signed long before it is sent.
        (await SendAsync(bucket, Form(), Raw.Signer(DateTimeOffset.UtcNow.AddDays(-3)))).Expect(204);

        PostForm Form() => new PostForm(bucket).With("key", "k");
    }

    [Fact]
    public async Task Nobody_may_upload_what_anybody_may_put_and_policies_see_the_fields()
    {
        string bucket = await NewBucketAsync();
        string policy = $$"""
            {"Version": "2012-10-17", "Statement": [
              {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::{{bucket}}/public/*"},
              {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::{{bucket}}/public/*",
               "Condition": {"StringEquals": {"s3:x-amz-storage-class": "GLACIER"} } }]}
            """;
        (await Raw.SendAsync("PUT", $"/{bucket}?policy", [], policy)).Expect(204);
        (await AnonymousAsync("public/a")).Expect(204);
        Assert.Equal("content", await ReadAsync(bucket, "public/a"));
        (await AnonymousAsync("private/a")).ExpectError(403, "AccessDenied");
        (await AnonymousAsync("public/b", ("x-amz-storage-class", "GLACIER"))).ExpectError(403, "AccessDenied");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "public/b").With("x-amz-storage-class", "GLACIER"))).ExpectError(403, "AccessDenied");
        (await AnonymousAsync("public/b", ("x-amz-storage-class", "STANDARD_IA"))).Expect(204);
        await AbsentAsync(bucket, "private/a");

        Task<RawResponse> AnonymousAsync(string key, params (string Name, string Value)[] fields)
        {
            PostForm form = fields.Aggregate(new PostForm(bucket).With("key", key), (all, field) => all.With(field.Name, field.Value));
            return Raw.SendUnsignedAsync("POST", $"/{bucket}", [Type], form.Body(null));
        }
    }

    [Fact]
    public async Task What_is_no_form_is_refused()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendUnsignedAsync("POST", $"/{bucket}", [("Content-Type", "application/x-www-form-urlencoded")], Utf8("key=k"))).ExpectError(412, "PreconditionFailed");
        (await Raw.SendUnsignedAsync("POST", $"/{bucket}", [], [])).ExpectError(412, "PreconditionFailed");
        byte[] whole = new PostForm(bucket).With("key", "k").Body(Raw.Signer());
        (await Raw.SendUnsignedAsync("POST", $"/{bucket}", [Type], whole[..^20])).ExpectError(400, "MalformedPOSTRequest");
        (await Raw.SendUnsignedAsync("POST", $"/{bucket}", [Type], [])).ExpectError(400, "MalformedPOSTRequest");
        (await Raw.SendUnsignedAsync("POST", $"/{bucket}", [Type, ("Transfer-Encoding", "chunked")])).ExpectRefusal();
        await AbsentAsync(bucket, "k");
    }

    [Fact]
    public async Task Fields_that_are_missing_repeated_or_too_long_are_refused()
    {
        string bucket = await NewBucketAsync();
        RawResponse none = (await SendAsync(bucket, new PostForm(bucket) { File = null }.With("key", "k"))).ExpectError(400, "InvalidArgument");
        Assert.Equal("POST requires exactly one file upload per request.", none.Element("Message"));
        string second = $"--{PostForm.Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b\"\r\n\r\nb\r\n";
        RawResponse two = (await SendAsync(bucket, new PostForm(bucket) { After = second }.With("key", "k"))).ExpectError(400, "InvalidArgument");
        Assert.Equal("POST requires exactly one file upload per request.", two.Element("Message"));
        RawResponse missing = (await SendAsync(bucket, new PostForm(bucket))).ExpectError(400, "InvalidArgument");
        Assert.StartsWith("Bucket POST must contain a field named 'key'.", missing.Element("Message"), StringComparison.Ordinal);
        (await SendAsync(bucket, new PostForm(bucket).With("key", ""))).ExpectError(400, "InvalidArgument");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k").With("KEY", "k"))).ExpectError(400, "InvalidArgument");
        (await SendAsync(bucket, new PostForm(bucket).With("key", new string('k', 1025)))).ExpectError(400, "KeyTooLongError");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k").WithUnnamed("x-ignore-a", new string('a', 21_000)))).ExpectError(400, "MaxPostPreDataLengthExceededError");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k").With("x-amz-meta-a b", "c"))).ExpectError(400, "InvalidArgument");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k").With("x-amz-meta-a", "b\u0001"))).ExpectError(400, "InvalidArgument");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k").With("tagging", "<Tagging>"))).ExpectError(400, "MalformedXML");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k").With("tagging", "<Tagging><TagSet/></Tagging>").With("x-amz-tagging", "a=b"))).ExpectError(400, "InvalidArgument");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k").With("x-amz-storage-class", "WARM"))).ExpectError(400, "InvalidStorageClass");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k").With("x-amz-server-side-encryption", "AES256"))).ExpectRefusal("NotImplemented", "InvalidArgument");
        await AbsentAsync(bucket, "k");

        string submit = $"--{PostForm.Boundary}\r\nContent-Disposition: form-data; name=\"submit\"\r\n\r\nUpload\r\n";
        (await SendAsync(bucket, new PostForm(bucket) { After = submit }.With("key", "k"))).Expect(204);
        Assert.Equal("content", await ReadAsync(bucket, "k"));
    }

    [Fact]
    public async Task Versions_and_conditions_are_those_of_any_upload()
    {
        string bucket = await NewBucketAsync();
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k"), headers: ("If-None-Match", "*"))).Expect(204);
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k"), headers: ("If-None-Match", "*"))).ExpectError(412, "PreconditionFailed");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k").With("If-None-Match", "*"))).ExpectError(412, "PreconditionFailed");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "absent").With("If-Match", "*"))).ExpectError(412, "PreconditionFailed");
        (await SendAsync(bucket, new PostForm(bucket).With("key", "k").With("If-Match", "*"), headers: ("If-Match", "*"))).ExpectError(400, "InvalidArgument");
        await S3.PutBucketVersioningAsync(new PutBucketVersioningRequest { BucketName = bucket, VersioningConfig = new() { Status = Amazon.S3.VersionStatus.Enabled } });
        string? version = (await SendAsync(bucket, new PostForm(bucket) { File = Utf8("new") }.With("key", "k"))).Expect(204)["x-amz-version-id"];
        Assert.False(string.IsNullOrEmpty(version));
        Assert.Equal("new", (await Raw.SendAsync("GET", At(bucket, "k", "versionId=" + version))).Expect(200).Text);
        string absent = NewName();
        (await SendAsync(absent, new PostForm(absent).With("key", "k"))).ExpectError(404, "NoSuchBucket");
    }

    [Fact]
    public async Task Virtual_host_style_is_no_different()
    {
        Assert.SkipWhen(Endpoint.Domain is null, "the endpoint has no domain");
        string bucket = await NewBucketAsync();
        string host = $"{bucket}.{Endpoint.Domain}:{Endpoint.Address.Port}";
        byte[] body = new PostForm(bucket).With("key", "k").Body(Raw.Signer());
        RawResponse answer = (await Raw.ExchangeAsync("POST", RawClient.Lines("POST", "/", [("Host", host), Type, ("Content-Length", $"{body.Length}")]), body)).Expect(204);
        Assert.EndsWith($"{host}/k", answer["Location"], StringComparison.Ordinal);
        Assert.Equal("content", await ReadAsync(bucket, "k"));
    }

    [Fact]
    public async Task A_page_of_another_origin_can_read_the_answer_and_the_refusal()
    {
        string bucket = await NewBucketAsync();
        string rules = PutBucketCors.Document("<CORSRule><AllowedOrigin>http://a.example</AllowedOrigin><AllowedMethod>POST</AllowedMethod></CORSRule>");
        (await Raw.SendAsync("PUT", $"/{bucket}?cors", [ContentMd5(rules)], rules)).Expect(200);
        (string, string) origin = ("Origin", "http://a.example");
        Assert.Equal("http://a.example", (await SendAsync(bucket, new PostForm(bucket).With("key", "k"), headers: origin)).Expect(204)["Access-Control-Allow-Origin"]);
        RawResponse refused = (await SendAsync(bucket, new PostForm(bucket).With("key", "k").WithUnnamed("x-amz-meta-a", "b"), headers: origin)).ExpectError(403, "AccessDenied");
        Assert.Equal("http://a.example", refused["Access-Control-Allow-Origin"]);
    }
}
