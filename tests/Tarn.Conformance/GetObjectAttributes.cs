using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, GetObjectAttributes.</summary>
public sealed class GetObjectAttributes(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string All = "ETag,Checksum,ObjectParts,StorageClass,ObjectSize";

    [Fact]
    public async Task Plain_object()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Pattern(1234);
        await PutAsync(bucket, "key", data, ("x-amz-checksum-sha256", Digest.Base64("SHA256", data)));
        RawResponse answer = (await SendAsync(bucket, "key", All)).Expect(200);
        Assert.Equal(ETag(data).Trim('"'), answer.Element("ETag"));
        Assert.Equal("1234", answer.Element("ObjectSize"));
        Assert.Equal("STANDARD", answer.Element("StorageClass"));
        Assert.Equal(Digest.Base64("SHA256", data), answer.Element("ChecksumSHA256"));
        Assert.Equal("FULL_OBJECT", answer.Element("ChecksumType"));
        Assert.Empty(answer.Elements("ObjectParts"));
        Assert.False(string.IsNullOrEmpty(answer["Last-Modified"]));
    }

    [Fact]
    public async Task Only_what_was_asked_for_is_returned()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        RawResponse answer = (await SendAsync(bucket, "key", "ObjectSize")).Expect(200);
        Assert.Equal(["ObjectSize"], answer.Xml().Elements().Select(e => e.Name.LocalName));
    }

    [Fact]
    public async Task Parts_of_a_multipart_object_are_paged()
    {
        string bucket = await NewBucketAsync();
        byte[][] parts = [Pattern(MinPart, 1), Pattern(MinPart, 2), Pattern(11, 3)];
        string upload = await StartUploadAsync(bucket, "key", ("x-amz-checksum-algorithm", "SHA256"));
        var listed = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            string sum = Digest.Base64("SHA256", parts[i]);
            string etag = await PutPartAsync(bucket, "key", upload, i + 1, parts[i], ("x-amz-checksum-sha256", sum));
            listed.Add($"<Part><PartNumber>{i + 1}</PartNumber><ETag>{etag}</ETag><ChecksumSHA256>{sum}</ChecksumSHA256></Part>");
        }

        (await Raw.SendAsync("POST", At(bucket, "key", "uploadId=" + Uri.EscapeDataString(upload)), [], $"<CompleteMultipartUpload>{string.Concat(listed)}</CompleteMultipartUpload>")).Expect(200);
        var request = new GetObjectAttributesRequest { BucketName = bucket, Key = "key", ObjectAttributes = [ObjectAttributes.ObjectParts, ObjectAttributes.Checksum], MaxParts = 2 };
        GetObjectAttributesResponse first = await S3.GetObjectAttributesAsync(request);
        Assert.Equal(Digest.Composite("SHA256", parts).Split('-')[0], first.Checksum.ChecksumSHA256.Split('-')[0]);
        Assert.Equal("COMPOSITE", first.Checksum.ChecksumType.Value);
        Assert.Equal(3, first.ObjectParts.TotalPartsCount);
        Assert.True(first.ObjectParts.IsTruncated);
        Assert.Equal([1, 2], first.ObjectParts.Parts.Select(p => p.PartNumber!.Value));
        Assert.Equal([MinPart, MinPart], first.ObjectParts.Parts.Select(p => p.Size!.Value));
        Assert.Equal(parts.Take(2).Select(p => Digest.Base64("SHA256", p)), first.ObjectParts.Parts.Select(p => p.ChecksumSHA256));
        request.PartNumberMarker = first.ObjectParts.NextPartNumberMarker;
        GetObjectAttributesResponse second = await S3.GetObjectAttributesAsync(request);
        Assert.False(second.ObjectParts.IsTruncated);
        Assert.Equal(11, Assert.Single(second.ObjectParts.Parts).Size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Colour")]
    [InlineData("ETag,Colour")]
    public async Task Attributes_must_be_named_and_known(string attributes)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        (await SendAsync(bucket, "key", attributes)).ExpectError(400, "InvalidArgument", "InvalidRequest");
    }

    [Fact]
    public async Task Without_the_header_it_is_refused()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        (await Raw.SendAsync("GET", At(bucket, "key", "attributes"))).ExpectError(400, "InvalidArgument", "InvalidRequest");
    }

    [Fact]
    public async Task Missing_key_or_bucket_is_told()
    {
        string bucket = await NewBucketAsync();
        (await SendAsync(bucket, "never", All)).ExpectError(404, "NoSuchKey");
        (await SendAsync(NewName(), "never", All)).ExpectError(404, "NoSuchBucket");
    }

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        (await Raw.SendAsync("GET", At(bucket, "key", "attributes"), [("x-amz-object-attributes", "ETag"), ("x-amz-expected-bucket-owner", "000000000000")])).ExpectError(403, "AccessDenied");
    }

    [Fact]
    public async Task Who_asks_for_no_parts_gets_none_and_is_not_sent_on()
    {
        string bucket = await NewBucketAsync();
        await PutInPartsAsync(bucket, "key", Pattern(MinPart), Utf8("end"));
        RawResponse none = (await Raw.SendAsync("GET", At(bucket, "key", "attributes"), [("x-amz-object-attributes", "ObjectParts"), ("x-amz-max-parts", "0")])).Expect(200);
        Assert.Equal(("false", "0", "2"), (none.Element("IsTruncated"), none.Element("MaxParts"), none.Element("PartsCount")));
        Assert.Empty(none.Elements("Part"));
        foreach (string odd in (string[])["-1", "x", "1.5", "99999999999", "1,1"])
        {
            (await Raw.SendAsync("GET", At(bucket, "key", "attributes"), [("x-amz-object-attributes", "ObjectParts"), ("x-amz-max-parts", odd)])).ExpectError(400, "InvalidArgument");
            (await Raw.SendAsync("GET", At(bucket, "key", "attributes"), [("x-amz-object-attributes", "ObjectParts"), ("x-amz-part-number-marker", odd)])).ExpectError(400, "InvalidArgument");
        }
    }

    private Task<RawResponse> SendAsync(string bucket, string key, string attributes) =>
        Raw.SendAsync("GET", At(bucket, key, "attributes"), [("x-amz-object-attributes", attributes)]);
}
