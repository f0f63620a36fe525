using System.Text.Json;
using System.Text.Json.Nodes;
using Tarn.TestKit.Federation;
using Tarn.Tests.Control;

namespace Tarn.Tests.Sts;

/// <summary>Tokens exchanged for credentials by the control API, in CoreWeave's forms.</summary>
public sealed class ExchangeTests : IAsyncLifetime
{
    private const string Exchange = "/v1/cwobject/temporary-credentials/oidc";
    private const string OfToken = "/v1/cwobject/temporary-credentials/api-token";

    private StsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await StsHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_workload_gets_a_key_that_works_without_a_session_token()
    {
        (int status, JsonElement made) = await ExchangeAsync(_host.Token(), 300, "acme", """{"name":"test-key"}""");
        Assert.True(status == 200, made.ToString());
        Assert.Equal(["accessKeyId", "secretKey", "principalName", "expiry", "attributes"], made.EnumerateObject().Select(member => member.Name));
        Assert.Equal($"role/{_host.StandIn.Url}:alice", made.GetProperty("principalName").GetString());
        Assert.Equal("test-key", made.GetProperty("attributes").GetProperty("name").GetString());
        Assert.Equal(_host.Clock.GetUtcNow().ToUnixTimeSeconds() + 300, made.GetProperty("expiry").GetDateTimeOffset().ToUnixTimeSeconds());
        var keys = new Keys(made.GetProperty("accessKeyId").GetString()!, made.GetProperty("secretKey").GetString()!);
        Assert.Equal("AccessDenied", (await _host.S3Async(keys, "GET", null)).ErrorCode);

        await _host.Identity.Policies.PutAsync(
            "acme", "p", $$"""{"version":"v1alpha1","name":"p","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["role/{{_host.StandIn.Url}}:alice"]}]}""", StsHost.Cancel);
        Assert.True((await _host.S3Async(keys, "PUT", "data")).IsSuccess);
        Assert.Equal("InvalidToken", (await _host.S3Async(keys with { Token = "x" }, "GET", "data")).ErrorCode);
        await _host.Control.RefusalAsync(403, new Signer(keys.Id, keys.Secret), "GET", "/api/keys");

        (_, JsonElement other) = await ExchangeAsync(_host.Token("bob"), 300);
        Assert.Equal("AccessDenied", (await _host.S3Async(new Keys(other.GetProperty("accessKeyId").GetString()!, other.GetProperty("secretKey").GetString()!), "GET", "data")).ErrorCode);

        _host.Clock.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal("InvalidAccessKeyId", (await _host.S3Async(keys, "GET", "data")).ErrorCode);
    }

