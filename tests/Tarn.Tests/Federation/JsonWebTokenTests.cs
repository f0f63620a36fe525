using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Tarn.Core.Federation;
using Tarn.Server.Federation;
using Tarn.TestKit.Federation;

namespace Tarn.Tests.Federation;

/// <summary>Which tokens are accepted: RFC 8725 has the attacks.</summary>
public sealed class JsonWebTokenTests : IDisposable
{
    private readonly VerifierFixture _fixture = new();

    private OidcStandIn StandIn => _fixture.StandIn;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_that_the_issuer_signed_says_who_asks(bool curve)
    {
        StandIn.Rotate(curve);
        JsonObject claims = Claims();
        claims["groups"] = new JsonArray("a", "b");
        claims["kubernetes.io"] = new JsonObject { ["namespace"] = "data", ["pod"] = new JsonObject { ["name"] = "p" } };
        claims["admin"] = true;
        claims["level"] = 3;
        claims["none"] = null;
        WebToken token = await _fixture.VerifyAsync(StandIn.Sign(claims));
        Assert.Equal(("alice", VerifierFixture.Audience), (token.Subject, token.Audience));
        Assert.Equal(["a", "b"], token.Claims["groups"]);
        Assert.Equal(["data"], token.Claims["kubernetes.io/namespace"]);
        Assert.Equal(["p"], token.Claims["kubernetes.io/pod/name"]);
        Assert.Equal(["true"], token.Claims["admin"]);
        Assert.Equal(["3"], token.Claims["level"]);
        Assert.False(token.Claims.ContainsKey("none"));
        Assert.Equal(StandIn.Url, _fixture.Verifier.IssuerOf(StandIn.Sign(claims)));
    }

