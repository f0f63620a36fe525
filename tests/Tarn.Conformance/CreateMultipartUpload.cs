using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, CreateMultipartUpload.</summary>
public sealed class CreateMultipartUpload(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Answers_bucket_key_and_a_new_id()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await Raw.SendAsync("POST", At(bucket, "a b/é", "uploads"))).Expect(200);
        Assert.Equal("InitiateMultipartUploadResult", answer.Xml().Name.LocalName);
        Assert.Equal((bucket, "a b/é"), (answer.Element("Bucket"), answer.Element("Key")));
        Assert.NotEqual(answer.Element("UploadId"), await StartUploadAsync(bucket, "a b/é"));
        await AbsentAsync(bucket, "a b/é");
    }

    [Fact]
    public async Task Metadata_given_here_is_the_objects()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key", ("Content-Type", "video/mp4"), ("Cache-Control", "no-store"), ("x-amz-meta-a", "1"), ("x-amz-storage-class", "STANDARD_IA"));
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "key", upload, [(1, etag)])).Expect(200);
        RawResponse head = (await HeadAsync(bucket, "key")).Expect(200);
        Assert.Equal(("video/mp4", "no-store", "1", "STANDARD_IA"), (head["Content-Type"], head["Cache-Control"], head["x-amz-meta-a"], head["x-amz-storage-class"]));
    }

    [Theory]
    [InlineData("x-amz-storage-class", "SHINY", 400, "InvalidStorageClass")]
    [InlineData("x-amz-server-side-encryption", "aws:kms", 501, "NotImplemented")]
    [InlineData("x-amz-object-lock-mode", "COMPLIANCE", 501, "NotImplemented")]
    [InlineData("x-amz-checksum-algorithm", "CRC99", 400, "InvalidRequest")]
    [InlineData("x-amz-expected-bucket-owner", "000000000000", 403, "AccessDenied")]
    public async Task Bad_headers_are_refused(string name, string value, int status, string code)
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("POST", At(bucket, "key", "uploads"), [(name, value)])).ExpectError(status, code);
        Assert.Empty((await Raw.SendAsync("GET", $"/{bucket}?uploads")).Expect(200).Elements("UploadId"));
    }

    [Fact]
    public async Task Metadata_beyond_2_KiB_is_refused() =>
        (await Raw.SendAsync("POST", At(await NewBucketAsync(), "key", "uploads"), [("x-amz-meta-a", new string('v', 2048))])).ExpectError(400, "MetadataTooLarge");

    [Theory]
    [InlineData("SHA1", "FULL_OBJECT")]
    [InlineData("SHA256", "FULL_OBJECT")]
    [InlineData("CRC64NVME", "COMPOSITE")]
    public async Task Checksum_type_must_suit_the_algorithm(string algorithm, string type) =>
        (await Raw.SendAsync("POST", At(await NewBucketAsync(), "key", "uploads"), [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", type)])).ExpectError(400, "InvalidRequest");

    [Theory]
    [InlineData("CRC32", null, "COMPOSITE")]
    [InlineData("CRC32", "FULL_OBJECT", "FULL_OBJECT")]
    [InlineData("SHA256", null, "COMPOSITE")]
    [InlineData("CRC64NVME", null, "FULL_OBJECT")]
    public async Task Checksum_algorithm_and_type_are_echoed(string algorithm, string? type, string shown)
    {
        (string, string)[] headers = type is null ? [("x-amz-checksum-algorithm", algorithm)] : [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", type)];
        RawResponse answer = (await Raw.SendAsync("POST", At(await NewBucketAsync(), "key", "uploads"), headers)).Expect(200);
        Assert.Equal((algorithm, shown), (answer["x-amz-checksum-algorithm"], answer["x-amz-checksum-type"]));
    }

    [Fact]
    public async Task Missing_bucket_and_long_keys_are_refused()
    {
        (await Raw.SendAsync("POST", At(NewName(), "key", "uploads"))).ExpectError(404, "NoSuchBucket");
        (await Raw.SendAsync("POST", At(await NewBucketAsync(), new string('k', 1025), "uploads"))).ExpectError(400, "KeyTooLongError");
    }
}
