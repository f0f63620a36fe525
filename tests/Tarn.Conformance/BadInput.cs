using System.Text;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Conformance;

/// <summary>
/// What no client should send. The answer is always an S3 error document (or, if the bytes are not HTTP,
/// a 4xx or a closed connection), never a 500, and stored data is untouched.
/// </summary>
public sealed class BadInput(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Theory]
    [InlineData("GET", "?torrent")]
    [InlineData("POST", "?select&select-type=2")]
    [InlineData("POST", "?restore")]
    [InlineData("PUT", "?encryption")]
    [InlineData("PUT", "?renameObject")]
    [InlineData("POST", "")]
    [InlineData("PATCH", "")]
    [InlineData("TRACE", "")]
    [InlineData("LOCK", "")]
    [InlineData("PROPFIND", "")]
    public async Task Unbuilt_object_requests_are_NotImplemented_or_MethodNotAllowed(string method, string query)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "kept");
        RawResponse answer = await Raw.SendAsync(method, At(bucket, "key") + query, [], method is "GET" or "TRACE" ? null : []);
        Assert.True(answer.Status is 501 or 405, $"{method} {query}: {answer.Status} {answer.Text}");
        answer.ExpectRefusal("NotImplemented", "MethodNotAllowed");
        Assert.Equal("kept", await ReadAsync(bucket, "key"));
    }

    [Theory]
    [InlineData("PUT", "?replication")]
    [InlineData("PUT", "?website")]
    [InlineData("PUT", "?encryption")]
    [InlineData("POST", "?metadataTable")]
    [InlineData("PUT", "?metadataJournalTable")]
    [InlineData("PUT", "?inventory&id=x")]
    [InlineData("DELETE", "?logging")]
    [InlineData("PATCH", "")]
    public async Task Unbuilt_bucket_requests_are_NotImplemented_or_MethodNotAllowed(string method, string query)
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = await Raw.SendAsync(method, $"/{bucket}{query}", [], method == "GET" ? null : []);
        Assert.True(answer.Status is 501 or 405, $"{method} {query}: {answer.Status} {answer.Text}");
        answer.ExpectRefusal("NotImplemented", "MethodNotAllowed");
        (await Raw.SendAsync("HEAD", "/" + bucket)).Expect(200);
    }

    [Theory]
    [InlineData("POST", "/")]
    [InlineData("PUT", "/")]
    [InlineData("DELETE", "/")]
    [InlineData("HEAD", "/")]
    public async Task Unbuilt_service_requests_are_refused(string method, string target)
    {
        RawResponse answer = await Raw.SendAsync(method, target, [], method == "HEAD" ? null : []);
        Assert.True(answer.Status is 405 or 501 or 400, $"{method}: {answer.Status} {answer.Text}");
        if (method != "HEAD")
        {
            answer.ExpectRefusal("MethodNotAllowed", "NotImplemented", "InvalidRequest");
        }
    }

    [Theory]
    [InlineData("a.b..c")]
    [InlineData("UPPER")]
    [InlineData("..")]
    [InlineData("a")]
    [InlineData("%2e%2e")]
    [InlineData("bucket%00")]
    [InlineData("bucket%0a")]
    [InlineData("%ff%fe")]
    public async Task Invalid_bucket_names_are_refused_by_every_operation(string name)
    {
        foreach ((string method, string rest) in ((string, string)[])[("GET", ""), ("GET", "?list-type=2"), ("PUT", "/key"), ("GET", "/key"), ("DELETE", ""), ("POST", "?delete")])
        {
            RawResponse answer = await Raw.SendUnsignedAsync(method, $"/{name}{rest}", [], method is "PUT" or "POST" ? [] : null);
            Assert.InRange(answer.Status, 400, 499);
            answer.ExpectRefusal("InvalidBucketName", "NoSuchBucket", "InvalidURI", "AccessDenied");
        }
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("a%00b")]
    [InlineData("%ff")]
    [InlineData("a%c3")]
    [InlineData("%c0%af")]
    [InlineData("%ed%a0%80")]
    [InlineData("%")]
    [InlineData("a%2")]
    [InlineData("%zz")]
    public async Task Keys_that_are_no_UTF8_text_or_hold_NUL_are_refused_or_kept_whole(string key)
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = await Raw.SendAsync("PUT", $"/{bucket}/{key}", [], "data");
        if (answer.Status == 200)
        {
            Assert.Equal("data", (await Raw.SendAsync("GET", $"/{bucket}/{key}")).Expect(200).Text);
        }
        else
        {
            answer.ExpectRefusal("InvalidURI", "InvalidArgument", "SignatureDoesNotMatch", "InvalidRequest");
        }

        (await Raw.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(200);
    }

    [Theory]
    [InlineData("GET {0} HTTP/1.1\r\nHost: {1}\r\nBad Header\r\n\r\n")]
    [InlineData("GET {0}\r\n\r\n")]
    [InlineData("GET {0} HTTP/9.9\r\nHost: {1}\r\n\r\n")]
    [InlineData("GET {0} HTTP/1.1\r\n\r\n")]
    [InlineData("GET {0} HTTP/1.1\r\nHost: {1}\r\nHost: other\r\n\r\n")]
    [InlineData("GET {0}\0x HTTP/1.1\r\nHost: {1}\r\n\r\n")]
    [InlineData("PUT {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("PUT {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("PUT {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: abc\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n")]
    [InlineData("completely wrong\r\n\r\n")]
    public async Task What_is_no_HTTP_is_a_4xx_or_a_closed_connection(string request)
    {
        string bucket = await NewBucketAsync();
        string bytes = request.Replace("{0}", $"/{bucket}/key", StringComparison.Ordinal).Replace("{1}", Raw.HostHeader, StringComparison.Ordinal);
        RawResponse? answer = await Raw.TryExchangeAsync("GET", bytes);
        Assert.True(answer is null or { Status: >= 400 and < 500 or 505 }, $"{answer?.Status}: {answer?.Text}");
        (await Raw.SendAsync("HEAD", "/" + bucket)).Expect(200);
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(200_000)]
    public async Task Oversized_headers_are_refused(int size)
    {
        string bucket = await NewBucketAsync();
        RawResponse? answer = await Raw.TryExchangeAsync("PUT", Raw.Head("PUT", At(bucket, "key"), [("x-amz-meta-big", new string('x', size))], Utf8("data")).Head, Utf8("data"));
        Assert.True(answer is null or { Status: >= 400 and < 500 }, $"{answer?.Status}: {answer?.Text}");
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Oversized_targets_and_queries_are_refused()
    {
        string bucket = await NewBucketAsync();
        foreach (string target in (string[])[At(bucket, new string('k', 20_000)), $"/{bucket}?list-type=2&prefix={new string('p', 20_000)}"])
        {
            RawResponse? answer = await Raw.TryExchangeAsync("GET", Raw.Head("GET", target, [], null).Head);
            Assert.True(answer is null or { Status: >= 400 and < 500 }, $"{answer?.Status}: {answer?.Text}");
        }

        RawResponse listed = await Raw.SendAsync("GET", $"/{bucket}?list-type=2&prefix={new string('p', 1025)}");
        Assert.True(listed.Status is 200 or 400, listed.Text);
    }

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

    [Theory]
    [InlineData("If-Match", "")]
    [InlineData("If-None-Match", "\"unclosed")]
    [InlineData("If-Modified-Since", "")]
    [InlineData("Range", "")]
    [InlineData("Range", "bytes=-9223372036854775808")]
    [InlineData("Range", "bytes=9223372036854775807-9223372036854775808")]
    [InlineData("x-amz-checksum-mode", "MAYBE")]
    [InlineData("x-amz-expected-bucket-owner", "")]
    public async Task Odd_header_values_never_break_a_read(string name, string value)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "0123456789");
        RawResponse answer = await GetAsync(bucket, "key", (name, value));
        if (answer.Status >= 400)
        {
            answer.ExpectRefusal();
        }
    }

    [Theory]
    [InlineData("GET", "?versionId=")]
    [InlineData("GET", "?versionId=never")]
    [InlineData("DELETE", "?versionId=never")]
    [InlineData("GET", "?partNumber=")]
    [InlineData("GET", "?uploadId=")]
    [InlineData("GET", "?uploadId")]
    [InlineData("DELETE", "?uploadId=")]
    [InlineData("POST", "?uploadId=")]
    [InlineData("POST", "?uploads=1&uploadId=2")]
    [InlineData("GET", "?acl&tagging")]
    [InlineData("GET", "?&&=&=x")]
    [InlineData("GET", "?%zz")]
    [InlineData("GET", "?prefix=%ff")]
    public async Task Odd_queries_are_answered_or_refused_as_S3(string method, string query)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "kept");
        RawResponse answer = await Raw.SendAsync(method, At(bucket, "key") + query, [], method == "POST" ? [] : null);
        if (answer.Status >= 400)
        {
            answer.ExpectRefusal();
        }

        Assert.Equal("kept", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task Random_bytes_never_bring_the_server_down()
    {
        string bucket = await NewBucketAsync();
        var random = new Random(42);
        for (int round = 0; round < 30; round++)
        {
            byte[] noise = new byte[random.Next(1, 4000)];
            random.NextBytes(noise);
            RawResponse? answer = await Raw.TryExchangeAsync("GET", round % 2 == 0 ? Encoding.Latin1.GetString(noise) + "\r\n\r\n" : $"PUT /{bucket}/k HTTP/1.1\r\nHost: {Raw.HostHeader}\r\nContent-Length: {noise.Length}\r\nAuthorization: {Convert.ToHexString(noise)}\r\n\r\n");
            Assert.True(answer is null or { Status: >= 400 and < 500 or 501 or 505 }, $"{answer?.Status}: {answer?.Text}");
        }

        (await Raw.SendAsync("HEAD", "/" + bucket)).Expect(200);
    }
}
