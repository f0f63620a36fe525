using Amazon.S3.Model;
using Tarn.Conformance.Support;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, PutBucketTagging, GetBucketTagging, DeleteBucketTagging.</summary>
public sealed class BucketTagging(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Tags_replace_each_other_and_go()
    {
        string bucket = await NewBucketAsync();
        await NoneAsync(bucket);
        await PutAsync(bucket, ("a", "1"), ("b", ""));
        Assert.Equal(["a=1", "b="], await GetAsync(bucket));
        await PutAsync(bucket, ("c", "+- =._:/@"));
        Assert.Equal(["c=+- =._:/@"], await GetAsync(bucket));
        await S3.DeleteBucketTaggingAsync(new DeleteBucketTaggingRequest { BucketName = bucket });
        await NoneAsync(bucket);
        await S3.DeleteBucketTaggingAsync(new DeleteBucketTaggingRequest { BucketName = bucket });
    }

    [Fact]
    public async Task Fifty_are_accepted_and_one_more_is_not()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, [.. Enumerable.Range(0, 50).Select(i => ($"k{i}", ""))]);
        Assert.Equal(50, (await GetAsync(bucket)).Length);
        await RefusedAsync(400, "BadRequest", () => PutAsync(bucket, [.. Enumerable.Range(0, 51).Select(i => ($"k{i}", ""))]));
    }

    [Fact]
    public async Task Bad_tags_are_refused_and_change_nothing()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, ("a", "1"));
        await RefusedAsync(400, "InvalidTag", () => PutAsync(bucket, ("d", "1"), ("d", "2")));
        await RefusedAsync(400, "InvalidTag", () => PutAsync(bucket, (new string('k', 129), "")));
        await RefusedAsync(400, "InvalidTag", () => PutAsync(bucket, ("k", new string('v', 257))));
        await RefusedAsync(400, "InvalidTag", () => PutAsync(bucket, ("aws:k", "v")));
        Assert.Equal(["a=1"], await GetAsync(bucket));
    }

    [Fact]
    public async Task A_digest_is_required_and_the_document_checked()
    {
        string bucket = await NewBucketAsync();
        const string Document = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>";
        (await Raw.SendAsync("PUT", $"/{bucket}?tagging", null, Document)).ExpectError(400, "InvalidRequest");
        (await Raw.SendAsync("PUT", $"/{bucket}?tagging", [ContentMd5("<Tagging/>")], "<Tagging/>")).ExpectError(400, "MalformedXML");
        (await Raw.SendAsync("PUT", $"/{bucket}?tagging", [ContentMd5("x")], Document)).ExpectError(400, "BadDigest");
    }

    private async Task NoneAsync(string bucket) =>
        (await Raw.SendAsync("GET", $"/{bucket}?tagging")).ExpectError(404, "NoSuchTagSet");

    private Task PutAsync(string bucket, params (string Key, string Value)[] tags) =>
        S3.PutBucketTaggingAsync(bucket, [.. tags.Select(t => new Tag { Key = t.Key, Value = t.Value })]);

    private async Task<string[]> GetAsync(string bucket) =>
        [.. (await S3.GetBucketTaggingAsync(new GetBucketTaggingRequest { BucketName = bucket })).TagSet.Select(t => $"{t.Key}={t.Value}")];
}
