using Tarn.Conformance.Support;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Conformance;

/// <summary>
/// How clients without a configured region find it. Source: Amazon S3 API Reference, HeadBucket ("x-amz-bucket-region"), GetBucketLocation.
/// </summary>
public sealed class BucketRegion(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string Header = "x-amz-bucket-region";

    [Fact]
    public async Task Every_answer_about_a_bucket_that_exists_names_it()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        RawResponse[] answers =
        [
            (await Raw.SendAsync("HEAD", $"/{bucket}")).Expect(200),
            (await Raw.SendAsync("GET", $"/{bucket}")).Expect(200),
            (await Raw.SendAsync("GET", At(bucket, "key"))).Expect(200),
            (await Raw.SendAsync("GET", At(bucket, "key"), [("If-None-Match", "*")])).Expect(304),
            (await Raw.SendAsync("GET", At(bucket, "never"))).Expect(404),
            (await Raw.SendAsync("PUT", At(bucket, "key"), [("If-None-Match", "*")], "x")).Expect(412),
            (await Raw.SendAsync("GET", At(bucket, "key"), [("Range", "bytes=99-")])).Expect(416),
            (await Raw.SendAsync("GET", $"/{bucket}?max-keys=x")).Expect(400),
            (await Raw.SendAsync("GET", $"/{bucket}?prefix=a&prefix=b")).Expect(400),
            (await Raw.SendAsync("PATCH", At(bucket, "key"))).Expect(405),
            (await Raw.SendAsync("GET", $"/{bucket}", signer: Raw.Signer(withSecret: "wrong"))).Expect(403),
            (await Raw.SendAsync("GET", $"/{bucket}", signer: Raw.Signer(withAccessKey: "AKIANOBODYHASTHIS000"))).Expect(403),
            (await Raw.SendAsync("GET", $"/{bucket}", signer: Raw.Signer(withRegion: "mars-north-1"))).Expect(400),
            (await Raw.SendAsync("HEAD", $"/{bucket}", signer: Raw.Signer(withRegion: "mars-north-1"))).Expect(400),
            (await Raw.SendUnsignedAsync("HEAD", $"/{bucket}")).Expect(403),
            (await Raw.SendUnsignedAsync("GET", At(bucket, "key"))).Expect(403),
            (await Raw.SendAsync("PUT", $"/{bucket}", [("x-amz-bucket-object-lock-enabled", "true")], "")).ExpectRefusal(),
            (await Raw.SendAsync("DELETE", $"/{bucket}")).Expect(409),
            (await Raw.SendAsync("PUT", At(bucket, "key"), [], "new")).Expect(200),
            (await Raw.SendAsync("DELETE", At(bucket, "key"))).Expect(204),
            (await Raw.SendAsync("DELETE", $"/{bucket}")).Expect(204),
        ];
        Assert.All(answers, answer => Assert.Equal(Endpoint.Region, answer[Header]));
    }

    [Fact]
    public async Task An_answer_about_none_names_none()
    {
        Assert.Null((await Raw.SendAsync("HEAD", $"/{NewName()}")).Expect(404)[Header]);
        Assert.Null((await Raw.SendUnsignedAsync("GET", $"/{NewName()}"))[Header]);
        Assert.Null((await Raw.SendAsync("GET", "/")).Expect(200)[Header]);
    }

    [Fact]
    public async Task Who_asks_for_it_may_sign_for_any()
    {
        string bucket = await NewBucketAsync();
        TimedSigner signer = Raw.Signer(withRegion: "mars-north-1");
        string location = (await Raw.SendAsync("GET", $"/{bucket}?location", signer: signer)).Expect(200).Xml().Value;
        Assert.Equal(Endpoint.Region == "us-east-1" ? "" : Endpoint.Region, location);
        Assert.Contains(bucket, (await Raw.SendAsync("GET", "/", signer: signer)).Expect(200).Elements("Name"));
        (await Raw.SendAsync("GET", $"/{bucket}?location", signer: Raw.Signer(withSecret: "wrong", withRegion: "mars-north-1"))).ExpectError(403, "SignatureDoesNotMatch");
        (await Raw.SendAsync("GET", $"/{bucket}?versioning", signer: signer)).ExpectError(400, "AuthorizationHeaderMalformed");
    }
}
