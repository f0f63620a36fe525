using Tarn.Core.Errors;
using Tarn.S3.Auth.SigV2;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;

namespace Tarn.Tests.Auth;

/// <summary>Source: Amazon S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)", "Authentication examples".</summary>
public sealed class SigV2ExampleTests
{
    private const string Key = "AKIAIOSFODNN7EXAMPLE";

    private readonly AuthFixture _fixture = new();

    public static TheoryData<string, string, string?, string, string, string[]> Examples => new()
    {
        { "GET", "/photos/puppy.jpg", "johnsmith", "Tue, 27 Mar 2007 19:36:42 +0000", "bWq2s1WEIj+Ydj0vQ697zp+IXMU=", [] },
        { "PUT", "/photos/puppy.jpg", "johnsmith", "Tue, 27 Mar 2007 21:15:45 +0000", "MyyxeRY7whkBe+bq8fHCL/2kKUg=", ["Content-Type: image/jpeg", "Content-Length: 94328"] },
        { "GET", "/?prefix=photos&max-keys=50&marker=puppy", "johnsmith", "Tue, 27 Mar 2007 19:42:41 +0000", "htDYFYduRNen8P9ZfE/s9SuKy0U=", [] },
        { "GET", "/?acl", "johnsmith", "Tue, 27 Mar 2007 19:44:46 +0000", "c2WLPFtWHVgbEmeEG93a4cG37dM=", [] },
        {
            "PUT", "/db-backup.dat.gz", "static.johnsmith.net", "Tue, 27 Mar 2007 21:06:08 +0000", "ilyl83RwaSoYIEdixDQcA4OnAnc=",
            [
                "x-amz-acl: public-read", "content-type: application/x-download", "Content-MD5: 4gJE4saaMU4BqNR0kLY+lw==", "X-Amz-Meta-ReviewedBy: joe@johnsmith.net",
                "X-Amz-Meta-ReviewedBy: jane@johnsmith.net", "X-Amz-Meta-FileChecksum: 0x02661779", "X-Amz-Meta-ChecksumAlgorithm: crc32",
            ]
        },
        { "GET", "/", null, "Wed, 28 Mar 2007 01:29:59 +0000", "qGdzdERIC03wnaRNKh6OqZehG9s=", [] },
        { "GET", "/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re", null, "Wed, 28 Mar 2007 01:49:49 +0000", "DNEZGsoieTZ92F3bUfSPQcbGmlM=", [] },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Header(string method, string target, string? bucket, string date, string signature, string[] headers)
    {
        _fixture.TakeVersion2();
        _fixture.Clock.AdjustTime(DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture));
        var all = headers.Select(h => h.Split(": ", 2)).Select(h => KeyValuePair.Create(h[0], h[1]))
            .Append(new("Date", date)).Append(new("Authorization", $"AWS {Key}:{signature}")).ToList();
        AuthenticationResult result = await _fixture.AuthenticateAsync(method, target, all, bucket);
        Assert.Equal(Key, result.Principal?.AccessKeyId);
        Assert.Equal(new SignatureFacts(AuthMechanism.HeaderVersion2, _fixture.Clock.GetUtcNow(), "UNSIGNED-PAYLOAD"), result.Signature);

        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, method == "GET" ? "HEAD" : "GET", target, all);
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, method, target, all.Append(new("x-amz-meta-late", "1")));
        _fixture.Clock.Advance(TimeSpan.FromMinutes(16));
        await _fixture.RefusedAsync(S3Error.RequestTimeTooSkewed, method, target, all);
        _fixture.TakeVersion2(SignatureV2Use.Presigned);
        await _fixture.RefusedAsync(S3Error.UnsupportedSignature, method, target, all);
    }

    [Fact]
    public async Task Query()
    {
        const string Target = "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620";
        _fixture.TakeVersion2(SignatureV2Use.Presigned);
        _fixture.Clock.AdjustTime(DateTimeOffset.FromUnixTimeSeconds(1175139620));
        AuthenticationResult result = await _fixture.AuthenticateAsync("GET", Target, [], "johnsmith");
        Assert.Equal(Key, result.Principal?.AccessKeyId);
        Assert.Equal(new SignatureFacts(AuthMechanism.QueryVersion2, null, "UNSIGNED-PAYLOAD"), result.Signature);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        await _fixture.RefusedAsync(S3Error.RequestExpired, "GET", Target, []);
    }
}
