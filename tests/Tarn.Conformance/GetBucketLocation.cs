using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, GetBucketLocation: buckets in us-east-1 have a null LocationConstraint.</summary>
public sealed class GetBucketLocation(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Is_the_region_and_empty_in_us_east_1()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await Raw.SendAsync("GET", $"/{bucket}?location")).Expect(200);
        Assert.Equal("LocationConstraint", answer.Xml().Name.LocalName);
        Assert.Equal(Endpoint.Region == "us-east-1" ? "" : Endpoint.Region, answer.Xml().Value);
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket() =>
        (await Raw.SendAsync("GET", $"/{NewName()}?location")).ExpectError(404, "NoSuchBucket");

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", $"/{bucket}?location", [("x-amz-expected-bucket-owner", "000000000000")])).ExpectError(403, "AccessDenied");
    }
}
