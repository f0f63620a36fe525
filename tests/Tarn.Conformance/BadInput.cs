using System.Text;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>
/// Requests that no client should send; their bodies are in <see cref="BadBodies"/>. The answer is always an S3 error document (or, if the bytes are not HTTP,
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
    public async Task Not_implemented_object_requests_are_NotImplemented_or_MethodNotAllowed(string method, string query)
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
    public async Task Not_implemented_bucket_requests_are_NotImplemented_or_MethodNotAllowed(string method, string query)
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
    public async Task Not_implemented_service_requests_are_refused(string method, string target)
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
