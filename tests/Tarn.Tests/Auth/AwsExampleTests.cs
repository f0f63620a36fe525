using System.IO.Pipelines;
using System.Text;
using Tarn.S3.Auth;
using Tarn.S3.Auth.SigV4;
using Tarn.Tests.Auth.Bodies;

namespace Tarn.Tests.Auth;

/// <summary>The signatures that AWS publishes in the S3 API Reference, word for word.</summary>
public sealed class AwsExampleTests
{
    private const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("GET", "/test.txt", "host;range;x-amz-content-sha256;x-amz-date", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", Empty)]
    [InlineData("PUT", "/test$file.text", "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")]
    [InlineData("GET", "/?lifecycle", "host;x-amz-content-sha256;x-amz-date", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", Empty)]
    [InlineData("GET", "/?max-keys=2&prefix=J", "host;x-amz-content-sha256;x-amz-date", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", Empty)]
    [InlineData("GET", "/?prefix=J&max-keys=2", "host;x-amz-content-sha256;x-amz-date", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", Empty)]
    public async Task Header_signature(string method, string target, string names, string signature, string hash)
    {
        var headers = new Dictionary<string, string>
        {
            ["Host"] = "examplebucket.s3.amazonaws.com",
            ["x-amz-content-sha256"] = hash,
            ["x-amz-date"] = "20130524T000000Z",
            ["Authorization"] = Authorization(names, signature),
        };
        if (names.Contains("range"))
        {
            headers["Range"] = "bytes=0-9";
        }

        if (names.Contains("storage-class"))
        {
            headers["Date"] = "Fri, 24 May 2013 00:00:00 GMT";
            headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY";
        }

        var result = await new AuthFixture().AuthenticateAsync(method, target, headers);
        Assert.Equal("AKIAIOSFODNN7EXAMPLE", result.Principal?.AccessKeyId);
        Assert.Equal(new BodySigning(BodySigningKind.Sha256, hash), result.Body);
    }

    [Fact]
    public async Task Presigned_signature()
    {
        const string target = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        var result = await new AuthFixture().AuthenticateAsync("GET", target, [new("Host", "examplebucket.s3.amazonaws.com")]);
        Assert.NotNull(result.Principal);
        Assert.Equal(BodySigningKind.Unsigned, result.Body.Kind);
    }

    [Fact]
    public async Task Chunked_upload()
    {
        var body = Chunks(
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
            "");
        Assert.Equal(66824, body.Length);
        var decoded = await UploadAsync(body, new()
        {
            ["Host"] = "s3.amazonaws.com",
            ["Content-Encoding"] = "aws-chunked",
            ["Content-Length"] = "66824",
            ["x-amz-content-sha256"] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            ["x-amz-date"] = "20130524T000000Z",
            ["x-amz-decoded-content-length"] = "66560",
            ["x-amz-storage-class"] = "REDUCED_REDUNDANCY",
            ["Authorization"] = Authorization(
                "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
                "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"),
        });
        Assert.Equal(new string('a', 66560), Encoding.ASCII.GetString(decoded));
    }

    [Fact]
    public async Task Chunked_upload_with_trailer()
    {
        var body = Chunks(
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
            "x-amz-checksum-crc32c:sOO8/Q==\n\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n");
        var decoded = await UploadAsync(body, new()
        {
            ["Host"] = "s3.amazonaws.com",
            ["Content-Encoding"] = "aws-chunked",
            ["x-amz-content-sha256"] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            ["x-amz-date"] = "20130524T000000Z",
            ["x-amz-decoded-content-length"] = "66560",
            ["x-amz-storage-class"] = "REDUCED_REDUNDANCY",
            ["x-amz-trailer"] = "x-amz-checksum-crc32c",
            ["Authorization"] = Authorization(
                "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
                "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"),
        });
        Assert.Equal(66560, decoded.Length);
    }

    private static string Authorization(string names, string signature) =>
        $"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders={names}, Signature={signature}";

    private static byte[] Chunks(string first, string second, string last, string trailer) => Encoding.ASCII.GetBytes(
        $"10000;chunk-signature={first}\r\n{new string('a', 65536)}\r\n"
        + $"400;chunk-signature={second}\r\n{new string('a', 1024)}\r\n"
        + $"0;chunk-signature={last}\r\n{trailer}\r\n");

    private static async Task<byte[]> UploadAsync(byte[] body, Dictionary<string, string> headers)
    {
        var fixture = new AuthFixture();
        var context = AuthFixture.Request("PUT", "/examplebucket/chunkObject.txt", headers, PipeReader.Create(new(body)));
        var result = await fixture.Authenticator.AuthenticateAsync(context);
        return await BodyReading.AllAsync(new UploadBodyFactory(fixture.Clock).Create(context.Request, result));
    }
}
