using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth;
using Tarn.S3.Forms;
using Tarn.TestKit.Signing;

namespace Tarn.Tests.Auth;

/// <summary>Where a key was issued with a session token, every form of request must carry it.</summary>
public sealed class SessionTokenTests
{
    private const string Token = "the+session/token=";
    private const string Header = "x-amz-security-token";

    private static readonly SigV2TestSigner Version2 = new(AuthFixture.Signer.AccessKeyId, AuthFixture.Signer.SecretKey);

    private readonly AuthFixture _fixture = new();

    public SessionTokenTests() => _fixture.Known = _fixture.Known! with
    {
        TokenHash = SHA256.HashData(Encoding.UTF8.GetBytes(Token)),
        Expires = AuthFixture.ExampleTime.AddHours(1),
    };

    /// <summary>A way to send a token; null: none.</summary>
    public static TheoryData<string> Ways { get; } = ["header", "query", "form", "header version 2", "query version 2", "form version 2"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task It_must_be_there_and_right(string way)
    {
        Assert.NotNull(await SendAsync(way, Token));
        Assert.Equal("InvalidAccessKeyId", await RefusedAsync(way, null));
        Assert.Equal("InvalidToken", await RefusedAsync(way, "another"));
        Assert.Contains(await RefusedAsync(way, ""), (string[])["InvalidToken", "InvalidAccessKeyId"]);
        Assert.Equal("InvalidToken", await RefusedAsync(way, Token + " x"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_key_without_one_must_come_without(string way)
    {
        _fixture.Known = _fixture.Known! with { TokenHash = null };
        Assert.NotNull(await SendAsync(way, null));
        Assert.Equal("InvalidToken", await RefusedAsync(way, Token));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Its_holder_is_told_when_it_has_expired_and_nobody_else(string way)
    {
        _fixture.Known = _fixture.Known! with { Expires = AuthFixture.ExampleTime };
        Assert.Equal("ExpiredToken", await RefusedAsync(way, Token));
        Assert.Equal("InvalidAccessKeyId", await RefusedAsync(way, null));
        Assert.Equal("InvalidToken", await RefusedAsync(way, "another"));
    }

    [Fact]
    public async Task It_is_signed()
    {
        Dictionary<string, string> headers = AuthFixture.Signed("GET", "/b/k");
        headers[Header] = Token;
        await _fixture.RefusedAsync(S3Error.AccessDenied, "GET", "/b/k", headers);
    }

    [Fact]
    public async Task In_a_url_of_version_2_no_other_header_comes_with_it()
    {
        _fixture.TakeVersion2();
        string url = Version2.Presign("GET", "/b/k", Expires, new Dictionary<string, string> { [Header] = Token });
        string target = $"{url}&{Header}={Uri.EscapeDataString(Token)}&x-amz-acl=public-read";
        await _fixture.RefusedAsync(S3Error.InvalidRequest, "GET", target, new Dictionary<string, string> { [Header] = Token });
    }

    private static long Expires => AuthFixture.ExampleTime.ToUnixTimeSeconds() + 60;

    private async Task<string> RefusedAsync(string way, string? token) =>
        (await Assert.ThrowsAnyAsync<S3Exception>(() => SendAsync(way, token))).Error.Code;

    private async Task<Principal?> SendAsync(string way, string? token)
    {
        var none = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["host"] = "localhost:9000" };
        var carried = new Dictionary<string, string>(none, StringComparer.OrdinalIgnoreCase);
        if (token is not null)
        {
            carried[Header] = token;
        }

        // In queries it is merged into the headers before the request is authenticated.
        string parameter = token is null ? "" : $"{Header}={Uri.EscapeDataString(token)}";
        switch (way)
        {
            case "header":
                return (await _fixture.AuthenticateAsync("GET", "/b/k", AuthFixture.Signed("GET", "/b/k", null, token is null ? [] : [(Header, token)]))).Principal;
            case "query":
                string target = "/b/k" + (token is null ? "" : $"?X-Amz-Security-Token={Uri.EscapeDataString(token)}");
                return (await _fixture.AuthenticateAsync("GET", AuthFixture.Signer.Presign("GET", target, none, AuthFixture.ExampleTime, 60), carried)).Principal;
            case "header version 2":
                _fixture.TakeVersion2();
                carried["date"] = AuthFixture.ExampleTime.ToString("r");
                carried["authorization"] = Version2.Authorization("GET", "/b/k", carried);
                return (await _fixture.AuthenticateAsync("GET", "/b/k", carried)).Principal;
            case "query version 2":
                _fixture.TakeVersion2();
                string url = Version2.Presign("GET", "/b/k", Expires, carried);
                return (await _fixture.AuthenticateAsync("GET", parameter.Length == 0 ? url : $"{url}&{parameter}", carried)).Principal;
            default:
                return await SendFormAsync(way == "form", token);
        }
    }

    private async Task<Principal?> SendFormAsync(bool isVersion4, string? token)
    {
        var authenticator = new FormAuthenticator(_fixture, new UploadBodyFactory(_fixture.Clock), _fixture.Clock, "us-east-1", _fixture.TakeVersion2());
        string policy = Convert.ToBase64String("{}"u8);
        var fields = new FormFields();
        fields.Add("policy", policy);
        if (isVersion4)
        {
            fields.Add("x-amz-algorithm", "AWS4-HMAC-SHA256");
            fields.Add("x-amz-credential", AuthFixture.Signer.Credential(AuthFixture.ExampleTime));
            fields.Add("x-amz-date", SigV4TestSigner.Timestamp(AuthFixture.ExampleTime));
            fields.Add("x-amz-signature", AuthFixture.Signer.SignText(policy, AuthFixture.ExampleTime));
        }
        else
        {
            fields.Add("AWSAccessKeyId", Version2.AccessKeyId);
            fields.Add("signature", Version2.Sign(policy));
        }

        if (token is not null)
        {
            fields.Add(Header, token);
        }

        return (await authenticator.AuthenticateAsync(fields, TestContext.Current.CancellationToken)).Principal;
    }
}
