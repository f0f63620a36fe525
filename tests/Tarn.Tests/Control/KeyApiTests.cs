using System.Text.Json;
using Tarn.Core.Identity;
using Tarn.Server.Requests;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Control;

/// <summary>What a user, and a key with a policy, see and do through the control API and with what they got from it.</summary>
public sealed class KeyApiTests : IAsyncLifetime
{
    private ControlServer _server = null!;
    private Signer _acme = null!;
    private Signer _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        _alice = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        foreach (string bucket in (string[])["data", "logs", "secret"])
        {
            await OkAsync(_acme, HttpMethod.Put, bucket);
            await OkAsync(_acme, HttpMethod.Put, bucket, "key", "x"u8.ToArray());
        }

        await PolicyAsync(""" "data","data/*","logs","logs/*" """);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_user_sees_the_buckets_that_its_policies_open_page_by_page()
    {
        Assert.Equal(["data", "logs"], await BucketsAsync(_alice));
        Assert.Equal(["data", "logs", "secret"], await BucketsAsync(_acme));
        Signer limited = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"read-only","buckets":["logs","secret"]}"""));
        Assert.Equal(["logs"], await BucketsAsync(limited));
        Signer writer = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"write-only"}"""));
        Assert.Empty(await BucketsAsync(writer));
        var token = new Signer(null, (await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t","user":"alice"}""")).GetProperty("token").GetString()!);
        Assert.Equal(["data", "logs"], await BucketsAsync(token));

        // A bucket policy opens and closes buckets as for S3 requests.
        await OkAsync(_acme, HttpMethod.Put, "secret", null, System.Text.Encoding.UTF8.GetBytes("""
            {"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::acme:user/alice"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::secret"}]}
            """), "policy");
        await OkAsync(_acme, HttpMethod.Put, "data", null, System.Text.Encoding.UTF8.GetBytes("""
            {"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::data","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}
            """), "policy");
        Assert.Equal(["logs", "secret"], await BucketsAsync(_alice));
        Assert.Equal(["logs", "secret"], await BucketsAsync(limited));
        await PolicyAsync(""" "nothing" """);
        Assert.Equal(["secret"], await BucketsAsync(_alice));
    }

    [Fact]
    public async Task A_limited_key_does_what_its_user_may_and_its_policy_allows()
    {
        JsonElement made = await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"read-only","buckets":["data","secret"],"durationSeconds":3600}""");
        Assert.Equal(("alice", "read-only", JsonValueKind.Object), (made.GetProperty("user").GetString(), made.GetProperty("policyId").GetString(), made.GetProperty("policy").ValueKind));
        Signer limited = Signer.Of(made);
        await OkAsync(limited, HttpMethod.Get, "data", "key");
        await RefusedAsync(limited, HttpMethod.Put, "data", "key");
        await RefusedAsync(limited, HttpMethod.Get, "logs", "key");
        await RefusedAsync(limited, HttpMethod.Get, "secret", "key");
        await RefusedAsync(limited, HttpMethod.Get, null);

        // It is limited to what its user may at each moment, and goes with the user.
        await PolicyAsync(""" "logs","logs/*" """);
        await RefusedAsync(limited, HttpMethod.Get, "data", "key");
        await _server.DataAsync(_acme, "DELETE", "/api/organizations/acme/users/alice");
        Assert.Null(await _server.Credentials.FindAsync(limited.Id!, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_limited_key_of_a_root_user_administers_nothing()
    {
        foreach (Signer root in (Signer[])[_acme, ControlServer.Root])
        {
            Signer limited = Signer.Of(await _server.DataAsync(root, "POST", "/api/keys", """{"policy":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}"""));
            await _server.RefusalAsync(403, limited, "POST", "/api/keys", """{"policy":"read-only"}""");
            await _server.RefusalAsync(403, limited, "POST", "/api/tokens", """{"name":"t"}""");
            await _server.RefusalAsync(403, limited, "POST", "/api/organizations", """{"name":"more"}""");
            await _server.RefusalAsync(403, limited, "GET", "/api/organizations");
            await _server.RefusalAsync(403, limited, "POST", "/api/shares", """{"bucket":"data","key":"key"}""");
            await _server.RefusalAsync(403, limited, "POST", "/v1/cwobject/access-key", """{"durationSeconds":0}""");
            await _server.RefusalAsync(404, limited, "POST", $"/api/keys/{_alice.Id}/rotate");
            await _server.RefusalAsync(403, limited, "POST", $"/api/keys/{limited.Id}/rotate");
            await _server.RefusalAsync(403, limited, "DELETE", $"/api/keys/{limited.Id}");
            JsonElement list = await _server.DataAsync(limited, "GET", "/api/keys");
            Assert.Equal([limited.Id], list.GetProperty("keys").EnumerateArray().Select(static key => key.GetProperty("accessKey").GetString()));
        }
    }

    [Theory]
    [InlineData("\"all\"", null, "there is no canned policy 'all': it must be \"read-only\", \"read-write\" or \"write-only\", or a policy document")]
    [InlineData("7", null, "policy must be a policy document, or \"read-only\", \"read-write\" or \"write-only\"")]
    [InlineData("\"read-only\"", "Not_A_Name", "'Not_A_Name' cannot be the name of a bucket")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}""", "data", "buckets are given with the name of a canned policy only; a document names its resources itself")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Principal":"*"}}""", null, "Unknown field")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:NoSuchAction","Resource":"*"}}""", null, "invalid action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"data/*"}}""", null, "invalid resource")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"Like":{"s3:prefix":"x"}}}}""", null, "Like")]
    [InlineData("""{"Statement":[]}""", null, "Statement is empty")]
    [InlineData("{}", null, "Missing required field Statement")]
    public async Task What_is_no_policy_is_refused(string policy, string? bucket, string message)
    {
        string body = $$"""{"policy":{{policy}}{{(bucket is null ? "" : $",\"buckets\":[\"{bucket}\"]")}}}""";
        Assert.Contains(message, await _server.RefusalAsync(400, _alice, "POST", "/api/keys", body), StringComparison.OrdinalIgnoreCase);
        Assert.Single((await _server.DataAsync(_alice, "GET", "/api/keys")).GetProperty("keys").EnumerateArray());
    }

    /// <summary>It allows nothing, and administrators must see it to revoke it.</summary>
    [Theory]
    [InlineData("not a policy", false)]
    [InlineData("{}", true)]
    public async Task A_stored_policy_that_cannot_be_read_is_shown_as_such(string document, bool isJson)
    {
        NewAccessKey made = await _server.Identity.Keys.CreateAsync("acme", "alice", new AccessKeyRequest { Policy = document }, TestContext.Current.CancellationToken);
        JsonElement shown = await _server.DataAsync(_acme, "GET", $"/api/keys/{made.Key.Id}");
        Assert.Equal(("unreadable", isJson), (shown.GetProperty("policyId").GetString(), shown.TryGetProperty("policy", out _)));
        Assert.Equal(2, (await _server.DataAsync(_alice, "GET", "/api/keys")).GetProperty("keys").GetArrayLength());
        await RefusedAsync(new Signer(made.Key.Id, made.SecretKey), HttpMethod.Get, "data", "key");
    }

    [Fact]
    public async Task A_user_cannot_choose_what_others_have()
    {
        await _server.RefusalAsync(403, _alice, "POST", "/api/keys", """{"policy":"read-only","accessKey":"CHOSEN","secretKey":"chosen-secret"}""");
        await _server.RefusalAsync(403, _alice, "POST", "/api/keys", """{"policy":null}""");
        await _server.RefusalAsync(403, _alice, "POST", "/api/keys", """{"policy":"read-only","user":"bob"}""");
        await _server.RefusalAsync(403, _alice, "POST", "/api/keys", """{"policy":"read-only","organization":"root"}""");
        await _server.DataAsync(_acme, "POST", "/api/keys", """{"policy":"read-only","user":"alice","accessKey":"CHOSEN","secretKey":"chosen-secret"}""");
    }

    [Fact]
    public async Task A_key_that_a_user_creates_does_not_outlive_the_key_that_signed_for_it()
    {
        JsonElement made = await _server.DataAsync(_acme, "POST", "/api/keys", """{"user":"alice","durationSeconds":3600}""");
        Signer expiring = Signer.Of(made);
        JsonElement derived = await _server.DataAsync(expiring, "POST", "/api/keys", """{"policy":"read-only"}""");
        Assert.Equal(made.GetProperty("expires").GetDateTime(), derived.GetProperty("expires").GetDateTime());
        Assert.True((await _server.DataAsync(expiring, "POST", "/api/keys", """{"policy":"read-only","durationSeconds":60}""")).GetProperty("expires").GetDateTime() < made.GetProperty("expires").GetDateTime());
        await _server.RefusalAsync(400, expiring, "POST", "/api/keys", """{"policy":"read-only","durationSeconds":7200}""");
        Assert.False((await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"read-only"}""")).TryGetProperty("expires", out _));
    }

    /// <summary>Otherwise the holder of a key that expires would have one that does not.</summary>
    [Fact]
    public async Task A_key_that_expires_rotates_none_that_lasts_longer()
    {
        Signer expiring = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", """{"user":"alice","durationSeconds":3600}"""));
        Signer endless = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"read-only"}"""));
        Signer longer = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"read-only","durationSeconds":7200}"""));
        Signer same = Signer.Of(await _server.DataAsync(expiring, "POST", "/api/keys", """{"policy":"read-only"}"""));
        foreach (Signer key in (Signer[])[endless, longer])
        {
            Assert.Equal("the access key lasts longer than the one that signed the request", await _server.RefusalAsync(403, expiring, "POST", $"/api/keys/{key.Id}/rotate"));
            await OkAsync(key, HttpMethod.Get, "data", "key");
        }

        await _server.DataAsync(expiring, "POST", $"/api/keys/{same.Id}/rotate");
        await _server.DataAsync(_alice, "POST", $"/api/keys/{endless.Id}/rotate");
    }

    [Fact]
    public async Task Only_root_users_choose_a_secret_when_a_key_is_rotated()
    {
        Signer own = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"read-only"}"""));
        await _server.RefusalAsync(403, _alice, "POST", $"/api/keys/{own.Id}/rotate", """{"secretKey":"chosen-secret"}""");
        await OkAsync(own, HttpMethod.Get, "data", "key");
        await _server.DataAsync(_acme, "POST", $"/api/keys/{own.Id}/rotate", """{"secretKey":"chosen-secret"}""");
        await OkAsync(own with { Secret = "chosen-secret" }, HttpMethod.Get, "data", "key");
    }

    /// <summary>A list says no more of what its reader does not see than that it goes on.</summary>
    [Fact]
    public async Task Where_a_list_of_buckets_continues_names_none_that_is_hidden()
    {
        string owner = (await _server.DataAsync(_acme, "GET", "/api/organizations/acme")).GetProperty("canonicalId").GetString()!;
        var catalog = (Core.Buckets.BucketCatalog)_server.Services.GetService(typeof(Core.Buckets.BucketCatalog))!;
        for (int i = 0; i < 1000; i++)
        {
            await catalog.CreateAsync(Objects.StoreFixture.Name($"hidden-{i:D4}"), owner, "Acme", "us-east-1", TestContext.Current.CancellationToken);
        }

        JsonElement page = await _server.DataAsync(_alice, "GET", "/api/buckets?limit=10");
        Assert.Equal(["data"], page.GetProperty("buckets").EnumerateArray().Select(static bucket => bucket.GetProperty("name").GetString()));
        string cursor = page.GetProperty("nextCursor").GetString()!;
        Assert.DoesNotContain("hidden", cursor, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower("hidden"u8), cursor, StringComparison.Ordinal);
        Assert.Equal(["logs"], (await _server.DataAsync(_alice, "GET", "/api/buckets?cursor=" + cursor)).GetProperty("buckets").EnumerateArray().Select(static bucket => bucket.GetProperty("name").GetString()));
        Assert.Equal(["data", "logs"], await BucketsAsync(_alice));
        Signer bob = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"bob"}"""));
        foreach (string wrong in (string[])[cursor[..^2] + (cursor.EndsWith("00", StringComparison.Ordinal) ? "01" : "00"), "~", "~xyz", "~00"])
        {
            await _server.RefusalAsync(400, _alice, "GET", "/api/buckets?cursor=" + wrong);
        }

        await _server.RefusalAsync(400, bob, "GET", "/api/buckets?cursor=" + cursor);
    }

    [Fact]
    public async Task A_user_cannot_make_more_keys_than_it_may_have()
    {
        for (int i = 1; i < AccessKeys.MaxOfUser; i++)
        {
            await _server.Identity.Keys.CreateAsync("acme", "alice", new AccessKeyRequest(), TestContext.Current.CancellationToken);
        }

        Assert.Contains("at most 1000", await _server.RefusalAsync(409, _alice, "POST", "/api/keys", """{"policy":"read-only"}"""), StringComparison.Ordinal);
        await _server.DataAsync(_acme, "POST", "/api/keys", """{"policy":"read-only"}""");
    }

    [Fact]
    public async Task A_user_is_told_why_its_own_requests_were_denied_and_nobody_elses()
    {
        Signer bob = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"bob"}"""));
        Signer limited = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"write-only"}"""));
        Signer globex = await _server.OrganizationAsync("globex");
        Signer eve = Signer.Of(await _server.DataAsync(globex, "POST", "/api/organizations/globex/users", """{"name":"eve"}"""));
        string ofAlice = await RefusedAsync(_alice, HttpMethod.Get, "secret", "key");
        JsonElement told = await ExplainAsync(_alice, ofAlice);
        Assert.Equal(("nothing", "s3:GetObject"), (told.GetProperty("by").GetString(), told.GetProperty("action").GetString()));
        Assert.Equal("Nothing allows it to the requester.", told.GetProperty("reason").GetString());
        Assert.Contains("No policy of the organization acme does.", (await ExplainAsync(_acme, ofAlice)).GetProperty("reason").GetString(), StringComparison.Ordinal);
        await RefuseAsync(ofAlice, bob, limited, globex, eve);

        // What a policy of the owner says is for those who administer it.
        await OkAsync(_acme, HttpMethod.Put, "logs", null, System.Text.Encoding.UTF8.GetBytes("""
            {"Id":"private","Statement":[{"Sid":"NoReads","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::logs/*"}]}
            """), "policy");
        string byBucket = await RefusedAsync(_alice, HttpMethod.Get, "logs", "key");
        await PolicyAsync(""" "data","data/*" """, deny: true);
        string byOrganization = await RefusedAsync(_alice, HttpMethod.Get, "data", "key");
        foreach ((string id, string by, string reason) in ((string, string, string)[])
        [
            (byBucket, "bucketPolicy", "The bucket policy denies it."), (byOrganization, "organizationPolicy", "A policy of the organization denies it."),
        ])
        {
            await KeptAsync(id);
            foreach (JsonElement own in (JsonElement[])[await ExplainAsync(_alice, id), (await _server.DataAsync(_alice, "GET", $"/api/requests/{id}")).GetProperty("denial")])
            {
                Assert.Equal((by, reason), (own.GetProperty("by").GetString(), own.GetProperty("reason").GetString()));
                Assert.DoesNotContain(own.EnumerateObject(), static member => member.Name is "policy" or "statement" or "statementIndex" or "grant" or "context");
            }

            Assert.DoesNotContain((await _server.DataAsync(_alice, "GET", $"/api/requests/{id}")).GetProperty("stages").EnumerateArray(), static stage => stage.TryGetProperty("calls", out _));
            Assert.True((await ExplainAsync(_acme, id)).TryGetProperty("statementIndex", out _));
        }

        await PolicyAsync(""" "data","data/*","logs","logs/*" """);

        string ofLimited = await RefusedAsync(limited, HttpMethod.Get, "data", "key");
        foreach (Signer who in (Signer[])[limited, _alice, _acme, ControlServer.Root])
        {
            told = await ExplainAsync(who, ofLimited);
            Assert.Equal(
                ("keyPolicy", "The policy of the access key does not allow it, whatever its user may do."), (told.GetProperty("by").GetString(), told.GetProperty("reason").GetString()));
        }

        await RefuseAsync(ofLimited, bob, globex, eve);

        // The owner's policies are not the business of a requester from outside.
        string ofEve = await RefusedAsync(eve, HttpMethod.Get, "data", "key");
        await RefuseAsync(ofEve, eve, globex, _alice);
        Signer limitedEve = Signer.Of(await _server.DataAsync(eve, "POST", "/api/keys", """{"policy":{"Id":"private","Statement":{"Sid":"mine","Effect":"Deny","Action":"s3:GetObject","Resource":"*"}}}"""));
        await OkAsync(_acme, HttpMethod.Put, "data", null, System.Text.Encoding.UTF8.GetBytes("""
            {"Statement":[{"Effect":"Allow","Principal":{"AWS":"globex"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}
            """), "policy");
        string ofLimitedEve = await RefusedAsync(limitedEve, HttpMethod.Get, "data", "key");
        Assert.Equal(("private", "mine"), await StatementAsync(limitedEve));
        Assert.Equal(("private", "mine"), await StatementAsync(globex));
        JsonElement toOwner = await ExplainAsync(_acme, ofLimitedEve);
        Assert.DoesNotContain("mine", toOwner.ToString(), StringComparison.Ordinal);
        Assert.Equal("The policy of the requester's access key does not allow it.", toOwner.GetProperty("reason").GetString());

        await _server.RefusalAsync(403, _alice, "POST", "/api/access/explain", """{"principal":"acme/alice","action":"s3:GetObject","resource":"data/key"}""");

        async Task<(string?, string?)> StatementAsync(Signer who)
        {
            JsonElement seen = await ExplainAsync(who, ofLimitedEve);
            return (seen.GetProperty("policy").GetString(), seen.GetProperty("statement").GetString());
        }
    }

    [Fact]
    public async Task A_signature_that_is_wrong_is_explained_to_the_keys_user()
    {
        string id = await RefusedAsync(_alice with { Secret = "wrong-secret" }, HttpMethod.Get, "data", "key");
        Assert.Equal("signature", (await ExplainAsync(_alice, id)).GetProperty("by").GetString());
        Signer limited = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"read-write"}"""));
        await RefuseAsync(id, limited);
    }

    [Fact]
    public async Task A_limited_key_sees_the_requests_that_it_signed()
    {
        Signer limited = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"read-only"}"""));
        string first = (await SendAsync(_alice, HttpMethod.Get, "data", "key")).Header("x-amz-request-id")!;
        await KeptAsync(first);
        string second = (await SendAsync(limited, HttpMethod.Get, "data", "key")).Header("x-amz-request-id")!;
        await KeptAsync(second);
        Assert.Equal([second], await RequestsAsync(limited));
        Assert.Equal([second, first], await RequestsAsync(_alice));
        await _server.DataAsync(limited, "GET", $"/api/requests/{second}");
        await _server.RefusalAsync(404, limited, "GET", $"/api/requests/{first}");
    }

    [Fact]
    public async Task When_a_key_was_last_used_is_shown()
    {
        JsonElement unused = await _server.DataAsync(_acme, "POST", "/api/keys", """{"user":"alice"}""");
        Assert.False((await _server.DataAsync(_acme, "GET", $"/api/keys/{unused.GetProperty("accessKey").GetString()}")).TryGetProperty("lastUsed", out _));
        string id = (await SendAsync(Signer.Of(unused), HttpMethod.Get, "data", "key")).Header("x-amz-request-id")!;
        await KeptAsync(id);
        JsonElement used = await _server.DataAsync(_acme, "GET", $"/api/keys/{unused.GetProperty("accessKey").GetString()}");
        Assert.Equal("127.0.0.1", used.GetProperty("lastUsedFrom").GetString());
        Assert.InRange(used.GetProperty("lastUsed").GetDateTime(), DateTime.UtcNow.AddMinutes(-2), DateTime.UtcNow);
        Assert.Equal(0, used.GetProperty("lastUsed").GetDateTime().Second);

        // A request to the control API is a use as well, and a signature that does not match is none.
        Signer other = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", """{"user":"alice"}"""));
        await _server.RefusalAsync(401, other with { Secret = "wrong-secret" }, "GET", "/api/keys");
        Assert.False((await _server.DataAsync(_acme, "GET", $"/api/keys/{other.Id}")).TryGetProperty("lastUsed", out _));
        await _server.DataAsync(other, "GET", "/api/keys");
        JsonElement[] keys = [.. (await _server.DataAsync(_acme, "GET", "/api/keys?user=alice")).GetProperty("keys").EnumerateArray()];
        Assert.Equal("127.0.0.1", keys.Single(key => key.GetProperty("accessKey").GetString() == other.Id).GetProperty("lastUsedFrom").GetString());
    }

    [Fact]
    public async Task A_user_sees_its_own_tokens()
    {
        await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"root's"}""");
        await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"one","user":"alice"}""");
        await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"two","user":"alice"}""");
        var names = new List<string?>();
        string? cursor = null;
        do
        {
            JsonElement page = await _server.DataAsync(_alice, "GET", $"/api/tokens?limit=1{(cursor is null ? "" : "&cursor=" + cursor)}");
            names.AddRange(page.GetProperty("tokens").EnumerateArray().Select(static token => token.GetProperty("name").GetString()));
            cursor = page.TryGetProperty("nextCursor", out JsonElement next) ? next.GetString() : null;
        }
        while (cursor is not null);
        Assert.Equal(["one", "two"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_application_can_use_its_bucket_at_once_and_nothing_else()
    {
        JsonElement made = await _server.DataAsync(_acme, "POST", "/api/applications", """{"name":"photos","endpointUrl":"https://s3.example.com/"}""");
        Signer app = Signer.Of(made);
        Assert.Equal(("photos", "https://s3.example.com", "us-east-1"), (made.GetProperty("bucket").GetString(), made.GetProperty("endpointUrl").GetString(), made.GetProperty("region").GetString()));
        Assert.All(made.GetProperty("snippets").EnumerateObject(), snippet => Assert.All(
            new[] { app.Id!, app.Secret, "https://s3.example.com", "photos" }, part => Assert.Contains(part, snippet.Value.GetString(), StringComparison.Ordinal)));
        await OkAsync(app, HttpMethod.Put, "photos", "a/b", "x"u8.ToArray());
        await OkAsync(app, HttpMethod.Get, "photos", "a/b");
        await OkAsync(app, HttpMethod.Get, "photos");
        await OkAsync(app, HttpMethod.Delete, "photos", "a/b");
        await RefusedAsync(app, HttpMethod.Get, "data", "key");
        await RefusedAsync(app, HttpMethod.Delete, "photos");
        Assert.Equal(["photos"], await BucketsAsync(app));
        Assert.Equal("the user 'photos' of organization 'acme' is taken", await _server.RefusalAsync(409, _acme, "POST", "/api/applications", """{"name":"photos","bucket":"more"}"""));
        await _server.RefusalAsync(404, _acme, "GET", "/api/buckets/more");

        // The secret was lost: the key gets another one.
        await _server.DataAsync(_acme, "POST", $"/api/keys/{app.Id}/rotate");
    }

    [Theory]
    [InlineData("""{"name":"Photos"}""", "'Photos' cannot be the name of a bucket: give the application's bucket another name")]
    [InlineData("""{"name":"photos","bucket":"dsk-0000000000000001"}""", "the bucket cannot be named like a disk")]
    [InlineData("""{"name":"photos","access":"all"}""", "access must be \"read-only\", \"read-write\" or \"write-only\"")]
    [InlineData("""{"name":"photos","endpointUrl":"ftp://x"}""", "endpointUrl must be like https://s3.example.com")]
    [InlineData("""{"name":"photos","endpointUrl":"https://x/$(id)"}""", "endpointUrl must be like https://s3.example.com")]
    [InlineData("""{"name":"a b","bucket":"photos"}""", "the name of a user must be 1 to 128 letters, digits and + = . @ _ -")]
    public async Task An_application_that_cannot_be_is_refused_and_leaves_nothing(string body, string message)
    {
        Assert.Equal(message, await _server.RefusalAsync(400, _acme, "POST", "/api/applications", body));
        Assert.Equal(["data", "logs", "secret"], await BucketsAsync(_acme));
        Assert.Single((await _server.DataAsync(_acme, "GET", "/api/organizations/acme/users")).GetProperty("users").EnumerateArray());
    }

    private Task PolicyAsync(string resources, bool deny = false) => _server.DataAsync(_acme, "PUT", "/api/organizations/acme/policies/rights", $$"""
        {"version":"v1alpha1","name":"rights","statements":[
         {"name":"s","effect":"Allow","actions":["s3:*"],"resources":[{{resources}}],"principals":["alice"]}{{(deny ? """,{"name":"d","effect":"Deny","actions":["s3:GetObject"],"resources":["data/*"],"principals":["alice"]}""" : "")}}]}
        """);

    private async Task<string[]> BucketsAsync(Signer signer)
    {
        var names = new List<string>();
        string? cursor = null;
        do
        {
            JsonElement page = await _server.DataAsync(signer, "GET", $"/api/buckets?limit=1{(cursor is null ? "" : "&cursor=" + cursor)}");
            names.AddRange(page.GetProperty("buckets").EnumerateArray().Select(static bucket => bucket.GetProperty("name").GetString()!));
            cursor = page.TryGetProperty("nextCursor", out JsonElement next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return [.. names];
    }

    private async Task<string[]> RequestsAsync(Signer signer) =>
        [.. (await _server.DataAsync(signer, "GET", "/api/requests")).GetProperty("requests").EnumerateArray().Select(static one => one.GetProperty("requestId").GetString()!)];

    private Task<JsonElement> ExplainAsync(Signer who, string id) => _server.DataAsync(who, "POST", "/api/access/explain", $$"""{"requestId":"{{id}}"}""");

    private async Task RefuseAsync(string id, params Signer[] strangers)
    {
        foreach (Signer stranger in strangers)
        {
            await _server.RefusalAsync(404, stranger, "POST", "/api/access/explain", $$"""{"requestId":"{{id}}"}""");
        }
    }

    /// <summary>Waits until a request is kept, which it is after its answer.</summary>
    private async Task KeptAsync(string id)
    {
        var kept = (RecentRequests)_server.Services.GetService(typeof(RecentRequests))!;
        while (!kept.NewestFirst().Any(one => one.RequestId == id))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task OkAsync(Signer signer, HttpMethod method, string? bucket, string? key = null, byte[]? body = null, string? query = null)
    {
        RawS3Response answer = await SendAsync(signer, method, bucket, key, body, query);
        Assert.True(answer.IsSuccess, $"{method} {bucket}/{key}: {(int)answer.Status} {answer.Text}");
    }

    private async Task<string> RefusedAsync(Signer signer, HttpMethod method, string? bucket, string? key = null)
    {
        RawS3Response answer = await SendAsync(signer, method, bucket, key, method == HttpMethod.Put ? "x"u8.ToArray() : null);
        Assert.True(answer.Status == System.Net.HttpStatusCode.Forbidden, $"{method} {bucket}/{key}: {(int)answer.Status} {answer.Text}");
        return answer.Header("x-amz-request-id")!;
    }

    private async Task<RawS3Response> SendAsync(Signer signer, HttpMethod method, string? bucket, string? key = null, byte[]? body = null, string? query = null)
    {
        using var client = new RawS3Client(new TarnEndpoint(new Uri(_server.S3Url), signer.Id!, signer.Secret));
        return await client.SendAsync(method, bucket, key, query is null ? null : new Dictionary<string, string> { [query] = "" }, body: body);
    }
}
