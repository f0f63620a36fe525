using System.Globalization;
using System.Text;
using Tarn.Conformance.Support;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Conformance;

/// <summary>Source: Amazon S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)".</summary>
public sealed class SignatureV2(TestEndpoint endpoint) : S3Test(endpoint)
{
    private static long Soon => DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds();

    [Fact]
    public async Task Urls_put_get_and_delete()
    {
        string bucket = await NewBucketAsync();
        string target = At(bucket, "a b+c//d'(é)");
        (await Raw.SendUnsignedAsync("PUT", Signer.Presign("PUT", target, Soon), [], Utf8("data"))).Expect(200);
        RawResponse answer = (await Raw.SendUnsignedAsync("GET", Signer.Presign("GET", target + "?response-content-disposition=attachment%3B%20filename%3D%22a%26b.txt%22", Soon))).Expect(200);
        Assert.Equal(("data", "attachment; filename=\"a&b.txt\""), (answer.Text, answer["Content-Disposition"]));
        (await Raw.SendUnsignedAsync("HEAD", Signer.Presign("HEAD", target, Soon))).Expect(200);
        (await Raw.SendUnsignedAsync("HEAD", Signer.Presign("GET", target, Soon))).Expect(403);
        (await Raw.SendUnsignedAsync("DELETE", Signer.Presign("DELETE", target, Soon))).Expect(204);
    }

    [Fact]
    public async Task Parts_are_uploaded_by_url()
    {
        string bucket = await NewBucketAsync();
        string upload = (await Raw.SendUnsignedAsync("POST", Signer.Presign("POST", At(bucket, "key", "uploads"), Soon), [], [])).Expect(200).Element("UploadId")!;
        string id = Uri.EscapeDataString(upload);
        string tag = (await Raw.SendUnsignedAsync("PUT", Signer.Presign("PUT", At(bucket, "key", $"uploadId={id}&partNumber=1"), Soon), [], Utf8("data"))).Expect(200)["ETag"]!;
        (await Raw.SendUnsignedAsync("POST", Signer.Presign("POST", At(bucket, "key", $"uploadId={id}"), Soon), [], Utf8(PartList([(1, tag)])))).Expect(200);
        Assert.Equal("data", await ReadAsync(bucket, "key"));
    }

    [Fact]
    public async Task The_bucket_may_be_in_the_host()
    {
        Assert.SkipWhen(Endpoint.Domain is null, "The endpoint has no domain.");
        string bucket = await NewBucketAsync(), host = $"{bucket}.{Endpoint.Domain}";
        await PutAsync(bucket, "key", "data");
        string Head(string target) => RawClient.Lines("GET", target, [("Host", host)]);
        Assert.Equal("data", (await Raw.ExchangeAsync("GET", Head(Signer.Presign("GET", "/key", Soon, hostBucket: bucket)))).Expect(200).Text);
        (await Raw.ExchangeAsync("GET", Head(Signer.Presign("GET", "/?versions", Soon, hostBucket: bucket)))).Expect(200);
        (await Raw.ExchangeAsync("GET", Head(Signer.Presign("GET", "/key", Soon)))).ExpectError(403, "SignatureDoesNotMatch");
        string other = await NewBucketAsync();
        (await Raw.ExchangeAsync("GET", Head(Signer.Presign("GET", "/key", Soon, hostBucket: other)))).ExpectError(403, "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task Refusals_are_those_of_S3()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "key", "data");
        long past = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeSeconds(), far = DateTimeOffset.UtcNow.AddDays(8).ToUnixTimeSeconds();
        (await Raw.SendUnsignedAsync("GET", Signer.Presign("GET", At(bucket, "key"), past))).ExpectError(403, "AccessDenied");
        (await Raw.SendUnsignedAsync("GET", Signer.Presign("GET", At(bucket, "key"), far))).ExpectError(400, "AuthorizationQueryParametersError");
        (await Raw.SendUnsignedAsync("GET", Signer.Presign("GET", At(bucket, "key"), Soon) + "&versionId=null")).ExpectError(403, "SignatureDoesNotMatch");
        (await Raw.SendUnsignedAsync("GET", Signer.Presign("GET", At(bucket, "key"), Soon) + "&attributes")).ExpectError(400, "InvalidRequest");
        (await Raw.SendUnsignedAsync("GET", Signer.Presign("GET", At(bucket, "key"), Soon) + "&x-amz-meta-a=1")).ExpectError(400, "InvalidRequest");
    }

    [Fact]
    public async Task A_form_stores_its_file()
    {
        string bucket = await NewBucketAsync();
        string end = DateTimeOffset.UtcNow.AddMinutes(5).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string policy = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"expiration":"{{end}}","conditions":[{"bucket":"{{bucket}}"},{"key":"a+b c"}]}"""));
        byte[] Body(string signature) => new PostForm(bucket).WithUnnamed("key", "a+b c").WithUnnamed("AWSAccessKeyId", Signer.AccessKeyId)
            .WithUnnamed("policy", policy).WithUnnamed("signature", signature).Body(null);
        (string, string)[] type = [("Content-Type", "multipart/form-data; boundary=" + PostForm.Boundary)];
        (await Raw.SendUnsignedAsync("POST", "/" + bucket, type, Body(Signer.Sign(policy)))).Expect(204);
        Assert.Equal("content", await ReadAsync(bucket, "a+b c"));
        (await Raw.SendUnsignedAsync("POST", "/" + bucket, type, Body(Signer.Sign("another")))).ExpectError(403, "SignatureDoesNotMatch");
    }

    private SigV2TestSigner Signer => Raw.Version2Signer;
}
