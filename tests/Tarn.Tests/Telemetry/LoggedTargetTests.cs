using Tarn.S3.Operations;
using Tarn.S3.Telemetry;

namespace Tarn.Tests.Telemetry;

public sealed class LoggedTargetTests
{
    [Theory]
    [InlineData("/b/k", "/b/k")]
    [InlineData("/b/k%20x?versionId=1&partNumber=2", "/b/k%20x?versionId=1&partNumber=2")]
    [InlineData("/b?acl", "/b?acl")]
    [InlineData("/b?list-type=2&prefix=a%2Fb", "/b?list-type=2&prefix=a%2Fb")]
    [InlineData("/b/k?X-Amz-Signature=s&versionId=1", "/b/k?X-Amz-Signature=Redacted&versionId=1")]
    [InlineData("/b/k?x-amz-security-token=s", "/b/k?x-amz-security-token=Redacted")]
    [InlineData("/b/k?Signature=s&AWSAccessKeyId=i", "/b/k?Signature=Redacted&AWSAccessKeyId=Redacted")]
    [InlineData("/b/k?X-Amz-Signature%3Ds", "/b/k?Redacted")]
    [InlineData("/b/k?X-Amz-Signatur%65=s", "/b/k?Redacted")]
    [InlineData("/b/k?a=b?c=d", "/b/k?a=Redacted")]
    [InlineData("/api/shared/secret?x=y", "/api/shared/")]
    [InlineData("/api/sh%61red/secret", "/api/shared/")]
    [InlineData("http://host/b/k?X-Amz-Signature=s", "http://host/b/k?X-Amz-Signature=Redacted")]
    [InlineData("*", "*")]
    public void Nothing_that_opens_anything_is_shown(string target, string shown) => Assert.Equal(shown, LoggedTarget.Of(target, OperationTable.Parameters));

    [Theory]
    [InlineData("https://a/b", "https://a/b")]
    [InlineData("https://a/b?X-Amz-Signature=s", "https://a/b?Redacted")]
    [InlineData("https://a/b#s", "https://a/b?Redacted")]
    [InlineData("https://a/api/shared/s", "https://a/api/shared/")]
    [InlineData(null, null)]
    public void A_referrer_has_no_query(string? url, string? shown) => Assert.Equal(shown, LoggedTarget.WithoutQuery(url));
}
