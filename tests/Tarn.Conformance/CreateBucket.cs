using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, CreateBucket; User Guide, "General purpose bucket naming rules".</summary>
public sealed class CreateBucket(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Answers_200_and_the_location()
    {
        string name = NewName();
        RawResponse answer = (await Raw.SendAsync("PUT", "/" + name)).Expect(200);
        Assert.Equal("/" + name, answer["Location"]);
        (await Raw.SendAsync("HEAD", "/" + name)).Expect(200);
    }

    [Fact]
    public async Task Trailing_slash_names_the_same_bucket()
    {
        string name = NewName();
        (await Raw.SendAsync("PUT", $"/{name}/")).Expect(200);
        (await Raw.SendAsync("HEAD", "/" + name)).Expect(200);
    }

    [Theory]
    [InlineData("<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>{0}</LocationConstraint></CreateBucketConfiguration>")]
    [InlineData("<CreateBucketConfiguration><LocationConstraint>{0}</LocationConstraint></CreateBucketConfiguration>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n  <LocationConstraint>{0}</LocationConstraint>\n</CreateBucketConfiguration>")]
    [InlineData("<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>")]
    public async Task Own_region_is_accepted_as_LocationConstraint(string body) =>
        (await Raw.SendAsync("PUT", "/" + NewName(), [], body.Replace("{0}", Endpoint.Region, StringComparison.Ordinal))).Expect(200);

    [Theory]
    [InlineData("mars-north-1")]
    [InlineData("<b/>")]
    public async Task Foreign_region_is_refused(string region)
    {
        string name = NewName();
        (await Raw.SendAsync("PUT", "/" + name, [], $"<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"))
            .ExpectError(400, "InvalidLocationConstraint", "IllegalLocationConstraintException", "MalformedXML");
        (await Raw.SendAsync("HEAD", "/" + name)).Expect(404);
    }

    [Fact]
    public async Task The_refusal_of_a_region_says_which_would_do() => Assert.Contains(
        Endpoint.Region,
        (await Raw.SendAsync("PUT", "/" + NewName(), [], "<CreateBucketConfiguration><LocationConstraint>mars-north-1</LocationConstraint></CreateBucketConfiguration>"))
            .ExpectError(400, "InvalidLocationConstraint").Element("Message"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("<CreateBucketConfiguration>")]
    [InlineData("not xml")]
    [InlineData("<Other/>")]
    public async Task Malformed_configuration_is_MalformedXML(string body) =>
        (await Raw.SendAsync("PUT", "/" + NewName(), [], body)).ExpectError(400, "MalformedXML");

    [Fact]
    public async Task Own_bucket_again_answers_200_in_us_east_1_and_keeps_the_objects()
    {
        Assert.SkipUnless(Endpoint.Region == "us-east-1", "Only us-east-1 lets an owner create a bucket again.");
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "kept", "data");
        (await Raw.SendAsync("PUT", "/" + bucket)).Expect(200);
        Assert.Equal("data", await ReadAsync(bucket, "kept"));
    }

    [Fact]
    public async Task Own_bucket_again_is_BucketAlreadyOwnedByYou_elsewhere()
    {
        Assert.SkipWhen(Endpoint.IsExternal, "Needs a server in another region.");
        await using TarnServer server = await TarnServer.StartAsync(new TarnServerOptions { Region = "eu-central-1" });
        using AmazonS3Client s3 = TestEndpoint.NewPathClient(server.Endpoint, _ => { });
        var request = new PutBucketRequest { BucketName = "twice", BucketRegionName = "eu-central-1" };
        await s3.PutBucketAsync(request);
        await RefusedAsync(409, "BucketAlreadyOwnedByYou", () => s3.PutBucketAsync(request));
        Assert.Equal("eu-central-1", (await s3.GetBucketLocationAsync("twice")).Location.Value);
        var raw = new RawClient(server.Endpoint);
        Assert.Equal("eu-central-1", (await raw.SendAsync("HEAD", "/twice")).Expect(200)["x-amz-bucket-region"]);
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("Uppercase")]
    [InlineData("under_score")]
    [InlineData("-starts")]
    [InlineData("ends-")]
    [InlineData("two..dots")]
    [InlineData("192.168.5.4")]
    [InlineData("xn--punycode")]
    [InlineData("name-s3alias")]
    [InlineData("name--ol-s3")]
    [InlineData("space%20inside")]
    [InlineData("percent%25")]
    [InlineData("emoji%F0%9F%98%80")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public async Task Invalid_name_is_InvalidBucketName(string name) =>
        (await Raw.SendAsync("PUT", "/" + name)).ExpectError(400, "InvalidBucketName");

    [Theory]
    [InlineData(3)]
    [InlineData(63)]
    public async Task Names_of_3_and_of_63_characters_are_valid(int length)
    {
        // Three characters leave few names: a clash with an earlier run against the same endpoint is still the caller's own bucket.
        string name = length == 3 ? "c" + Guid.NewGuid().ToString("N")[..2] : NewName().PadRight(length, 'z');
        (await Raw.SendAsync("PUT", "/" + name)).Expect(200);
        (await Raw.SendAsync("DELETE", "/" + name)).Expect(204);
    }

    [Fact]
    public async Task Racing_creators_end_with_one_bucket()
    {
        string name = NewName();
        RawResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Raw.SendAsync("PUT", "/" + name)));
        Assert.All(answers, a => Assert.True(a.Status is 200 or 409, a.Text));
        Assert.Contains(answers, a => a.Status == 200);
        Assert.Single((await S3.ListBucketsAsync(new ListBucketsRequest { Prefix = name })).Buckets);
    }

    [Fact]
    public async Task Object_lock_is_NotImplemented()
    {
        string name = NewName();
        (await Raw.SendAsync("PUT", "/" + name, [("x-amz-bucket-object-lock-enabled", "true")])).ExpectError(501, "NotImplemented");
        (await Raw.SendAsync("HEAD", "/" + name)).Expect(404);
    }

    [Fact]
    public async Task Anonymous_is_refused() =>
        (await Raw.SendUnsignedAsync("PUT", "/" + NewName(), [("Content-Length", "0")])).ExpectError(403, "AccessDenied");
}
