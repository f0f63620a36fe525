using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.S3.Auth.SigV4;
using Tarn.TestKit.Clocks;

namespace Tarn.Tests.Auth;

/// <summary>Signatures in the query: lifetime, form, and what may be sent unsigned with them.</summary>
public sealed class PresignedTests
{
    private static readonly Dictionary<string, string> Host = new() { ["host"] = "localhost:9000" };

    private readonly AuthFixture _fixture = new();

    [Theory]
    [InlineData(0)]
    [InlineData(604800)]
    public async Task Good_until_it_expires(long seconds)
    {
        var target = Presign(seconds);
        _fixture.Clock.Shift(TimeSpan.FromSeconds(seconds));
        Assert.NotNull((await _fixture.AuthenticateAsync("GET", target, Host)).Principal);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        var refusal = await _fixture.RefusedAsync(S3Error.RequestExpired, "GET", target, Host);
        Assert.Equal(["X-Amz-Expires", "Expires", "ServerTime"], refusal.Details.Select(detail => detail.Key));
    }

    [Fact]
    public async Task Not_good_before_it_was_made()
    {
        var target = Presign(60);
        _fixture.Clock.Shift(TimeSpan.FromMinutes(-16));
        var refusal = await _fixture.RefusedAsync(S3Error.AccessDenied, "GET", target, Host);
        Assert.Equal("Request is not yet valid", refusal.Message);
    }

    [Theory]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=-1")]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=604801")]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=soon")]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=99999999999999999999")]
    [InlineData("X-Amz-Expires=60", "y=1")]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=60&X-Amz-Expires=61")]
    [InlineData("X-Amz-Date=20130524T000000Z", "X-Amz-Date=now")]
    [InlineData("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512")]
    [InlineData("us-east-1", "eu-west-1")]
    [InlineData("%2Fs3%2F", "%2Fsqs%2F")]
    [InlineData("%2Fs3%2Faws4_request", "")]
    public async Task Malformed(string part, string replacement) => await _fixture.RefusedAsync(
        S3Error.AuthorizationQueryParametersError, "GET", Presign(60).Replace(part, replacement, StringComparison.Ordinal), Host);

    [Fact]
    public async Task Tampering_shows()
    {
        var target = Presign(60, "/b/k?response-content-type=a");
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "PUT", target, Host);
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "GET", target.Replace("/b/k", "/b/l", StringComparison.Ordinal), Host);
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "GET", target.Replace("type=a", "type=b", StringComparison.Ordinal), Host);
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "GET", target + "&versionId=1", Host);
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "GET", target.Replace("Expires=60", "Expires=61", StringComparison.Ordinal), Host);
        await _fixture.RefusedAsync(S3Error.AccessDenied, "GET", target, Host.Append(new("x-amz-acl", "public-read")));
        await _fixture.RefusedAsync(S3Error.InvalidToken, "GET", target + "&X-Amz-Security-Token=t", Host.Append(new("x-amz-security-token", "t")));
    }

    [Fact]
    public async Task Upload_may_be_framed_but_a_signed_hash_stands()
    {
        var framing = Host.Append(new("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"))
            .Append(new("x-amz-trailer", "x-amz-checksum-crc32")).Append(new("x-amz-decoded-content-length", "1")).ToList();
        var open = AuthFixture.Signer.Presign("PUT", "/b/k", Host, AuthFixture.ExampleTime, 60);
        Assert.Equal(BodySigningKind.UnsignedChunksAndTrailer, (await _fixture.AuthenticateAsync("PUT", open, framing)).Body.Kind);

        var hash = new string('0', 64);
        var bound = AuthFixture.Signer.Presign("PUT", "/b/k?X-Amz-Content-Sha256=" + hash, Host, AuthFixture.ExampleTime, 60, hash);
        Assert.Equal(new BodySigning(BodySigningKind.Sha256, hash), (await _fixture.AuthenticateAsync("PUT", bound, Host)).Body);
        await _fixture.RefusedAsync(S3Error.ContentSha256Mismatch, "PUT", bound, framing);
    }

    [Fact]
    public async Task Many_headers_in_the_query_are_looked_up_in_one_reading()
    {
        // Anyone who knows a key's id can send this; reading the query again for each header would process a hundred megabytes.
        string target = "/b/k?" + string.Join('&', Enumerable.Range(0, 1000).Select(i => $"x-amz-{i:x}=1"));
        var headers = Enumerable.Range(0, 1000).Select(i => KeyValuePair.Create($"x-amz-{i:x}", "1")).ToDictionary();
        target = AuthFixture.Signer.Presign("GET", target, Host, AuthFixture.ExampleTime, 60);
        HttpContext context = AuthFixture.Request("GET", target, Host.Concat(headers));
        long before = GC.GetAllocatedBytesForCurrentThread();
        ValueTask<AuthenticationResult> result = _fixture.Authenticator.AuthenticateAsync(context);
        Assert.True(result.IsCompletedSuccessfully);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * 1024 * 1024);
        Assert.NotNull((await result).Principal);
    }

    private static string Presign(long seconds, string target = "/b/k") =>
        AuthFixture.Signer.Presign("GET", target, Host, AuthFixture.ExampleTime, seconds);
}
