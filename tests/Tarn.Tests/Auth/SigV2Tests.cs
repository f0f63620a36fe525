using Tarn.Core.Errors;
using Tarn.S3.Auth.SigV2;
using Tarn.S3.Auth.SigV4;
using Tarn.TestKit.Signing;

namespace Tarn.Tests.Auth;

/// <summary>Signature Version 2: what is covered, how long it is valid, and who may use it.</summary>
public sealed class SigV2Tests
{
    private static readonly SigV2TestSigner Signer = new(AuthFixture.Signer.AccessKeyId, AuthFixture.Signer.SecretKey);
    private static readonly long Now = AuthFixture.ExampleTime.ToUnixTimeSeconds();

    private readonly AuthFixture _fixture = new();

    public SigV2Tests() => _fixture.TakeVersion2();

    [Theory]
    [InlineData("/b/a%20b+c//d%27%28%C3%A9")]
    [InlineData("/b/k?versionId=v&partNumber=1")]
    [InlineData("/b/k?response-content-disposition=attachment%3B%20filename%3D%22a%26b%3Dc.txt%22")]
    [InlineData("/b?uploads")]
    [InlineData("/b?acl")]
    [InlineData("/b?acl=")]
    [InlineData("/b/k?x-id=GetObject&content-type=text%2Fx")]
    public async Task Url(string target) => Assert.NotNull((await GetAsync(Signer.Presign("GET", target, Now + 60))).Principal);

    [Theory]
    [InlineData("/b/a/%2Fb", "/b/a//b")]
    [InlineData("/b/a+b", "/b/a%2Bb")]
    [InlineData("/b/%7eb", "/b/~b")]
    public async Task A_path_may_be_signed_as_its_key_is_encoded(string sent, string signed) =>
        Assert.NotNull((await GetAsync(sent + Signer.Presign("GET", signed, Now + 60)[signed.Length..])).Principal);

    [Theory]
    [InlineData(0, true)]
    [InlineData(7 * 86_400, true)]
    [InlineData(-1, false)]
    [InlineData(7 * 86_400 + 1, false)]
    [InlineData(long.MaxValue / 2, false)]
    public async Task Life_is_bounded(long seconds, bool isGood)
    {
        string url = Signer.Presign("GET", "/b/k", Now + seconds);
        if (isGood)
        {
            Assert.NotNull((await GetAsync(url)).Principal);
        }
        else
        {
            await RefusedAsync(seconds < 0 ? S3Error.RequestExpired : S3Error.AuthorizationQueryParametersError, url);
        }
    }

    [Fact]
    public async Task Malformed()
    {
        string url = Signer.Presign("GET", "/b/k", Now + 60), expires = $"Expires={Now + 60}";
        await RefusedAsync(S3Error.AccessDenied, url.Replace(expires, "Expires=soon", StringComparison.Ordinal));
        await RefusedAsync(S3Error.AccessDenied, url.Replace(expires, "Expires=-1", StringComparison.Ordinal));
        await RefusedAsync(S3Error.AccessDenied, url.Replace(expires, "Expires=99999999999999999999", StringComparison.Ordinal));
        await RefusedAsync(S3Error.AccessDenied, url.Replace("&" + expires, "", StringComparison.Ordinal));
        await RefusedAsync(S3Error.AccessDenied, "/b/k?AWSAccessKeyId=a");
        await RefusedAsync(S3Error.AccessDenied, "/b/k?Signature=a");
        await RefusedAsync(S3Error.AuthorizationQueryParametersError, url + "&" + expires);
        await RefusedAsync(S3Error.AuthorizationQueryParametersError, url + "&Signature=a");
        await RefusedAsync(S3Error.AuthorizationQueryParametersError, url + "&AWSAccessKeyId=a");
        await RefusedAsync(S3Error.SignatureDoesNotMatch, url.Replace("%3D&Expires", "&Expires", StringComparison.Ordinal));
        await RefusedAsync(S3Error.SignatureDoesNotMatch, url.Replace(expires, $"Expires={Now + 61}", StringComparison.Ordinal));
        await RefusedAsync(S3Error.SignatureDoesNotMatch, url.Replace("/k?", "/l?", StringComparison.Ordinal));
        await RefusedAsync(S3Error.InvalidToken, url + "&x-amz-security-token=t", KeyValuePair.Create("x-amz-security-token", "t"));
        await RefusedAsync(S3Error.InvalidToken, url, KeyValuePair.Create("x-amz-security-token", "t"));
        await RefusedAsync(S3Error.InvalidArgument, url + "&X-Amz-Signature=x");
        await RefusedAsync(S3Error.InvalidArgument, url, KeyValuePair.Create("Authorization", "AWS a:b"));
        await RefusedAsync(S3Error.InvalidAccessKeyId, new SigV2TestSigner("nobody", "secret").Presign("GET", "/b/k", Now + 60));
    }

