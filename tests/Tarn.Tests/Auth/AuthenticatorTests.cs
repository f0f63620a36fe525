using Tarn.Core.Errors;
using Tarn.S3.Auth.SigV4;
using Tarn.TestKit.Clocks;
using Tarn.TestKit.Signing;

namespace Tarn.Tests.Auth;

/// <summary>Signatures in the Authorization header: what is accepted, what is refused, and with which message.</summary>
public sealed class AuthenticatorTests
{
    private static readonly Dictionary<string, string> Host = new() { ["host"] = "localhost:9000" };

    private readonly AuthFixture _fixture = new();

    [Fact]
    public async Task Nothing_signed_is_anonymous()
    {
        var result = await _fixture.AuthenticateAsync("GET", "/b/k", [new("Host", "h")]);
        Assert.Null(result.Principal);
        Assert.Equal(BodySigningKind.Unsigned, result.Body.Kind);
    }

    [Theory]
    [InlineData("/bucket/a%2Fb")]
    [InlineData("/bucket//x/../y/./")]
    [InlineData("/bucket/a%2Bb%20c")]
    [InlineData("/bucket/%E2%82%AC")]
    [InlineData("/bucket?tag=b&tag=a&empty=&novalue&a-b=1&a=2")]
    [InlineData("/bucket?prefix=a%2Bb%20c%2F")]
    [InlineData("/")]
    public async Task Targets_verify_as_they_were_sent(string target) =>
        Assert.NotNull((await _fixture.AuthenticateAsync("GET", target, AuthFixture.Signed("GET", target))).Principal);

    [Theory]
    [InlineData("/bucket/a+b(c)=d@e", "/bucket/a%2Bb%28c%29%3Dd%40e")]
    [InlineData("/bucket?prefix=a+b", "/bucket?prefix=a%20b")]
    [InlineData("/bucket/%7etilde", "/bucket/~tilde")]
    [InlineData("/bucket/low%2fer", "/bucket/low%2Fer")]
    [InlineData("/bucket?prefix=a/b", "/bucket?prefix=a%2Fb")]
    [InlineData("http://localhost:9000/bucket/k", "/bucket/k")]
    public async Task Clients_may_escape_less_than_they_sign(string sent, string signed) =>
        Assert.NotNull((await _fixture.AuthenticateAsync("GET", sent, AuthFixture.Signed("GET", signed))).Principal);

    // The Java SDKs sign the decoded key and escape a slash that follows another.
    [Theory]
    [InlineData("/b/a/%2Fb", "/b/a//b")]
    [InlineData("/b/%2F%2fb", "/b///b")]
    [InlineData("/b/a%2Fb", "/b/a/b")]
    [InlineData("/b/a/%2Fb%20+c", "/b/a//b%20%2Bc")]
    [InlineData("/b/%7E(x)%2Fy+z", "/b/%7E(x)%2Fy+z")]
    [InlineData("/b/%c3%a9", "/b/%c3%a9")]
    public async Task A_path_may_be_signed_as_it_was_sent_or_as_its_key_is_encoded(string sent, string signed)
    {
        Assert.NotNull((await _fixture.AuthenticateAsync("GET", sent, AuthFixture.Signed("GET", signed))).Principal);
        var url = AuthFixture.Signer.Presign("GET", signed, Host, AuthFixture.ExampleTime, 60);
        Assert.NotNull((await _fixture.AuthenticateAsync("GET", sent + url[signed.Length..], Host)).Principal);
    }

