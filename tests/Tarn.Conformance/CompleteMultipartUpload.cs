using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, CompleteMultipartUpload; User Guide, "Amazon S3 multipart upload limits".</summary>
public sealed class CompleteMultipartUpload(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Parts_sent_in_any_order_are_joined_by_number()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "a b/é");
        byte[] first = Pattern(MinPart, 1), second = Pattern(MinPart + 1, 2), third = Pattern(3, 3);
        string c = await PutPartAsync(bucket, "a b/é", upload, 30, third);
        string a = await PutPartAsync(bucket, "a b/é", upload, 10, first);
        string b = await PutPartAsync(bucket, "a b/é", upload, 20, second);
        RawResponse answer = (await CompleteAsync(bucket, "a b/é", upload, [(10, a), (20, b), (30, c)])).Expect(200);
        Assert.Equal("CompleteMultipartUploadResult", answer.Xml().Name.LocalName);
        Assert.Equal((bucket, "a b/é", ETag(first, second, third)), (answer.Element("Bucket"), answer.Element("Key"), answer.Element("ETag")));
        Assert.False(string.IsNullOrEmpty(answer.Element("Location")));
        RawResponse got = (await GetAsync(bucket, "a b/é")).Expect(200);
        byte[] expected = [.. first, .. second, .. third];
        Assert.Equal(expected, got.Body);
        Assert.Equal(ETag(first, second, third), got["ETag"]);
        Assert.Equal(ETag(first, second, third), (await Raw.SendAsync("GET", $"/{bucket}?list-type=2")).Element("ETag"));
    }

    [Fact]
    public async Task Parts_not_listed_are_discarded()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        await PutPartAsync(bucket, "key", upload, 1, Utf8("unlisted"));
        string etag = await PutPartAsync(bucket, "key", upload, 2, Utf8("listed"));
        (await CompleteAsync(bucket, "key", upload, [(2, etag)])).Expect(200);
        Assert.Equal("listed", await ReadAsync(bucket, "key"));
        Assert.Empty((await Raw.SendAsync("GET", $"/{bucket}?uploads")).Expect(200).Elements("UploadId"));
        (await SendPartAsync(bucket, "key", upload, "3", Utf8("late"))).ExpectError(404, "NoSuchUpload");
    }

    [Fact]
    public async Task Repeating_it_gives_the_same_answer()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        RawResponse first = (await CompleteAsync(bucket, "key", upload, [(1, etag)])).Expect(200);
        RawResponse second = (await CompleteAsync(bucket, "key", upload, [(1, etag)])).Expect(200);
        Assert.Equal(first.Element("ETag"), second.Element("ETag"));
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task Racing_completions_all_agree()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        RawResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => CompleteAsync(bucket, "key", upload, [(1, etag)])));
        Assert.All(answers, a => a.Expect(200));
        Assert.Single(answers.Select(a => a.Element("ETag")).Distinct());
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task ETags_may_come_without_quotes()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "key", upload, [(1, etag.Trim('"'))])).Expect(200);
    }

    [Fact]
    public async Task Order_must_ascend()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string a = await PutPartAsync(bucket, "key", upload, 1, Pattern(MinPart, 1));
        string b = await PutPartAsync(bucket, "key", upload, 2, Pattern(MinPart, 2));
        (await CompleteAsync(bucket, "key", upload, [(2, b), (1, a)])).ExpectError(400, "InvalidPartOrder");
        (await CompleteAsync(bucket, "key", upload, [(1, a), (1, a)])).ExpectError(400, "InvalidPartOrder");
        await AbsentAsync(bucket, "key");
        (await CompleteAsync(bucket, "key", upload, [(1, a), (2, b)])).Expect(200);
    }

    [Fact]
    public async Task Unknown_part_or_ETag_is_InvalidPart()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "key", upload, [(1, etag), (2, etag)])).ExpectError(400, "InvalidPart");
        (await CompleteAsync(bucket, "key", upload, [(1, ETag(Utf8("other")))])).ExpectError(400, "InvalidPart");
        await AbsentAsync(bucket, "key");
        (await CompleteAsync(bucket, "key", upload, [(1, etag)])).Expect(200);
    }

    [Fact]
    public async Task Parts_but_the_last_have_5_MiB()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        byte[] big = Pattern(MinPart, 1), small = Pattern(MinPart - 1, 2);
        string exact = await PutPartAsync(bucket, "key", upload, 1, big);
        string less = await PutPartAsync(bucket, "key", upload, 2, small);
        string last = await PutPartAsync(bucket, "key", upload, 3, Utf8("x"));
        (await CompleteAsync(bucket, "key", upload, [(1, exact), (2, less), (3, last)])).ExpectError(400, "EntityTooSmall");
        await AbsentAsync(bucket, "key");
        (await CompleteAsync(bucket, "key", upload, [(1, exact), (3, last)])).Expect(200);
        Assert.Equal($"{MinPart + 1}", (await HeadAsync(bucket, "key"))["Content-Length"]);
    }

    [Fact]
    public async Task Content_MD5_is_of_the_list()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        (int, string)[] parts = [(1, await PutPartAsync(bucket, "key", upload, 1, Utf8("data")))];
        (await CompleteAsync(bucket, "key", upload, parts, ("Content-MD5", Digest.Base64("MD5", Utf8("other"))))).ExpectError(400, "BadDigest");
        (await CompleteAsync(bucket, "key", upload, parts, ("Content-MD5", "nonsense"))).ExpectError(400, "InvalidDigest");
        await AbsentAsync(bucket, "key");
        (await CompleteAsync(bucket, "key", upload, parts, ("Content-MD5", Digest.Base64("MD5", Utf8(PartList(parts)))))).Expect(200);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<CompleteMultipartUpload></CompleteMultipartUpload>")]
    [InlineData("<CompleteMultipartUpload><Part></Part></CompleteMultipartUpload>")]
    [InlineData("<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>")]
    [InlineData("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>")]
    [InlineData("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>")]
    [InlineData("<Other/>")]
    [InlineData("junk")]
    public async Task Malformed_list_is_MalformedXML(string body)
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await Raw.SendAsync("POST", At(bucket, "key", "uploadId=" + Uri.EscapeDataString(upload)), [], body)).ExpectError(400, "MalformedXML", "InvalidRequest");
        await AbsentAsync(bucket, "key");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    public async Task Part_number_outside_1_to_10000_is_refused(int number)
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "key", upload, [(number, etag)])).ExpectError(400, "InvalidPart", "InvalidArgument", "MalformedXML", "InvalidPartOrder");
    }

    [Fact]
    public async Task More_than_10000_parts_are_refused()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "key", upload, Enumerable.Range(1, 10_001).Select(i => (i, etag)))).ExpectError(400, "MalformedXML", "InvalidArgument", "InvalidRequest", "InvalidPart");
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task Unknown_upload_is_NoSuchUpload()
    {
        string bucket = await NewBucketAsync();
        (await CompleteAsync(bucket, "key", "never", [(1, ETag(Utf8("x")))])).ExpectError(404, "NoSuchUpload");
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "other", upload, [(1, etag)])).ExpectError(404, "NoSuchUpload");
    }

    [Fact]
    public async Task Object_size_given_must_be_the_real_one()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "key", upload, [(1, etag)], ("x-amz-mp-object-size", "5"))).ExpectError(400, "InvalidRequest");
        (await CompleteAsync(bucket, "key", upload, [(1, etag)], ("x-amz-mp-object-size", "4"))).Expect(200);
    }

    [Fact]
    public async Task Old_object_stays_until_completion()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "old");
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("new"));
        Assert.Equal("old", await ReadAsync(bucket, "key"));
        (await CompleteAsync(bucket, "key", upload, [(1, etag)])).Expect(200);
        Assert.Equal("new", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string etag = await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "key", upload, [(1, etag)], ("x-amz-expected-bucket-owner", "000000000000"))).ExpectError(403, "AccessDenied");
        await AbsentAsync(bucket, "key");
    }

    [Fact]
    public async Task The_SDK_transfers_in_parts()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern((MinPart * 2) + 12345);
        using var transfer = new TransferUtility(S3);
        await transfer.UploadAsync(new TransferUtilityUploadRequest { BucketName = bucket, Key = "big", InputStream = new MemoryStream(data), PartSize = MinPart });
        using GetObjectResponse got = await S3.GetObjectAsync(bucket, "big");
        var read = new MemoryStream();
        await got.ResponseStream.CopyToAsync(read);
        Assert.Equal(data, read.ToArray());
    }
}
