using System.Text;
using Tarn.Load;
using Tarn.Load.Signing;

namespace Tarn.Tests.Load;

/// <summary>The examples of AWS "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk".</summary>
public sealed class SigV4SignerTests
{
    private const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly DateTimeOffset Example = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    [InlineData("lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    public void Signs_as_the_published_examples(string query, string signature)
    {
        string headers = Sign(NewSigner(), query, Example);
        Assert.EndsWith($"Signature={signature}\r\n", headers, StringComparison.Ordinal);
        Assert.Contains("x-amz-date: 20130524T000000Z\r\n", headers, StringComparison.Ordinal);
        Assert.Contains("Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,", headers, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_day_gets_a_new_key_and_an_old_one_comes_back()
    {
        SigV4Signer signer = NewSigner();
        string first = Sign(signer, "lifecycle=", Example);
        string next = Sign(signer, "lifecycle=", Example.AddDays(1));
        Assert.NotEqual(first, next);
        Assert.Contains("/20130525/", next, StringComparison.Ordinal);
        Assert.Equal(first, Sign(signer, "lifecycle=", Example));
    }

    [Fact]
    public void Keys_are_encoded_as_the_signature_needs()
    {
        var buffer = new ByteBuffer(1);
        buffer.AppendUriEncoded("a/b c+é~", keepSlash: true);
        buffer.AppendUriEncoded("/", keepSlash: false);
        Assert.Equal("a/b%20c%2B%C3%A9~%2F", Encoding.ASCII.GetString(buffer.Written));
    }

    private static SigV4Signer NewSigner() => new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1");

    private static string Sign(SigV4Signer signer, string query, DateTimeOffset now)
    {
        var buffer = new ByteBuffer(16);
        signer.AppendHeaders(
            buffer, "GET"u8, "examplebucket.s3.amazonaws.com"u8, "/"u8, Encoding.ASCII.GetBytes(query), Encoding.ASCII.GetBytes(Empty), now);
        return Encoding.ASCII.GetString(buffer.Written);
    }
}
