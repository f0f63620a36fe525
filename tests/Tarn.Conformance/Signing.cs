using Tarn.Conformance.Support;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)" and its pages on query parameters and chunks.</summary>
public sealed class Signing(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Wrong_secret_is_SignatureDoesNotMatch() =>
        (await Raw.SendAsync("GET", "/", signer: Raw.Signer(withSecret: "wrong"))).ExpectError(403, "SignatureDoesNotMatch");

    [Fact]
    public async Task Unknown_key_is_InvalidAccessKeyId() =>
        (await Raw.SendAsync("GET", "/", signer: Raw.Signer(withAccessKey: "AKIANOBODYHASTHIS000"))).ExpectError(403, "InvalidAccessKeyId");

    [Theory]
    [InlineData(-20)]
    [InlineData(20)]
    public async Task A_clock_15_minutes_off_is_RequestTimeTooSkewed(int minutes) =>
        (await Raw.SendAsync("GET", "/", signer: Raw.Signer(DateTimeOffset.UtcNow.AddMinutes(minutes)))).ExpectError(403, "RequestTimeTooSkewed");

    [Fact]
    public async Task Wrong_region_is_told_the_right_one()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await Raw.SendAsync("GET", $"/{bucket}", signer: Raw.Signer(withRegion: "mars-north-1"))).ExpectError(400, "AuthorizationHeaderMalformed");
        Assert.Equal(Endpoint.Region, answer.Element("Region"));
    }

    [Theory]
    [InlineData("AWS4-HMAC-SHA256")]
    [InlineData("AWS4-HMAC-SHA256 Credential=x")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=00")]
    [InlineData("AWS4-HMAC-SHA256 Credential=, SignedHeaders=, Signature=")]
    public async Task Malformed_header_is_refused(string value) =>
        (await Raw.SendUnsignedAsync("GET", "/", [("x-amz-date", Raw.Signer().Timestamp), ("x-amz-content-sha256", SigV4TestSigner.EmptySha256), ("Authorization", value)]))
            .ExpectRefusal("AuthorizationHeaderMalformed", "InvalidRequest", "AccessDenied");

    [Theory]
    [InlineData("AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("nonsense")]
    [InlineData("Bearer token")]
    public async Task Other_schemes_are_refused(string value) =>
        (await Raw.SendUnsignedAsync("GET", "/", [("Authorization", value)])).ExpectRefusal("InvalidRequest", "InvalidArgument", "AccessDenied", "UnsupportedAuthorization");

    [Fact]
    public async Task Tampering_with_what_was_signed_is_noticed()
    {
        string bucket = await NewBucketAsync();
        string head = Raw.Head("PUT", At(bucket, "key"), [("x-amz-meta-a", "1")], Utf8("data")).Head;
        (await Raw.ExchangeAsync("PUT", head.Replace("x-amz-meta-a: 1", "x-amz-meta-a: 2", StringComparison.Ordinal), Utf8("data"))).ExpectError(403, "SignatureDoesNotMatch");
        (await Raw.ExchangeAsync("PUT", head.Replace("/key ", "/other ", StringComparison.Ordinal), Utf8("data"))).ExpectError(403, "SignatureDoesNotMatch");
        (await Raw.ExchangeAsync("PUT", head.Replace("/key ", "/key?x=y ", StringComparison.Ordinal), Utf8("data"))).ExpectError(403, "SignatureDoesNotMatch");
        (await Raw.ExchangeAsync("PUT", head, Utf8("DATA"))).ExpectError(400, "XAmzContentSHA256Mismatch", "BadDigest");
        Assert.Empty((await Raw.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(200).Elements("Key"));
    }

    [Fact]
    public async Task Amz_headers_must_be_signed()
    {
        string bucket = await NewBucketAsync();
        string head = Raw.Head("PUT", At(bucket, "key"), [], Utf8("data")).Head;
        (await Raw.ExchangeAsync("PUT", head.Replace("Host:", "x-amz-meta-late: 1\r\nHost:", StringComparison.Ordinal), Utf8("data"))).ExpectError(403, "AccessDenied", "SignatureDoesNotMatch");
        await AbsentAsync(bucket, "key");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("STREAMING-OTHER")]
    public async Task Unknown_payload_mode_is_refused(string hash)
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("PUT", At(bucket, "key"), [], Utf8("data"), payloadHash: hash)).ExpectRefusal();
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Unsigned_payload_still_needs_a_signature()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("PUT", At(bucket, "key"), [], Utf8("data"), payloadHash: SigV4TestSigner.UnsignedPayload)).Expect(200);
        (await Raw.SendAsync("PUT", At(bucket, "no"), [], Utf8("data"), payloadHash: SigV4TestSigner.UnsignedPayload, signer: Raw.Signer(withSecret: "wrong"))).ExpectError(403, "SignatureDoesNotMatch");
        (await Raw.SendUnsignedAsync("PUT", At(bucket, "no"), [("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"), ("x-amz-decoded-content-length", "4"), ("Content-Encoding", "aws-chunked")], Utf8("4\r\ndata\r\n0\r\n\r\n"))).ExpectError(403, "AccessDenied");
        await AbsentAsync(bucket, "no");
    }

    [Fact]
    public async Task Canonical_form_is_understood()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", $"/{bucket}?prefix=&list-type=2&max-keys=5&delimiter=%2F", [("x-amz-meta-spaced", "  a   b  "), ("User-Agent", "x y"), ("X-Custom", "1"), ("X-Custom", "2")])).Expect(200);
        (await Raw.SendAsync("GET", $"/{bucket}?list-type=2&x-id=ListObjectsV2&b=2&b=1&a=%C3%A9%20")).Expect(200);
    }

    [Fact]
    public async Task Presigned_GET_and_PUT_work_without_headers()
    {
        string bucket = await NewBucketAsync();
        (await PresignedAsync("PUT", At(bucket, "a b+é"), "3600", Utf8("data"))).Expect(200);
        Assert.Equal("data", (await PresignedAsync("GET", At(bucket, "a b+é"), "604800")).Expect(200).Text);
        Assert.Equal("text/x", (await PresignedAsync("GET", At(bucket, "a b+é", "response-content-type=text%2Fx"), "60")).Expect(200)["Content-Type"]);
        (await PresignedAsync("HEAD", At(bucket, "a b+é"), "60")).Expect(200);
    }

    [Theory]
    [InlineData("604801")]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("")]
    public async Task Presigned_expiry_outside_a_week_is_AuthorizationQueryParametersError(string expires)
    {
        string bucket = await NewBucketAsync();
        (await PresignedAsync("GET", At(bucket, "key"), expires)).ExpectError(400, "AuthorizationQueryParametersError");
    }

    [Fact]
    public async Task Presigned_and_expired_is_AccessDenied()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        string url = Raw.Signer(DateTimeOffset.UtcNow.AddMinutes(-10)).Presign("GET", At(bucket, "key"), [("Host", Raw.HostHeader)], "60");
        (await Raw.SendUnsignedAsync("GET", url)).ExpectError(403, "AccessDenied");
    }

    [Fact]
    public async Task Presigned_and_tampered_is_SignatureDoesNotMatch()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        string url = Raw.Signer().Presign("GET", At(bucket, "key"), [("Host", Raw.HostHeader)], "60");
        (await Raw.SendUnsignedAsync("GET", url.Replace("/key?", "/other?", StringComparison.Ordinal))).ExpectError(403, "SignatureDoesNotMatch");
        (await Raw.SendUnsignedAsync("GET", url.Replace("Expires=60", "Expires=600", StringComparison.Ordinal))).ExpectError(403, "SignatureDoesNotMatch");
        (await Raw.SendUnsignedAsync("DELETE", url)).ExpectError(403, "SignatureDoesNotMatch");
        (await Raw.SendUnsignedAsync("GET", url + "&versionId=x")).ExpectError(403, "SignatureDoesNotMatch");
    }

    [Theory]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=ROT13")]
    [InlineData("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=")]
    [InlineData("X-Amz-Date=", "X-Amz-Date=yesterday")]
    [InlineData("X-Amz-Credential=", "X-Amz-Credential=x%2F")]
    [InlineData("&X-Amz-Expires=60", "")]
    public async Task Presigned_and_malformed_is_refused(string from, string to)
    {
        string bucket = await NewBucketAsync();
        string url = Raw.Signer().Presign("GET", At(bucket, "key"), [("Host", Raw.HostHeader)], "60");
        (await Raw.SendUnsignedAsync("GET", url.Replace(from, to, StringComparison.Ordinal))).ExpectRefusal("AuthorizationQueryParametersError", "SignatureDoesNotMatch", "InvalidRequest", "AccessDenied", "InvalidAccessKeyId");
    }

    [Fact]
    public async Task Presigned_headers_that_were_signed_must_come()
    {
        string bucket = await NewBucketAsync();
        string url = Raw.Signer().Presign("PUT", At(bucket, "key"), [("Host", Raw.HostHeader), ("Content-Type", "text/plain")], "60");
        (await Raw.SendUnsignedAsync("PUT", url, [("Content-Type", "image/png")], Utf8("data"))).ExpectError(403, "SignatureDoesNotMatch");
        (await Raw.SendUnsignedAsync("PUT", url, [("Content-Type", "text/plain")], Utf8("data"))).Expect(200);
        Assert.Equal("text/plain", (await HeadAsync(bucket, "key"))["Content-Type"]);
    }

    [Fact]
    public async Task Header_and_query_authentication_together_are_refused()
    {
        string bucket = await NewBucketAsync();
        string url = Raw.Signer().Presign("GET", At(bucket, "key"), [("Host", Raw.HostHeader)], "60");
        (await Raw.SendAsync("GET", url)).ExpectError(400, "InvalidArgument", "InvalidRequest");
    }

    [Theory]
    [InlineData(ChunkedBody.Signed)]
    [InlineData(ChunkedBody.SignedTrailer)]
    public async Task Signed_chunks_of_any_size_are_joined(string mode)
    {
        string bucket = await NewBucketAsync();
        foreach ((int size, int chunk) in ((int, int)[])[(0, 8192), (1, 8192), (8192, 8192), (100_003, 8192), (300_000, 131_072)])
        {
            byte[] data = Pattern(size);
            (string, string)[] trailers = mode == ChunkedBody.SignedTrailer ? [("x-amz-checksum-crc32", Digest.Base64("CRC32", data))] : [];
            (await new ChunkedBody { Mode = mode, Data = data, ChunkSize = chunk, Trailers = trailers }.SendAsync(Raw, At(bucket, "key"))).Expect(200);
            Assert.Equal(data, (await GetAsync(bucket, "key")).Expect(200).Body);
        }
    }

    [Theory]
    [InlineData(ChunkedBody.Signed)]
    [InlineData(ChunkedBody.SignedTrailer)]
    [InlineData(ChunkedBody.UnsignedTrailer)]
    public async Task Only_the_last_chunk_may_have_less_than_8_KiB(string mode)
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(20_000);
        (string, string)[] trailers = mode == ChunkedBody.Signed ? [] : [("x-amz-checksum-crc32", Digest.Base64("CRC32", data))];
        foreach (int chunk in (int[])[1, 8191])
        {
            RawResponse refused = (await new ChunkedBody { Mode = mode, Data = data, ChunkSize = chunk, Trailers = trailers }.SendAsync(Raw, At(bucket, "key")))
                .ExpectError(403, "InvalidChunkSizeError");
            Assert.Equal(("2", $"{chunk}"), (refused.Element("Chunk"), refused.Element("BadChunkSize")));
        }

        await AbsentAsync(bucket, "key");
        (await new ChunkedBody { Mode = mode, Data = data, ChunkSize = 8192, Trailers = trailers }.SendAsync(Raw, At(bucket, "key"))).Expect(200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(-1)]
    public async Task A_wrong_chunk_or_trailer_signature_is_refused_and_stores_nothing(int index)
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(100_000);
        var body = new ChunkedBody
        {
            Mode = ChunkedBody.SignedTrailer, Data = data, Trailers = [("x-amz-checksum-crc32", Digest.Base64("CRC32", data))],
            Tamper = (i, signature) => i == index ? new string('0', 64) : signature,
        };
        (await body.SendAsync(Raw, At(bucket, "key"))).ExpectError(403, "SignatureDoesNotMatch");
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Expect_100_continue_is_answered_early_when_refused()
    {
        string bucket = await NewBucketAsync();
        await using (RawConnection refused = await RawConnection.OpenAsync(Endpoint.Address))
        {
            await refused.WriteAsync(Raw.Head("PUT", At(bucket, "key"), [("Expect", "100-continue"), ("Content-Length", "1000000")], Utf8("data"), signer: Raw.Signer(withSecret: "wrong")).Head);
            RawResponse? answer = await refused.ReadResponseAsync("PUT");
            Assert.NotNull(answer);
            answer.ExpectError(403, "SignatureDoesNotMatch");
        }

        await using RawConnection accepted = await RawConnection.OpenAsync(Endpoint.Address);
        await accepted.WriteAsync(Raw.Head("PUT", At(bucket, "key"), [("Expect", "100-continue")], Utf8("data")).Head);
        Assert.Equal(100, (await accepted.ReadResponseAsync("PUT"))!.Status);
        await accepted.WriteAsync("data");
        (await accepted.ReadResponseAsync("PUT"))!.Expect(200);
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    private Task<RawResponse> PresignedAsync(string method, string target, string expires, byte[]? body = null) =>
        Raw.SendUnsignedAsync(method, Raw.Signer().Presign(method, target, [("Host", Raw.HostHeader)], expires), [], body);
}