    /// <summary>Forges and providers of clusters issue tokens to everybody: those of an issuer are no members of the organization that trusts it.</summary>
    [Fact]
    public async Task Tokens_are_exchanged_for_the_subjects_that_the_issuer_is_trusted_for()
    {
        using OidcStandIn some = OidcStandIn.Start(), none = OidcStandIn.Start();
        JsonElement made = await _host.TrustAsync("some", some, "\"conditions\":{\"StringLike\":{\"sub\":\"ali*\"}}");
        Assert.Equal("""{"StringLike":{"sub":"ali*"}}""", made.GetProperty("conditions").GetRawText());
        made = await _host.TrustAsync("none", none, "\"anySubject\":false");
        Assert.False(made.TryGetProperty("conditions", out _));
        Assert.Equal(200, (await ExchangeAsync(some.Token("alice", StsHost.Audience, _host.Clock.GetUtcNow()), 300)).Status);
        await RefusedAsync(403, some.Token("bob", StsHost.Audience, _host.Clock.GetUtcNow()));
        await RefusedAsync(403, none.Token("alice", StsHost.Audience, _host.Clock.GetUtcNow()));
        Assert.Single(await _host.Identity.TemporaryKeys.AllAsync("acme", null, StsHost.Cancel));
        foreach (string wrong in (string[])["\"conditions\":{}", "\"conditions\":{\"StringNotEquals\":{\"sub\":\"a\"} }", "\"conditions\":{\"StringEquals\":{\"sub\":\"a\"} },\"anySubject\":true"])
        {
            await _host.Control.RefusalAsync(
                400, ControlServer.Root, "POST", "/api/issuers", $$"""{"name":"x","organization":"acme","url":"https://idp.example","audiences":["x"],{{wrong}}}""");
        }

        // A role asks for what it wants itself.
        await _host.Control.DataAsync(_host.Acme, "POST", "/api/organizations/acme/roles", """{"name":"worker","issuer":"none","conditions":{"StringEquals":{"sub":"carl"}}}""");
        await _host.AssumedAsync(none.Token("carl", StsHost.Audience, _host.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task A_workload_has_nothing_because_it_is_of_the_organization()
    {
        await _host.S3Async(Keys.Of(_host.Acme), "PUT", "data");
        await _host.S3Async(Keys.Of(_host.Acme), "PUT", "data", "k", "x");
        (_, JsonElement made) = await ExchangeAsync(_host.Token(), 300);
        var keys = new Keys(made.GetProperty("accessKeyId").GetString()!, made.GetProperty("secretKey").GetString()!);
        string[] policies =
        [
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::acme:root"},"Action":"s3:*","Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}]}""",
            $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::acme:role/{{_host.StandIn.Url}}:alice"},"Action":"s3:*","Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}]}""",
        ];

        // Without a policy any user may put a first one; a workload is no user.
        Assert.Equal("AccessDenied", (await _host.S3Async(keys, "PUT", "data", null, policies[1], "policy")).ErrorCode);
        await _host.Identity.Policies.PutAsync(
            "acme", "all", """{"version":"v1alpha1","name":"all","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["*"]}]}""", StsHost.Cancel);
        Assert.Equal("AccessDenied", (await _host.S3Async(keys, "GET", "data", "k")).ErrorCode);
        Assert.True((await _host.S3Async(Keys.Of(_host.Acme), "PUT", "data", null, policies[0], "policy")).IsSuccess);
        Assert.Equal("AccessDenied", (await _host.S3Async(keys, "GET", "data", "k")).ErrorCode);
        Assert.True((await _host.S3Async(Keys.Of(_host.Acme), "PUT", "data", null, policies[1], "policy")).IsSuccess);
        Assert.True((await _host.S3Async(keys, "GET", "data", "k")).IsSuccess);
    }

    [Fact]
    public async Task Administrators_see_keys_and_revoke_them_one_by_one_or_of_a_principal()
    {
        string[] ids = [await MadeAsync("alice"), await MadeAsync("alice"), await MadeAsync("bob")];
        Assert.Equal(ids.Order(), await ListAsync());
        Signer stranger = await _host.Control.OrganizationAsync("other");
        Assert.Equal(404, (await _host.Control.SendAsync(stranger, "POST", "/v1/cwobject/revoke-access-key/access-key", $$"""{"accessKey":"{{ids[0]}}"}""")).Status);
        Assert.Equal(200, (await _host.Control.SendAsync(_host.Acme, "POST", "/v1/cwobject/revoke-access-key/access-key", $$"""{"accessKey":"{{ids[0]}}"}""")).Status);
        Assert.Equal(ids[1..].Order(), await ListAsync());
        Assert.Equal(200, (await _host.Control.SendAsync(_host.Acme, "POST", "/v1/cwobject/revoke-access-key/principal", $$"""{"principalName":"role/{{_host.StandIn.Url}}:alice"}""")).Status);
        Assert.Equal([ids[2]], await ListAsync());

        async Task<string> MadeAsync(string subject) => (await ExchangeAsync(_host.Token(subject), 300)).Body.GetProperty("accessKeyId").GetString()!;

        async Task<string[]> ListAsync() =>
        [
            .. (await _host.Control.SendAsync(_host.Acme, "GET", "/v1/cwobject/access-key")).Body.GetProperty("accessKeys").EnumerateArray()
                .Select(key => key.GetProperty("accessKeyId").GetString()!).Where(id => id != _host.Acme.Id).Order(),
        ];
    }

