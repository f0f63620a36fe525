using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, PutObjectTagging, GetObjectTagging, DeleteObjectTagging; PutObject and CopyObject for the headers.</summary>
public sealed class ObjectTagging(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task Tags_replace_each_other_and_go()
    {
        string bucket = await NewBucketAsync();
        string tag = await PutAsync(bucket, "k", "data");
        Assert.Empty(await TagsAsync(bucket));
        await SetAsync(bucket, ("a", "1"), ("b", ""));
        Assert.Equal(["a=1", "b="], await TagsAsync(bucket));
        RawResponse head = (await HeadAsync(bucket, "k")).Expect(200);
        Assert.Equal(("2", tag), (head["x-amz-tagging-count"], head["ETag"]));
        await SetAsync(bucket, ("c", "é"));
        Assert.Equal(["c=é"], await TagsAsync(bucket));
        (await Raw.SendAsync("DELETE", At(bucket, "k", "tagging"))).Expect(204);
        Assert.Empty(await TagsAsync(bucket));
        Assert.Null((await HeadAsync(bucket, "k")).Expect(200)["x-amz-tagging-count"]);
    }

    [Fact]
    public async Task Missing_objects_have_no_tags()
    {
        string bucket = await NewBucketAsync();
        await RefusedAsync(404, "NoSuchKey", () => TagsAsync(bucket));
        await RefusedAsync(404, "NoSuchKey", () => SetAsync(bucket, ("a", "1")));
    }

    [Fact]
    public async Task Bad_tags_are_refused()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "k");
        await RefusedAsync(400, "BadRequest", () => SetAsync(bucket, [.. Enumerable.Range(0, 11).Select(i => ($"k{i}", ""))]));
        await RefusedAsync(400, "InvalidTag", () => SetAsync(bucket, ("d", "1"), ("d", "2")));
        await RefusedAsync(400, "InvalidTag", () => SetAsync(bucket, ("", "1")));
        Assert.Empty(await TagsAsync(bucket));
    }

    [Fact]
    public async Task Uploads_bring_their_tags_in_a_header()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "k", "data", ("x-amz-tagging", "a=1&b=x%20y%2B&c"));
        Assert.Equal(["a=1", "b=x y+", "c="], await TagsAsync(bucket));
        foreach (string bad in new[] { "a=1&a=2", "a=%zz" })
        {
            (await Raw.SendAsync("PUT", At(bucket, "bad"), [("x-amz-tagging", bad)], "")).ExpectError(400, "InvalidArgument");
        }

        await AbsentAsync(bucket, "bad");
        string upload = await StartUploadAsync(bucket, "k", ("x-amz-tagging", "m=1"));
        string part = await PutPartAsync(bucket, "k", upload, 1, Utf8("data"));
        (await CompleteAsync(bucket, "k", upload, [(1, part)])).Expect(200);
        Assert.Equal(["m=1"], await TagsAsync(bucket));
    }

    [Fact]
    public async Task Copies_keep_their_tags_or_get_new_ones()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "source", "data", ("x-amz-tagging", "a=1"));
        await CopyAsync(bucket);
        Assert.Equal(["a=1"], await TagsAsync(bucket));
        await CopyAsync(bucket, ("x-amz-tagging-directive", "REPLACE"), ("x-amz-tagging", "b=2"));
        Assert.Equal(["b=2"], await TagsAsync(bucket));
        await CopyAsync(bucket, ("x-amz-tagging-directive", "REPLACE"));
        Assert.Empty(await TagsAsync(bucket));
    }

    [Fact]
    public async Task Each_version_has_its_own()
    {
        string bucket = await NewBucketAsync();
        await S3.PutBucketVersioningAsync(new PutBucketVersioningRequest { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        string first = (await S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "1" })).VersionId;
        await S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "2" });
        await SetAsync(bucket, ("new", "1"));
        await S3.PutObjectTaggingAsync(new PutObjectTaggingRequest { BucketName = bucket, Key = "k", VersionId = first, Tagging = new() { TagSet = [new Tag { Key = "old", Value = "1" }] } });
        Assert.Equal(["new=1"], await TagsAsync(bucket));
        GetObjectTaggingResponse old = await S3.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = bucket, Key = "k", VersionId = first });
        Assert.Equal("old", Assert.Single(old.Tagging).Key);
        DeleteObjectResponse marker = await S3.DeleteObjectAsync(bucket, "k");
        await RefusedAsync(404, "NoSuchKey", () => TagsAsync(bucket));
        (await Raw.SendAsync("GET", At(bucket, "k", $"tagging&versionId={marker.VersionId}"))).ExpectError(405, "MethodNotAllowed");
    }

    private async Task CopyAsync(string bucket, params (string Name, string Value)[] headers) =>
        (await Raw.SendAsync("PUT", At(bucket, "k"), [("x-amz-copy-source", $"{bucket}/source"), .. headers])).Expect(200);

    private Task SetAsync(string bucket, params (string Key, string Value)[] tags) => S3.PutObjectTaggingAsync(new PutObjectTaggingRequest
    {
        BucketName = bucket, Key = "k", Tagging = new() { TagSet = [.. tags.Select(t => new Tag { Key = t.Key, Value = t.Value })] },
    });

    private async Task<string[]> TagsAsync(string bucket) =>
        [.. ((await S3.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = bucket, Key = "k" })).Tagging ?? []).Select(t => $"{t.Key}={t.Value}")];
}
