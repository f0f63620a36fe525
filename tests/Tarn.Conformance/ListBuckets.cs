using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, ListBuckets.</summary>
public sealed class ListBuckets(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Lists_own_buckets_with_creation_dates_and_the_owner()
    {
        DateTime before = DateTime.UtcNow.AddMinutes(-1);
        string bucket = await NewBucketAsync();
        ListBucketsResponse all = await S3.ListBucketsAsync();
        S3Bucket mine = Assert.Single(all.Buckets, b => b.BucketName == bucket);
        Assert.InRange(mine.CreationDate!.Value.ToUniversalTime(), before, DateTime.UtcNow.AddMinutes(1));
        Assert.False(string.IsNullOrEmpty(all.Owner.Id));
    }

    [Fact]
    public async Task Is_sorted_by_name()
    {
        await NewBucketAsync();
        await NewBucketAsync();
        string[] names = [.. (await S3.ListBucketsAsync()).Buckets.Select(b => b.BucketName)];
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public async Task Prefix_limits_the_names()
    {
        string prefix = "p" + Guid.NewGuid().ToString("N")[..10];
        string wanted = NewName(prefix);
        await S3.PutBucketAsync(wanted);
        await NewBucketAsync();
        ListBucketsResponse page = await S3.ListBucketsAsync(new ListBucketsRequest { Prefix = prefix });
        Assert.Equal(wanted, Assert.Single(page.Buckets).BucketName);
        Assert.Equal(prefix, page.Prefix);
        Assert.Null(page.ContinuationToken);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("?x-id=ListBuckets", false)]
    [InlineData("?max-buckets=10", true)]
    [InlineData("?prefix={0}", true)]
    [InlineData("?prefix=", true)]
    [InlineData("?bucket-region={1}", true)]
    public async Task The_region_is_told_to_who_gives_a_parameter(string query, bool told)
    {
        string bucket = await NewBucketAsync();
        string target = "/" + query.Replace("{0}", bucket, StringComparison.Ordinal).Replace("{1}", Endpoint.Region, StringComparison.Ordinal);
        RawResponse answer = (await Raw.SendAsync("GET", target)).Expect(200);
        Assert.NotEmpty(answer.Elements("Name"));
        Assert.Equal(told ? answer.Elements("Name").Length : 0, answer.Elements("BucketRegion").Length);
        Assert.All(answer.Elements("BucketRegion"), region => Assert.Equal(Endpoint.Region, region));
    }

    [Fact]
    public async Task Prefix_that_nothing_has_gives_an_empty_list()
    {
        ListBucketsResponse page = await S3.ListBucketsAsync(new ListBucketsRequest { Prefix = "nobody-has-" + Guid.NewGuid().ToString("N") });
        Assert.Empty(page.Buckets ?? []);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(100)]
    public async Task Pages_join_to_the_whole(int size)
    {
        string prefix = "q" + Guid.NewGuid().ToString("N")[..10];
        var made = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            made.Add(NewName(prefix));
            await S3.PutBucketAsync(made[^1]);
        }

        var seen = new List<string>();
        string? token = null;
        do
        {
            ListBucketsResponse page = await S3.ListBucketsAsync(new ListBucketsRequest { Prefix = prefix, MaxBuckets = size, ContinuationToken = token });
            Assert.InRange(page.Buckets.Count, 1, size);
            seen.AddRange(page.Buckets.Select(b => b.BucketName));
            token = page.ContinuationToken;
        }
        while (token is not null);
        Assert.Equal(made.Order(StringComparer.Ordinal), seen);
    }

    [Theory]
    [InlineData("max-buckets=0")]
    [InlineData("max-buckets=-1")]
    [InlineData("max-buckets=10001")]
    [InlineData("max-buckets=many")]
    public async Task Page_size_outside_1_to_10000_is_InvalidArgument(string query) =>
        (await Raw.SendAsync("GET", "/?" + query)).ExpectError(400, "InvalidArgument");

    [Fact]
    public async Task Answer_has_the_documented_elements()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await Raw.SendAsync("GET", "/?max-buckets=1000&prefix=" + bucket)).Expect(200);
        Assert.Equal("ListAllMyBucketsResult", answer.Xml().Name.LocalName);
        Assert.Equal("http://s3.amazonaws.com/doc/2006-03-01/", answer.Xml().Name.NamespaceName);
        Assert.Equal(bucket, answer.Element("Name"));
        Assert.Equal(Endpoint.Region, answer.Element("BucketRegion"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", answer.Element("CreationDate"));
        Assert.False(string.IsNullOrEmpty(answer.Element("ID")));
    }

    [Fact]
    public async Task Bucket_region_that_is_not_this_one_lists_nothing_or_is_refused()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = await Raw.SendAsync("GET", "/?bucket-region=ap-south-2");
        Assert.True(answer.Status is 200 or 400, answer.Text);
        Assert.DoesNotContain(bucket, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anonymous_is_refused() =>
        (await Raw.SendUnsignedAsync("GET", "/")).ExpectError(403, "AccessDenied");
}
