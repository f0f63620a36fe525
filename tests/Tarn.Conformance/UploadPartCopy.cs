using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, UploadPartCopy.</summary>
public sealed class UploadPartCopy(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Parts_may_be_whole_objects_and_ranges()
    {
        string bucket = await NewBucketAsync();
        byte[] source = Pattern(MinPart + 1000, 4);
        await PutAsync(bucket, "from", source);
        string upload = await StartUploadAsync(bucket, "to");
        RawResponse whole = (await CopyPartAsync(bucket, "to", upload, 1, "from")).Expect(200);
        Assert.Equal("CopyPartResult", whole.Xml().Name.LocalName);
        Assert.Equal(ETag(source), whole.Element("ETag"));
        Assert.False(string.IsNullOrEmpty(whole.Element("LastModified")));
        RawResponse range = (await CopyPartAsync(bucket, "to", upload, 2, "from", ("x-amz-copy-source-range", $"bytes=1000-{MinPart + 999}"))).Expect(200);
        Assert.Equal(ETag(source[1000..]), range.Element("ETag"));
        RawResponse last = (await CopyPartAsync(bucket, "to", upload, 3, "from", ("x-amz-copy-source-range", "bytes=0-0"))).Expect(200);
        (await CompleteAsync(bucket, "to", upload, [(1, whole.Element("ETag")!), (2, range.Element("ETag")!), (3, last.Element("ETag")!)])).Expect(200);
        byte[] expected = [.. source, .. source[1000..], source[0]];
        RawResponse got = (await GetAsync(bucket, "to")).Expect(200);
        Assert.Equal(expected, got.Body);
        Assert.Equal(ETag(source, source[1000..], source[..1]), got["ETag"]);
        (await Raw.SendAsync("DELETE", At(bucket, "from"))).Expect(204);
        Assert.Equal(expected, (await GetAsync(bucket, "to")).Expect(200).Body);
    }

    [Fact]
    public async Task Range_of_a_multipart_source_crosses_its_parts()
    {
        string bucket = await NewBucketAsync();
        byte[] first = Pattern(MinPart, 1), second = Pattern(2000, 2);
        await PutInPartsAsync(bucket, "from", first, second);
        string upload = await StartUploadAsync(bucket, "to");
        RawResponse part = (await CopyPartAsync(bucket, "to", upload, 1, "from", ("x-amz-copy-source-range", $"bytes={MinPart - 10}-{MinPart + 9}"))).Expect(200);
        byte[] expected = [.. first[^10..], .. second[..10]];
        Assert.Equal(ETag(expected), part.Element("ETag"));
        (await CompleteAsync(bucket, "to", upload, [(1, part.Element("ETag")!)])).Expect(200);
        Assert.Equal(expected, (await GetAsync(bucket, "to")).Expect(200).Body);
    }

    [Theory]
    [InlineData("bytes=0-10")]
    [InlineData("bytes=10-20")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=5-")]
    [InlineData("bytes=-5")]
    [InlineData("0-5")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=-1-3")]
    [InlineData("bytes=0-1,3-4")]
    public async Task Range_must_be_first_to_last_within_the_source(string range)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "from", "0123456789");
        string upload = await StartUploadAsync(bucket, "to");
        (await CopyPartAsync(bucket, "to", upload, 1, "from", ("x-amz-copy-source-range", range))).ExpectError(400, "InvalidArgument");
    }

    [Fact]
    public async Task Source_conditions_are_checked()
    {
        string bucket = await NewBucketAsync();
        string etag = await PutAsync(bucket, "from", "data");
        string upload = await StartUploadAsync(bucket, "to");
        (await CopyPartAsync(bucket, "to", upload, 1, "from", ("x-amz-copy-source-if-match", "\"no\""))).ExpectError(412, "PreconditionFailed");
        (await CopyPartAsync(bucket, "to", upload, 1, "from", ("x-amz-copy-source-if-none-match", etag))).ExpectError(412, "PreconditionFailed");
        (await CopyPartAsync(bucket, "to", upload, 1, "from", ("x-amz-copy-source-if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT"))).ExpectError(412, "PreconditionFailed");
        (await CopyPartAsync(bucket, "to", upload, 1, "from", ("x-amz-copy-source-if-match", etag), ("x-amz-copy-source-if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT"))).Expect(200);
    }

    [Fact]
    public async Task Missing_things_are_named()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "to");
        (await CopyPartAsync(bucket, "to", upload, 1, "never")).ExpectError(404, "NoSuchKey");
        await PutAsync(bucket, "from", "data");
        (await CopyPartAsync(bucket, "to", "never", 1, "from")).ExpectError(404, "NoSuchUpload");
        (await CopyPartAsync(bucket, "to", upload, 0, "from")).ExpectError(400, "InvalidArgument");
        (await CopyPartAsync(bucket, "to", upload, 10_001, "from")).ExpectError(400, "InvalidArgument");
    }

    private Task<RawResponse> CopyPartAsync(string bucket, string key, string upload, int number, string source, params (string Name, string Value)[] headers) =>
        Raw.SendAsync("PUT", At(bucket, key, $"partNumber={number}&uploadId={Uri.EscapeDataString(upload)}"), [("x-amz-copy-source", $"/{bucket}/{RawClient.Escape(source)}"), .. headers], []);
}
