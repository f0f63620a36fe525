using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, PutBucketOwnershipControls, GetBucketOwnershipControls, DeleteBucketOwnershipControls.</summary>
public sealed class OwnershipControls(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Ownership_is_chosen_changed_and_deleted()
    {
        string bucket = NewName();
        await S3.PutBucketAsync(new PutBucketRequest { BucketName = bucket, UseClientRegion = false, ObjectOwnership = ObjectOwnership.BucketOwnerPreferred });
        Assert.Equal("BucketOwnerPreferred", await GetAsync(bucket));
        foreach (string ownership in new[] { "ObjectWriter", "BucketOwnerEnforced" })
        {
            await S3.PutBucketOwnershipControlsAsync(new PutBucketOwnershipControlsRequest
            {
                BucketName = bucket,
                OwnershipControls = new Amazon.S3.Model.OwnershipControls { Rules = [new OwnershipControlsRule { ObjectOwnership = ObjectOwnership.FindValue(ownership) }] },
            });
            Assert.Equal(ownership, await GetAsync(bucket));
        }

        await S3.DeleteBucketOwnershipControlsAsync(new DeleteBucketOwnershipControlsRequest { BucketName = bucket });
        (await Raw.SendAsync("GET", $"/{bucket}?ownershipControls")).ExpectError(404, "OwnershipControlsNotFoundError");
        Assert.Equal("BucketOwnerEnforced", await GetAsync(await NewBucketAsync()));
    }

    [Fact]
    public async Task Nonsense_is_refused()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("PUT", $"/{bucket}?ownershipControls", null, "<OwnershipControls/>")).ExpectError(400, "MalformedXML");
        (await Raw.SendAsync("PUT", $"/{NewName()}", [("x-amz-object-ownership", "Nobody")])).ExpectError(400, "InvalidArgument");
        (await Raw.SendAsync("PUT", $"/{NewName()}", [("x-amz-acl", "public-read")])).ExpectError(400, "InvalidBucketAclWithObjectOwnership");
    }

    private async Task<string> GetAsync(string bucket) =>
        (await S3.GetBucketOwnershipControlsAsync(new GetBucketOwnershipControlsRequest { BucketName = bucket })).OwnershipControls.Rules.Single().ObjectOwnership.Value;
}
