using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, ListObjects.</summary>
public sealed class ListObjects(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Lists_with_owner_and_marker()
    {
        string bucket = await FilledAsync("a", "b", "c");
        RawResponse answer = (await Raw.SendAsync("GET", $"/{bucket}?marker=a")).Expect(200);
        Assert.Equal("ListBucketResult", answer.Xml().Name.LocalName);
        Assert.Equal(["b", "c"], answer.Elements("Key"));
        Assert.Equal(("a", "1000", "false"), (answer.Element("Marker"), answer.Element("MaxKeys"), answer.Element("IsTruncated")));
        Assert.Equal(2, answer.Elements("ID").Length);
        Assert.Null(answer.Element("KeyCount"));
    }

    [Fact]
    public async Task NextMarker_comes_with_a_delimiter_alone()
    {
        string bucket = await FilledAsync("a", "b/1", "b/2", "c");
        RawResponse plain = (await Raw.SendAsync("GET", $"/{bucket}?max-keys=2")).Expect(200);
        Assert.Equal("true", plain.Element("IsTruncated"));
        Assert.Null(plain.Element("NextMarker"));
        RawResponse rolled = (await Raw.SendAsync("GET", $"/{bucket}?max-keys=2&delimiter=%2F")).Expect(200);
        Assert.Equal("b/", rolled.Element("NextMarker"));
        RawResponse rest = (await Raw.SendAsync("GET", $"/{bucket}?max-keys=2&delimiter=%2F&marker=b%2F")).Expect(200);
        Assert.Equal(["c"], rest.Elements("Key"));
        Assert.Empty(rest.Elements("CommonPrefixes"));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("", 3)]
    [InlineData("/", 1)]
    [InlineData("/", 2)]
    [InlineData("-=", 1)]
    public async Task Pages_join_to_the_whole(string delimiter, int size)
    {
        string[] keys = ["a", "a/1", "a/2", "b-=1", "b-=2", "b/x/y", "c", "\uff5e", "😀/1"];
        string bucket = await FilledAsync(keys);
        var all = new List<string>();
        string marker = "";
        while (true)
        {
            RawResponse page = (await Raw.SendAsync("GET", $"/{bucket}?max-keys={size}&delimiter={Uri.EscapeDataString(delimiter)}&marker={Uri.EscapeDataString(marker)}")).Expect(200);
            string[] entries = [.. page.Elements("Key"), .. page.Xml().Elements().Where(e => e.Name.LocalName == "CommonPrefixes").Select(e => e.Value)];
            Array.Sort(entries, ListingOracle.Order);
            all.AddRange(entries);
            if (page.Element("IsTruncated") != "true")
            {
                break;
            }

            Assert.NotEmpty(entries);
            marker = delimiter.Length == 0 ? entries[^1] : page.Element("NextMarker")!;
            Assert.Equal(entries[^1], marker);
        }

        Assert.Equal(ListingOracle.List(keys, "", delimiter, ""), all);
    }

    [Fact]
    public async Task Encoding_type_url_encodes_every_name()
    {
        string bucket = await FilledAsync("p +/a", "p +/d/x", "p +/e/x");
        RawResponse answer = (await Raw.SendAsync("GET", $"/{bucket}?encoding-type=url&prefix=p%20%2B%2F&delimiter=%2F&marker=p%20%2B&max-keys=2")).Expect(200);
        Assert.Equal("url", answer.Element("EncodingType"));
        Assert.Equal("p +/a", Uri.UnescapeDataString(answer.Element("Key")!));
        Assert.DoesNotContain('+', answer.Element("Key")!);
        Assert.Equal("p +", Uri.UnescapeDataString(answer.Element("Marker")!));
        Assert.Equal("p +/d/", Uri.UnescapeDataString(answer.Element("NextMarker")!));
    }

    [Theory]
    [InlineData("max-keys=-1")]
    [InlineData("max-keys=x")]
    [InlineData("encoding-type=utf8")]
    public async Task Invalid_parameters_are_InvalidArgument(string query)
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", $"/{bucket}?{query}")).ExpectError(400, "InvalidArgument");
    }

    [Fact]
    public async Task Max_keys_0_lists_nothing()
    {
        string bucket = await FilledAsync("a");
        RawResponse answer = (await Raw.SendAsync("GET", $"/{bucket}?max-keys=0")).Expect(200);
        Assert.Equal("false", answer.Element("IsTruncated"));
        Assert.Empty(answer.Elements("Key"));
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket() => (await Raw.SendAsync("GET", "/" + NewName())).ExpectError(404, "NoSuchBucket");

    private async Task<string> FilledAsync(params string[] keys)
    {
        string bucket = await NewBucketAsync();
        foreach (string key in keys)
        {
            await PutAsync(bucket, key, "x");
        }

        return bucket;
    }
}
