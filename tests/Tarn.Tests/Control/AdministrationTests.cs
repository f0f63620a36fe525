using System.Text.Json;

namespace Tarn.Tests.Control;

/// <summary>Who may administer what, and what the endpoints of identity do.</summary>
public sealed class AdministrationTests : IAsyncLifetime
{
    private ControlServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ControlServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_user_administers_nothing()
    {
        Signer acme = await _server.OrganizationAsync("acme");
        Signer alice = Signer.Of(await _server.DataAsync(acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        Signer token = await TokenAsync(acme, """{"name":"t","user":"alice"}""");
        foreach (Signer user in new[] { alice, token })
        {
            foreach ((string method, string path, string? body) in EndpointsOf("acme", alice.Id!))
            {
                if (method == "GET" && (path.StartsWith("/api/keys", StringComparison.Ordinal) || path.StartsWith("/api/tokens", StringComparison.Ordinal)))
                {
                    // Its own keys and tokens, which it may see.
                    await _server.DataAsync(user, method, path);
                    continue;
                }

                int expected = path.StartsWith("/v1/cwobject/access-key/", StringComparison.Ordinal)
                    || path.EndsWith("/access-key", StringComparison.Ordinal) && path.Contains("revoke", StringComparison.Ordinal) ? 404 : 403;
                await _server.RefusalAsync(expected, user, method, path, body);
            }
        }

        Assert.NotNull(await _server.Credentials.FindAsync(alice.Id!, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_root_user_neither_sees_nor_administers_another_organization()
    {
        Signer acme = await _server.OrganizationAsync("acme");
        await _server.DataAsync(acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}""");
        Signer other = await _server.OrganizationAsync("other");
        JsonElement token = await _server.DataAsync(acme, "POST", "/api/tokens", """{"name":"t"}""");
        foreach ((string method, string path, string? body) in EndpointsOf("acme", acme.Id!).Where(e => !e.Path.StartsWith("/v1/", StringComparison.Ordinal)))
        {
            int expected = path.StartsWith("/api/keys/", StringComparison.Ordinal) ? 404 : 403;
            if (path is "/api/organizations" && method == "GET")
            {
                JsonElement list = await _server.DataAsync(other, "GET", path);
                Assert.Equal("other", Assert.Single(list.GetProperty("organizations").EnumerateArray().ToArray()).GetProperty("name").GetString());
                continue;
            }

            await _server.RefusalAsync(expected, other, method, path, body);
        }

        // What does not exist cannot be distinguished from what belongs to others.
        string id = token.GetProperty("id").GetString()!;
        Assert.Equal(
            await _server.RefusalAsync(404, other, "DELETE", $"/api/tokens/{new string('0', 64)}"),
            await _server.RefusalAsync(404, other, "DELETE", $"/api/tokens/{id}"));
        Assert.Equal(
            await _server.RefusalAsync(403, other, "GET", "/api/organizations/acme"), await _server.RefusalAsync(403, other, "GET", "/api/organizations/nope"));
        await _server.RefusalAsync(403, other, "POST", "/api/tokens", """{"name":"t","organization":"acme"}""");
        await _server.RefusalAsync(404, other, "GET", $"/v1/cwobject/access-key/{acme.Id}");
    }

    [Fact]
    public async Task Only_the_servers_root_chooses_user_ids_which_policies_of_others_may_name()
    {
        Signer acme = await _server.OrganizationAsync("acme");
        await _server.RefusalAsync(403, acme, "POST", "/api/organizations/acme/users", """{"name":"bob","userId":"AIDASOMEBODYELSE"}""");
        await _server.RefusalAsync(404, acme, "GET", "/api/organizations/acme/users/bob");
        await _server.DataAsync(ControlServer.Root, "POST", "/api/organizations/acme/users", """{"name":"bob","userId":"AIDASOMEBODYELSE"}""");
    }

    [Fact]
    public async Task Only_the_servers_root_makes_and_deletes_organizations()
    {
        Signer acme = await _server.OrganizationAsync("acme");
        await _server.RefusalAsync(403, acme, "POST", "/api/organizations", """{"name":"b"}""");
        await _server.RefusalAsync(403, acme, "DELETE", "/api/organizations/acme");
        await _server.DataAsync(ControlServer.Root, "DELETE", "/api/organizations/acme");
        await _server.RefusalAsync(401, acme, "GET", "/api/organizations/acme");
        await _server.RefusalAsync(404, ControlServer.Root, "GET", "/api/organizations/acme");
    }

    [Fact]
    public async Task An_organization_is_made_as_it_is_asked_for_and_its_secret_is_shown_once()
    {
        string id = new('b', 64);
        JsonElement made = await _server.DataAsync(ControlServer.Root, "POST", "/api/organizations",
            $$"""{"name":"acme","canonicalId":"{{id}}","displayName":"Acme Inc.","email":"a@b.c","accessKey":"old-key","secretKey":"old+secret/key"}""");
        Assert.Equal(
            ["name=acme", $"canonicalId={id}", "displayName=Acme Inc.", "email=a@b.c", "arn=arn:aws:iam::acme:root", "accessKey=old-key", "secretKey=old+secret/key"],
            made.EnumerateObject().Where(m => m.Name != "created").Select(m => $"{m.Name}={m.Value.GetString()}"));
        Signer acme = Signer.Of(made);
        JsonElement shown = await _server.DataAsync(acme, "GET", "/api/organizations/acme");
        Assert.False(shown.TryGetProperty("secretKey", out _));
        Assert.Contains("taken", await _server.RefusalAsync(409, ControlServer.Root, "POST", "/api/organizations", """{"name":"acme"}"""), StringComparison.Ordinal);
        JsonElement key = await _server.DataAsync(acme, "GET", "/api/keys/old-key");
        Assert.False(key.TryGetProperty("secretKey", out _));
    }

    [Fact]
    public async Task A_user_is_made_changed_and_deleted()
    {
        Signer acme = await _server.OrganizationAsync("acme");
        JsonElement made = await _server.DataAsync(ControlServer.Root, "POST", "/api/organizations/acme/users",
            """{"name":"alice","userId":"uid-1","displayName":"Alice","email":"alice@b.c","groups":["dev"],"accessKey":"alices-key","secretKey":"alices-secret"}""");
        Assert.Equal("uid-1", made.GetProperty("userId").GetString());
        Assert.Equal("arn:aws:iam::acme:user/alice", made.GetProperty("arn").GetString());
        JsonElement grouped = await _server.DataAsync(acme, "PUT", "/api/organizations/acme/users/alice/groups/admins");
        Assert.Equal(["admins", "dev"], grouped.GetProperty("groups").EnumerateArray().Select(g => g.GetString()));
        await _server.DataAsync(acme, "DELETE", "/api/organizations/acme/users/alice/groups/dev");
        JsonElement list = await _server.DataAsync(acme, "GET", "/api/organizations/acme/users");
        JsonElement alice = Assert.Single(list.GetProperty("users").EnumerateArray().ToArray());
        Assert.Equal(["admins"], alice.GetProperty("groups").EnumerateArray().Select(g => g.GetString()));
        await _server.DataAsync(acme, "DELETE", "/api/organizations/acme/users/alice");
        await _server.RefusalAsync(404, acme, "GET", "/api/organizations/acme/users/alice");
        await _server.RefusalAsync(404, acme, "GET", "/api/keys/alices-key");
    }

    [Fact]
    public async Task A_key_is_made_rotated_and_revoked_and_takes_effect_at_once()
    {
        Signer acme = await _server.OrganizationAsync("acme");
        JsonElement made = await _server.DataAsync(acme, "POST", "/api/keys", """{"durationSeconds":3600}""");
        Signer key = Signer.Of(made);
        Assert.True(made.TryGetProperty("expires", out _));
        await _server.RefusalAsync(400, acme, "POST", "/api/keys", """{"durationSeconds":-1}""");
        await _server.RefusalAsync(400, acme, "POST", "/api/keys", """{"durationSeconds":99999999999999}""");
        await _server.RefusalAsync(404, acme, "POST", "/api/keys", """{"user":"nobody"}""");
        Signer second = Signer.Of(await _server.DataAsync(acme, "POST", "/api/keys", "{}"));
        await _server.DataAsync(second, "GET", "/api/organizations/acme");
        Signer rotated = Signer.Of(await _server.DataAsync(acme, "POST", $"/api/keys/{second.Id}/rotate"));
        await _server.RefusalAsync(401, second, "GET", "/api/organizations/acme");
        await _server.DataAsync(rotated, "GET", "/api/organizations/acme");
        await _server.DataAsync(acme, "DELETE", $"/api/keys/{second.Id}");
        await _server.RefusalAsync(401, rotated, "GET", "/api/organizations/acme");
        JsonElement list = await _server.DataAsync(acme, "GET", "/api/keys");
        Assert.Equal(new[] { acme.Id, key.Id }.Order(), list.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("accessKey").GetString()).Order());
        await _server.RefusalAsync(404, acme, "GET", "/api/keys?user=nobody");
    }

    [Fact]
    public async Task A_token_has_the_shape_that_clients_know()
    {
        Signer acme = await _server.OrganizationAsync("acme");
        JsonElement made = await _server.DataAsync(acme, "POST", "/api/tokens", """{"name":"ci","description":"for the build"}""");
        string text = made.GetProperty("token").GetString()!, id = made.GetProperty("id").GetString()!;
        Assert.StartsWith("key-", text, StringComparison.Ordinal);
        Assert.Equal(text[^4..], made.GetProperty("tokenSuffix").GetString());
        foreach (string value in new[] { text, "Bearer " + text, "bearer " + text })
        {
            JsonElement list = await _server.DataAsync(new Signer(null, value), "GET", "/api/tokens");
            JsonElement listed = Assert.Single(list.GetProperty("tokens").EnumerateArray().ToArray());
            Assert.Equal((id, "ci", "for the build"), (listed.GetProperty("id").GetString(), listed.GetProperty("name").GetString(), listed.GetProperty("description").GetString()));
            Assert.False(listed.TryGetProperty("token", out _));
        }

        await _server.DataAsync(new Signer(null, text), "DELETE", $"/api/tokens/{id}");
        await _server.RefusalAsync(401, new Signer(null, text), "GET", "/api/tokens");
        await _server.RefusalAsync(400, acme, "POST", "/api/tokens", """{"name":""}""");
    }

    [Fact]
    public async Task A_policy_is_put_shown_and_deleted_and_one_that_is_none_is_refused()
    {
        const string Document = """{"version":"v1alpha1","name":"readers","statements":[{"name":"s","effect":"Allow","actions":["s3:GetObject"],"resources":["*"],"principals":["*"]}]}""";
        Signer acme = await _server.OrganizationAsync("acme");
        const string Path = "/api/organizations/acme/policies";
        JsonElement put = await _server.DataAsync(acme, "PUT", Path + "/readers", $$"""{"policy":{{Document}}}""");
        Assert.Equal(Document, put.GetProperty("policy").GetRawText());
        JsonElement list = await _server.DataAsync(acme, "GET", Path);
        Assert.Equal("readers", Assert.Single(list.GetProperty("policies").EnumerateArray().ToArray()).GetProperty("name").GetString());
        await _server.RefusalAsync(400, acme, "PUT", Path + "/other", Document);
        await _server.RefusalAsync(400, acme, "PUT", Path + "/readers", Document.Replace("v1alpha1", "v2", StringComparison.Ordinal));
        await _server.RefusalAsync(400, acme, "PUT", Path + "/readers", "nonsense");
        Assert.Equal(Document, (await _server.DataAsync(acme, "GET", Path + "/readers")).GetProperty("policy").GetRawText());
        await _server.DataAsync(acme, "DELETE", Path + "/readers");
        await _server.RefusalAsync(404, acme, "GET", Path + "/readers");
        await _server.RefusalAsync(404, acme, "DELETE", Path + "/readers");
    }

    [Fact]
    public async Task CoreWeaves_key_api_is_answered_in_its_own_shape()
    {
        Signer acme = await _server.OrganizationAsync("acme");
        Signer token = await TokenAsync(acme, """{"name":"t"}""");
        token = token with { Secret = "Bearer " + token.Secret };
        (int status, JsonElement made) = await _server.SendAsync(token, "POST", "/v1/cwobject/access-key", """{"durationSeconds":0}""");
        Assert.Equal(200, status);
        Assert.Equal(["accessKeyId", "secretKey"], made.EnumerateObject().Select(m => m.Name));
        string id = made.GetProperty("accessKeyId").GetString()!;
        (_, JsonElement info) = await _server.SendAsync(token, "GET", $"/v1/cwobject/access-key/{id}");
        Assert.Equal(("acme/root", "1970-01-01T00:00:00Z"), (info.GetProperty("principalName").GetString(), info.GetProperty("expiry").GetString()));
        await _server.RefusalAsync(400, token, "POST", "/v1/cwobject/access-key", """{"durationSeconds":43201}""");
        await _server.RefusalAsync(400, token, "POST", "/v1/cwobject/access-key", "{}");
        (_, JsonElement temporary) = await _server.SendAsync(token, "POST", "/v1/cwobject/access-key", """{"durationSeconds":43200}""");
        (_, JsonElement list) = await _server.SendAsync(token, "GET", "/v1/cwobject/access-key");
        Assert.Equal(3, list.GetProperty("accessKeys").GetArrayLength());
        (status, JsonElement done) = await _server.SendAsync(token, "POST", "/v1/cwobject/revoke-access-key/access-key", $$"""{"accessKey":"{{id}}"}""");
        Assert.Equal((200, "{}"), (status, done.GetRawText()));
        await _server.RefusalAsync(404, token, "GET", $"/v1/cwobject/access-key/{id}");
        (status, _) = await _server.SendAsync(token, "POST", "/v1/cwobject/revoke-access-key/principal", """{"principalName":"acme/root"}""");
        Assert.Equal(200, status);
        await _server.RefusalAsync(404, token, "GET", $"/v1/cwobject/access-key/{temporary.GetProperty("accessKeyId").GetString()}");
        await _server.RefusalAsync(401, acme, "GET", "/api/keys");
    }

    [Fact]
    public async Task CoreWeaves_policy_api_is_answered_in_its_own_shape()
    {
        const string Document = """{"version":"v1alpha1","name":"all","statements":[{"name":"s","effect":"Allow","actions":["s3:*","cwobject:*"],"resources":["*"],"principals":["*"]}]}""";
        Signer token = await TokenAsync(await _server.OrganizationAsync("acme"), """{"name":"t"}""");
        (int status, JsonElement done) = await _server.SendAsync(token, "POST", "/v1/cwobject/access-policy", $$"""{"policy":{{Document}}}""");
        Assert.Equal((200, "{}"), (status, done.GetRawText()));
        (_, JsonElement list) = await _server.SendAsync(token, "GET", "/v1/cwobject/access-policy");
        Assert.Equal($$"""{"policies":[{{Document}}]}""", list.GetRawText());
        (status, _) = await _server.SendAsync(token, "DELETE", "/v1/cwobject/access-policy/all");
        Assert.Equal(200, status);
        await _server.RefusalAsync(404, token, "DELETE", "/v1/cwobject/access-policy/all");
    }

    private async Task<Signer> TokenAsync(Signer by, string body) =>
        new(null, (await _server.DataAsync(by, "POST", "/api/tokens", body)).GetProperty("token").GetString()!);

    /// <summary>A request to every endpoint that administers an organization.</summary>
    private static IEnumerable<(string Method, string Path, string? Body)> EndpointsOf(string organization, string key)
    {
        string of = "/api/organizations/" + organization;
        return
        [
            ("POST", "/api/organizations", """{"name":"more"}"""),
            ("GET", "/api/organizations", null),
            ("GET", of, null),
            ("DELETE", of, null),
            ("POST", of + "/users", """{"name":"eve"}"""),
            ("GET", of + "/users", null),
            ("GET", of + "/users/alice", null),
            ("DELETE", of + "/users/alice", null),
            ("PUT", of + "/users/alice/groups/admins", null),
            ("DELETE", of + "/users/alice/groups/admins", null),
            ("POST", "/api/keys", $$"""{"organization":"{{organization}}"}"""),
            ("GET", $"/api/keys?organization={organization}", null),
            ("GET", $"/api/keys/{key}", null),
            ("POST", $"/api/keys/{key}/rotate", null),
            ("DELETE", $"/api/keys/{key}", null),
            ("POST", "/api/tokens", $$"""{"name":"t","organization":"{{organization}}"}"""),
            ("GET", $"/api/tokens?organization={organization}", null),
            ("PUT", of + "/policies/p", "{}"),
            ("GET", of + "/policies/p", null),
            ("GET", of + "/policies", null),
            ("DELETE", of + "/policies/p", null),
            ("POST", "/v1/cwobject/access-key", """{"durationSeconds":0}"""),
            ("GET", "/v1/cwobject/access-key", null),
            ("GET", $"/v1/cwobject/access-key/{key}", null),
            ("POST", "/v1/cwobject/revoke-access-key/access-key", $$"""{"accessKey":"{{key}}"}"""),
            ("POST", "/v1/cwobject/revoke-access-key/principal", """{"principalName":"acme/alice"}"""),
            ("POST", "/v1/cwobject/access-policy", "{}"),
            ("GET", "/v1/cwobject/access-policy", null),
            ("DELETE", "/v1/cwobject/access-policy/p", null),
        ];
    }
}
