using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy, GetBucketPolicyStatus.</summary>
public sealed class BucketPolicy(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task A_policy_is_put_read_replaced_and_deleted()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", $"/{bucket}?policy")).ExpectError(404, "NoSuchBucketPolicy");
        string first = Allow(bucket, "s3:GetObject");
        await S3.PutBucketPolicyAsync(bucket, first);
        Assert.True(JsonElement.DeepEquals(Json(first), Json((await S3.GetBucketPolicyAsync(bucket)).Policy)));
        string second = Allow(bucket, "s3:PutObject");
        await S3.PutBucketPolicyAsync(bucket, second);
        Assert.True(JsonElement.DeepEquals(Json(second), Json((await S3.GetBucketPolicyAsync(bucket)).Policy)));
        await S3.DeleteBucketPolicyAsync(bucket);
        (await Raw.SendAsync("GET", $"/{bucket}?policy")).ExpectError(404, "NoSuchBucketPolicy");
        await S3.DeleteBucketPolicyAsync(bucket);
    }

    [Fact]
    public async Task It_says_whether_it_is_public()
    {
        string bucket = await NewBucketAsync();
        var ask = new GetBucketPolicyStatusRequest { BucketName = bucket };
        await RefusedAsync(404, "NoSuchBucketPolicy", () => S3.GetBucketPolicyStatusAsync(ask));
        await S3.PutBucketPolicyAsync(bucket, Allow(bucket, "s3:GetObject"));
        Assert.True((await S3.GetBucketPolicyStatusAsync(ask)).PolicyStatus.IsPublic);
        await S3.PutBucketPolicyAsync(bucket, Allow(bucket, "s3:GetObject", ""","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"""));
        Assert.False((await S3.GetBucketPolicyStatusAsync(ask)).PolicyStatus.IsPublic);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Perhaps","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::another-bucket/*"}]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}]}""")]
    public async Task What_is_no_policy_is_refused_and_the_old_one_stays(string policy)
    {
        string bucket = await NewBucketAsync();
        await S3.PutBucketPolicyAsync(bucket, Allow(bucket, "s3:GetObject"));
        (await Raw.SendAsync("PUT", $"/{bucket}?policy", null, policy.Replace("BUCKET", bucket, StringComparison.Ordinal)))
            .ExpectError(400, "MalformedPolicy", "MissingRequestBodyError");
        Assert.Contains("s3:GetObject", (await S3.GetBucketPolicyAsync(bucket)).Policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everyone_reads_writes_and_lists_what_it_allows_everyone_and_nothing_else()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "k", "data");
        (await Raw.SendUnsignedAsync("GET", At(bucket, "k"))).ExpectError(403, "AccessDenied");
        await S3.PutBucketPolicyAsync(bucket, Allow(bucket, "s3:GetObject"));
        Assert.Equal("data", (await Raw.SendUnsignedAsync("GET", At(bucket, "k"))).Expect(200).Text);
        Assert.Equal("at", (await Raw.SendUnsignedAsync("GET", At(bucket, "k"), [("Range", "bytes=1-2")])).Expect(206).Text);
        (await Raw.SendUnsignedAsync("GET", $"/{bucket}")).ExpectError(403, "AccessDenied");
        (await Raw.SendUnsignedAsync("PUT", At(bucket, "k"), null, Utf8("x"))).ExpectError(403, "AccessDenied");

        await S3.PutBucketPolicyAsync(bucket, Allow(bucket, "s3:PutObject"));
        (await Raw.SendUnsignedAsync("PUT", At(bucket, "from-nobody"), null, Utf8("x"))).Expect(200);
        Assert.Equal("x", await ReadAsync(bucket, "from-nobody"));
        (await Raw.SendUnsignedAsync("GET", At(bucket, "k"))).ExpectError(403, "AccessDenied");

        await S3.PutBucketPolicyAsync(bucket, Allow(bucket, "s3:ListBucket"));
        Assert.Equal(["from-nobody", "k"], (await Raw.SendUnsignedAsync("GET", $"/{bucket}?list-type=2")).Expect(200).Elements("Key"));
        await S3.DeleteBucketPolicyAsync(bucket);
        (await Raw.SendUnsignedAsync("GET", $"/{bucket}?list-type=2")).ExpectError(403, "AccessDenied");
    }

    [Fact]
    public async Task A_presigned_url_gives_what_its_signer_has_and_no_more()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "k", "data");
        await S3.PutBucketPolicyAsync(
            bucket,
            """{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*","Condition":{"StringEquals":{"s3:authType":"REST-QUERY-STRING"}}}]}"""
                .Replace("BUCKET", bucket, StringComparison.Ordinal));
        Assert.Equal("data", await ReadAsync(bucket, "k"));
        string url = Raw.Signer().Presign("GET", At(bucket, "k"), [("Host", Raw.HostHeader)], "60");
        (await Raw.SendUnsignedAsync("GET", url)).ExpectError(403, "AccessDenied");
        await S3.DeleteBucketPolicyAsync(bucket);
        (await Raw.SendUnsignedAsync("GET", url)).Expect(200);
    }

    [Fact]
    public async Task Another_organization_has_what_it_is_given()
    {
        (IAmazonS3 other, string id) = await Endpoint.NewOrganizationAsync();
        using IAmazonS3 client = other;
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "k", "data");
        await RefusedAsync(403, "AccessDenied", () => other.GetObjectAsync(bucket, "k"));
        Assert.DoesNotContain((await other.ListBucketsAsync()).Buckets ?? [], found => found.BucketName == bucket);
        await S3.PutBucketPolicyAsync(
            bucket,
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"ID"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}]}"""
                .Replace("BUCKET", bucket, StringComparison.Ordinal).Replace("ID", id, StringComparison.Ordinal));
        using GetObjectResponse got = await other.GetObjectAsync(bucket, "k");
        Assert.Equal(4, got.ContentLength);
        await RefusedAsync(403, "AccessDenied", () => other.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "x" }));
        await RefusedAsync(403, "AccessDenied", () => other.PutBucketPolicyAsync(bucket, Allow(bucket, "s3:GetObject")));
        (await Raw.SendUnsignedAsync("GET", At(bucket, "k"))).ExpectError(403, "AccessDenied");
        await RefusedAsync(409, "BucketAlreadyExists", () => other.PutBucketAsync(new PutBucketRequest { BucketName = bucket, UseClientRegion = false }));
    }

    [Fact]
    public async Task A_policy_of_everything_for_everyone_does_not_give_itself_away()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "k", "data");
        await S3.PutBucketPolicyAsync(bucket, Allow(bucket, "s3:*"));
        (await Raw.SendUnsignedAsync("GET", $"/{bucket}?policy")).ExpectError(405, "MethodNotAllowed");
        (await Raw.SendUnsignedAsync("DELETE", $"/{bucket}?policy")).ExpectError(405, "MethodNotAllowed");
        (await Raw.SendUnsignedAsync("PUT", $"/{bucket}?policy", null, Utf8(Allow(bucket, "s3:*")))).ExpectError(405, "MethodNotAllowed");
        (await Raw.SendUnsignedAsync("POST", At(bucket, "big") + "?uploads")).ExpectError(403, "AccessDenied");
        (await Raw.SendUnsignedAsync("PUT", At(bucket, "copy"), [("x-amz-copy-source", $"{bucket}/k")])).ExpectError(403, "AccessDenied");
        Assert.Equal("data", (await Raw.SendUnsignedAsync("GET", At(bucket, "k"))).Expect(200).Text);
        await S3.DeleteBucketPolicyAsync(bucket);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static string Allow(string bucket, string action, string more = "") =>
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ACTION","Resource":["arn:aws:s3:::BUCKET","arn:aws:s3:::BUCKET/*"]MORE}]}"""
            .Replace("BUCKET", bucket, StringComparison.Ordinal).Replace("ACTION", action, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal);
}
