using System.Text.Json.Nodes;
using Tarn.Core.Federation;
using Tarn.TestKit.Federation;

namespace Tarn.Tests.Federation;

/// <summary>Where the keys of issuers come from, and how often.</summary>
public sealed class IssuerKeysTests : IDisposable
{
    private readonly VerifierFixture _fixture = new();

    private OidcStandIn StandIn => _fixture.StandIn;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Keys_are_fetched_once_and_again_after_an_hour()
    {
        for (int i = 0; i < 3; i++)
        {
            await GoodAsync();
        }

        Assert.Equal(1, StandIn.JwksRequests);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        StandIn.Page("/keys", context =>
        {
            asked.TrySetResult();
            return context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(StandIn.Jwks())).AsTask();
        });
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        await GoodAsync();
        await asked.Task;
    }

    /// <summary>Nobody waits for an issuer that does not answer while its keys are known.</summary>
    [Fact]
    public async Task Keys_that_are_not_fresh_answer_at_once_and_are_fetched_behind_it()
    {
        await GoodAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource();
        StandIn.Page("/keys", async _ =>
        {
            asked.TrySetResult();
            await never.Task;
        });
        _fixture.Clock.Advance(TimeSpan.FromHours(2));
        await GoodAsync();
        await asked.Task;
        await GoodAsync();
        never.SetResult();
    }

    /// <summary>A name that no text can be.</summary>
    [Theory]
    [InlineData("""{"issuer":"\ud800","jwks_uri":"https://a.example"}""")]
    [InlineData("""{"issuer":"https://a.example","jwks_uri":"\ud800"}""")]
    [InlineData("""{"\ud800":1}""")]
    public async Task A_discovery_document_with_text_that_is_none_gives_no_keys(string document)
    {
        StandIn.Page("/.well-known/openid-configuration", () => document);
        await _fixture.RefusedAsync(WebTokenFault.Unreachable, Token());
    }

    /// <summary>A token of a key that was made just now waits for its turn; it is not refused for good because somebody else asked before.</summary>
    [Fact]
    public async Task A_new_key_is_not_refused_because_another_was_asked_for()
    {
        await GoodAsync();
        StandIn.Rotate();
        await _fixture.RefusedAsync(WebTokenFault.Unreachable, Token());
        _fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        await GoodAsync();
    }

    /// <summary>Those of one URL are the same for all organizations that trust it.</summary>
    [Fact]
    public async Task Keys_are_fetched_once_for_all_who_trust_an_issuer()
    {
        await GoodAsync();
        _fixture.Issuer = _fixture.Issuer with { Organization = "p", Id = "another" };
        await GoodAsync();
        Assert.Equal(1, StandIn.JwksRequests);
    }

    [Fact]
    public async Task A_rotated_key_is_found_and_the_old_one_ends()
    {
        string old = Token();
        await GoodAsync();
        SigningKey before = StandIn.Key;
        StandIn.Rotate(curve: true);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        await GoodAsync();
        _fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        await _fixture.RefusedAsync(WebTokenFault.Invalid, old);
        Assert.NotEqual(before.Id, StandIn.Key.Id);
    }

    /// <summary>Anyone can send tokens that name keys which do not exist.</summary>
    [Fact]
    public async Task Tokens_with_unknown_keys_do_not_make_the_server_ask_again_and_again()
    {
        await GoodAsync();
        for (int i = 0; i < 20; i++)
        {
            await _fixture.RefusedAsync(WebTokenFault.Unreachable, StandIn.Sign(Claims(), header: new JsonObject { ["kid"] = $"unknown-{i}" }));
        }

        Assert.Equal(1, StandIn.JwksRequests);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(Claims(), header: new JsonObject { ["kid"] = "unknown" }));
        Assert.Equal(2, StandIn.JwksRequests);
        await GoodAsync();
    }

    [Fact]
    public async Task Many_requests_wait_for_one_fetch()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int count = 0;
        StandIn.Page("/keys", async context =>
        {
            Interlocked.Increment(ref count);
            asked.TrySetResult();
            await answer.Task;
            await context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(StandIn.Jwks()));
        });
        Task<WebToken>[] all = [.. Enumerable.Range(0, 20).Select(_ => _fixture.VerifyAsync(Token()))];
        await asked.Task;
        answer.SetResult();
        await Task.WhenAll(all);
        Assert.Equal(1, count);
    }

    [Fact]
    public async Task A_requester_that_leaves_does_not_end_the_fetch_of_the_others()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        StandIn.Page("/keys", async context =>
        {
            asked.TrySetResult();
            await answer.Task;
            await context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(StandIn.Jwks()));
        });
        using var leaves = new CancellationTokenSource();
        Task<WebToken> first = _fixture.Verifier.VerifyAsync(_fixture.Issuer, Token(), [VerifierFixture.Audience], leaves.Token).AsTask();
        await asked.Task;
        Task<WebToken> second = _fixture.VerifyAsync(Token());
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult();
        Assert.Equal("alice", (await second).Subject);
    }

    [Fact]
    public async Task Old_keys_are_used_for_a_day_while_the_issuer_cannot_be_reached()
    {
        await GoodAsync();
        StandIn.JwksText = "not json";
        _fixture.Clock.Advance(TimeSpan.FromHours(23));
        await GoodAsync();
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        await _fixture.RefusedAsync(WebTokenFault.Unreachable, Token());
        StandIn.JwksText = null;
        _fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        await GoodAsync();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"keys\":1}")]
    [InlineData("")]
    public async Task A_document_without_keys_gives_none(string jwks)
    {
        StandIn.JwksText = jwks;
        WebTokenException refusal = await Assert.ThrowsAsync<WebTokenException>(() => _fixture.VerifyAsync(Token()));
        Assert.Contains(refusal.Fault, (WebTokenFault[])[WebTokenFault.Unreachable, WebTokenFault.Invalid]);
    }

    /// <summary>One malformed key neither fails the request nor costs the others.</summary>
    [Theory]
    [InlineData("""{"kty":"RSA","kid":"b","n":"%%%","e":"AQAB"}""")]
    [InlineData("""{"kty":"RSA","kid":"b","n":"AQAB"}""")]
    [InlineData("""{"kty":"RSA","kid":"b","n":5,"e":"AQAB"}""")]
    [InlineData("""{"kty":"EC","kid":"b","crv":"P-256","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"EC","kid":"b","crv":"P-256","x":"%","y":[]}""")]
    [InlineData("""{"kty":5}""")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    public async Task A_malformed_key_beside_others_is_left_out(string key)
    {
        var document = (JsonObject)JsonNode.Parse(StandIn.Jwks())!;
        ((JsonArray)document["keys"]!).Insert(0, JsonNode.Parse(key));
        StandIn.JwksText = document.ToJsonString();
        await GoodAsync();
        _fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        await _fixture.RefusedAsync(WebTokenFault.Invalid, StandIn.Sign(Claims(), header: new JsonObject { ["kid"] = "b" }));
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        using OidcStandIn other = OidcStandIn.Start();
        StandIn.Page("/keys", context =>
        {
            context.Response.Redirect(other.JwksUrl);
            return Task.CompletedTask;
        });
        await _fixture.RefusedAsync(WebTokenFault.Unreachable, Token());
        Assert.Equal(0, other.JwksRequests);
    }

    [Fact]
    public async Task Documents_have_a_limit()
    {
        StandIn.JwksText = new string(' ', 300 * 1024) + StandIn.Jwks();
        await _fixture.RefusedAsync(WebTokenFault.Unreachable, Token());
    }

    [Fact]
    public async Task An_issuer_that_does_not_answer_is_given_up()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource();
        StandIn.Page("/keys", async _ =>
        {
            asked.TrySetResult();
            await never.Task;
        });
        Task<string> refused = _fixture.RefusedAsync(WebTokenFault.Unreachable, Token());
        await asked.Task;
        _fixture.Clock.Advance(TimeSpan.FromSeconds(5));
        await refused;
        never.SetResult();
    }

    /// <summary>The discovery document cannot send the server to hosts that nobody named.</summary>
    [Fact]
    public async Task Keys_come_only_from_hosts_that_were_named()
    {
        using OidcStandIn other = OidcStandIn.Start();
        StandIn.Page("/.well-known/openid-configuration", () => new JsonObject { ["issuer"] = StandIn.Url, ["jwks_uri"] = other.JwksUrl }.ToJsonString());
        await _fixture.RefusedAsync(WebTokenFault.Unreachable, Token());
        Assert.Equal(0, other.JwksRequests);

        _fixture.Issuer = _fixture.Issuer with { Id = "two", Hosts = [new Uri(other.Url).Authority] };
        other.JwksText = StandIn.Jwks();
        await GoodAsync();
        Assert.Equal(1, other.JwksRequests);
    }

    [Fact]
    public async Task A_discovery_document_must_be_the_issuers_own()
    {
        StandIn.Page("/.well-known/openid-configuration", () => new JsonObject { ["issuer"] = "https://other.example", ["jwks_uri"] = StandIn.JwksUrl }.ToJsonString());
        await _fixture.RefusedAsync(WebTokenFault.Unreachable, Token());
        Assert.Equal(0, StandIn.JwksRequests);
        _fixture.Issuer = _fixture.Issuer with { Id = "two", JwksUrl = StandIn.JwksUrl };
        await GoodAsync();
    }

    [Fact]
    public async Task Plain_http_needs_the_setting()
    {
        using var strict = new VerifierFixture(plainLoopback: false);
        await strict.RefusedAsync(WebTokenFault.Unreachable, strict.StandIn.Token("alice", VerifierFixture.Audience, VerifierFixture.Now));
        Assert.Equal(0, strict.StandIn.JwksRequests);
    }

    private async Task GoodAsync() => Assert.Equal("alice", (await _fixture.VerifyAsync(Token())).Subject);

    private JsonObject Claims() => StandIn.Claims("alice", VerifierFixture.Audience, _fixture.Clock.GetUtcNow());

    private string Token() => StandIn.Sign(Claims());
}
