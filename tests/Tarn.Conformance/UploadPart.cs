using System.Security.Cryptography;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, UploadPart.</summary>
public sealed class UploadPart(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task ETag_is_the_MD5_of_the_part()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        byte[] data = Pattern(100_000);
        Assert.Equal(ETag(data), await PutPartAsync(bucket, "key", upload, 10_000, data));
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task A_part_sent_again_replaces_the_first()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string old = await PutPartAsync(bucket, "key", upload, 1, Utf8("old"));
        string replaced = await PutPartAsync(bucket, "key", upload, 1, Utf8("new data"));
        (await CompleteAsync(bucket, "key", upload, [(1, old)])).ExpectError(400, "InvalidPart");
        (await CompleteAsync(bucket, "key", upload, [(1, replaced)])).Expect(200);
        Assert.Equal("new data", await ReadAsync(bucket, "key"));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("-1")]
    [InlineData("one")]
    [InlineData("99999999999")]
    [InlineData("")]
    public async Task Number_outside_1_to_10000_is_InvalidArgument(string number)
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        (await SendPartAsync(bucket, "key", upload, number, Utf8("data"))).ExpectError(400, "InvalidArgument");
    }

    [Fact]
    public async Task Unknown_upload_is_NoSuchUpload()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        (await SendPartAsync(bucket, "key", "never", "1", Utf8("data"))).ExpectError(404, "NoSuchUpload");
        (await SendPartAsync(bucket, "other", upload, "1", Utf8("data"))).ExpectError(404, "NoSuchUpload");
        (await SendPartAsync(await NewBucketAsync(), "key", upload, "1", Utf8("data"))).ExpectError(404, "NoSuchUpload");
        (await SendPartAsync(NewName(), "key", upload, "1", Utf8("data"))).ExpectError(404, "NoSuchBucket");
    }

    [Theory]
    [InlineData("partNumber=1")]
    [InlineData("partNumber=1&uploadId=")]
    public async Task Number_without_an_id_never_stores_an_object(string query)
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("PUT", At(bucket, "key", query), [], "data")).ExpectRefusal();
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Content_MD5_and_checksums_are_verified()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        byte[] data = Utf8("data"), other = Utf8("other");
        (await SendPartAsync(bucket, "key", upload, "1", data, ("Content-MD5", Convert.ToBase64String(MD5.HashData(other))))).ExpectError(400, "BadDigest");
        (await SendPartAsync(bucket, "key", upload, "1", data, ("x-amz-checksum-crc32", Digest.Base64("CRC32", other)))).ExpectError(400, "BadDigest", "InvalidRequest");
        Assert.Empty((await Raw.SendAsync("GET", At(bucket, "key", "uploadId=" + Uri.EscapeDataString(upload)))).Expect(200).Elements("PartNumber"));
        RawResponse answer = (await SendPartAsync(bucket, "key", upload, "1", data, ("x-amz-checksum-crc32", Digest.Base64("CRC32", data)))).Expect(200);
        Assert.Equal(Digest.Base64("CRC32", data), answer["x-amz-checksum-crc32"]);
    }

    [Fact]
    public async Task Length_is_required()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        (await Raw.SendAsync("PUT", At(bucket, "key", $"partNumber=1&uploadId={Uri.EscapeDataString(upload)}"))).ExpectRefusal("MissingContentLength", "IncompleteBody");
    }

    [Fact]
    public async Task Same_part_raced_leaves_one_of_the_candidates()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        byte[][] candidates = [.. Enumerable.Range(0, 6).Select(i => Pattern(50_000 + i, i))];
        await Task.WhenAll(candidates.Select(c => PutPartAsync(bucket, "key", upload, 1, c)));
        RawResponse parts = (await Raw.SendAsync("GET", At(bucket, "key", "uploadId=" + Uri.EscapeDataString(upload)))).Expect(200);
        string etag = Assert.Single(parts.Elements("ETag"));
        (await CompleteAsync(bucket, "key", upload, [(1, etag)])).Expect(200);
        Assert.Contains(candidates, c => ETag(c) == etag);
        Assert.Equal(etag, ETag((await GetAsync(bucket, "key")).Expect(200).Body));
    }

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        (await SendPartAsync(bucket, "key", upload, "1", Utf8("data"), ("x-amz-expected-bucket-owner", "000000000000"))).ExpectError(403, "AccessDenied");
    }
}
