using Tarn.Conformance.Support;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Conformance;

/// <summary>
/// Bodies that no client should send. The answer is always an S3 error document, never a 500, and stored data
/// is untouched.
/// </summary>
public sealed class BadBodies(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Theory]
    [InlineData("<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><{0}>&c;</{0}>")]
    [InlineData("<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><{0}/>")]
    [InlineData("<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><{0}>&x;</{0}>")]
    [InlineData("<{0}><unclosed></{0}>")]
    [InlineData("\u0000")]
    [InlineData("<{0}>\u0001</{0}>")]
    [InlineData("<{0}>&#0;</{0}>")]
    public async Task Hostile_XML_is_MalformedXML(string xml)
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        byte[] delete = Utf8(xml.Replace("{0}", "Delete", StringComparison.Ordinal));
        foreach (RawResponse answer in (RawResponse[])
        [
            await Raw.SendAsync("PUT", "/" + NewName(), [], Utf8(xml.Replace("{0}", "CreateBucketConfiguration", StringComparison.Ordinal))),
            await Raw.SendAsync("POST", $"/{bucket}?delete", [("x-amz-checksum-crc32", Digest.Base64("CRC32", delete))], delete),
            await Raw.SendAsync("POST", At(bucket, "key", "uploadId=" + Uri.EscapeDataString(upload)), [], Utf8(xml.Replace("{0}", "CompleteMultipartUpload", StringComparison.Ordinal))),
        ])
        {
            answer.ExpectError(400, "MalformedXML");
            Assert.DoesNotContain("root:", answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Deeply_nested_and_huge_XML_is_refused()
    {
        string bucket = await NewBucketAsync();
        foreach (string xml in (string[])[string.Concat(Enumerable.Repeat("<a>", 100_000)), $"<Delete><Object><Key>{new string('k', 9_000_000)}</Key></Object></Delete>"])
        {
            byte[] body = Utf8(xml);
            (await Raw.SendAsync("POST", $"/{bucket}?delete", [("x-amz-checksum-crc32", Digest.Base64("CRC32", body))], body)).ExpectRefusal("MalformedXML", "MaxMessageLengthExceeded", "EntityTooLarge");
        }
    }

    [Fact]
    public async Task An_upload_beyond_5_GiB_is_refused_before_its_body()
    {
        string bucket = await NewBucketAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(Endpoint.Address);
        await connection.WriteAsync(Raw.Head("PUT", At(bucket, "key"), [("Expect", "100-continue"), ("Content-Length", "5368709121")], [], payloadHash: SigV4TestSigner.UnsignedPayload).Head);
        RawResponse? answer = await connection.ReadResponseAsync("PUT");
        Assert.NotNull(answer);
        answer.ExpectError(400, "EntityTooLarge");
        await AbsentAsync(bucket, "key");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_mid_body_leaves_nothing(bool politely)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "old", "kept");
        string upload = await StartUploadAsync(bucket, "parts");
        byte[] data = Pattern(400_000);
        foreach (string target in (string[])[At(bucket, "old"), At(bucket, "new"), At(bucket, "parts", "partNumber=1&uploadId=" + Uri.EscapeDataString(upload))])
        {
            await using RawConnection connection = await RawConnection.OpenAsync(Endpoint.Address);
            await connection.WriteAsync(Raw.Head("PUT", target, [], data).Head);
            await connection.WriteAsync(data.AsMemory(0, 300_000));
            if (politely)
            {
                connection.FinishSending();
                RawResponse? answer = await connection.TryReadResponseAsync("PUT");
                Assert.True(answer is null or { Status: 400 or 408 }, $"{answer?.Status}: {answer?.Text}");
            }
        }

        Assert.Equal("kept", await ReadAsync(bucket, "old"));
        await AbsentAsync(bucket, "new");
        Assert.Empty((await Raw.SendAsync("GET", At(bucket, "parts", "uploadId=" + Uri.EscapeDataString(upload)))).Expect(200).Elements("PartNumber"));
        Assert.Equal(["old"], (await Raw.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(200).Elements("Key"));
    }

    public static TheoryData<string, string> Frames => new()
    {
        { "no hex size", "zz\r\ndata\r\n0\r\n\r\n" },
        { "negative size", "-4\r\ndata\r\n0\r\n\r\n" },
        { "size too large for the body", "ffffff\r\ndata\r\n0\r\n\r\n" },
        { "size beyond 64 bits", "fffffffffffffffff\r\ndata\r\n0\r\n\r\n" },
        { "no line end after the data", "4\r\ndata0\r\n\r\n" },
        { "no last chunk", "4\r\ndata\r\n" },
        { "data after the last chunk", "4\r\ndata\r\n0\r\n\r\nmore" },
        { "less than declared", "3\r\ndat\r\n0\r\n\r\n" },
        { "more than declared", "5\r\ndata!\r\n0\r\n\r\n" },
        { "endless size line", new string('0', 70_000) },
        { "endless extension", "4;" + new string('x', 70_000) },
        { "no frame at all", "data" },
        { "nothing", "" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task Malformed_chunks_are_refused_and_the_old_object_stays(string what, string frame)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "kept");
        var body = new ChunkedBody { Mode = ChunkedBody.UnsignedTrailer, Data = Utf8("data"), Mangle = _ => Utf8(frame) };
        RawResponse answer = await body.SendAsync(Raw, At(bucket, "key"));
        Assert.True(answer.Status == 400, $"{what}: {answer.Status} {answer.Text}");
        answer.ExpectRefusal();
        Assert.Equal("kept", await ReadAsync(bucket, "key"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("3")]
    [InlineData("5")]
    [InlineData("99999999999999999999999")]
    public async Task Decoded_length_must_be_the_real_one(string length)
    {
        string bucket = await NewBucketAsync();
        foreach (string mode in (string[])[ChunkedBody.Signed, ChunkedBody.UnsignedTrailer])
        {
            (await new ChunkedBody { Mode = mode, Data = Utf8("data"), DecodedLength = length }.SendAsync(Raw, At(bucket, "key")))
                .ExpectRefusal("MissingContentLength", "InvalidArgument", "InvalidRequest", "IncompleteBody", "EntityTooLarge");
        }

        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Signed_mode_without_signatures_is_refused()
    {
        string bucket = await NewBucketAsync();
        (await new ChunkedBody { Mode = ChunkedBody.Signed, Data = Utf8("data"), Mangle = _ => Utf8("4\r\ndata\r\n0\r\n\r\n") }.SendAsync(Raw, At(bucket, "key"))).ExpectRefusal();
        await AbsentAsync(bucket, "key");
    }
}
