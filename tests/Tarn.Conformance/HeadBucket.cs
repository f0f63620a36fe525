using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, HeadBucket: 200, 400, 403 or 404, with no body.</summary>
public sealed class HeadBucket(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Existing_bucket_is_200_with_its_region()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await Raw.SendAsync("HEAD", "/" + bucket)).Expect(200);
        Assert.Equal(Endpoint.Region, answer["x-amz-bucket-region"]);
        Assert.False(string.IsNullOrEmpty(answer["x-amz-request-id"]));
    }

    [Fact]
    public async Task Missing_bucket_is_404() => (await Raw.SendAsync("HEAD", "/" + NewName())).Expect(404);

    [Theory]
    [InlineData("a")]
    [InlineData("Not_A_Bucket")]
    [InlineData("two..dots")]
    public async Task Invalid_name_is_400(string name) => (await Raw.SendAsync("HEAD", "/" + name)).Expect(400);

    [Fact]
    public async Task Anonymous_is_403()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendUnsignedAsync("HEAD", "/" + bucket)).Expect(403);
    }

    [Fact]
    public async Task Wrong_secret_is_403()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("HEAD", "/" + bucket, signer: Raw.Signer(withSecret: "wrong"))).Expect(403);
    }

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("HEAD", "/" + bucket, [("x-amz-expected-bucket-owner", "000000000000")])).Expect(403);
    }
}
