using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, PutBucketVersioning and GetBucketVersioning.</summary>
public sealed class PutBucketVersioning(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string Xmlns = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

    [Theory]
    [InlineData("Enabled")]
    [InlineData("Suspended")]
    public async Task State_is_kept(string status)
    {
        string bucket = await NewBucketAsync();
        (await SendAsync(bucket, $"<Status>{status}</Status>")).Expect(200);
        Assert.Equal(status, (await Raw.SendAsync("GET", $"/{bucket}?versioning")).Expect(200).Element("Status"));
    }

    [Fact]
    public async Task State_can_change_back_and_forth()
    {
        string bucket = await NewBucketAsync();
        foreach (string status in (string[])["Enabled", "Suspended", "Enabled", "Enabled"])
        {
            (await SendAsync(bucket, $"<Status>{status}</Status>")).Expect(200);
            Assert.Equal(status, (await Raw.SendAsync("GET", $"/{bucket}?versioning")).Expect(200).Element("Status"));
        }
    }

    [Theory]
    [InlineData("<Status>enabled</Status>")]
    [InlineData("<Status>Off</Status>")]
    [InlineData("<Status></Status>")]
    [InlineData("")]
    public async Task Unknown_state_is_refused(string content)
    {
        string bucket = await NewBucketAsync();
        (await SendAsync(bucket, content)).ExpectError(400, "MalformedXML", "IllegalVersioningConfigurationException");
        Assert.Null((await Raw.SendAsync("GET", $"/{bucket}?versioning")).Expect(200).Element("Status"));
    }

    [Fact]
    public async Task What_is_no_configuration_is_MalformedXML()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("PUT", $"/{bucket}?versioning", [], "<VersioningConfiguration><Status>Enabled")).ExpectError(400, "MalformedXML");
        (await Raw.SendAsync("PUT", $"/{bucket}?versioning", [], "<Other/>")).ExpectError(400, "MalformedXML");
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket() =>
        (await SendAsync(NewName(), "<Status>Enabled</Status>")).ExpectError(404, "NoSuchBucket");

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync(
            "PUT", $"/{bucket}?versioning", [("x-amz-expected-bucket-owner", "000000000000")],
            $"<VersioningConfiguration {Xmlns}><Status>Enabled</Status></VersioningConfiguration>")).ExpectError(403, "AccessDenied");
    }

    private Task<RawResponse> SendAsync(string bucket, string content) =>
        Raw.SendAsync("PUT", $"/{bucket}?versioning", [], $"<VersioningConfiguration {Xmlns}>{content}</VersioningConfiguration>");
}