    [Theory]
    [InlineData("AWS ")]
    [InlineData("AWS a")]
    [InlineData("AWS :b")]
    [InlineData("AWS a:")]
    public async Task Malformed_headers(string authorization) =>
        await RefusedAsync(S3Error.InvalidArgument, "/b/k", new("Authorization", authorization), new("Date", "Fri, 24 May 2013 00:00:00 GMT"));

    [Theory]
    [InlineData("Fri, 24 May 2013 00:00:00 GMT", true)]
    [InlineData("Fri, 24 May 2013 00:00:00 +0000", true)]
    [InlineData("20130524T000000Z", true)]
    [InlineData("Fri, 24 May 2013 00:16:00 GMT", false)]
    [InlineData("1369353600", false)]
    [InlineData("today", false)]
    [InlineData("", false)]
    public async Task Dates(string date, bool isGood)
    {
        foreach (string name in (string[])["Date", "x-amz-date"])
        {
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [name] = date };
            headers["Authorization"] = Signer.Authorization("GET", "/b/k", headers);
            if (isGood)
            {
                Assert.NotNull((await _fixture.AuthenticateAsync("GET", "/b/k", headers)).Principal);
            }
            else
            {
                await Assert.ThrowsAnyAsync<S3Exception>(() => _fixture.AuthenticateAsync("GET", "/b/k", headers));
            }
        }
    }

    [Fact]
    public async Task A_value_that_passes_for_another_parameter_is_refused()
    {
        // Signed for a version; without it, the URL would read the current one.
        string url = Signer.Presign("GET", "/b/k?response-content-type=a&versionId=v", Now + 60);
        Assert.NotNull((await GetAsync(url)).Principal);
        await RefusedAsync(S3Error.InvalidArgument, url.Replace("a&versionId=v", "a%26versionId%3Dv", StringComparison.Ordinal));
        await RefusedAsync(S3Error.SignatureDoesNotMatch, url.Replace("&versionId=v", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_of_disks_sign_with_version_4_only()
    {
        _fixture.Known = _fixture.Known! with { Principal = _fixture.Known.Principal with { DiskScope = "dsk-0123456789abcdef" } };
        await RefusedAsync(S3Error.UnsupportedSignature, Signer.Presign("GET", "/dsk-0123456789abcdef/k", Now + 60));
        await RefusedAsync(S3Error.SignatureDoesNotMatch, new SigV2TestSigner(Signer.AccessKeyId, "wrong").Presign("GET", "/b/k", Now + 60));
    }

    [Fact]
    public async Task Keys_that_have_expired_or_changed_sign_nothing()
    {
        string url = Signer.Presign("GET", "/b/k", Now + 60);
        _fixture.Known = _fixture.Known! with { SecretKey = "another" };
        await RefusedAsync(S3Error.SignatureDoesNotMatch, url);
        _fixture.Known = _fixture.Known with { SecretKey = AuthFixture.Signer.SecretKey, Expires = _fixture.Clock.GetUtcNow() };
        await RefusedAsync(S3Error.InvalidAccessKeyId, url);
    }

    [Fact]
    public async Task Off_is_off()
    {
        _fixture.TakeVersion2(SignatureV2Use.Off);
        await RefusedAsync(S3Error.UnsupportedSignature, Signer.Presign("GET", "/b/k", Now + 60));
    }

    private Task<AuthenticationResult> GetAsync(string target) => _fixture.AuthenticateAsync("GET", target, []);

    private Task<S3Exception> RefusedAsync(S3Error error, string target, params KeyValuePair<string, string>[] headers) =>
        _fixture.RefusedAsync(error, "GET", target, headers);
}
