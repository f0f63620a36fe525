using Tarn.Conformance.Support;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, DeleteBucketCors.</summary>
public sealed class DeleteBucketCors(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task The_rules_go_and_pages_are_let_in_no_more()
    {
        string bucket = await NewBucketAsync();
        string document = PutBucketCors.Document("<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>");
        (await Raw.SendAsync("PUT", $"/{bucket}?cors", [ContentMd5(document)], document)).Expect(200);
        Assert.Equal("*", (await Raw.SendAsync("GET", $"/{bucket}", [("Origin", "http://a.example")])).Expect(200)["Access-Control-Allow-Origin"]);

        (await Raw.SendAsync("DELETE", $"/{bucket}?cors")).Expect(204);
        (await Raw.SendAsync("GET", $"/{bucket}?cors")).ExpectError(404, "NoSuchCORSConfiguration");
        Assert.Null((await Raw.SendAsync("GET", $"/{bucket}", [("Origin", "http://a.example")])).Expect(200)["Access-Control-Allow-Origin"]);
        (await Raw.SendAsync("DELETE", $"/{bucket}?cors")).Expect(204);
        (await Raw.SendAsync("DELETE", $"/{NewName()}?cors")).ExpectError(404, "NoSuchBucket");
    }
}
