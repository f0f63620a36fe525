using System.Globalization;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, CopyObject.</summary>
public sealed class CopyObject(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string Past = "Sat, 01 Jan 2000 00:00:00 GMT";
    private const string OtherTag = "\"00000000000000000000000000000000\"";

    [Fact]
    public async Task Copies_data_and_answers_ETag_and_time()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(123_456);
        await PutAsync(bucket, "from", data);
        RawResponse answer = (await CopyAsync(bucket, "from", bucket, "to")).Expect(200);
        Assert.Equal("CopyObjectResult", answer.Xml().Name.LocalName);
        Assert.Equal(ETag(data), answer.Element("ETag"));
        Assert.InRange(DateTimeOffset.Parse(answer.Element("LastModified")!, CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow.AddMinutes(2));
        Assert.Equal(data, (await GetAsync(bucket, "to")).Expect(200).Body);
        Assert.Equal(data, (await GetAsync(bucket, "from")).Expect(200).Body);
    }

    [Fact]
    public async Task Copies_between_buckets_and_outlives_the_source()
    {
        string source = await NewBucketAsync(), target = await NewBucketAsync();
        byte[] data = Pattern(300_000);
        await PutAsync(source, "key", data);
        (await CopyAsync(source, "key", target, "key")).Expect(200);
        (await Raw.SendAsync("DELETE", At(source, "key"))).Expect(204);
        (await Raw.SendAsync("DELETE", "/" + source)).Expect(204);
        Assert.Equal(data, (await GetAsync(target, "key")).Expect(200).Body);
    }

    [Fact]
    public async Task Multipart_source_becomes_one_object()
    {
        string bucket = await NewBucketAsync();
        byte[] first = Pattern(MinPart, 1), second = Pattern(9, 2);
        await PutInPartsAsync(bucket, "from", first, second);
        (await CopyAsync(bucket, "from", bucket, "to")).Expect(200);
        byte[] whole = [.. first, .. second];
        Assert.Equal(whole, (await GetAsync(bucket, "to")).Expect(200).Body);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("COPY")]
    public async Task Metadata_is_copied_unless_told_otherwise(string? directive)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "from", "data", ("x-amz-meta-a", "1"), ("Content-Type", "text/css"), ("Cache-Control", "no-store"));
        (string, string)[] extra = directive is null ? [("x-amz-meta-b", "2")] : [("x-amz-metadata-directive", directive), ("x-amz-meta-b", "2")];
        (await CopyAsync(bucket, "from", bucket, "to", extra)).Expect(200);
        RawResponse head = (await HeadAsync(bucket, "to")).Expect(200);
        Assert.Equal(("1", null, "text/css", "no-store"), (head["x-amz-meta-a"], head["x-amz-meta-b"], head["Content-Type"], head["Cache-Control"]));
    }

    [Fact]
    public async Task REPLACE_takes_the_metadata_of_the_request()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "from", "data", ("x-amz-meta-a", "1"), ("Content-Type", "text/css"), ("Cache-Control", "no-store"));
        (await CopyAsync(bucket, "from", bucket, "to", ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-b", "2"), ("Content-Type", "image/gif"))).Expect(200);
        RawResponse head = (await HeadAsync(bucket, "to")).Expect(200);
        Assert.Equal((null, "2", "image/gif", null), (head["x-amz-meta-a"], head["x-amz-meta-b"], head["Content-Type"], head["Cache-Control"]));
    }

    [Fact]
    public async Task Unknown_directive_is_InvalidArgument()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "from", "data");
        (await CopyAsync(bucket, "from", bucket, "to", ("x-amz-metadata-directive", "MOVE"))).ExpectError(400, "InvalidArgument");
        await AbsentAsync(bucket, "to");
    }

    [Fact]
    public async Task Onto_itself_needs_a_change()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data", ("x-amz-meta-a", "1"));
        (await CopyAsync(bucket, "key", bucket, "key")).ExpectError(400, "InvalidRequest");
        (await CopyAsync(bucket, "key", bucket, "key", ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-b", "2"))).Expect(200);
        RawResponse got = (await GetAsync(bucket, "key")).Expect(200);
        Assert.Equal(("data", null, "2"), (got.Text, got["x-amz-meta-a"], got["x-amz-meta-b"]));
        (await CopyAsync(bucket, "key", bucket, "key", ("x-amz-storage-class", "STANDARD_IA"))).Expect(200);
        Assert.Equal("STANDARD_IA", (await HeadAsync(bucket, "key"))["x-amz-storage-class"]);
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    [Theory]
    [InlineData("x-amz-copy-source-if-match", "=", 200)]
    [InlineData("x-amz-copy-source-if-match", OtherTag, 412)]
    [InlineData("x-amz-copy-source-if-none-match", OtherTag, 200)]
    [InlineData("x-amz-copy-source-if-none-match", "=", 412)]
    [InlineData("x-amz-copy-source-if-modified-since", Past, 200)]
    [InlineData("x-amz-copy-source-if-modified-since", "@", 412)]
    [InlineData("x-amz-copy-source-if-unmodified-since", "@", 200)]
    [InlineData("x-amz-copy-source-if-unmodified-since", Past, 412)]
    public async Task Source_conditions(string header, string value, int status)
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "from", "data");
        string modified = (await HeadAsync(bucket, "from"))["Last-Modified"]!;
        RawResponse answer = await CopyAsync(bucket, "from", bucket, "to", (header, value == "=" ? etag : value == "@" ? modified : value));
        answer.Expect(status);
        if (status == 412)
        {
            answer.ExpectError(412, "PreconditionFailed");
            await AbsentAsync(bucket, "to");
        }
    }

    [Fact]
    public async Task If_match_true_outweighs_if_unmodified_since_false()
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "from", "data");
        (await CopyAsync(bucket, "from", bucket, "to", ("x-amz-copy-source-if-match", etag), ("x-amz-copy-source-if-unmodified-since", Past))).Expect(200);
    }

    [Fact]
    public async Task If_none_match_false_outweighs_if_modified_since_true()
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "from", "data");
        (await CopyAsync(bucket, "from", bucket, "to", ("x-amz-copy-source-if-none-match", etag), ("x-amz-copy-source-if-modified-since", Past))).ExpectError(412, "PreconditionFailed");
    }

    [Theory]
    [MemberData(nameof(PutObject.OddKeys), MemberType = typeof(PutObject))]
    public async Task Source_key_may_be_anything(string key)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, key, key);
        (await Raw.SendAsync("PUT", At(bucket, "copy"), [("x-amz-copy-source", bucket + "/" + Uri.EscapeDataString(key))], [])).Expect(200);
        (await Raw.SendAsync("PUT", At(bucket, "copy2"), [("x-amz-copy-source", "/" + bucket + "/" + RawClient.Escape(key))], [])).Expect(200);
        Assert.Equal(key, await ReadAsync(bucket, "copy"));
        Assert.Equal(key, await ReadAsync(bucket, "copy2"));
    }

    [Fact]
    public async Task The_SDK_copies_odd_keys()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a b+c/é😀?x=1&%", "data");
        await S3.CopyObjectAsync(new CopyObjectRequest { SourceBucket = bucket, SourceKey = "a b+c/é😀?x=1&%", DestinationBucket = bucket, DestinationKey = "b c+d/é?" });
        Assert.Equal("data", await ReadAsync(bucket, "b c+d/é?"));
    }

    [Fact]
    public async Task Missing_source_is_NoSuchKey_or_NoSuchBucket()
    {
        string bucket = await NewBucketAsync();
        (await CopyAsync(bucket, "never", bucket, "to")).ExpectError(404, "NoSuchKey");
        (await CopyAsync(NewName(), "never", bucket, "to")).ExpectError(404, "NoSuchBucket");
        await PutAsync(bucket, "from", "data");
        (await CopyAsync(bucket, "from", NewName(), "to")).ExpectError(404, "NoSuchBucket");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("bucketonly")]
    [InlineData("bucketonly/")]
    [InlineData("UPPER_/key")]
    [InlineData("bucket/%ff")]
    public async Task Malformed_source_is_refused(string source)
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("PUT", At(bucket, "to"), [("x-amz-copy-source", source)], [])).ExpectRefusal("InvalidArgument", "InvalidRequest", "InvalidBucketName", "NoSuchBucket", "InvalidURI");
        await AbsentAsync(bucket, "to");
    }

    [Fact]
    public async Task Destination_conditions_hold_too()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "from", "new");
        string etag = await PutAsync(bucket, "to", "old");
        (await CopyAsync(bucket, "from", bucket, "to", ("If-None-Match", "*"))).ExpectError(412, "PreconditionFailed");
        (await CopyAsync(bucket, "from", bucket, "to", ("If-Match", OtherTag))).ExpectError(412, "PreconditionFailed");
        Assert.Equal("old", await ReadAsync(bucket, "to"));
        (await CopyAsync(bucket, "from", bucket, "to", ("If-Match", etag))).Expect(200);
        Assert.Equal("new", await ReadAsync(bucket, "to"));
        (await CopyAsync(bucket, "from", bucket, "fresh", ("If-None-Match", "*"))).Expect(200);
    }

    [Fact]
    public async Task Checksum_is_kept_or_computed_anew()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(5000);
        await PutAsync(bucket, "from", data, ("x-amz-checksum-sha1", Digest.Base64("SHA1", data)));
        (await CopyAsync(bucket, "from", bucket, "kept")).Expect(200);
        Assert.Equal(Digest.Base64("SHA1", data), (await HeadAsync(bucket, "kept", ("x-amz-checksum-mode", "ENABLED")))["x-amz-checksum-sha1"]);
        RawResponse answer = (await CopyAsync(bucket, "from", bucket, "anew", ("x-amz-checksum-algorithm", "CRC32C"))).Expect(200);
        Assert.Equal(Digest.Base64("CRC32C", data), answer.Element("ChecksumCRC32C"));
        RawResponse head = await HeadAsync(bucket, "anew", ("x-amz-checksum-mode", "ENABLED"));
        Assert.Equal(Digest.Base64("CRC32C", data), head["x-amz-checksum-crc32c"]);
        Assert.Null(head["x-amz-checksum-sha1"]);
    }

    [Fact]
    public async Task Expected_owners_of_both_buckets_are_checked()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "from", "data");
        (await CopyAsync(bucket, "from", bucket, "to", ("x-amz-expected-bucket-owner", "000000000000"))).ExpectError(403, "AccessDenied");
        (await CopyAsync(bucket, "from", bucket, "to", ("x-amz-source-expected-bucket-owner", "000000000000"))).ExpectError(403, "AccessDenied");
        await AbsentAsync(bucket, "to");
    }

    [Theory]
    [InlineData("x-amz-copy-source-server-side-encryption-customer-algorithm", "AES256")]
    [InlineData("x-amz-server-side-encryption", "AES256")]
    [InlineData("x-amz-object-lock-legal-hold", "ON")]
    public async Task Not_implemented_headers_are_NotImplemented(string name, string value)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "from", "data");
        (await CopyAsync(bucket, "from", bucket, "to", (name, value))).ExpectError(501, "NotImplemented");
    }

    private Task<RawResponse> CopyAsync(string fromBucket, string from, string toBucket, string to, params (string Name, string Value)[] headers) =>
        Raw.SendAsync("PUT", At(toBucket, to), [("x-amz-copy-source", $"/{fromBucket}/{RawClient.Escape(from)}"), .. headers], []);
}