    /// <summary>The name of its principal, with the issuer's URL, is longer than other texts may be.</summary>
    [Fact]
    public async Task The_credentials_of_the_longest_subject_are_shown_and_revoked()
    {
        string subject = new('s', 255);
        (_, JsonElement made) = await ExchangeAsync(_host.Token(subject), 300);
        string id = made.GetProperty("accessKeyId").GetString()!, name = made.GetProperty("principalName").GetString()!;
        (int status, JsonElement shown) = await _host.Control.SendAsync(_host.Acme, "GET", "/v1/cwobject/access-key/" + id);
        Assert.Equal((200, id, name), (status, shown.GetProperty("accessKeyId").GetString(), shown.GetProperty("principalName").GetString()));
        Signer stranger = await _host.Control.OrganizationAsync("other");
        Assert.Equal(404, (await _host.Control.SendAsync(stranger, "GET", "/v1/cwobject/access-key/" + id)).Status);
        Assert.Equal(200, (await _host.Control.SendAsync(_host.Acme, "POST", "/v1/cwobject/revoke-access-key/principal", new JsonObject { ["principalName"] = name }.ToJsonString())).Status);
        Assert.Empty(await _host.Identity.TemporaryKeys.AllAsync("acme", null, StsHost.Cancel));
        Assert.Equal(404, (await _host.Control.SendAsync(_host.Acme, "GET", "/v1/cwobject/access-key/" + id)).Status);
        foreach (string wrong in (string[])["role/a\nb", "role/" + new string('x', 1025)])
        {
            Assert.Equal(404, (await _host.Control.SendAsync(_host.Acme, "POST", "/v1/cwobject/revoke-access-key/principal", new JsonObject { ["principalName"] = wrong }.ToJsonString())).Status);
        }
    }

    /// <summary>A name of a user may be that which the root user has in names of principals.</summary>
    [Fact]
    public async Task A_user_named_root_is_not_the_root_user()
    {
        Signer user = Signer.Of(await _host.Control.DataAsync(_host.Acme, "POST", "/api/organizations/acme/users", """{"name":"root"}"""));
        Keys ofUser = Keys.In((await _host.SendAsync(Keys.Of(user), ("Action", "GetSessionToken"))).Body), ofRoot = Keys.In((await _host.SendAsync(Keys.Of(_host.Acme), ("Action", "GetSessionToken"))).Body);
        string name = (await _host.Control.SendAsync(_host.Acme, "GET", "/v1/cwobject/access-key/" + ofUser.Id)).Body.GetProperty("principalName").GetString()!;
        Assert.Equal(name, (await _host.Control.SendAsync(_host.Acme, "GET", "/v1/cwobject/access-key/" + user.Id)).Body.GetProperty("principalName").GetString());
        Assert.Equal(200, (await _host.Control.SendAsync(_host.Acme, "POST", "/v1/cwobject/revoke-access-key/principal", new JsonObject { ["principalName"] = name }.ToJsonString())).Status);
        foreach (Keys ended in (Keys[])[ofUser, Keys.Of(user)])
        {
            Assert.Equal("InvalidClientTokenId", StsHost.Code((await _host.SendAsync(ended, ("Action", "GetCallerIdentity"))).Body));
        }

        Assert.Equal("arn:aws:iam::acme:root", StsHost.Text((await _host.SendAsync(ofRoot, ("Action", "GetCallerIdentity"))).Body, "Arn"));
    }

    [Fact]
    public async Task A_key_ends_with_the_issuer()
    {
        (_, JsonElement made) = await ExchangeAsync(_host.Token(), 0);
        Assert.Equal(_host.Clock.GetUtcNow().ToUnixTimeSeconds() + 3600, made.GetProperty("expiry").GetDateTimeOffset().ToUnixTimeSeconds());
        var keys = new Keys(made.GetProperty("accessKeyId").GetString()!, made.GetProperty("secretKey").GetString()!);
        Assert.Equal("AccessDenied", (await _host.S3Async(keys, "GET", null)).ErrorCode);
        await _host.Control.DataAsync(ControlServer.Root, "DELETE", "/api/issuers/idp?organization=acme");
        Assert.Equal("InvalidAccessKeyId", (await _host.S3Async(keys, "GET", null)).ErrorCode);
        Assert.Equal(401, (await ExchangeAsync(_host.Token(), 300)).Status);
    }

