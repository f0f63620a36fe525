using Tarn.Conformance.Support;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Conformance;

/// <summary>
/// Uploads of unknown length, in plain chunked transfer encoding. Amazon S3 refuses them with 411; Tarn and others accept them, as
/// <c>curl -T -</c> and ffmpeg need. Source: RFC 9112, section 7.1.
/// </summary>
public sealed class StreamedUploads(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_384)]
    [InlineData(16_385)]
    [InlineData(3_000_000)]
    public async Task An_object_is_stored(int size)
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(size);
        RawResponse put = (await StreamAsync(At(bucket, "key"), data, ("x-amz-checksum-sha256", Digest.Base64("SHA256", data)))).Expect(200);
        Assert.Equal(ETag(data), put["ETag"]);
        Assert.Equal(data, (await GetAsync(bucket, "key")).Expect(200).Body);
    }

    [Fact]
    public async Task A_part_is_stored()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        byte[] data = Pattern(100_000);
        RawResponse put = (await StreamAsync(At(bucket, "key", $"partNumber=1&uploadId={Uri.EscapeDataString(upload)}"), data)).Expect(200);
        (await CompleteAsync(bucket, "key", upload, [(1, put["ETag"]!)])).Expect(200);
        Assert.Equal(data, (await GetAsync(bucket, "key")).Expect(200).Body);
    }

    [Fact]
    public async Task The_hash_that_was_signed_is_checked()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(50_000);
        (await StreamAsync(At(bucket, "key"), data, SigV4TestSigner.Hash(data))).Expect(200);
        (await StreamAsync(At(bucket, "bad"), data, SigV4TestSigner.Hash([]))).ExpectError(400, "XAmzContentSHA256Mismatch");
        (await StreamAsync(At(bucket, "bad"), data, ("x-amz-checksum-crc32", Digest.Base64("CRC32", [])))).ExpectError(400, "BadDigest");
        (await StreamAsync(At(bucket, "bad"), data, ("Content-MD5", Convert.ToBase64String(new byte[16])))).ExpectError(400, "BadDigest");
        await AbsentAsync(bucket, "bad");
    }

    [Theory]
    [InlineData("4\r\ndata\r\n")]
    [InlineData("4\r\nda")]
    [InlineData("4\r\ndatax\r\n0\r\n\r\n")]
    [InlineData("x\r\n")]
    public async Task One_that_is_cut_off_leaves_nothing(string body)
    {
        string bucket = await NewBucketAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(Endpoint.Address);
        await connection.WriteAsync(Raw.Head("PUT", At(bucket, "key"), [("Transfer-Encoding", "chunked")], [], payloadHash: SigV4TestSigner.UnsignedPayload).Head + body);
        connection.FinishSending();
        RawResponse? answer = await connection.TryReadResponseAsync("PUT");
        answer?.ExpectError(400, "IncompleteBody", "InvalidRequest");
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Neither_length_nor_chunks_is_no_upload()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("PUT", At(bucket, "key"))).ExpectError(411, "MissingContentLength");
        await AbsentAsync(bucket, "key");
    }

    private Task<RawResponse> StreamAsync(string target, byte[] data, params (string, string)[] headers) =>
        StreamAsync(target, data, SigV4TestSigner.UnsignedPayload, headers);

    private Task<RawResponse> StreamAsync(string target, byte[] data, string hash, params (string, string)[] headers)
    {
        byte[] framed = [.. data.Chunk(7_777).SelectMany(chunk => (byte[])[.. Utf8($"{chunk.Length:x}\r\n"), .. chunk, .. Utf8("\r\n")]), .. Utf8("0\r\n\r\n")];
        return Raw.ExchangeAsync("PUT", Raw.Head("PUT", target, [("Transfer-Encoding", "chunked"), .. headers], null, payloadHash: hash).Head, framed);
    }
}
