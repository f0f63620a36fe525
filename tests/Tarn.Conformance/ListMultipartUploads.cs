using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, ListMultipartUploads: by key, then by the time of initiation.</summary>
public sealed class ListMultipartUploads(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Lists_uploads_with_their_facts()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        RawResponse answer = (await ListAsync(bucket, "")).Expect(200);
        Assert.Equal("ListMultipartUploadsResult", answer.Xml().Name.LocalName);
        Assert.Equal((bucket, "key", upload), (answer.Element("Bucket"), answer.Element("Key"), answer.Element("UploadId")));
        Assert.Equal(("1000", "false", "STANDARD"), (answer.Element("MaxUploads"), answer.Element("IsTruncated"), answer.Element("StorageClass")));
        Assert.NotNull(answer.Element("Initiated"));
        Assert.NotNull(answer.Element("Initiator"));
        Assert.NotNull(answer.Element("Owner"));
    }

    [Fact]
    public async Task Uploads_of_one_key_come_in_the_order_of_their_start()
    {
        string bucket = await NewBucketAsync();
        var started = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            started.Add(await StartUploadAsync(bucket, "same"));
        }

        Assert.Equal(started, (await ListAsync(bucket, "")).Expect(200).Elements("UploadId"));
        Assert.Equal(started, await AllAsync(bucket, 2, "", ""));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Pages_join_to_the_whole(int size)
    {
        string bucket = await NewBucketAsync();
        var expected = new List<string>();
        foreach (string key in (string[])["a", "a", "a/b", "b", "\uff5e", "😀", "😀"])
        {
            expected.Add(await StartUploadAsync(bucket, key));
        }

        Assert.Equal(expected, await AllAsync(bucket, size, "", ""));
        Assert.Equal(expected.Take(3), await AllAsync(bucket, size, "a", ""));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public async Task Prefix_and_delimiter_roll_up(int size)
    {
        string bucket = await NewBucketAsync();
        string top = await StartUploadAsync(bucket, "p/a");
        foreach (string key in (string[])["p/d/1", "p/d/1", "p/d/2", "p/e--1", "q"])
        {
            await StartUploadAsync(bucket, key);
        }

        string e = (await ListAsync(bucket, "prefix=p%2Fe")).Element("UploadId")!;
        Assert.Equal([top, "p/d/", e], await AllAsync(bucket, size, "p/", "/"));
        Assert.Equal(["p/e--"], await AllAsync(bucket, size, "p/e", "--"));
    }

    [Fact]
    public async Task Key_marker_alone_begins_behind_that_key()
    {
        string bucket = await NewBucketAsync();
        await StartUploadAsync(bucket, "a");
        await StartUploadAsync(bucket, "a");
        string b = await StartUploadAsync(bucket, "b");
        RawResponse answer = (await ListAsync(bucket, "key-marker=a")).Expect(200);
        Assert.Equal([b], answer.Elements("UploadId"));
        Assert.Equal("a", answer.Element("KeyMarker"));
    }

    [Fact]
    public async Task Upload_id_marker_continues_within_the_key_and_is_ignored_alone()
    {
        string bucket = await NewBucketAsync();
        string first = await StartUploadAsync(bucket, "a"), second = await StartUploadAsync(bucket, "a"), third = await StartUploadAsync(bucket, "b");
        Assert.Equal([second, third], (await ListAsync(bucket, $"key-marker=a&upload-id-marker={Uri.EscapeDataString(first)}")).Expect(200).Elements("UploadId"));
        Assert.Equal([first, second, third], (await ListAsync(bucket, $"upload-id-marker={Uri.EscapeDataString(first)}")).Expect(200).Elements("UploadId"));
    }

    [Fact]
    public async Task Encoding_type_url_encodes_names()
    {
        string bucket = await NewBucketAsync();
        await StartUploadAsync(bucket, "a +/\u0001b");
        RawResponse answer = (await ListAsync(bucket, "encoding-type=url&prefix=a%20%2B")).Expect(200);
        Assert.Equal("url", answer.Element("EncodingType"));
        Assert.Equal("a +/\u0001b", Uri.UnescapeDataString(answer.Element("Key")!));
        Assert.DoesNotContain('+', answer.Element("Key")!);
        Assert.Equal("a%20%2B", answer.Element("Prefix"));
    }

    [Theory]
    [InlineData("max-uploads=-1")]
    [InlineData("max-uploads=x")]
    [InlineData("encoding-type=x")]
    public async Task Invalid_parameters_are_InvalidArgument(string query) =>
        (await ListAsync(await NewBucketAsync(), query)).ExpectError(400, "InvalidArgument");

    [Fact]
    public async Task Uploads_are_no_objects()
    {
        string bucket = await NewBucketAsync();
        string upload = await StartUploadAsync(bucket, "key");
        await PutPartAsync(bucket, "key", upload, 1, Utf8("data"));
        Assert.Empty((await Raw.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(200).Elements("Key"));
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket() => (await ListAsync(NewName(), "")).ExpectError(404, "NoSuchBucket");

    private async Task<List<string>> AllAsync(string bucket, int size, string prefix, string delimiter)
    {
        var all = new List<string>();
        string markers = "";
        while (true)
        {
            RawResponse page = (await ListAsync(bucket, $"max-uploads={size}&prefix={Uri.EscapeDataString(prefix)}&delimiter={Uri.EscapeDataString(delimiter)}{markers}")).Expect(200);
            (string Key, string Shown)[] entries =
            [
                .. page.Xml().Elements().Where(e => e.Name.LocalName == "Upload").Select(u => (u.Elements().First(e => e.Name.LocalName == "Key").Value, u.Elements().First(e => e.Name.LocalName == "UploadId").Value)),
                .. page.Xml().Elements().Where(e => e.Name.LocalName == "CommonPrefixes").Select(e => (e.Value, e.Value)),
            ];
            Assert.InRange(entries.Length, 1, size);
            all.AddRange(entries.OrderBy(e => e.Key, ListingOracle.Order).Select(e => e.Shown));
            if (page.Element("IsTruncated") == "false")
            {
                return all;
            }

            markers = $"&key-marker={Uri.EscapeDataString(page.Element("NextKeyMarker")!)}&upload-id-marker={Uri.EscapeDataString(page.Element("NextUploadIdMarker") ?? "")}";
        }
    }

    private Task<RawResponse> ListAsync(string bucket, string query) =>
        Raw.SendAsync("GET", $"/{bucket}?uploads{(query.Length == 0 ? "" : "&" + query)}");
}