    [Fact]
    public async Task Refusals_do_not_tell_which_organizations_there_are()
    {
        using OidcStandIn other = OidcStandIn.Start(), some = OidcStandIn.Start();
        await _host.TrustAsync("some", some, "\"conditions\":{\"StringLike\":{\"sub\":\"ali*\"}}");
        DateTimeOffset now = _host.Clock.GetUtcNow();
        string[] organizations = ["acme", "none", "root", "a/b\u0000"];
        var messages = new List<string>();
        foreach (string organization in organizations)
        {
            messages.Add(await RefusedAsync(401, other.Sign(_host.StandIn.Claims("alice", StsHost.Audience, now)), organization: organization));
            messages.Add(await RefusedAsync(401, other.Sign(some.Claims("alice", "another audience", now)), organization: organization));
            messages.Add(await RefusedAsync(401, other.Token("alice", StsHost.Audience, now), organization: organization));
            messages.Add(await RefusedAsync(401, "x", organization: organization));
        }

        Assert.Single(messages.Distinct());

        // Nor do those of tokens that are good.
        messages.Clear();
        foreach (string organization in organizations)
        {
            messages.Add(await RefusedAsync(403, some.Token("bob", StsHost.Audience, now), organization: organization));
        }

        Assert.Single(messages.Distinct());
        Assert.Equal(0, other.JwksRequests);
    }

    [Fact]
    public async Task Hostile_tokens_get_nothing()
    {
        await RefusedAsync(401, _host.StandIn.Token("alice", "other", _host.Clock.GetUtcNow()));
        await RefusedAsync(401, _host.StandIn.Token("alice", StsHost.Audience, _host.Clock.GetUtcNow().AddHours(-2)));
        await RefusedAsync(401, _host.StandIn.Token("", StsHost.Audience, _host.Clock.GetUtcNow()));
        await RefusedAsync(401, _host.StandIn.Token("a\nb", StsHost.Audience, _host.Clock.GetUtcNow()));
        await RefusedAsync(401, _host.StandIn.Token(new string('x', 256), StsHost.Audience, _host.Clock.GetUtcNow()));
        await RefusedAsync(401, new string('x', 20_001));
        await RefusedAsync(400, _host.Token(), seconds: 43_201);
        await RefusedAsync(400, _host.Token(), seconds: -1);
        await RefusedAsync(400, _host.Token(), attributes: $$"""{"name":"{{new string('x', 300)}}"}""");
        await RefusedAsync(400, _host.Token(), attributes: """{"name":1}""");
        await RefusedAsync(413, _host.Token(), attributes: $$"""{"name":"{{new string('x', 64 * 1024)}}"}""");
        _host.StandIn.JwksText = "x";
        _host.StandIn.Rotate();
        _host.Clock.Advance(TimeSpan.FromHours(25));
        await RefusedAsync(503, _host.Token());
        Assert.Empty(await _host.Identity.TemporaryKeys.AllAsync("acme", null, StsHost.Cancel));
    }

