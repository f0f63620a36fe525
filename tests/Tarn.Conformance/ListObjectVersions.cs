using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, ListObjectVersions.</summary>
public sealed class ListObjectVersions(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task A_bucket_without_versions_lists_null_versions()
    {
        string bucket = await NewBucketAsync();
        byte[] data = Utf8("data");
        await PutAsync(bucket, "key", data);
        RawResponse answer = (await Raw.SendAsync("GET", $"/{bucket}?versions")).Expect(200);
        Assert.Equal("ListVersionsResult", answer.Xml().Name.LocalName);
        Assert.Equal(["null"], answer.Elements("VersionId"));
        Assert.Equal("true", answer.Element("IsLatest"));
        Assert.Equal(ETag(data), answer.Element("ETag"));
        Assert.Equal("4", answer.Element("Size"));
        Assert.Equal("STANDARD", answer.Element("StorageClass"));
        Assert.Equal("false", answer.Element("IsTruncated"));
        Assert.Equal("1000", answer.Element("MaxKeys"));
        Assert.False(string.IsNullOrEmpty(answer.Element("ID")));
    }

    [Fact]
    public async Task Versions_and_markers_are_by_key_and_newest_first()
    {
        string bucket = await Versioning.NewBucketAsync(S3, await NewBucketAsync());
        string a1 = await PutVersionAsync(bucket, "a", "1");
        string b1 = await PutVersionAsync(bucket, "b", "1");
        string a2 = await PutVersionAsync(bucket, "a", "2");
        string gone = (await S3.DeleteObjectAsync(bucket, "b")).VersionId;
        ListVersionsResponse listed = await S3.ListVersionsAsync(bucket);
        Assert.Equal(
            [("a", a2, true, false), ("a", a1, false, false), ("b", gone, true, true), ("b", b1, false, false)],
            listed.Versions.Select(v => (v.Key, v.VersionId, v.IsLatest!.Value, v.IsDeleteMarker == true)));
        RawResponse raw = (await Raw.SendAsync("GET", $"/{bucket}?versions&prefix=b")).Expect(200);
        Assert.Equal(["DeleteMarker", "Version"], raw.Xml().Elements().Select(e => e.Name.LocalName).Where(n => n is "DeleteMarker" or "Version"));
        var marker = raw.Xml().Elements().Single(e => e.Name.LocalName == "DeleteMarker");
        Assert.DoesNotContain(marker.Elements(), e => e.Name.LocalName is "Size" or "ETag" or "StorageClass");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Pages_go_on_where_the_last_one_ended(int size)
    {
        string bucket = await Versioning.NewBucketAsync(S3, await NewBucketAsync());
        var expected = new List<(string, string)>();
        foreach (string key in (string[])["a", "a/b", "c"])
        {
            var versions = new List<(string, string)>();
            for (int i = 0; i < 4; i++)
            {
                versions.Insert(0, (key, i == 2 ? (await S3.DeleteObjectAsync(bucket, key)).VersionId : await PutVersionAsync(bucket, key, $"{i}")));
            }

            expected.AddRange(versions);
        }

        var seen = new List<(string, string)>();
        var request = new ListVersionsRequest { BucketName = bucket, MaxKeys = size };
        ListVersionsResponse page;
        do
        {
            page = await S3.ListVersionsAsync(request);
            Assert.InRange(page.Versions.Count, 1, size);
            seen.AddRange(page.Versions.Select(v => (v.Key, v.VersionId)));
            (request.KeyMarker, request.VersionIdMarker) = (page.NextKeyMarker, page.NextVersionIdMarker);
        }
        while (page.IsTruncated == true);
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task Keys_with_the_delimiter_roll_up()
    {
        string bucket = await Versioning.NewBucketAsync(S3, await NewBucketAsync());
        foreach (string key in (string[])["a/1", "a/2", "a/2", "b", "c/1"])
        {
            await PutVersionAsync(bucket, key, key);
        }

        await S3.DeleteObjectAsync(bucket, "c/1");
        RawResponse all = (await Raw.SendAsync("GET", $"/{bucket}?versions&delimiter=%2F")).Expect(200);
        Assert.Equal(["b"], all.Elements("Key"));
        Assert.Equal(["a/", "c/"], all.Xml().Elements().Where(e => e.Name.LocalName == "CommonPrefixes").Select(e => e.Value));
        RawResponse first = (await Raw.SendAsync("GET", $"/{bucket}?versions&delimiter=%2F&max-keys=1")).Expect(200);
        Assert.Equal("a/", first.Element("NextKeyMarker"));
        RawResponse second = (await Raw.SendAsync("GET", $"/{bucket}?versions&delimiter=%2F&max-keys=1&key-marker=a%2F")).Expect(200);
        Assert.Equal(["b"], second.Elements("Key"));
    }

    [Fact]
    public async Task Key_marker_alone_skips_all_versions_of_its_key()
    {
        string bucket = await Versioning.NewBucketAsync(S3, await NewBucketAsync());
        await PutVersionAsync(bucket, "a", "1");
        await PutVersionAsync(bucket, "a", "2");
        await PutVersionAsync(bucket, "b", "1");
        Assert.Equal(["b"], (await Raw.SendAsync("GET", $"/{bucket}?versions&key-marker=a")).Expect(200).Elements("Key"));
    }

    [Theory]
    [InlineData("version-id-marker=null")]
    [InlineData("key-marker=a&version-id-marker=nonsense")]
    [InlineData("max-keys=-1")]
    [InlineData("max-keys=x")]
    public async Task Bad_arguments_are_refused(string query)
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", $"/{bucket}?versions&{query}")).ExpectError(400, "InvalidArgument");
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket() =>
        (await Raw.SendAsync("GET", $"/{NewName()}?versions")).ExpectError(404, "NoSuchBucket");

    private async Task<string> PutVersionAsync(string bucket, string key, string data) =>
        (await S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, ContentBody = data })).VersionId;
}
