using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Federation;
using Tarn.Core.Identity;
using Tarn.Server.Federation;
using Tarn.TestKit.Federation;

namespace Tarn.Tests.Federation;

/// <summary>A verifier of tokens, an issuer that it trusts, and a clock that stands still.</summary>
internal sealed class VerifierFixture : IDisposable
{
    public const string Audience = "tarn";

    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly IssuerDocuments _documents;

    public VerifierFixture(bool plainLoopback = true)
    {
        Clock = new FakeTimeProvider(Now);
        _documents = new IssuerDocuments(plainLoopback, Clock);
        Verifier = new JsonWebTokenVerifier(new IssuerKeys(_documents, Clock, NullLogger<IssuerKeys>.Instance), Clock);
        Issuer = Of(StandIn);
    }

    public OidcStandIn StandIn { get; } = OidcStandIn.Start();

    public FakeTimeProvider Clock { get; }

    public JsonWebTokenVerifier Verifier { get; }

    /// <summary>The issuer as the server knows it.</summary>
    public OidcIssuer Issuer { get; set; }

    public static OidcIssuer Of(OidcStandIn standIn, string id = "one") =>
        new() { Organization = "o", Name = "n", Id = id, Url = standIn.Url, Audiences = [Audience], Created = Now };

    public async Task<WebToken> VerifyAsync(string token, params string[] audiences) =>
        await Verifier.VerifyAsync(Issuer, token, audiences.Length == 0 ? [Audience] : audiences, TestContext.Current.CancellationToken);

    public async Task<string> RefusedAsync(WebTokenFault fault, string token)
    {
        WebTokenException refusal = await Assert.ThrowsAsync<WebTokenException>(() => VerifyAsync(token));
        Assert.True(fault == refusal.Fault, refusal.Message);
        return refusal.Message;
    }

    public void Dispose()
    {
        _documents.Dispose();
        StandIn.Dispose();
    }
}
