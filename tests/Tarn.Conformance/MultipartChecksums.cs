using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 User Guide, "Checking object integrity"; API Reference, CompleteMultipartUpload.</summary>
public sealed class MultipartChecksums(TestEndpoint endpoint) : S3Test(endpoint)
{
    public static TheoryData<string> Algorithms => new(Digest.Algorithms);

    [Theory]
    [InlineData("CRC32")]
    [InlineData("CRC32C")]
    [InlineData("SHA1")]
    [InlineData("SHA256")]
    [InlineData("SHA512")]
    [InlineData("MD5")]
    [InlineData("XXHASH64")]
    [InlineData("XXHASH3")]
    [InlineData("XXHASH128")]
    public async Task Composite_is_the_checksum_of_the_parts_checksums(string algorithm)
    {
        string bucket = await NewBucketAsync();
        byte[][] parts = [Pattern(MinPart, 1), Pattern(77, 2)];
        RawResponse done = await UploadAsync(bucket, algorithm, null, parts);
        string expected = Digest.Composite(algorithm, parts);
        Assert.Equal(("COMPOSITE", expected), (done.Element("ChecksumType"), done.Element("Checksum" + algorithm)));
        RawResponse head = (await HeadAsync(bucket, "key", ("x-amz-checksum-mode", "ENABLED"))).Expect(200);
        Assert.Equal((expected, "COMPOSITE"), (head[Digest.Header(algorithm)], head["x-amz-checksum-type"]));

        // GetObjectAttributes gives the number of parts beside the value, not in it.
        RawResponse attributes = (await Raw.SendAsync("GET", At(bucket, "key", "attributes"), [("x-amz-object-attributes", "Checksum,ObjectParts")])).Expect(200);
        Assert.Equal(expected[..expected.IndexOf('-', StringComparison.Ordinal)], attributes.Element("Checksum" + algorithm));
        Assert.Equal(("COMPOSITE", "2"), (attributes.Element("ChecksumType"), attributes.Element("PartsCount")));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_part_is_read_with_its_own(string algorithm)
    {
        string bucket = await NewBucketAsync();
        byte[][] parts = [Pattern(MinPart, 1), Pattern(77, 2)];
        RawResponse done = await UploadAsync(bucket, algorithm, null, parts);
        for (int i = 0; i < parts.Length; i++)
        {
            foreach (string method in (string[])["GET", "HEAD"])
            {
                RawResponse part = (await Raw.SendAsync(method, At(bucket, "key", $"partNumber={i + 1}"), [("x-amz-checksum-mode", "ENABLED")])).Expect(206);
                Assert.Equal(Digest.Base64(algorithm, parts[i]), part[Digest.Header(algorithm)]);
                Assert.Equal(done.Element("ChecksumType"), part["x-amz-checksum-type"]);
            }
        }
    }

    /// <summary>An unknown checksum must not be ignored: the client would believe that its bytes were checked.</summary>
    [Fact]
    public async Task A_second_completion_that_contradicts_the_first_is_refused()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key", ("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT"));
        byte[] data = Utf8("data");
        string etag = await PutPartAsync(bucket, "key", upload, 1, data), more = await PutPartAsync(bucket, "key", upload, 2, Utf8("more"));
        string sum = Digest.Base64("CRC32", data);
        for (int i = 0; i < 2; i++)
        {
            (await CompleteAsync(bucket, "key", upload, [(1, etag)], ("x-amz-checksum-crc32", sum), ("x-amz-mp-object-size", "4"))).Expect(200);
        }

        (await CompleteAsync(bucket, "key", upload, [(1, etag), (2, more)])).ExpectError(404, "NoSuchUpload");
        (await CompleteAsync(bucket, "key", upload, [(1, more)])).ExpectError(404, "NoSuchUpload");
        (await CompleteAsync(bucket, "key", upload, [(1, etag)], ("x-amz-checksum-crc32", Digest.Base64("CRC32", Utf8("other"))))).ExpectError(404, "NoSuchUpload");
        (await CompleteAsync(bucket, "key", upload, [(1, etag)], ("x-amz-mp-object-size", "5"))).ExpectError(404, "NoSuchUpload");
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    [Theory]
    [InlineData("CRC32")]
    [InlineData("CRC32C")]
    [InlineData("CRC64NVME")]
    public async Task Full_object_is_the_checksum_of_the_whole(string algorithm)
    {
        string bucket = await NewBucketAsync();
        byte[][] parts = [Pattern(MinPart, 1), Pattern(77, 2)];
        RawResponse done = await UploadAsync(bucket, algorithm, "FULL_OBJECT", parts);
        string expected = Digest.Base64(algorithm, [.. parts[0], .. parts[1]]);
        Assert.Equal(("FULL_OBJECT", expected), (done.Element("ChecksumType"), done.Element("Checksum" + algorithm)));
        RawResponse head = (await HeadAsync(bucket, "key", ("x-amz-checksum-mode", "ENABLED"))).Expect(200);
        Assert.Equal((expected, "FULL_OBJECT"), (head[Digest.Header(algorithm)], head["x-amz-checksum-type"]));
    }

    [Fact]
    public async Task Completion_verifies_the_checksums_it_is_given()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Utf8("data");
        string upload = await StartUploadAsync(bucket, "key", ("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT"));
        string etag = await PutPartAsync(bucket, "key", upload, 1, data, ("x-amz-checksum-crc32", Digest.Base64("CRC32", data)));
        string other = Digest.Base64("CRC32", Utf8("other"));
        string id = "uploadId=" + Uri.EscapeDataString(upload);
        (await CompleteAsync(bucket, "key", upload, [(1, etag)], ("x-amz-checksum-crc32", other))).ExpectError(400, "BadDigest");
        (await CompleteAsync(bucket, "key", upload, [(1, etag)], ("x-amz-checksum-type", "COMPOSITE"))).ExpectError(400, "BadDigest", "InvalidRequest");
        (await Raw.SendAsync("POST", At(bucket, "key", id), [], $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag><ChecksumCRC32>{other}</ChecksumCRC32></Part></CompleteMultipartUpload>")).ExpectError(400, "InvalidPart", "BadDigest");
        await AbsentAsync(bucket, "key");
        (await CompleteAsync(bucket, "key", upload, [(1, etag)], ("x-amz-checksum-crc32", Digest.Base64("CRC32", data)), ("x-amz-checksum-type", "FULL_OBJECT"))).Expect(200);
    }

    [Fact]
    public async Task Composite_completion_needs_the_checksum_of_every_part()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Utf8("data");
        string upload = await StartUploadAsync(bucket, "key", ("x-amz-checksum-algorithm", "SHA256"));
        string etag = await PutPartAsync(bucket, "key", upload, 1, data, ("x-amz-checksum-sha256", Digest.Base64("SHA256", data)));
        (await CompleteAsync(bucket, "key", upload, [(1, etag)])).ExpectError(400, "InvalidRequest");
    }

    [Fact]
    public async Task A_part_must_use_the_algorithm_of_its_upload()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Utf8("data");
        string upload = await StartUploadAsync(bucket, "key", ("x-amz-checksum-algorithm", "SHA256"));
        (await SendPartAsync(bucket, "key", upload, "1", data, ("x-amz-checksum-crc32", Digest.Base64("CRC32", data)))).ExpectError(400, "InvalidRequest");
    }

    private async Task<RawResponse> UploadAsync(string bucket, string algorithm, string? type, byte[][] parts)
    {
        (string, string)[] headers = type is null ? [("x-amz-checksum-algorithm", algorithm)] : [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", type)];
        string upload = await StartUploadAsync(bucket, "key", headers);
        string body = "";
        for (int i = 0; i < parts.Length; i++)
        {
            string sum = Digest.Base64(algorithm, parts[i]);
            string etag = await PutPartAsync(bucket, "key", upload, i + 1, parts[i], (Digest.Header(algorithm), sum));
            body += $"<Part><PartNumber>{i + 1}</PartNumber><ETag>{etag}</ETag><Checksum{algorithm}>{sum}</Checksum{algorithm}></Part>";
        }

        return (await Raw.SendAsync("POST", At(bucket, "key", "uploadId=" + Uri.EscapeDataString(upload)), [], $"<CompleteMultipartUpload>{body}</CompleteMultipartUpload>")).Expect(200);
    }
}
