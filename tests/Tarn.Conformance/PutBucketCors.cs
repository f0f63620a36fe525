using Amazon.S3.Model;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, PutBucketCors; User Guide, "Elements of a CORS configuration".</summary>
public sealed class PutBucketCors(TestEndpoint endpoint) : S3Test(endpoint)
{
    private const string Minimal = "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>";

    internal static string Document(string rules) =>
        $"<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rules}</CORSConfiguration>";

    [Fact]
    public async Task Rules_replace_each_other()
    {
        string bucket = await NewBucketAsync();
        await S3.PutCORSConfigurationAsync(bucket, new CORSConfiguration
        {
            Rules =
            [
                new()
                {
                    Id = "first", AllowedOrigins = ["https://a.example", "http://*.b.example"], AllowedMethods = ["PUT", "POST", "DELETE"],
                    AllowedHeaders = ["*"], ExposeHeaders = ["ETag", "x-amz-meta-a"], MaxAgeSeconds = 3000,
                },
                new() { AllowedOrigins = ["*"], AllowedMethods = ["GET", "HEAD"] },
            ],
        });
        List<CORSRule> rules = (await S3.GetCORSConfigurationAsync(bucket)).Configuration.Rules;
        Assert.Equal(2, rules.Count);
        Assert.Equal(("first", 3000), (rules[0].Id, rules[0].MaxAgeSeconds));
        Assert.Equal(["https://a.example", "http://*.b.example"], rules[0].AllowedOrigins);
        Assert.Equal(["PUT", "POST", "DELETE"], rules[0].AllowedMethods);
        Assert.Equal(["*"], rules[0].AllowedHeaders);
        Assert.Equal(["ETag", "x-amz-meta-a"], rules[0].ExposeHeaders);
        Assert.Equal(["GET", "HEAD"], rules[1].AllowedMethods);

        (await PutAsync(bucket, Minimal)).Expect(200);
        Assert.Single((await S3.GetCORSConfigurationAsync(bucket)).Configuration.Rules);
    }

    [Theory]
    [InlineData("", "MalformedXML")]
    [InlineData("<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>", "MalformedXML")]
    [InlineData("<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>", "MalformedXML")]
    [InlineData("<Rule/>", "MalformedXML")]
    [InlineData("<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><MaxAgeSeconds>long</MaxAgeSeconds></CORSRule>", "MalformedXML")]
    [InlineData("<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><Unknown>1</Unknown></CORSRule>", "MalformedXML")]
    [InlineData("<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod></CORSRule>", "InvalidRequest")]
    [InlineData("<CORSRule><AllowedOrigin>http://*.*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>", "InvalidRequest")]
    [InlineData("<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>*-*</AllowedHeader></CORSRule>", "InvalidRequest")]
    [InlineData("<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>*</ExposeHeader></CORSRule>", "InvalidRequest")]
    public async Task What_are_no_rules_is_refused(string rules, string code)
    {
        string bucket = await NewBucketAsync();
        (await PutAsync(bucket, rules)).ExpectError(400, code);
        (await Raw.SendAsync("GET", $"/{bucket}?cors")).ExpectError(404, "NoSuchCORSConfiguration");
    }

    [Fact]
    public async Task There_are_at_most_100_rules_and_64_KiB()
    {
        string bucket = await NewBucketAsync();
        (await PutAsync(bucket, string.Concat(Enumerable.Repeat(Minimal, 101)))).ExpectError(400, "InvalidRequest");
        (await PutAsync(bucket, string.Concat(Enumerable.Repeat(Minimal, 100)))).Expect(200);
        string large = string.Concat(Enumerable.Range(0, 3000).Select(i => $"<AllowedOrigin>http://{i}.example</AllowedOrigin>"));
        (await PutAsync(bucket, $"<CORSRule>{large}<AllowedMethod>GET</AllowedMethod></CORSRule>")).ExpectRefusal("MaxMessageLengthExceeded", "MalformedXML");
    }

    [Fact]
    public async Task The_document_comes_with_a_digest_to_a_bucket_that_exists()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("PUT", $"/{bucket}?cors", [], Document(Minimal))).ExpectError(400, "InvalidRequest");
        (await PutAsync(NewName(), Minimal)).ExpectError(404, "NoSuchBucket");
        (await Raw.SendUnsignedAsync("PUT", $"/{bucket}?cors", [ContentMd5(Document(Minimal))], Utf8(Document(Minimal)))).ExpectError(403, "AccessDenied");
    }

    private Task<RawResponse> PutAsync(string bucket, string rules) =>
        Raw.SendAsync("PUT", $"/{bucket}?cors", [ContentMd5(Document(rules))], Document(rules));
}
