using Tarn.Conformance.Support;
using Tarn.TestKit.Http;

namespace Tarn.Conformance;

/// <summary>Headers in the query of presigned URLs, as SDKs put them there; keys as the Java SDKs send them.</summary>
public sealed class PresignedHeaders(TestEndpoint endpoint) : S3Test(endpoint)
{
    private (string Name, string Value) HostHeader => ("Host", Raw.HostHeader);

    [Fact]
    public async Task Metadata_tags_and_class_are_stored()
    {
        string bucket = await NewBucketAsync();
        string url = Raw.Signer().Presign(
            "PUT", At(bucket, "key", "x-amz-meta-foo=b%20a%2Br&x-amz-meta-u=%C3%A9&x-amz-tagging=t%3Dv&x-amz-storage-class=STANDARD_IA&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32&x-id=PutObject"),
            [HostHeader], "60");
        (await Raw.SendUnsignedAsync("PUT", url, [], Utf8("data"))).Expect(200);
        RawResponse head = (await HeadAsync(bucket, "key")).Expect(200);
        Assert.Equal(("b a+r", "STANDARD_IA"), (head["x-amz-meta-foo"], head["x-amz-storage-class"]));
        Assert.NotNull(head["x-amz-meta-u"]);
        await PutAsync(bucket, "same", "data", ("x-amz-meta-u", RawClient.Utf8Bytes("é")));
        Assert.Equal((await HeadAsync(bucket, "same")).Expect(200)["x-amz-meta-u"], head["x-amz-meta-u"]);
        Assert.Contains("<Key>t</Key>", (await Raw.SendAsync("GET", At(bucket, "key", "tagging"))).Expect(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_header_may_come_in_the_query_only()
    {
        string bucket = await NewBucketAsync();
        string url = Raw.Signer().Presign("PUT", At(bucket, "key", "x-amz-meta-foo=bar"), [HostHeader, ("x-amz-meta-foo", "bar")], "60");
        (await Raw.SendUnsignedAsync("PUT", url, [], Utf8("data"))).Expect(200);
        Assert.Equal("bar", (await HeadAsync(bucket, "key")).Expect(200)["x-amz-meta-foo"]);
        (await Raw.SendUnsignedAsync("PUT", url, [("x-amz-meta-foo", "baz")], Utf8("data"))).ExpectRefusal();
    }

    [Fact]
    public async Task Copies_and_refusals()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "from", "data");
        (await Raw.SendUnsignedAsync("PUT", Raw.Signer().Presign("PUT", At(bucket, "to", $"x-amz-copy-source={bucket}%2Ffrom"), [HostHeader], "60"))).Expect(200);
        Assert.Equal("data", await ReadAsync(bucket, "to"));
        (await Raw.SendUnsignedAsync("PUT", Raw.Signer().Presign("PUT", At(bucket, "no", "x-amz-server-side-encryption=AES256"), [HostHeader], "60"), [], Utf8("data")))
            .ExpectError(501, "NotImplemented");
        (await Raw.SendUnsignedAsync("PUT", At(bucket, "no", "x-amz-acl=public-read"), [], Utf8("data"))).ExpectRefusal();
        await AbsentAsync(bucket, "no");
    }

    [Fact]
    public async Task Two_slashes_are_signed_decoded_and_sent_escaped()
    {
        string bucket = await NewBucketAsync();
        string head = Raw.Head("PUT", $"/{bucket}/a//b", [], Utf8("data")).Head;
        (await Raw.ExchangeAsync("PUT", head.Replace("/a//b ", "/a/%2Fb ", StringComparison.Ordinal), Utf8("data"))).Expect(200);
        Assert.Equal("data", await ReadAsync(bucket, "a//b"));
        string url = Raw.Signer().Presign("GET", $"/{bucket}/a//b", [HostHeader], "60");
        Assert.Equal("data", (await Raw.SendUnsignedAsync("GET", url.Replace("/a//b?", "/a/%2Fb?", StringComparison.Ordinal))).Expect(200).Text);
        (await Raw.SendUnsignedAsync("GET", url.Replace("/a//b?", "/a/b?", StringComparison.Ordinal))).ExpectError(403, "SignatureDoesNotMatch");
    }
}