    [Fact]
    public async Task A_container_gets_credentials_in_the_form_of_AWS()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.ControlUrl + Exchange + "/acme"));
        request.Headers.TryAddWithoutValidation("Authorization", _host.Token());
        (int status, JsonElement made) = await _host.Control.SendAsync(request);
        Assert.True(status == 200, made.ToString());
        Keys keys = Container(made);
        Assert.Equal($"arn:aws:iam::acme:role/{_host.StandIn.Url}:alice", StsHost.Text((await _host.SendAsync(keys, ("Action", "GetCallerIdentity"))).Body, "Arn"));
        Assert.Equal("InvalidAccessKeyId", (await _host.S3Async(keys with { Token = null }, "GET", null)).ErrorCode);
        foreach (string? token in new[] { null, "x", "Bearer " + _host.Token() })
        {
            using var refused = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.ControlUrl + Exchange + "/acme"));
            refused.Headers.TryAddWithoutValidation("Authorization", token);
            Assert.Equal(401, (await _host.Control.SendAsync(refused)).Status);
        }
    }

    [Fact]
    public async Task A_token_of_the_api_gets_credentials_that_end_with_it()
    {
        await _host.Control.DataAsync(_host.Acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}""");
        JsonElement token = await _host.Control.DataAsync(_host.Acme, "POST", "/api/tokens", """{"name":"t","user":"alice"}""");
        var holder = new Signer(null, "Bearer " + token.GetProperty("token").GetString());
        (int status, JsonElement made) = await _host.Control.SendAsync(holder, "GET", OfToken);
        Assert.True(status == 200, made.ToString());
        Keys keys = Container(made);
        Assert.Equal("arn:aws:iam::acme:user/alice", StsHost.Text((await _host.SendAsync(keys, ("Action", "GetCallerIdentity"))).Body, "Arn"));
        Assert.Equal(403, (await _host.Control.SendAsync(_host.Acme, "GET", OfToken)).Status);
        Assert.Equal(401, (await _host.Control.SendAsync((Signer?)null, "GET", OfToken)).Status);
        await _host.Control.DataAsync(_host.Acme, "DELETE", "/api/tokens/" + token.GetProperty("id").GetString());
        Assert.Equal("InvalidClientTokenId", StsHost.Code((await _host.SendAsync(keys, ("Action", "GetCallerIdentity"))).Body));
    }

    /// <summary>Whatever they were issued for: its tokens and its keys.</summary>
    [Fact]
    public async Task The_credentials_of_a_principal_end_when_it_is_revoked()
    {
        Signer alice = Signer.Of(await _host.Control.DataAsync(_host.Acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        JsonElement token = await _host.Control.DataAsync(_host.Acme, "POST", "/api/tokens", """{"name":"t","user":"alice"}""");
        Keys ofToken = Container((await _host.Control.SendAsync(new Signer(null, "Bearer " + token.GetProperty("token").GetString()), "GET", OfToken)).Body);
        Keys ofKey = Keys.In((await _host.SendAsync(Keys.Of(alice), ("Action", "GetSessionToken"))).Body);
        Keys ofRoot = Keys.In((await _host.SendAsync(Keys.Of(_host.Acme), ("Action", "GetSessionToken"))).Body);
        JsonElement[] listed = [.. (await _host.Control.SendAsync(_host.Acme, "GET", "/v1/cwobject/access-key")).Body.GetProperty("accessKeys").EnumerateArray()];
        Assert.Equal(
            new[] { ofToken.Id, ofKey.Id, alice.Id! }.Order(),
            listed.Where(static key => key.GetProperty("principalName").GetString() == "acme/alice").Select(static key => key.GetProperty("accessKeyId").GetString()!).Order());
        Assert.Equal(200, (await _host.Control.SendAsync(_host.Acme, "POST", "/v1/cwobject/revoke-access-key/principal", """{"principalName":"acme/alice"}""")).Status);
        foreach (Keys keys in (Keys[])[ofToken, ofKey, Keys.Of(alice)])
        {
            Assert.Equal("InvalidClientTokenId", StsHost.Code((await _host.SendAsync(keys, ("Action", "GetCallerIdentity"))).Body));
        }

        Assert.Equal("arn:aws:iam::acme:root", StsHost.Text((await _host.SendAsync(ofRoot, ("Action", "GetCallerIdentity"))).Body, "Arn"));
    }

    [Fact]
    public async Task Only_the_servers_root_user_says_whom_to_trust()
    {
        string body = $$"""{"name":"mine","url":"{{_host.StandIn.Url}}/a","audiences":["x"]}""";
        await _host.Control.RefusalAsync(403, _host.Acme, "POST", "/api/issuers", body);
        await _host.Control.RefusalAsync(403, _host.Acme, "DELETE", "/api/issuers/idp");
        Assert.Equal("idp", (await _host.Control.DataAsync(_host.Acme, "GET", "/api/issuers")).GetProperty("issuers")[0].GetProperty("name").GetString());
        await _host.Control.RefusalAsync(400, ControlServer.Root, "POST", "/api/issuers", """{"name":"x","url":"http://idp.example","audiences":["x"]}""");
        await _host.Control.RefusalAsync(400, ControlServer.Root, "POST", "/api/issuers", """{"name":"x","url":"https://idp.example","audiences":[]}""");
        await _host.Control.RefusalAsync(404, ControlServer.Root, "POST", "/api/issuers", """{"name":"x","organization":"none","url":"https://idp.example","audiences":["x"]}""");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"StringNotEquals":{"sub":"bob"}}""")]
    [InlineData("""{"StringEqualsIfExists":{"sub":"alice"}}""")]
    [InlineData("""{"Null":{"sub":"false"}}""")]
    [InlineData("""{"StringEquals":"sub"}""")]
    [InlineData("""{"Sounds":{"sub":"alice"}}""")]
    [InlineData("[]")]
    [InlineData("1")]
    public async Task A_role_must_ask_something_of_tokens(string conditions) => await _host.Control.RefusalAsync(
        400, _host.Acme, "POST", "/api/organizations/acme/roles", $$"""{"name":"r","issuer":"idp","conditions":{{conditions}} }""");

    [Theory]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Fly","Resource":"*"}]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"data"}]}""")]
    [InlineData("{}")]
    [InlineData("1")]
    public async Task A_role_has_policies_of_the_form_that_AWS_has_for_roles(string policy) => await _host.Control.RefusalAsync(
        400, _host.Acme, "POST", "/api/organizations/acme/roles", $$"""{"name":"r","issuer":"idp","conditions":{"StringEquals":{"sub":"a"} },"policies":[{{policy}}]}""");

    [Fact]
    public async Task Roles_are_listed_and_shown()
    {
        JsonElement made = await _host.CreateRoleAsync();
        Assert.Equal("arn:aws:iam::acme:role/worker", made.GetProperty("arn").GetString());
        Assert.Equal(made.ToString(), (await _host.Control.DataAsync(_host.Acme, "GET", "/api/organizations/acme/roles/worker")).ToString());
        Assert.Equal(made.ToString(), (await _host.Control.DataAsync(_host.Acme, "GET", "/api/organizations/acme/roles")).GetProperty("roles")[0].ToString());
        await _host.Control.RefusalAsync(404, _host.Acme, "GET", "/api/organizations/acme/roles/none");
        await _host.Control.RefusalAsync(409, _host.Acme, "POST", "/api/organizations/acme/roles", """{"name":"worker","issuer":"idp","conditions":{"StringEquals":{"sub":"a"}}}""");
        await _host.Control.RefusalAsync(404, _host.Acme, "POST", "/api/organizations/acme/roles", """{"name":"x","issuer":"none","conditions":{"StringEquals":{"sub":"a"}}}""");
        Signer stranger = await _host.Control.OrganizationAsync("other");
        await _host.Control.RefusalAsync(403, stranger, "GET", "/api/organizations/acme/roles");
    }

    private static Keys Container(JsonElement made)
    {
        Assert.Equal(["AccessKeyId", "SecretAccessKey", "Token", "Expiration"], made.EnumerateObject().Select(member => member.Name));
        return new Keys(made.GetProperty("AccessKeyId").GetString()!, made.GetProperty("SecretAccessKey").GetString()!, made.GetProperty("Token").GetString());
    }

    private Task<(int Status, JsonElement Body)> ExchangeAsync(string token, long seconds, string organization = "acme", string attributes = "{}") => _host.Control.SendAsync(
        (Signer?)null, "POST", Exchange,
        new JsonObject { ["durationSeconds"] = seconds, ["orgId"] = organization, ["oidcToken"] = token, ["attributes"] = JsonNode.Parse(attributes) }.ToJsonString());

    private async Task<string> RefusedAsync(int status, string token, long seconds = 300, string organization = "acme", string attributes = "{}")
    {
        (int answered, JsonElement body) = await ExchangeAsync(token, seconds, organization, attributes);
        Assert.True(status == answered, $"{answered} {body}");
        return body.GetProperty("error").GetString()!;
    }
}
