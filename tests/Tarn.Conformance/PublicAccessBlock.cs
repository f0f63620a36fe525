using Amazon.S3.Model;
using Tarn.Conformance.Support;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, PutPublicAccessBlock, GetPublicAccessBlock, DeletePublicAccessBlock.</summary>
public sealed class PublicAccessBlock(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task The_block_is_put_read_and_deleted()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", $"/{bucket}?publicAccessBlock")).ExpectError(404, "NoSuchPublicAccessBlockConfiguration");
        await PutAsync(bucket, new PublicAccessBlockConfiguration { BlockPublicAcls = true, RestrictPublicBuckets = true });
        PublicAccessBlockConfiguration found =
            (await S3.GetPublicAccessBlockAsync(new GetPublicAccessBlockRequest { BucketName = bucket })).PublicAccessBlockConfiguration;
        Assert.Equal(
            (true, false, false, true),
            (found.BlockPublicAcls, found.IgnorePublicAcls, found.BlockPublicPolicy, found.RestrictPublicBuckets));
        await S3.DeletePublicAccessBlockAsync(new DeletePublicAccessBlockRequest { BucketName = bucket });
        (await Raw.SendAsync("GET", $"/{bucket}?publicAccessBlock")).ExpectError(404, "NoSuchPublicAccessBlockConfiguration");
        (await Raw.SendAsync("PUT", $"/{bucket}?publicAccessBlock", null, "<PublicAccessBlockConfiguration><Other>true</Other></PublicAccessBlockConfiguration>"))
            .ExpectError(400, "MalformedXML");
    }

    [Fact]
    public async Task A_public_policy_is_kept_out_or_kept_in()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "k", "x");
        string policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}]}"""
            .Replace("BUCKET", bucket, StringComparison.Ordinal);
        await PutAsync(bucket, new PublicAccessBlockConfiguration { BlockPublicPolicy = true });
        await RefusedAsync(403, "AccessDenied", () => S3.PutBucketPolicyAsync(bucket, policy));
        await PutAsync(bucket, new PublicAccessBlockConfiguration());
        await S3.PutBucketPolicyAsync(bucket, policy);
        (await Raw.SendUnsignedAsync("GET", At(bucket, "k"))).Expect(200);
        await PutAsync(bucket, new PublicAccessBlockConfiguration { RestrictPublicBuckets = true });
        (await Raw.SendUnsignedAsync("GET", At(bucket, "k"))).ExpectError(403, "AccessDenied");
        Assert.Equal("x", await ReadAsync(bucket, "k"));
    }

    private Task PutAsync(string bucket, PublicAccessBlockConfiguration configuration) =>
        S3.PutPublicAccessBlockAsync(new PutPublicAccessBlockRequest { BucketName = bucket, PublicAccessBlockConfiguration = configuration });
}
