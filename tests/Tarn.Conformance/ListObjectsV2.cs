using System.Globalization;
using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, ListObjectsV2.</summary>
public sealed class ListObjectsV2(TestEndpoint endpoint) : S3Test(endpoint)
{
    /// <summary>Pieces that keys are made of: delimiters whole and in part, neighbours in UTF-8 order, and what XML must escape.</summary>
    private static readonly string[] Pieces = ["a", "b", "/", "//", "-", "-=", "=", " ", "+", "%2F", "&", "\uff5e", "😀", "é", "z", "A", "0", "\u007f", "."];

    [Fact]
    public async Task Lists_every_object_with_its_facts()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "b", "22");
        string etag = await PutAsync(bucket, "a", "1");
        RawResponse answer = (await ListAsync(bucket, "")).Expect(200);
        Assert.Equal("ListBucketResult", answer.Xml().Name.LocalName);
        Assert.Equal("http://s3.amazonaws.com/doc/2006-03-01/", answer.Xml().Name.NamespaceName);
        Assert.Equal(bucket, answer.Element("Name"));
        Assert.Equal(["a", "b"], answer.Elements("Key"));
        Assert.Equal(["1", "2"], answer.Elements("Size"));
        Assert.Equal(["STANDARD", "STANDARD"], answer.Elements("StorageClass"));
        Assert.Equal(etag, answer.Element("ETag"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", answer.Element("LastModified"));
        Assert.Equal(("1000", "2", "false"), (answer.Element("MaxKeys"), answer.Element("KeyCount"), answer.Element("IsTruncated")));
        Assert.Null(answer.Element("NextContinuationToken"));
        Assert.Null(answer.Element("Owner"));
    }

    [Fact]
    public async Task Empty_bucket_has_no_keys()
    {
        RawResponse answer = (await ListAsync(await NewBucketAsync(), "")).Expect(200);
        Assert.Equal(("0", "false"), (answer.Element("KeyCount"), answer.Element("IsTruncated")));
        Assert.Equal("", answer.Element("Prefix"));
    }

    [Fact]
    public async Task Fetch_owner_names_the_owner()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key");
        string owner = (await S3.ListBucketsAsync()).Owner.Id;
        Assert.Equal(owner, (await ListAsync(bucket, "fetch-owner=true")).Expect(200).Element("ID"));
        Assert.Null((await ListAsync(bucket, "fetch-owner=false")).Expect(200).Element("Owner"));
    }

    [Fact]
    public async Task Order_is_that_of_UTF8_bytes()
    {
        string bucket = await NewBucketAsync();
        string[] keys = ["\ud800\udc00", "\uffee", "\uff5e", "\ue000", "\U0010ffff", "é", "z", "Z", "~", "\u007f", "a/", "a.", "a0", "a"];
        foreach (string key in keys)
        {
            await PutAsync(bucket, key);
        }

        Assert.Equal(keys.Order(ListingOracle.Order), await AllAsync(bucket, "", "", 1000, "", null));
        Assert.Equal(keys.Order(ListingOracle.Order), await AllAsync(bucket, "", "", 1, "", null));
    }

    [Theory]
    [InlineData("", "/", new[] { "a", "b/", "c/", "photos-2024-=1" })]
    [InlineData("b/", "/", new[] { "b/", "b/1", "b/2", "b/x/" })]
    [InlineData("b/", "", new[] { "b/", "b/1", "b/2", "b/x/3" })]
    [InlineData("b", "/", new[] { "b/" })]
    [InlineData("", "//", new[] { "a", "b/", "b/1", "b/2", "b/x/3", "c//", "photos-2024-=1" })]
    [InlineData("", "-=", new[] { "a", "b/", "b/1", "b/2", "b/x/3", "c//4", "photos-2024-=" })]
    [InlineData("photos-", "-", new[] { "photos-2024-" })]
    [InlineData("nothing", "/", new string[0])]
    public async Task Prefix_and_delimiter(string prefix, string delimiter, string[] expected)
    {
        string bucket = await NewBucketAsync();
        foreach (string key in (string[])["a", "b/", "b/1", "b/2", "b/x/3", "c//4", "photos-2024-=1"])
        {
            await PutAsync(bucket, key);
        }

        Assert.Equal(expected, await AllAsync(bucket, prefix, delimiter, 1000, "", null));
        Assert.Equal(expected, await AllAsync(bucket, prefix, delimiter, 1, "", null));
        RawResponse answer = (await ListAsync(bucket, $"prefix={Uri.EscapeDataString(prefix)}&delimiter={Uri.EscapeDataString(delimiter)}")).Expect(200);
        Assert.Equal($"{expected.Length}", answer.Element("KeyCount"));
        Assert.Equal(delimiter.Length == 0 ? null : delimiter, answer.Element("Delimiter") is { Length: > 0 } shown ? shown : null);
    }

    [Fact]
    public async Task Pages_are_of_max_keys_and_carry_a_token()
    {
        string bucket = await NewBucketAsync();
        foreach (string key in (string[])["a", "b", "c"])
        {
            await PutAsync(bucket, key);
        }

        RawResponse first = (await ListAsync(bucket, "max-keys=2")).Expect(200);
        Assert.Equal(["a", "b"], first.Elements("Key"));
        Assert.Equal(("2", "2", "true"), (first.Element("MaxKeys"), first.Element("KeyCount"), first.Element("IsTruncated")));
        string token = first.Element("NextContinuationToken")!;
        RawResponse second = (await ListAsync(bucket, "max-keys=2&continuation-token=" + Uri.EscapeDataString(token))).Expect(200);
        Assert.Equal(["c"], second.Elements("Key"));
        Assert.Equal(token, second.Element("ContinuationToken"));
        Assert.Equal("false", second.Element("IsTruncated"));
        Assert.Null(second.Element("NextContinuationToken"));
    }

    [Fact]
    public async Task A_page_that_ends_with_the_listing_is_not_truncated()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a");
        await PutAsync(bucket, "b/1");
        await PutAsync(bucket, "b/2");
        RawResponse answer = (await ListAsync(bucket, "max-keys=2&delimiter=%2F")).Expect(200);
        Assert.Equal("false", answer.Element("IsTruncated"));
        Assert.Equal("2", answer.Element("KeyCount"));
    }

    [Fact]
    public async Task Max_keys_0_lists_nothing_and_is_not_truncated()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a");
        RawResponse answer = (await ListAsync(bucket, "max-keys=0")).Expect(200);
        Assert.Equal(("0", "0", "false"), (answer.Element("MaxKeys"), answer.Element("KeyCount"), answer.Element("IsTruncated")));
        Assert.Empty(answer.Elements("Key"));
    }

    [Fact]
    public async Task A_page_has_a_thousand_keys_at_most()
    {
        string bucket = await NewBucketAsync();
        string[] keys = [.. Enumerable.Range(0, 1003).Select(i => $"k{i:0000}")];
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (key, stop) => await S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key }, stop));
        foreach (string query in (string[])["", "max-keys=5000", "max-keys=2147483647"])
        {
            RawResponse first = (await ListAsync(bucket, query)).Expect(200);
            Assert.Equal(keys.Take(1000), first.Elements("Key"));
            Assert.Equal("true", first.Element("IsTruncated"));
        }

        Assert.Equal(keys, await AllAsync(bucket, "", "", 1000, "", null));
        Assert.Equal(["k"], await AllAsync(bucket, "", "k", 1000, "", null));
    }

    [Theory]
    [InlineData("max-keys=-1")]
    [InlineData("max-keys=many")]
    [InlineData("continuation-token=")]
    [InlineData("continuation-token=never-issued")]
    [InlineData("encoding-type=base64")]
    [InlineData("fetch-owner=maybe")]
    public async Task Invalid_parameters_are_InvalidArgument(string query)
    {
        string bucket = await NewBucketAsync();
        if (query == "fetch-owner=maybe")
        {
            Assert.True((await ListAsync(bucket, query)).Status is 200 or 400);
            return;
        }

        (await ListAsync(bucket, query)).ExpectError(400, "InvalidArgument");
    }

    [Fact]
    public async Task Unknown_list_type_is_refused() =>
        (await Raw.SendAsync("GET", $"/{await NewBucketAsync()}?list-type=3")).ExpectRefusal("InvalidArgument", "NotImplemented");

    [Fact]
    public async Task Start_after_begins_behind_that_key_which_need_not_exist()
    {
        string bucket = await NewBucketAsync();
        foreach (string key in (string[])["a", "b", "c", "d"])
        {
            await PutAsync(bucket, key);
        }

        RawResponse answer = (await ListAsync(bucket, "start-after=b")).Expect(200);
        Assert.Equal(["c", "d"], answer.Elements("Key"));
        Assert.Equal("b", answer.Element("StartAfter"));
        Assert.Equal(["c", "d"], (await ListAsync(bucket, "start-after=bb")).Elements("Key"));
        Assert.Empty((await ListAsync(bucket, "start-after=d")).Elements("Key"));
        Assert.Equal(["a", "b", "c", "d"], (await ListAsync(bucket, "start-after=")).Elements("Key"));
        Assert.Equal(["c", "d"], await AllAsync(bucket, "", "", 1, "b", null));
    }

    [Fact]
    public async Task Encoding_type_url_encodes_every_name_in_the_answer()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "p +/\u0001\u000b%é😀");
        await PutAsync(bucket, "p +/d +/x");
        RawResponse answer = (await ListAsync(bucket, $"encoding-type=url&prefix={Uri.EscapeDataString("p +/")}&delimiter={Uri.EscapeDataString(" +/")}&start-after={Uri.EscapeDataString("p +")}")).Expect(200);
        Assert.Equal("url", answer.Element("EncodingType"));
        Assert.Equal("p +/\u0001\u000b%é😀", Uri.UnescapeDataString(answer.Element("Key")!));
        Assert.DoesNotContain('+', answer.Element("Key")!);
        Assert.Equal("p +", Uri.UnescapeDataString(answer.Element("StartAfter")!));
        Assert.Equal(" +/", Uri.UnescapeDataString(answer.Element("Delimiter")!));
        Assert.Equal("p +/d +/", Uri.UnescapeDataString(answer.Xml().Descendants().Single(e => e.Name.LocalName == "CommonPrefixes").Value));
        Assert.Equal("p%20%2B/", answer.Xml().Elements().Single(e => e.Name.LocalName == "Prefix").Value);
    }

    [Fact]
    public async Task Keys_that_XML_cannot_hold_never_break_the_answer()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a\u0001\u001fb");
        await PutAsync(bucket, "a<&>\"'b");
        await PutAsync(bucket, "plain");
        RawResponse answer = (await ListAsync(bucket, "")).Expect(200);
        Assert.Contains("plain", answer.Text, StringComparison.Ordinal);
        Assert.Contains("a&lt;&amp;&gt;", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listing_that_was_begun_sees_later_writes_behind_its_place()
    {
        string bucket = await NewBucketAsync();
        foreach (string key in (string[])["a", "c", "e"])
        {
            await PutAsync(bucket, key);
        }

        RawResponse first = (await ListAsync(bucket, "max-keys=1")).Expect(200);
        await PutAsync(bucket, "b");
        (await Raw.SendAsync("DELETE", At(bucket, "c"))).Expect(204);
        RawResponse rest = (await ListAsync(bucket, "continuation-token=" + Uri.EscapeDataString(first.Element("NextContinuationToken")!))).Expect(200);
        Assert.Equal(["b", "e"], rest.Elements("Key"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Property_pages_joined_equal_the_oracle(int seed)
    {
        var random = new Random(seed);
        string bucket = await NewBucketAsync();
        string[] keys = [.. Enumerable.Range(0, 60).Select(_ => Word(random, 1, 7)).Distinct()];
        foreach (string key in keys)
        {
            await PutAsync(bucket, key);
        }

        for (int round = 0; round < 40; round++)
        {
            string prefix = random.Next(3) == 0 ? "" : random.Next(2) == 0 ? Word(random, 1, 2) : Cut(random, keys);
            string delimiter = random.Next(4) == 0 ? "" : Word(random, 1, 2);
            string after = random.Next(2) == 0 ? "" : random.Next(2) == 0 ? Word(random, 1, 3) : Cut(random, keys);
            int size = random.Next(1, 8);
            string[] expected = ListingOracle.List(keys, prefix, delimiter, after);
            string[] actual = await AllAsync(bucket, prefix, delimiter, size, after, random.Next(2) == 0 ? "url" : null);
            string inside = ListingOracle.IsInsidePrefix(prefix, delimiter, after) ? ListingOracle.Rolled(after, prefix, delimiter) : "";
            string seen = $"seed {seed}, prefix '{prefix}', delimiter '{delimiter}', max-keys {size}, start-after '{after}'\nexpected {Show(expected)}\nactual   {Show(actual)}";
            Assert.True(expected.Where(e => e != inside).SequenceEqual(actual.Where(e => e != inside)), seen);
            Assert.True(actual.Count(e => e == inside) <= 1, seen);
        }
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket() => (await ListAsync(NewName(), "")).ExpectError(404, "NoSuchBucket");

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", $"/{bucket}?list-type=2", [("x-amz-expected-bucket-owner", "000000000000")])).ExpectError(403, "AccessDenied");
    }

    [Fact]
    public async Task The_SDK_pages_through()
    {
        string bucket = await NewBucketAsync();
        for (int i = 0; i < 7; i++)
        {
            await PutAsync(bucket, $"d{i}/x y+{i}");
        }

        var prefixes = new List<string>();
        await foreach (string prefix in S3.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = bucket, MaxKeys = 3, Delimiter = "/", Encoding = EncodingType.Url }).CommonPrefixes)
        {
            prefixes.Add(prefix);
        }

        Assert.Equal(["d0/", "d1/", "d2/", "d3/", "d4/", "d5/", "d6/"], prefixes);
    }

    private static string Word(Random random, int least, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    private static string Cut(Random random, string[] keys)
    {
        var runes = keys[random.Next(keys.Length)].EnumerateRunes().ToList();
        return string.Concat(runes.Take(random.Next(1, runes.Count + 1)).Select(r => r.ToString()));
    }

    private static string Show(string[] entries) => string.Join(" | ", entries);

    /// <summary>Keys and common prefixes of all pages, merged in order within each page.</summary>
    private async Task<string[]> AllAsync(string bucket, string prefix, string delimiter, int size, string after, string? encoding)
    {
        var all = new List<string>();
        string? token = null;
        do
        {
            string query = $"max-keys={size}&prefix={Uri.EscapeDataString(prefix)}&delimiter={Uri.EscapeDataString(delimiter)}&start-after={Uri.EscapeDataString(after)}&encoding-type=url"
                + (token is null ? "" : "&continuation-token=" + Uri.EscapeDataString(token));
            if (encoding is null && !prefix.Concat(delimiter).Any(char.IsControl))
            {
                query = query.Replace("&encoding-type=url", "", StringComparison.Ordinal);
            }

            RawResponse page = (await ListAsync(bucket, query)).Expect(200);
            bool encoded = query.Contains("encoding-type", StringComparison.Ordinal);
            string[] entries = [.. page.Elements("Key"), .. page.Xml().Elements().Where(e => e.Name.LocalName == "CommonPrefixes").Select(e => e.Value)];
            entries = [.. entries.Select(e => encoded ? Uri.UnescapeDataString(e) : e).Order(ListingOracle.Order)];
            bool truncated = page.Element("IsTruncated") == "true";
            Assert.Equal(entries.Length, int.Parse(page.Element("KeyCount")!, CultureInfo.InvariantCulture));
            Assert.True(entries.Length <= size && (!truncated || entries.Length > 0), page.Text);
            all.AddRange(entries);
            token = page.Element("NextContinuationToken");
            Assert.Equal(truncated, token is not null);
        }
        while (token is not null);
        return [.. all];
    }

    private Task<RawResponse> ListAsync(string bucket, string query) =>
        Raw.SendAsync("GET", $"/{bucket}?list-type=2{(query.Length == 0 ? "" : "&" + query)}");
}
