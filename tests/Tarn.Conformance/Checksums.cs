using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 User Guide, "Checking object integrity"; API Reference, PutObject and CompleteMultipartUpload.</summary>
public sealed class Checksums(TestEndpoint endpoint) : S3Test(endpoint)
{
    public static TheoryData<string> Algorithms => new(Digest.Algorithms);

    public static TheoryData<string, string> Trailers
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string algorithm in Digest.Algorithms)
            {
                rows.Add(algorithm, ChunkedBody.SignedTrailer);
                rows.Add(algorithm, ChunkedBody.UnsignedTrailer);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task In_a_header_it_is_verified_kept_and_returned_on_demand(string algorithm)
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(70_001);
        string name = Digest.Header(algorithm), value = Digest.Base64(algorithm, data);
        RawResponse put = (await Raw.SendAsync("PUT", At(bucket, "key"), [(name, value)], data)).Expect(200);
        Assert.Equal((value, "FULL_OBJECT"), (put[name], put["x-amz-checksum-type"]));
        foreach (string method in (string[])["GET", "HEAD"])
        {
            RawResponse shown = (await Raw.SendAsync(method, At(bucket, "key"), [("x-amz-checksum-mode", "ENABLED")])).Expect(200);
            Assert.Equal((value, "FULL_OBJECT"), (shown[name], shown["x-amz-checksum-type"]));
            Assert.Null((await Raw.SendAsync(method, At(bucket, "key"))).Expect(200)[name]);
        }

        RawResponse list = (await Raw.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(200);
        Assert.Equal((algorithm, "FULL_OBJECT"), (list.Element("ChecksumAlgorithm"), list.Element("ChecksumType")));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_wrong_one_is_BadDigest_and_the_old_object_stays(string algorithm)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "old");
        string wrong = Digest.Base64(algorithm, Utf8("something else"));
        (await Raw.SendAsync("PUT", At(bucket, "key"), [(Digest.Header(algorithm), wrong)], Utf8("new"))).ExpectError(400, "BadDigest");
        (await Raw.SendAsync("PUT", At(bucket, "none"), [(Digest.Header(algorithm), wrong)], Pattern(500_000))).ExpectError(400, "BadDigest");
        Assert.Equal("old", await ReadAsync(bucket, "key"));
        await AbsentAsync(bucket, "none");
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_malformed_one_is_InvalidRequest(string algorithm)
    {
        string bucket = await NewBucketAsync();
        foreach (string value in (string[])["!!!", "AA==", Convert.ToBase64String(new byte[33]), Convert.ToBase64String(new byte[65])])
        {
            (await Raw.SendAsync("PUT", At(bucket, "key"), [(Digest.Header(algorithm), value)], Utf8("data"))).ExpectError(400, "InvalidRequest");
        }

        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Two_are_InvalidRequest()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Utf8("data");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("x-amz-checksum-crc32", Digest.Base64("CRC32", data)), ("x-amz-checksum-sha1", Digest.Base64("SHA1", data))], data)).ExpectError(400, "InvalidRequest");
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Sdk_algorithm_needs_the_checksum_it_names()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Utf8("data");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("x-amz-sdk-checksum-algorithm", "CRC32")], data)).ExpectError(400, "InvalidRequest");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("x-amz-sdk-checksum-algorithm", "SHA1"), ("x-amz-checksum-crc32", Digest.Base64("CRC32", data))], data)).ExpectError(400, "BadDigest", "InvalidRequest");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("x-amz-sdk-checksum-algorithm", "CRC32"), ("x-amz-checksum-crc32", Digest.Base64("CRC32", data))], data)).Expect(200);
    }

    [Fact]
    public async Task Without_one_the_object_gets_CRC64NVME()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(1000);
        await PutAsync(bucket, "key", data);
        RawResponse head = (await HeadAsync(bucket, "key", ("x-amz-checksum-mode", "ENABLED"))).Expect(200);
        Assert.Equal((Digest.Base64("CRC64NVME", data), "FULL_OBJECT"), (head["x-amz-checksum-crc64nvme"], head["x-amz-checksum-type"]));
    }

    [Theory]
    [MemberData(nameof(Trailers))]
    public async Task In_a_trailer_it_is_verified_and_kept(string algorithm, string mode)
    {
        string bucket = await NewBucketAsync();
        string name = Digest.Header(algorithm);
        foreach (int size in (int[])[0, 1, 65_536, 200_001])
        {
            byte[] data = Pattern(size);
            string value = Digest.Base64(algorithm, data);
            RawResponse put = (await new ChunkedBody { Mode = mode, Data = data, Trailers = [(name, value)] }.SendAsync(Raw, At(bucket, "key"))).Expect(200);
            Assert.Equal(value, put[name]);
            RawResponse got = (await GetAsync(bucket, "key", ("x-amz-checksum-mode", "ENABLED"))).Expect(200);
            Assert.Equal(data, got.Body);
            Assert.Equal((value, ETag(data)), (got[name], got["ETag"]));
        }

        string wrong = Digest.Base64(algorithm, Utf8("other"));
        (await new ChunkedBody { Mode = mode, Data = Utf8("data"), Trailers = [(name, wrong)] }.SendAsync(Raw, At(bucket, "bad"))).ExpectError(400, "BadDigest");
        (await new ChunkedBody { Mode = mode, Data = Utf8("data"), Trailers = [(name, "???")] }.SendAsync(Raw, At(bucket, "bad"))).ExpectError(400, "InvalidRequest", "BadDigest");
        await AbsentAsync(bucket, "bad");
    }

    [Fact]
    public async Task A_trailer_that_was_announced_must_come_and_no_other()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Utf8("data");
        (await new ChunkedBody { Mode = ChunkedBody.UnsignedTrailer, Data = data, Headers = [("x-amz-trailer", "x-amz-checksum-crc32")] }.SendAsync(Raw, At(bucket, "key")))
            .ExpectError(400, "MalformedTrailerError");
        (await new ChunkedBody { Mode = ChunkedBody.UnsignedTrailer, Data = data, Trailers = [("x-amz-checksum-crc32", Digest.Base64("CRC32", data))],
            Mangle = framed => [.. Utf8(System.Text.Encoding.Latin1.GetString(framed).Replace("checksum-crc32:", "checksum-sha1:", StringComparison.Ordinal))] }.SendAsync(Raw, At(bucket, "key")))
            .ExpectError(400, "MalformedTrailerError");
        await AbsentAsync(bucket, "key");
    }

    [Theory]
    [InlineData("x-amz-checksum-blake3")]
    [InlineData("x-amz-checksum-crc64")]
    [InlineData("X-Amz-Checksum-Sha3-256")]
    [InlineData("x-amz-checksum-")]
    public async Task An_unknown_one_is_refused_by_all_that_takes_bytes(string name)
    {
        string bucket = await NewBucketAsync();
        (string, string) header = (name, "AAAA");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [header], Utf8("data"))).ExpectError(501, "NotImplemented");
        await PutAsync(bucket, "from", "data");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [header, ("x-amz-copy-source", $"/{bucket}/from")], "")).ExpectError(501, "NotImplemented");
        (await Raw.SendAsync("POST", At(bucket, "key", "uploads"), [header], "")).ExpectError(501, "NotImplemented");
        string upload = await StartUploadAsync(bucket, "key");
        (await SendPartAsync(bucket, "key", upload, "1", Utf8("data"), header)).ExpectError(501, "NotImplemented");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "key", upload, [(1, etag)], header)).ExpectError(501, "NotImplemented");
        string md5 = Convert.ToBase64String(MD5.HashData(Utf8("<Delete><Object><Key>key</Key></Object></Delete>")));
        (await Raw.SendAsync("POST", $"/{bucket}?delete", [header, ("Content-MD5", md5)], "<Delete><Object><Key>key</Key></Object></Delete>")).ExpectError(501, "NotImplemented");
        (await Raw.SendAsync("PUT", $"/{bucket}?versioning", [header], "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).ExpectError(501, "NotImplemented");
        (await new ChunkedBody { Mode = ChunkedBody.UnsignedTrailer, Data = Utf8("data"), Trailers = [(name.ToLowerInvariant(), "AAAA")] }.SendAsync(Raw, At(bucket, "key")))
            .ExpectRefusal("InvalidRequest", "NotImplemented", "MalformedTrailerError");
        await AbsentAsync(bucket, "key");
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task In_documents_it_is_verified(string algorithm)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        const string Document = "<Delete><Object><Key>key</Key></Object></Delete>";
        (await Raw.SendAsync("POST", $"/{bucket}?delete", [(Digest.Header(algorithm), Digest.Base64(algorithm, Utf8("other")))], Document)).ExpectError(400, "BadDigest");
        Assert.Equal("data", await ReadAsync(bucket, "key"));
        (await Raw.SendAsync("POST", $"/{bucket}?delete", [(Digest.Header(algorithm), Digest.Base64(algorithm, Utf8(Document)))], Document)).Expect(200);
        await AbsentAsync(bucket, "key");
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_copy_gets_the_one_it_asks_for(string algorithm)
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(70_001);
        await PutAsync(bucket, "from", data);
        RawResponse copied = (await Raw.SendAsync("PUT", At(bucket, "to"), [("x-amz-copy-source", $"/{bucket}/from"), ("x-amz-checksum-algorithm", algorithm)], "")).Expect(200);
        Assert.Equal(Digest.Base64(algorithm, data), copied.Element("Checksum" + algorithm));
    }

    [Fact]
    public async Task A_sum_by_MD5_goes_beside_Content_MD5()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Utf8("data");
        string md5 = Digest.Base64("MD5", data), other = Digest.Base64("MD5", Utf8("other"));
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("x-amz-sdk-checksum-algorithm", "MD5"), ("Content-MD5", md5)], data)).Expect(200);
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("x-amz-sdk-checksum-algorithm", "MD5"), ("x-amz-checksum-md5", md5), ("Content-MD5", md5)], data)).Expect(200);
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("x-amz-checksum-md5", other), ("Content-MD5", md5)], data)).ExpectError(400, "BadDigest");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("x-amz-sdk-checksum-algorithm", "MD5"), ("Content-MD5", other)], data)).ExpectError(400, "BadDigest");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("x-amz-sdk-checksum-algorithm", "MD5")], data)).ExpectError(400, "InvalidRequest");
    }

    [Fact]
    public async Task A_range_carries_no_checksum_of_the_whole()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "0123456789");
        RawResponse part = (await GetAsync(bucket, "key", ("Range", "bytes=0-3"), ("x-amz-checksum-mode", "ENABLED"))).Expect(206);
        Assert.Null(part["x-amz-checksum-crc64nvme"]);
    }

    [Fact]
    public async Task Content_MD5_is_verified()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Utf8("data");
        (await Raw.SendAsync("PUT", At(bucket, "key"), [("Content-MD5", Convert.ToBase64String(MD5.HashData(Utf8("other"))))], data)).ExpectError(400, "BadDigest");
        foreach (string malformed in (string[])["", "x", "AAAA", "not base64 at all ==", Convert.ToBase64String(new byte[15]), Convert.ToBase64String(new byte[17])])
        {
            (await Raw.SendAsync("PUT", At(bucket, "key"), [("Content-MD5", malformed)], data)).ExpectError(400, "InvalidDigest");
        }

        await AbsentAsync(bucket, "key");
        await PutAsync(bucket, "key", data, ("Content-MD5", Convert.ToBase64String(MD5.HashData(data))));
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    // CRC32C and CRC64NVME need a native extension of the SDK for .NET.
    [Theory]
    [InlineData("CRC32")]
    [InlineData("SHA1")]
    [InlineData("SHA256")]
    public async Task The_SDK_sends_and_checks_it(string algorithm)
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(150_000);
        PutObjectResponse put = await S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "key", InputStream = new MemoryStream(data), ChecksumAlgorithm = ChecksumAlgorithm.FindValue(algorithm) });
        Assert.Equal("FULL_OBJECT", put.ChecksumType?.Value);
        using GetObjectResponse got = await S3.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = "key", ChecksumMode = ChecksumMode.ENABLED });
        var read = new MemoryStream();
        await got.ResponseStream.CopyToAsync(read);
        Assert.Equal(data, read.ToArray());
        Assert.Equal(Digest.Base64(algorithm, data), (await HeadAsync(bucket, "key", ("x-amz-checksum-mode", "ENABLED")))[Digest.Header(algorithm)]);
    }
}
