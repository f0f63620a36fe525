using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 API Reference, GetBucketCors.</summary>
public sealed class GetBucketCors(TestEndpoint endpoint) : S3Test(endpoint)
{
    [Fact]
    public async Task The_document_is_what_was_put()
    {
        string bucket = await NewBucketAsync();
        string rules = "<CORSRule><ID>a&lt;é</ID><AllowedHeader>x-*</AllowedHeader><AllowedMethod>GET</AllowedMethod><AllowedOrigin>http://a.example</AllowedOrigin>"
            + "<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>0</MaxAgeSeconds></CORSRule>";
        string document = PutBucketCors.Document(rules);
        (await Raw.SendAsync("PUT", $"/{bucket}?cors", [ContentMd5(document)], document)).Expect(200);
        RawResponse answer = (await Raw.SendAsync("GET", $"/{bucket}?cors")).Expect(200);
        Assert.Equal("CORSConfiguration", answer.Xml().Name.LocalName);
        Assert.Equal("http://s3.amazonaws.com/doc/2006-03-01/", answer.Xml().Name.NamespaceName);
        Assert.Equal(["a<é", "x-*", "GET", "http://a.example", "ETag", "0"], answer.Xml().Elements().Single().Elements().Select(e => e.Value));
    }

    [Fact]
    public async Task There_may_be_none()
    {
        string bucket = await NewBucketAsync();
        (await Raw.SendAsync("GET", $"/{bucket}?cors")).ExpectError(404, "NoSuchCORSConfiguration");
        (await Raw.SendAsync("GET", $"/{NewName()}?cors")).ExpectError(404, "NoSuchBucket");
        (await Raw.SendUnsignedAsync("GET", $"/{bucket}?cors")).ExpectError(403, "AccessDenied");
    }
}
