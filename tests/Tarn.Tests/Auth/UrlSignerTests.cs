using Tarn.Core.Identity;
using Tarn.S3.Auth;

namespace Tarn.Tests.Auth;

/// <summary>What no URL is signed with, and what is a part of a signature.</summary>
public sealed class UrlSignerTests
{
    /// <summary>S3 would refuse the URL: the token is not in it, and nobody has it any more.</summary>
    [Fact]
    public void Credentials_that_need_a_session_token_sign_no_url()
    {
        var url = new UrlToSign { Method = "GET", Endpoint = new Uri("http://127.0.0.1:9000"), Life = TimeSpan.FromSeconds(60) };
        var key = new Credential("ASIAEXAMPLE", "secret", new Principal("owner", "Owner", "ASIAEXAMPLE"), null);
        Assert.NotEmpty(UrlSigner.Sign(url, key, "us-east-1", DateTimeOffset.UnixEpoch));
        Assert.Throws<ArgumentException>(() => UrlSigner.Sign(url, key with { TokenHash = new byte[32] }, "us-east-1", DateTimeOffset.UnixEpoch));
    }

    [Theory]
    [InlineData("x-amz-signature", true, true)]
    [InlineData("X-Amz-Content-Sha256", true, true)]
    [InlineData("Expires", true, false)]
    [InlineData("signature", true, false)]
    [InlineData("awsaccesskeyid", true, false)]
    [InlineData("x-amz-checksum-mode", false, false)]
    [InlineData("response-expires", false, false)]
    public void A_parameter_of_version_2_is_a_header_of_the_object(string name, bool isOfParameters, bool isOfHeaders) =>
        Assert.Equal((isOfParameters, isOfHeaders), (UrlSigner.IsParameterOfSignature(name), UrlSigner.IsHeaderOfSignature(name)));
}
