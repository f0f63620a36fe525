using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, ListParts.</summary>
public sealed class ListParts(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Lists_parts_by_number_with_size_and_ETag()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "a b");
        string ten = await PutPartAsync(bucket, "a b", upload, 10, Utf8("1234567890"));
        string two = await PutPartAsync(bucket, "a b", upload, 2, Utf8("12"));
        RawResponse answer = (await ListAsync(bucket, "a b", upload, "")).Expect(200);
        Assert.Equal("ListPartsResult", answer.Xml().Name.LocalName);
        Assert.Equal((bucket, "a b", upload), (answer.Element("Bucket"), answer.Element("Key"), answer.Element("UploadId")));
        Assert.Equal(["2", "10"], answer.Elements("PartNumber"));
        Assert.Equal(["2", "10"], answer.Elements("Size"));
        Assert.Equal([two, ten], answer.Elements("ETag"));
        Assert.Equal(("1000", "false", "STANDARD"), (answer.Element("MaxParts"), answer.Element("IsTruncated"), answer.Element("StorageClass")));
        Assert.Equal(2, answer.Elements("LastModified").Length);
        Assert.NotNull(answer.Element("Initiator"));
        Assert.NotNull(answer.Element("Owner"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task Pages_join_to_the_whole(int size)
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        string[] numbers = ["1", "2", "9", "255", "256", "10000"];
        foreach (string number in numbers)
        {
            (await SendPartAsync(bucket, "key", upload, number, Utf8(number))).Expect(200);
        }

        var seen = new List<string>();
        string marker = "0";
        while (true)
        {
            RawResponse page = (await ListAsync(bucket, "key", upload, $"&max-parts={size}&part-number-marker={marker}")).Expect(200);
            Assert.Equal(marker, page.Element("PartNumberMarker"));
            Assert.InRange(page.Elements("PartNumber").Length, 1, size);
            seen.AddRange(page.Elements("PartNumber"));
            if (page.Element("IsTruncated") == "false")
            {
                break;
            }

            marker = page.Element("NextPartNumberMarker")!;
            Assert.Equal(seen[^1], marker);
        }

        Assert.Equal(numbers, seen);
    }

    [Fact]
    public async Task Marker_past_the_last_part_lists_none()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        await PutPartAsync(bucket, "key", upload, 1, Utf8("x"));
        RawResponse page = (await ListAsync(bucket, "key", upload, "&part-number-marker=1")).Expect(200);
        Assert.Empty(page.Elements("PartNumber"));
        Assert.Equal("false", page.Element("IsTruncated"));
    }

    [Theory]
    [InlineData("&max-parts=-1")]
    [InlineData("&max-parts=x")]
    [InlineData("&part-number-marker=-1")]
    [InlineData("&part-number-marker=x")]
    public async Task Invalid_parameters_are_InvalidArgument(string query)
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        (await ListAsync(bucket, "key", upload, query)).ExpectError(400, "InvalidArgument");
    }

    [Fact]
    public async Task Checksums_of_the_parts_are_listed()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key", ("x-amz-checksum-algorithm", "CRC32C"));
        byte[] data = Utf8("data");
        await PutPartAsync(bucket, "key", upload, 1, data, ("x-amz-checksum-crc32c", Digest.Base64("CRC32C", data)));
        RawResponse answer = (await ListAsync(bucket, "key", upload, "")).Expect(200);
        Assert.Equal(("CRC32C", "COMPOSITE"), (answer.Element("ChecksumAlgorithm"), answer.Element("ChecksumType")));
        Assert.Equal(Digest.Base64("CRC32C", data), answer.Element("ChecksumCRC32C"));
    }

    [Fact]
    public async Task Unknown_upload_is_NoSuchUpload()
    {
        string bucket = await NewBucketAsync();
        (await ListAsync(bucket, "key", "never", "")).ExpectError(404, "NoSuchUpload");
        (await ListAsync(NewName(), "key", "never", "")).ExpectError(404, "NoSuchBucket");
    }

    private Task<RawResponse> ListAsync(string bucket, string key, string upload, string query) =>
        Raw.SendAsync("GET", At(bucket, key, $"uploadId={Uri.EscapeDataString(upload)}{query}"));
}
