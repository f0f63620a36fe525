using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth;
using Tarn.S3.Forms;
using Tarn.S3.Requests;
using Tarn.Tests.Auth;

namespace Tarn.Tests.Forms;

/// <summary>Source of the example: Amazon S3 API Reference, "Examples: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)".</summary>
public sealed class FormAuthenticatorTests
{
    private const string Policy =
        "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

    private readonly AuthFixture _fixture = new();

    private FormAuthenticator Authenticator => field ??= new FormAuthenticator(_fixture, new UploadBodyFactory(_fixture.Clock), _fixture.Clock, "us-east-1");

    [Fact]
    public async Task The_published_example_is_signed()
    {
        // Twice: the second time with the signing key that the first left behind.
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(AuthFixture.Signer.AccessKeyId, (await AuthenticateAsync()).Principal?.AccessKeyId);
        }

        var policy = PostPolicyReader.Read(Policy);
        var fields = new FormFields();
        foreach ((string name, string value) in Example().All.Concat(
            [
                new("key", "user/user1/a.jpg"), new("acl", "public-read"), new("Content-Type", "image/jpeg"), new("x-amz-meta-uuid", "14365123651274"),
                new("success_action_redirect", "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"),
                new("x-amz-server-side-encryption", "AES256"), new("x-amz-meta-tag", "t"),
            ]))
        {
            fields.Add(name, value);
        }

        policy.ThrowIfViolated(fields, "sigv4examplebucket", new DateTimeOffset(2015, 12, 30, 0, 0, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("x-amz-signature", "9afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e", "SignatureDoesNotMatch")]
    [InlineData("x-amz-signature", "8AFDBF4008C03F22C2CD3CDB72E4AFBB1F6A588F3255AC628749A66D7F09699E", "SignatureDoesNotMatch")]
    [InlineData("x-amz-signature", "", "InvalidArgument")]
    [InlineData("policy", "eyB9", "SignatureDoesNotMatch")]
    [InlineData("policy", null, "InvalidArgument")]
    [InlineData("x-amz-algorithm", "AWS4-HMAC-SHA1", "InvalidArgument")]
    [InlineData("x-amz-algorithm", null, "InvalidArgument")]
    [InlineData("x-amz-date", "2015-12-29", "InvalidArgument")]
    [InlineData("x-amz-date", "20151230T000000Z", "InvalidArgument")]
    [InlineData("x-amz-credential", "AKIAIOSFODNN7EXAMPLE", "InvalidArgument")]
    [InlineData("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20151229/eu-west-1/s3/aws4_request", "InvalidArgument")]
    [InlineData("x-amz-credential", "SOMEBODYELSE/20151229/us-east-1/s3/aws4_request", "InvalidAccessKeyId")]
    [InlineData("x-amz-security-token", "token", "InvalidToken")]
    [InlineData("AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE", "InvalidArgument")]
    [InlineData("signature", "s", "InvalidArgument")]
    public async Task What_is_not_signed_right_is_refused(string field, string? value, string code) =>
        Assert.Equal(code, (await Assert.ThrowsAnyAsync<S3Exception>(() => AuthenticateAsync(field, value))).Error.Code);

    [Fact]
    public async Task A_key_that_was_taken_back_or_given_a_new_secret_signs_nothing()
    {
        await AuthenticateAsync();
        _fixture.Known = _fixture.Known! with { SecretKey = "another" };
        Assert.Equal(S3Error.SignatureDoesNotMatch, (await Assert.ThrowsAnyAsync<S3Exception>(() => AuthenticateAsync())).Error);
        _fixture.Known = _fixture.Known! with { Expires = _fixture.Clock.GetUtcNow() };
        Assert.Equal(S3Error.InvalidAccessKeyId, (await Assert.ThrowsAnyAsync<S3Exception>(() => AuthenticateAsync())).Error);
    }

    [Fact]
    public async Task Without_policy_and_signature_it_is_nobody()
    {
        var fields = new FormFields();
        fields.Add("key", "k");
        Assert.Null((await Authenticator.AuthenticateAsync(fields, TestContext.Current.CancellationToken)).Principal);
    }

    private static FormFields Example(string? but = null, string? value = null)
    {
        var fields = new FormFields();
        KeyValuePair<string, string?>[] all =
        [
            new("policy", Policy), new("x-amz-algorithm", "AWS4-HMAC-SHA256"), new("x-amz-date", "20151229T000000Z"),
            new("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"),
            new("x-amz-signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"),
        ];
        foreach ((string name, string? given) in all.Where(f => f.Key != but).Append(new(but ?? "x-ignore-", but is null ? "" : value)))
        {
            if (given is not null)
            {
                fields.Add(name, given);
            }
        }

        return fields;
    }

    private async Task<(Principal? Principal, SignatureFacts Signature)> AuthenticateAsync(string? but = null, string? value = null) =>
        await Authenticator.AuthenticateAsync(Example(but, value), TestContext.Current.CancellationToken);
}
