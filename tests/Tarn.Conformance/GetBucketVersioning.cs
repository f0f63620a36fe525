using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, GetBucketVersioning.</summary>
public sealed class GetBucketVersioning(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task A_bucket_that_never_kept_versions_has_no_status()
    {
        string bucket = await NewBucketAsync();
        RawResponse answer = (await Raw.SendAsync("GET", $"/{bucket}?versioning")).Expect(200);
        Assert.Equal("VersioningConfiguration", answer.Xml().Name.LocalName);
        Assert.Empty(answer.Elements("Status"));
        Assert.Empty(answer.Elements("MfaDelete"));
    }

    [Fact]
    public async Task The_SDK_reads_what_it_set()
    {
        string bucket = await NewBucketAsync();
        await S3.PutBucketVersioningAsync(new PutBucketVersioningRequest { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Suspended } });
        Assert.Equal(VersionStatus.Suspended, (await S3.GetBucketVersioningAsync(bucket)).VersioningConfig.Status);
    }

    [Fact]
    public async Task Missing_bucket_is_NoSuchBucket() =>
        (await Raw.SendAsync("GET", $"/{NewName()}?versioning")).ExpectError(404, "NoSuchBucket");

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", $"/{bucket}?versioning", [("x-amz-expected-bucket-owner", "000000000000")])).ExpectError(403, "AccessDenied");
    }
}