    [Fact]
    public async Task Unsigned_tokens_are_refused()
    {
        string good = StandIn.Sign(Claims());
        string head = OidcStandIn.Encode(Encoding.UTF8.GetBytes("""{"alg":"none","typ":"JWT"}"""));
        await _fixture.RefusedAsync(WebTokenFault.Invalid, $"{head}.{good.Split('.')[1]}.");
        await _fixture.RefusedAsync(WebTokenFault.Invalid, $"{head}.{good.Split('.')[1]}.{good.Split('.')[2]}");
        await _fixture.RefusedAsync(WebTokenFault.Invalid, string.Join('.', good.Split('.')[..2]) + ".");
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(Claims(), header: new JsonObject { ["alg"] = "None" }));
    }

    /// <summary>The public key is public: whoever takes it for a secret can sign.</summary>
    [Fact]
    public async Task The_public_key_is_no_secret_to_sign_with()
    {
        string pem = ((RSA)StandIn.Key.Key).ExportSubjectPublicKeyInfoPem();
        byte[] modulus = ((RSA)StandIn.Key.Key).ExportParameters(false).Modulus!;
        foreach (byte[] secret in (byte[][])[Encoding.ASCII.GetBytes(pem), Encoding.ASCII.GetBytes(pem + "\n"), modulus, Encoding.UTF8.GetBytes(StandIn.Jwks())])
        {
            string head = OidcStandIn.Encode(Encoding.UTF8.GetBytes($$"""{"alg":"HS256","kid":"{{StandIn.Key.Id}}"}"""));
            string signed = $"{head}.{OidcStandIn.Encode(Encoding.UTF8.GetBytes(Claims().ToJsonString()))}";
            await _fixture.RefusedAsync(WebTokenFault.Invalid, $"{signed}.{OidcStandIn.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}");
        }
    }

    /// <summary>A secret in the document of keys is not used either.</summary>
    [Fact]
    public async Task Keys_that_are_no_public_keys_for_signatures_are_not_used()
    {
        byte[] secret = new byte[32];
        StandIn.JwksText = $$"""{"keys":[{"kty":"oct","kid":"{{StandIn.Key.Id}}","k":"{{OidcStandIn.Encode(secret)}}"}]}""";
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(Claims()));
        foreach ((string member, string value) in ((string, string)[])[("use", "enc"), ("alg", "RS512"), ("kty", "oct")])
        {
            using var fixture = new VerifierFixture();
            JsonObject key = fixture.StandIn.Key.Public();
            key[member] = value;
            fixture.StandIn.JwksText = new JsonObject { ["keys"] = new JsonArray(key) }.ToJsonString();
            await fixture.RefusedAsync(WebTokenFault.Invalid, fixture.StandIn.Token("alice", VerifierFixture.Audience, VerifierFixture.Now));
        }

        using var small = RSA.Create(1024);
        var weak = new SigningKey("weak", small);
        StandIn.JwksText = new JsonObject { ["keys"] = new JsonArray(weak.Public()) }.ToJsonString();
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(Claims(), weak));
    }

    [Theory]
    [InlineData("aud", "other")]
    [InlineData("aud", null)]
    [InlineData("iss", "https://other.example")]
    [InlineData("iss", null)]
    [InlineData("sub", null)]
    [InlineData("exp", null)]
    [InlineData("exp", "soon")]
    [InlineData("nbf", "soon")]
    public async Task Claims_must_be_there_and_right(string claim, string? value)
    {
        JsonObject claims = Claims();
        claims.Remove(claim);
        if (value is not null)
        {
            claims[claim] = value;
        }

        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(claims));
    }

    [Theory]
    [InlineData(-61, false)]
    [InlineData(-60, false)]
    [InlineData(-59, true)]
    [InlineData(60, true)]
    public async Task A_token_ends_a_minute_after_its_expiry(int seconds, bool isGood)
    {
        JsonObject claims = Claims();
        claims["exp"] = VerifierFixture.Now.ToUnixTimeSeconds() + seconds;
        await IsAsync(isGood, StandIn.Sign(claims));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public async Task A_token_begins_a_minute_before_it_says(int seconds, bool isGood)
    {
        JsonObject claims = Claims();
        claims["nbf"] = VerifierFixture.Now.ToUnixTimeSeconds() + seconds;
        await IsAsync(isGood, StandIn.Sign(claims));
    }

    [Fact]
    public async Task A_token_may_have_several_audiences()
    {
        JsonObject claims = Claims();
        claims["aud"] = new JsonArray("other", VerifierFixture.Audience);
        Assert.Equal(VerifierFixture.Audience, (await _fixture.VerifyAsync(StandIn.Sign(claims))).Audience);
        claims["aud"] = new JsonArray("other", "third");
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(claims));
    }

    /// <summary>Another issuer signs a token that says it is from this one, for a subject of this one.</summary>
    [Fact]
    public async Task An_issuer_cannot_speak_for_the_subjects_of_another()
    {
        using OidcStandIn other = OidcStandIn.Start();
        await _fixture.RefusedAsync(WebTokenFault.Invalid, other.Sign(Claims()));

        // Even if it names its key as the other does, or brings the key along.
        await _fixture.RefusedAsync(WebTokenFault.Invalid, other.Sign(Claims(), header: new JsonObject { ["kid"] = StandIn.Key.Id }));
        await _fixture.RefusedAsync(WebTokenFault.Invalid, other.Sign(Claims(), header: new JsonObject { ["jwk"] = other.Key.Public(), ["jku"] = other.JwksUrl }));
        Assert.Equal(0, other.JwksRequests);
    }

    [Fact]
    public async Task What_was_changed_after_it_was_signed_is_refused()
    {
        string[] parts = StandIn.Sign(Claims()).Split('.');
        JsonObject claims = Claims();
        claims["sub"] = "bob";
        await _fixture.RefusedAsync(WebTokenFault.Invalid, $"{parts[0]}.{OidcStandIn.Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()))}.{parts[2]}");
        await _fixture.RefusedAsync(WebTokenFault.Invalid, $"{parts[0]}.{parts[1]}.{OidcStandIn.Encode(new byte[256])}");
    }

    /// <summary>Programs differ on which of two members of the same name counts.</summary>
    [Fact]
    public async Task Claims_that_occur_twice_are_refused()
    {
        string claims = Claims().ToJsonString();
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(claims.Replace("\"sub\":\"alice\"", "\"sub\":\"alice\",\"sub\":\"bob\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Header_parameters_that_must_be_understood_are_not() =>
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(Claims(), header: new JsonObject { ["crit"] = new JsonArray("exp"), ["exp"] = 1 }));

    [Fact]
    public async Task A_token_without_a_key_id_is_of_the_only_key()
    {
        var without = new JsonObject { ["kid"] = null };
        Assert.Equal("alice", (await _fixture.VerifyAsync(StandIn.Sign(Claims(), header: without))).Subject);
        StandIn.Rotate(keepsOld: true);
        _fixture.Clock.Advance(TimeSpan.FromHours(2));
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(StandIn.Claims("alice", VerifierFixture.Audience, _fixture.Clock.GetUtcNow()), header: without));
    }

    [Fact]
    public async Task Oversize_tokens_are_refused_before_they_are_taken_apart()
    {
        JsonObject claims = Claims();
        claims["padding"] = new string('x', WebIdentities.MaxTokenLength);
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(claims));
        Assert.Equal(0, StandIn.JwksRequests);
    }

    /// <summary>They are stored with the credentials, and names of members repeat that of their claim.</summary>
    [Fact]
    public async Task Claims_are_bounded_after_they_are_taken_apart()
    {
        JsonObject claims = Claims();
        int before = (await _fixture.VerifyAsync(StandIn.Sign(claims))).Claims.Count;
        for (int i = before; i < TokenClaims.MaxCount; i++)
        {
            claims[$"c{i}"] = "x";
        }

        Assert.Equal(TokenClaims.MaxCount, (await _fixture.VerifyAsync(StandIn.Sign(claims))).Claims.Count);
        claims["more"] = "x";
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(claims));
        claims = Claims();
        claims[new string('n', 1000)] = new JsonObject([.. Enumerable.Range(0, 40).Select(static i => KeyValuePair.Create($"m{i}", (JsonNode?)null))]);
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(claims));
        claims = Claims();
        claims["groups"] = new JsonArray([.. Enumerable.Range(0, 1000).Select(static i => (JsonNode?)$"g{i}")]);
        Assert.Equal(1000, (await _fixture.VerifyAsync(StandIn.Sign(claims))).Claims["groups"].Count);
    }

    /// <summary>A list repeats the name of its claim where a policy sees it.</summary>
    [Fact]
    public async Task The_name_of_a_claim_counts_for_each_of_its_values()
    {
        JsonObject claims = Claims();
        claims[new string('n', 1000)] = new JsonArray([.. Enumerable.Range(0, 50).Select(static i => (JsonNode?)"")]);
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(claims));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.e30")]
    [InlineData("a.b.c.d.e")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.bm90IGpzb24.AAAA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.W10.AAAA")]
    public async Task What_is_no_token_is_refused(string text)
    {
        await _fixture.RefusedAsync(WebTokenFault.Invalid, text);
        Assert.Null(_fixture.Verifier.IssuerOf(text));
    }

    private async Task IsAsync(bool isGood, string token)
    {
        if (isGood)
        {
            Assert.Equal("alice", (await _fixture.VerifyAsync(token)).Subject);
        }
        else
        {
            await _fixture.RefusedAsync(WebTokenFault.Expired, token);
        }
    }

    private JsonObject Claims() => StandIn.Claims("alice", VerifierFixture.Audience, VerifierFixture.Now);
}