    [Theory]
    [InlineData("/b/a%252Fb", "/b/a/b")]
    [InlineData("/b/a%252Fb", "/b/a%2Fb")]
    [InlineData("/b/a//b", "/b/a/b")]
    [InlineData("/b/a/b", "/b/a%2Fb")]
    [InlineData("/b/a/./b", "/b/a/b")]
    public async Task A_path_that_names_another_key_is_not_what_was_signed(string sent, string signed) =>
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "GET", sent, AuthFixture.Signed("GET", signed));

    [Fact]
    public async Task Any_header_may_be_signed()
    {
        var headers = AuthFixture.Signed(
            "PUT", "/b/k", null, ("user-agent", "x  y   z"), ("expect", "100-continue"), ("content-type", "a/b"), ("content-length", "0"), ("x-amz-meta-a", " b "));
        Assert.NotNull((await _fixture.AuthenticateAsync("PUT", "/b/k", headers)).Principal);
    }

    [Fact]
    public async Task Repeated_header_is_joined()
    {
        var signed = AuthFixture.Signed("PUT", "/b/k", null, ("x-amz-meta-a", "1,2"));
        var sent = signed.Where(header => header.Key != "x-amz-meta-a")
            .Append(new("x-amz-meta-a", "1")).Append(new("x-amz-meta-a", " 2 "));
        Assert.NotNull((await _fixture.AuthenticateAsync("PUT", "/b/k", sent)).Principal);
    }

    [Fact]
    public async Task Cached_keys_and_slow_sources_answer_alike()
    {
        var slow = new AuthFixture { Yields = true };
        var headers = AuthFixture.Signed("GET", "/b");
        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull((await slow.AuthenticateAsync("GET", "/b", headers)).Principal);
        }

        slow.Known = slow.Known! with { SecretKey = "changed" };
        await slow.RefusedAsync(S3Error.SignatureDoesNotMatch, "GET", "/b", headers);
    }

    [Fact]
    public async Task Every_signed_component_counts()
    {
        var signed = AuthFixture.Signed("PUT", "/b/k?x=1", null, ("content-type", "a/b"), ("x-amz-meta-a", "1"));
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "GET", "/b/k?x=1", signed);
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "PUT", "/b/K?x=1", signed);
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "PUT", "/b/k?x=2", signed);
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "PUT", "/b/k?x=1&y", signed);
        foreach (var name in new[] { "host", "content-type", "x-amz-meta-a" })
        {
            await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "PUT", "/b/k?x=1", With(signed, name, "other"));
        }

        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "PUT", "/b/k?x=1", With(signed, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"));
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "PUT", "/b/k?x=1", With(signed, "x-amz-date", "20130524T000001Z"));
        var signature = signed["authorization"];
        for (var i = 1; i <= 64; i++)
        {
            var flipped = signature[..^i] + (signature[^i] == '0' ? '1' : '0') + signature[(signature.Length - i + 1)..];
            await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "PUT", "/b/k?x=1", With(signed, "authorization", flipped));
        }
    }

    [Fact]
    public async Task Mismatch_shows_what_was_signed_and_no_secret()
    {
        var refusal = await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "GET", "/other", AuthFixture.Signed("GET", "/b"));
        Assert.Equal(
            ["AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes", "CanonicalRequest", "CanonicalRequestBytes"],
            refusal.Details.Select(detail => detail.Key));
        Assert.StartsWith("GET\n/other\n\nhost:localhost:9000\n", refusal.Details[4].Value, StringComparison.Ordinal);
        Assert.StartsWith("41 57 53 34", refusal.Details[3].Value, StringComparison.Ordinal);
        var mismatch = Assert.IsType<SignatureException>(refusal);
        Assert.Equal(
            (AuthFixture.Signer.AccessKeyId, refusal.Details[1].Value, refusal.Details[4].Value),
            (mismatch.AccessKeyId, mismatch.StringToSign, mismatch.CanonicalRequest));
        var right = AuthFixture.Signed("GET", "/other")["authorization"][^64..];
        Assert.DoesNotContain(refusal.Details, detail => detail.Value.Contains(AuthFixture.Signer.SecretKey) || detail.Value.Contains(right));
    }

    [Fact]
    public async Task Unsigned_amz_headers_and_host_are_refused()
    {
        var extra = await _fixture.RefusedAsync(
            S3Error.AccessDenied, "GET", "/b", With(AuthFixture.Signed("GET", "/b"), "X-Amz-Acl", "public-read"));
        Assert.Equal("There were headers present in the request which were not signed", extra.Message);
        Assert.Equal("x-amz-acl", extra.Details[0].Value);
        var hostless = AuthFixture.Signer.SignHeaders("GET", "/b", new Dictionary<string, string>(), default, AuthFixture.ExampleTime);
        await _fixture.RefusedAsync(S3Error.AccessDenied, "GET", "/b", With(hostless, "host", "h"));
    }

    [Theory]
    [InlineData(900, true)]
    [InlineData(-900, true)]
    [InlineData(901, false)]
    [InlineData(-901, false)]
    public async Task Clock_may_be_off_by_fifteen_minutes(int seconds, bool accepted)
    {
        var headers = AuthFixture.Signed("GET", "/b");
        _fixture.Clock.Shift(TimeSpan.FromSeconds(seconds));
        if (accepted)
        {
            Assert.NotNull((await _fixture.AuthenticateAsync("GET", "/b", headers)).Principal);
            return;
        }

        await _fixture.RefusedAsync(S3Error.RequestTimeTooSkewed, "GET", "/b", headers);
    }

    [Theory]
    [InlineData("us-east-1", "eu-west-1", "The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-1'")]
    [InlineData("/s3/", "/sqs/", "The authorization header is malformed; incorrect service \"sqs\". This endpoint belongs to \"s3\".")]
    [InlineData("aws4_request", "aws5_request", "The authorization header is malformed; incorrect terminal \"aws5_request\". This endpoint uses \"aws4_request\".")]
    [InlineData("/20130524/", "/20130525/", "The authorization header is malformed; Invalid credential date \"20130525\". This date is not the same as X-Amz-Date: \"20130524\".")]
    [InlineData("/20130524/", "/2013-5-4/", "The authorization header is malformed; incorrect date format \"2013-5-4\". This date in the credential must be in the format \"yyyyMMdd\".")]
    [InlineData("AKIAIOSFODNN7EXAMPLE/20130524/us-east-1", "nonsense", "The authorization header is malformed; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")]
    [InlineData("SignedHeaders=", "Signed=", "The authorization header is malformed; the authorization component \"Signed=host;x-amz-content-sha256;x-amz-date\" is malformed")]
    public async Task Malformed_authorization(string part, string replacement, string message)
    {
        var headers = AuthFixture.Signed("GET", "/b");
        headers["authorization"] = headers["authorization"].Replace(part, replacement, StringComparison.Ordinal);
        var refusal = await _fixture.RefusedAsync(S3Error.AuthorizationHeaderMalformed, "GET", "/b", headers);
        Assert.Equal(message, refusal.Message);
    }

    [Fact]
    public async Task Components_need_no_space_between_them()
    {
        var headers = AuthFixture.Signed("GET", "/b");
        Assert.Contains(", SignedHeaders", headers["authorization"], StringComparison.Ordinal);
        headers["authorization"] = headers["authorization"].Replace(", ", ",", StringComparison.Ordinal);
        Assert.NotNull((await _fixture.AuthenticateAsync("GET", "/b", headers)).Principal);
    }

    [Fact]
    public async Task Missing_components_are_malformed()
    {
        var headers = AuthFixture.Signed("GET", "/b");
        await _fixture.RefusedAsync(S3Error.AuthorizationHeaderMalformed, "GET", "/b", With(headers, "authorization", "AWS4-HMAC-SHA256"));
        var unsigned = headers["authorization"].Split(", Signature")[0];
        await _fixture.RefusedAsync(S3Error.AuthorizationHeaderMalformed, "GET", "/b", With(headers, "authorization", unsigned));
    }

    [Fact]
    public async Task Dates_are_required_and_Date_will_do()
    {
        var headers = AuthFixture.Signed("GET", "/b");
        await _fixture.RefusedAsync(S3Error.AccessDenied, "GET", "/b", Without(headers, "x-amz-date"));
        await _fixture.RefusedAsync(S3Error.AccessDenied, "GET", "/b", With(headers, "x-amz-date", "yesterday"));
        var dated = new Dictionary<string, string>
        {
            ["host"] = "h",
            ["date"] = "Fri, 24 May 2013 00:00:00 GMT",
            ["x-amz-content-sha256"] = SigV4TestSigner.EmptySha256,
        };
        dated["authorization"] = AuthFixture.Signer.Authorization("GET", "/b", dated, AuthFixture.ExampleTime);
        var result = await _fixture.AuthenticateAsync("GET", "/b", dated);
        Assert.NotNull(result.Principal);
        Assert.Equal(AuthFixture.ExampleTime, result.Signature.SignedAt);
    }

    [Fact]
    public async Task Payload_hash_is_required_and_checked()
    {
        var headers = AuthFixture.Signed("GET", "/b");
        var missing = await _fixture.RefusedAsync(S3Error.InvalidRequest, "GET", "/b", Without(headers, "x-amz-content-sha256"));
        Assert.Equal("Missing required header for this request: x-amz-content-sha256", missing.Message);
        await _fixture.RefusedAsync(S3Error.InvalidArgument, "GET", "/b", With(headers, "x-amz-content-sha256", "abc"));
        await _fixture.RefusedAsync(
            S3Error.NotImplemented, "GET", "/b", With(headers, "x-amz-content-sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"));
    }

    [Fact]
    public async Task Unknown_and_expired_keys_look_the_same()
    {
        var headers = AuthFixture.Signed("GET", "/b");
        Assert.NotNull((await _fixture.AuthenticateAsync("GET", "/b", headers)).Principal);
        _fixture.Known = _fixture.Known! with { Expires = AuthFixture.ExampleTime };
        var expired = await _fixture.RefusedAsync(S3Error.InvalidAccessKeyId, "GET", "/b", headers);
        _fixture.Known = null;
        var unknown = await _fixture.RefusedAsync(S3Error.InvalidAccessKeyId, "GET", "/b", headers);
        Assert.Equal([new("AWSAccessKeyId", AuthFixture.Signer.AccessKeyId)], unknown.Details);
        Assert.Equal(unknown.Details, expired.Details);
    }

    [Fact]
    public async Task Other_mechanisms_are_refused()
    {
        var headers = AuthFixture.Signed("GET", "/b");
        await _fixture.RefusedAsync(S3Error.UnsupportedSignature, "GET", "/b", With(headers, "authorization", "AWS AKID:sig"));
        await _fixture.RefusedAsync(S3Error.UnsupportedSignature, "GET", "/b?AWSAccessKeyId=a&Expires=1&Signature=s", []);
        await _fixture.RefusedAsync(S3Error.InvalidArgument, "GET", "/b", With(headers, "authorization", "Basic abc"));
        await _fixture.RefusedAsync(S3Error.InvalidArgument, "GET", "/b?X-Amz-Algorithm=AWS4-HMAC-SHA256", headers);
        await _fixture.RefusedAsync(S3Error.InvalidArgument, "GET", "/b?X-Amz-Algorithm=AWS4-HMAC-SHA256&Signature=x", []);
        await _fixture.RefusedAsync(S3Error.InvalidToken, "GET", "/b", With(headers, "x-amz-security-token", "t"));
    }

    [Fact]
    public async Task Unsigned_trailer_does_not_excuse_the_headers()
    {
        var headers = AuthFixture.Signed("PUT", "/b/k", null, ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"));
        Assert.Equal(BodySigningKind.UnsignedChunksAndTrailer, (await _fixture.AuthenticateAsync("PUT", "/b/k", headers)).Body.Kind);
        await _fixture.RefusedAsync(S3Error.SignatureDoesNotMatch, "PUT", "/b/other", headers);
    }

    [Fact]
    public async Task Garbage_is_refused_and_nothing_else()
    {
        var random = new Random(20130524);
        var good = AuthFixture.Signed("GET", "/b");
        var presigned = AuthFixture.Signer.Presign("GET", "/b/k", new Dictionary<string, string> { ["host"] = "h" }, AuthFixture.ExampleTime, 60);
        for (var i = 0; i < 3000; i++)
        {
            var headers = With(good, "authorization", Mutate(random, good["authorization"]));
            await Assert.ThrowsAnyAsync<S3Exception>(() => _fixture.AuthenticateAsync("GET", "/c", headers));
            try
            {
                var result = await _fixture.AuthenticateAsync("GET", Mutate(random, presigned), [new("host", "h")]);
                Assert.True(result.Principal is null || result.Body.Kind == BodySigningKind.Unsigned);
            }
            catch (S3Exception refusal)
            {
                Assert.InRange(refusal.Error.Status, 400, 501);
            }
        }
    }

    private static string Mutate(Random random, string text)
    {
        var chars = text.ToCharArray().ToList();
        for (var i = random.Next(1, 8); i > 0 && chars.Count > 1; i--)
        {
            var at = random.Next(chars.Count);
            switch (random.Next(3))
            {
                case 0:
                    chars.RemoveAt(at);
                    break;
                case 1:
                    chars.Insert(at, (char)random.Next(1, 0x300));
                    break;
                default:
                    chars[at] = "%&=;/,+?AZ09\uD800"[random.Next(13)];
                    break;
            }
        }

        return new string([.. chars]);
    }

    private static Dictionary<string, string> With(Dictionary<string, string> headers, string name, string value) =>
        new(headers, StringComparer.OrdinalIgnoreCase) { [name] = value };

    private static Dictionary<string, string> Without(Dictionary<string, string> headers, string name)
    {
        var copy = new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase);
        copy.Remove(name);
        return copy;
    }
}
