using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, HeadObject: GetObject's headers without its body; errors have no body either.</summary>
public sealed class HeadObject(TestEndpoint endpoint) : S3Test(endpoint)
{
    private static readonly string[] PerRequest = ["x-amz-request-id", "x-amz-id-2", "Date", "x-tarn-cache"];

    [Fact]
    public async Task Headers_are_those_of_GET()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", Pattern(70_000), ("x-amz-meta-a", "b"), ("Content-Type", "image/png"), ("Cache-Control", "no-store"));
        RawResponse head = (await HeadAsync(bucket, "key")).Expect(200);
        RawResponse got = (await GetAsync(bucket, "key")).Expect(200);
        Assert.Equal("70000", head["Content-Length"]);
        Assert.Equal(Comparable(got), Comparable(head));
    }

    [Fact]
    public async Task Empty_object_has_length_zero()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "");
        Assert.Equal("0", (await HeadAsync(bucket, "key")).Expect(200)["Content-Length"]);
    }

    [Fact]
    public async Task Missing_key_and_missing_bucket_are_404()
    {
        string bucket = await NewBucketAsync();
        Assert.False(string.IsNullOrEmpty((await HeadAsync(bucket, "key")).Expect(404)["x-amz-request-id"]));
        (await HeadAsync(NewName(), "key")).Expect(404);
    }

    [Fact]
    public async Task Anonymous_is_403()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendUnsignedAsync("HEAD", At(bucket, "key"))).Expect(403);
    }

    [Fact]
    public async Task Multipart_object_has_its_whole_length_and_compound_ETag()
    {
        string bucket = await NewBucketAsync();
        byte[] first = Pattern(MinPart, 1), second = Pattern(5, 2);
        await PutInPartsAsync(bucket, "key", first, second);
        GetObjectMetadataResponse head = await S3.GetObjectMetadataAsync(bucket, "key");
        Assert.Equal(MinPart + 5, head.ContentLength);
        Assert.Equal(ETag(first, second), head.ETag);
    }

    [Fact]
    public async Task Expected_owner_is_checked()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        (await HeadAsync(bucket, "key", ("x-amz-expected-bucket-owner", "000000000000"))).Expect(403);
    }

    private static IEnumerable<string> Comparable(RawResponse answer) =>
        answer.Headers.Where(h => !PerRequest.Contains(h.Name, StringComparer.OrdinalIgnoreCase)).Select(h => $"{h.Name.ToLowerInvariant()}: {h.Value}").Order(StringComparer.Ordinal);
}
