using System.Globalization;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, GetObject; RFC 9110, section 14 (ranges).</summary>
public sealed class GetObject(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string Digits = "0123456789";

    [Fact]
    public async Task Answers_data_and_headers()
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "key", Digits);
        RawResponse got = (await GetAsync(bucket, "key")).Expect(200);
        Assert.Equal(Digits, got.Text);
        Assert.Equal(etag, got["ETag"]);
        Assert.Equal("bytes", got["Accept-Ranges"]);
        Assert.Null(got["Content-Range"]);
        DateTimeOffset modified = DateTimeOffset.ParseExact(got["Last-Modified"]!, "r", CultureInfo.InvariantCulture);
        Assert.InRange(modified, DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow.AddMinutes(2));
        Assert.False(string.IsNullOrEmpty(got["x-amz-request-id"]));
        Assert.False(string.IsNullOrEmpty(got["x-amz-id-2"]), "x-amz-id-2 is missing");
    }

    [Fact]
    public async Task Missing_key_is_NoSuchKey_and_names_it()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await GetAsync(bucket, "a b/é")).ExpectError(404, "NoSuchKey");
        Assert.Equal("a b/é", answer.Element("Key"));
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket()
    {
        string name = NewName();
        RawResponse answer = (await GetAsync(name, "key")).ExpectError(404, "NoSuchBucket");
        Assert.Equal(name, answer.Element("BucketName"));
    }

    [Theory]
    [InlineData("bytes=0-0", "0", "0-0")]
    [InlineData("bytes=0-3", "0123", "0-3")]
    [InlineData("bytes=3-5", "345", "3-5")]
    [InlineData("bytes=7-", "789", "7-9")]
    [InlineData("bytes=0-", Digits, "0-9")]
    [InlineData("bytes=-3", "789", "7-9")]
    [InlineData("bytes=-100", Digits, "0-9")]
    [InlineData("bytes=8-100", "89", "8-9")]
    [InlineData("bytes=9-9", "9", "9-9")]
    [InlineData("bytes=0-99999999999999999999", Digits, "0-9")]
    public async Task Range_is_206_with_the_part(string range, string expected, string shown)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Digits);
        RawResponse got = (await GetAsync(bucket, "key", ("Range", range))).Expect(206);
        Assert.Equal(expected, got.Text);
        Assert.Equal($"bytes {shown}/10", got["Content-Range"]);
        Assert.Equal($"{expected.Length}", got["Content-Length"]);
        RawResponse head = (await HeadAsync(bucket, "key", ("Range", range))).Expect(206);
        Assert.Equal($"bytes {shown}/10", head["Content-Range"]);
        Assert.Equal($"{expected.Length}", head["Content-Length"]);
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=10-20")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=99999999999999999999-")]
    public async Task Range_past_the_end_is_416(string range)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Digits);
        RawResponse answer = (await GetAsync(bucket, "key", ("Range", range))).ExpectError(416, "InvalidRange");
        Assert.Equal("10", answer.Element("ActualObjectSize"));
        Assert.Equal(range, answer.Element("RangeRequested"));
        (await HeadAsync(bucket, "key", ("Range", range))).Expect(416);
    }

    [Theory]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=--1")]
    [InlineData("bytes=-1-2")]
    [InlineData("items=0-1")]
    [InlineData("nonsense")]
    [InlineData("bytes=0-1,4-5")]
    public async Task Range_that_is_not_one_valid_range_is_ignored(string range)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Digits);
        RawResponse got = (await GetAsync(bucket, "key", ("Range", range))).Expect(200);
        Assert.Equal(Digits, got.Text);
    }

    [Theory]
    [InlineData("bytes=0-0")]
    [InlineData("bytes=0-")]
    [InlineData("bytes=-0")]
    public async Task Range_of_an_empty_object_is_416(string range)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "empty", "");
        (await GetAsync(bucket, "empty", ("Range", range))).ExpectError(416, "InvalidRange");
    }

    [Fact]
    public async Task The_last_bytes_of_an_empty_object_are_all_of_it()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "empty", "");
        RawResponse got = (await GetAsync(bucket, "empty", ("Range", "bytes=-5"))).Expect(200);
        Assert.Empty(got.Body);
        Assert.Null(got["Content-Range"]);
    }

    [Theory]
    [InlineData("response-content-length=1")]
    [InlineData("response-etag=x")]
    [InlineData("response-=")]
    public async Task An_override_that_is_none_is_refused(string query)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        (await Raw.SendAsync("GET", At(bucket, "key", query))).ExpectError(400, "InvalidArgument");
        (await Raw.SendAsync("HEAD", At(bucket, "key", query))).Expect(400);
    }

    [Fact]
    public async Task A_read_with_a_key_of_encryption_is_refused()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        string key = Convert.ToBase64String(new byte[32]);
        (string, string)[] headers =
        [
            ("x-amz-server-side-encryption-customer-algorithm", "AES256"), ("x-amz-server-side-encryption-customer-key", key),
            ("x-amz-server-side-encryption-customer-key-MD5", Digest.Base64("MD5", new byte[32])),
        ];
        (await GetAsync(bucket, "key", headers)).ExpectRefusal("NotImplemented", "InvalidRequest");
        Assert.InRange((await Raw.SendAsync("HEAD", At(bucket, "key"), headers)).Status, 400, 501);
    }

    [Fact]
    public async Task Last_Modified_is_never_later_than_Date()
    {
        string bucket = await NewBucketAsync();
        for (int i = 0; i < 40; i++)
        {
            await PutAsync(bucket, "key", $"{i}");
            foreach (RawResponse answer in new[] { (await GetAsync(bucket, "key")).Expect(200), (await HeadAsync(bucket, "key")).Expect(200) })
            {
                Assert.True(DateTimeOffset.Parse(answer["Last-Modified"]!, CultureInfo.InvariantCulture) <= DateTimeOffset.Parse(answer["Date"]!, CultureInfo.InvariantCulture));
            }
        }
    }

    [Fact]
    public async Task Ranges_of_a_multipart_object_cross_its_parts()
    {
        string bucket = await NewBucketAsync();
        byte[] first = Pattern(MinPart, 1), second = Pattern(MinPart + 7, 2), third = Pattern(1000, 3);
        await PutInPartsAsync(bucket, "key", first, second, third);
        byte[] whole = [.. first, .. second, .. third];
        Assert.Equal(whole, (await GetAsync(bucket, "key")).Expect(200).Body);
        foreach ((int from, int to) in ((int, int)[])[(MinPart - 1, MinPart), (MinPart - 100, whole.Length - 1), (0, whole.Length - 1), (whole.Length - 1001, whole.Length - 1000)])
        {
            Assert.Equal(whole[from..(to + 1)], (await GetAsync(bucket, "key", ("Range", $"bytes={from}-{to}"))).Expect(206).Body);
        }
    }

    [Fact]
    public async Task PartNumber_gives_that_part()
    {
        string bucket = await NewBucketAsync();
        byte[] first = Pattern(MinPart, 1), second = Pattern(3000, 2);
        string etag = await PutInPartsAsync(bucket, "key", first, second);
        RawResponse got = (await Raw.SendAsync("GET", At(bucket, "key", "partNumber=2"))).Expect(206);
        Assert.Equal(second, got.Body);
        Assert.Equal("2", got["x-amz-mp-parts-count"]);
        Assert.Equal($"bytes {MinPart}-{MinPart + 2999}/{MinPart + 3000}", got["Content-Range"]);
        Assert.Equal(etag, got["ETag"]);
        RawResponse head = (await Raw.SendAsync("HEAD", At(bucket, "key", "partNumber=1"))).Expect(206);
        Assert.Equal($"{MinPart}", head["Content-Length"]);
        Assert.Equal("2", head["x-amz-mp-parts-count"]);
        (await Raw.SendAsync("GET", At(bucket, "key", "partNumber=3"))).ExpectError(416, "InvalidPartNumber");
    }

    [Fact]
    public async Task PartNumber_counts_the_parts_that_were_completed()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        byte[] seven = Pattern(MinPart, 7), nine = Pattern(10, 9);
        string seventh = await PutPartAsync(bucket, "key", upload, 7, seven);
        string ninth = await PutPartAsync(bucket, "key", upload, 9, nine);
        (await CompleteAsync(bucket, "key", upload, [(7, seventh), (9, ninth)])).Expect(200);
        RawResponse whole = (await GetAsync(bucket, "key")).Expect(200);
        byte[] expected = [.. seven, .. nine];
        Assert.Equal(expected, whole.Body);
    }

    [Fact]
    public async Task PartNumber_1_of_a_plain_object_is_all_of_it()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Digits);
        RawResponse got = (await Raw.SendAsync("GET", At(bucket, "key", "partNumber=1"))).Expect(206);
        Assert.Equal(Digits, got.Text);
        Assert.Equal("bytes 0-9/10", got["Content-Range"]);
        (await Raw.SendAsync("GET", At(bucket, "key", "partNumber=2"))).ExpectError(416, "InvalidPartNumber");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("10001")]
    [InlineData("one")]
    public async Task PartNumber_outside_1_to_10000_is_InvalidArgument(string number)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Digits);
        (await Raw.SendAsync("GET", At(bucket, "key", "partNumber=" + number))).ExpectError(400, "InvalidArgument");
    }

    [Fact]
    public async Task PartNumber_with_Range_is_InvalidRequest()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Digits);
        (await Raw.SendAsync("GET", At(bucket, "key", "partNumber=1"), [("Range", "bytes=0-1")])).ExpectError(400, "InvalidRequest");
    }

    [Fact]
    public async Task Response_headers_are_overridden_by_the_query()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Digits, ("Content-Type", "text/plain"), ("Cache-Control", "no-cache"));
        (string Parameter, string Header, string Value)[] overrides =
        [
            ("response-content-type", "Content-Type", "application/x-other; a=b"), ("response-content-language", "Content-Language", "fr"),
            ("response-expires", "Expires", "Thu, 01 Dec 2037 16:00:00 GMT"), ("response-cache-control", "Cache-Control", "max-age=1"),
            ("response-content-disposition", "Content-Disposition", "attachment; filename=\"x y.txt\""), ("response-content-encoding", "Content-Encoding", "br"),
        ];
        string query = string.Join('&', overrides.Select(o => $"{o.Parameter}={Uri.EscapeDataString(o.Value)}"));
        foreach (string method in (string[])["GET", "HEAD"])
        {
            RawResponse whole = (await Raw.SendAsync(method, At(bucket, "key", query))).Expect(200);
            RawResponse part = (await Raw.SendAsync(method, At(bucket, "key", query), [("Range", "bytes=1-2")])).Expect(206);
            Assert.All(overrides, o => Assert.Equal(o.Value, whole[o.Header]));
            Assert.All(overrides, o => Assert.Equal(o.Value, part[o.Header]));
        }

        Assert.Equal("text/plain", (await GetAsync(bucket, "key"))["Content-Type"]);
    }

    [Fact]
    public async Task Response_override_cannot_inject_a_header()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Digits);
        RawResponse answer = await Raw.SendAsync("GET", At(bucket, "key", "response-content-type=" + Uri.EscapeDataString("a\r\nx-injected: 1")));
        Assert.True(answer.Status is 200 or 400, answer.Text);
        Assert.Null(answer["x-injected"]);
    }

    [Fact]
    public async Task Anonymous_is_refused_and_may_not_override_headers()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Digits);
        (await Raw.SendUnsignedAsync("GET", At(bucket, "key"))).ExpectError(403, "AccessDenied");
        (await Raw.SendUnsignedAsync("GET", At(bucket, "key", "response-content-type=text/html"))).ExpectRefusal("AccessDenied", "InvalidRequest");
    }

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Digits);
        (await GetAsync(bucket, "key", ("x-amz-expected-bucket-owner", "000000000000"))).ExpectError(403, "AccessDenied");
    }

    [Fact]
    public async Task One_connection_serves_many_requests_and_no_answer_is_mixed_up()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(300_000);
        await PutAsync(bucket, "big", data);
        await PutAsync(bucket, "small", "s");
        await using RawConnection connection = await RawConnection.OpenAsync(Endpoint.Address);
        foreach ((string method, string key, int status) in ((string, string, int)[])[("GET", "big", 200), ("HEAD", "big", 200), ("GET", "none", 404), ("HEAD", "none", 404), ("GET", "small", 200), ("GET", "big", 200)])
        {
            await connection.WriteAsync(Raw.Head(method, At(bucket, key), null, null).Head);
            RawResponse? answer = await connection.ReadResponseAsync(method);
            Assert.NotNull(answer);
            answer.Expect(status);
            if (method == "GET" && status == 200)
            {
                Assert.Equal(key == "big" ? data : Utf8("s"), answer.Body);
            }
        }
    }
}
