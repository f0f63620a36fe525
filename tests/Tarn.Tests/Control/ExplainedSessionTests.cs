using System.Text.Json;
using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.S3.Access;
using Tarn.Server.Control.Tarn;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Control;

/// <summary>Why requests of sessions, roles and workloads are denied: who is told, and what.</summary>
public sealed class ExplainedSessionTests : IAsyncLifetime
{
    private const string ReadsOnly = """{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}""";

    private ControlServer _server = null!;
    private Signer _acme = null!;
    private Signer _alice = null!;
    private Signer _bob = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        _alice = await UserAsync("alice");
        _bob = await UserAsync("bob");
        await _server.DataAsync(_acme, "PUT", "/api/organizations/acme/policies/all", """
            {"version":"v1alpha1","name":"all","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["data","data/*"],"principals":["alice"]}]}
            """);
        using RawS3Client s3 = S3(_acme);
        (await s3.SendAsync(HttpMethod.Put, "data")).Expect();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>What denied is named alike, whether the request was sent or is only asked about.</summary>
    [Fact]
    public void Every_policy_that_denies_has_a_kind_of_its_own()
    {
        foreach (AccessGround ground in Enum.GetValues<AccessGround>())
        {
            string name = ExplanationView.NameOf(DenialKinds.Of(ground));
            Assert.Equal(ExplanationView.NameOf(ground).EndsWith("Policy", StringComparison.Ordinal) && ground != AccessGround.FirstPolicy ? ExplanationView.NameOf(ground) : name, name);
            Assert.Equal(ground is AccessGround.RequesterPolicy or AccessGround.RolePolicy or AccessGround.SessionPolicy or AccessGround.KeyPolicy, DenialKinds.IsOfRequester(DenialKinds.Of(ground)));
        }
    }

    [Fact]
    public async Task A_session_that_is_limited_is_told_apart_from_a_policy_of_the_organization()
    {
        string id = await DeniedAsync(await SessionAsync(_alice, "alice", ReadsOnly));
        foreach (Signer who in (Signer[])[_alice, _acme, ControlServer.Root])
        {
            JsonElement told = await ExplainAsync(who, id);
            Assert.Equal("sessionPolicy", told.GetProperty("by").GetString());
            Assert.Equal("The session was issued with a policy of its own, which does not allow it.", told.GetProperty("reason").GetString());
        }

        await NotToldAsync(id, _bob);
    }

    [Fact]
    public async Task A_signature_of_a_session_that_is_wrong_is_explained_to_its_holder()
    {
        Signer limited = Signer.Of(await _server.DataAsync(_alice, "POST", "/api/keys", """{"policy":"read-write"}"""));
        string ofAlice = await DeniedAsync(await SessionAsync(_alice, "alice", null) with { Secret = "wrong-secret" });
        string ofRoot = await DeniedAsync(await SessionAsync(_acme, null, null) with { Secret = "wrong-secret" });
        string ofLimited = await DeniedAsync(await SessionAsync(limited, "alice", null) with { Secret = "wrong-secret" });
        Signer globex = await _server.OrganizationAsync("globex");
        foreach ((string id, Signer[] told, Signer[] others) in ((string, Signer[], Signer[])[])
        [
            (ofAlice, [_alice, _acme, ControlServer.Root], [_bob, limited, globex]),
            (ofRoot, [_acme, ControlServer.Root], [_alice, _bob, limited, globex]),
            (ofLimited, [limited, _alice, _acme, ControlServer.Root], [_bob, globex]),
        ])
        {
            foreach (Signer who in told)
            {
                JsonElement seen = await ExplainAsync(who, id);
                Assert.Equal("signature", seen.GetProperty("by").GetString());
                Assert.True(seen.TryGetProperty("signature", out _));
            }

            await NotToldAsync(id, others);
        }
    }

    [Fact]
    public async Task What_a_role_or_a_workload_may_do_is_explained()
    {
        await _server.DataAsync(ControlServer.Root, "POST", "/api/issuers", """{"name":"idp","organization":"acme","url":"https://idp.example.com","audiences":["tarn"]}""");
        await _server.DataAsync(_acme, "POST", "/api/organizations/acme/roles", $$"""{"name":"reader","issuer":"idp","conditions":{"StringEquals":{"sub":"s"} },"policies":[{{ReadsOnly}}] }""");
        using RawS3Client s3 = S3(_acme);
        (await s3.SendAsync(HttpMethod.Put, "data", null, new Dictionary<string, string> { ["policy"] = "" }, body: System.Text.Encoding.UTF8.GetBytes("""
            {"Version":"2012-10-17","Statement":[
             {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::acme:role/https://idp.example.com:a:b"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::data/*"},
             {"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/${aws:userid}"},
             {"Effect":"Allow","Principal":{"AWS":"arn:aws:sts::acme:assumed-role/reader/one"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::data/*"}]}
            """))).Expect();
        foreach ((string principal, string action, string decision, string by, string arn) in ((string, string, string, string, string)[])
        [
            ("arn:aws:iam::acme:role/reader", "s3:GetObject", "allowed", "rolePolicy", "arn:aws:sts::acme:assumed-role/reader/session"),
            ("arn:aws:iam::acme:role/reader", "s3:PutObject", "denied", "nothing", "arn:aws:sts::acme:assumed-role/reader/session"),
            ("arn:aws:sts::acme:assumed-role/reader/one", "s3:PutObject", "allowed", "bucketPolicy", "arn:aws:sts::acme:assumed-role/reader/one"),
            ("arn:aws:iam::acme:role/https://idp.example.com:a:b", "s3:PutObject", "allowed", "bucketPolicy", "arn:aws:iam::acme:role/https://idp.example.com:a:b"),
            ("arn:cw:iam::acme:role/https://idp.example.com:a", "s3:PutObject", "denied", "nothing", "arn:aws:iam::acme:role/https://idp.example.com:a"),
        ])
        {
            JsonElement told = await _server.DataAsync(_acme, "POST", "/api/access/explain", Question(principal, action));
            Assert.Equal((decision, by, arn), (told.GetProperty("decision").GetString(), told.GetProperty("by").GetString(), told.GetProperty("principal").GetString()));
        }

        foreach (string none in (string[])["arn:aws:iam::acme:role/none", "arn:aws:sts::acme:assumed-role/none/one", "arn:aws:iam::acme:role/https://other.example.com:a", "arn:aws:iam::none:role/reader"])
        {
            await _server.RefusalAsync(404, ControlServer.Root, "POST", "/api/access/explain", Question(none, "s3:GetObject"));
        }

        await _server.RefusalAsync(400, _acme, "POST", "/api/access/explain", Question("arn:aws:iam::acme:role/", "s3:GetObject"));

        // Whether another organization has the role is not told.
        await _server.OrganizationAsync("globex");
        Assert.Equal("denied", (await _server.DataAsync(_acme, "POST", "/api/access/explain", Question("arn:aws:iam::globex:role/none", "s3:GetObject"))).GetProperty("decision").GetString());

        static string Question(string principal, string action) => $$"""{"principal":"{{principal}}","action":"{{action}}","resource":"data/key"}""";
    }

    private async Task<Signer> UserAsync(string name) => Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", $$"""{"name":"{{name}}"}"""));

    private async Task<Signer> SessionAsync(Signer parent, string? user, string? policy)
    {
        NewTemporaryKey made = await _server.Identity.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = "acme",
                User = user,
                Source = TemporaryKeySource.AccessKey,
                Parent = parent.Id!,
                ParentKey = await _server.Credentials.FindAsync(parent.Id!, Token),
                Life = TimeSpan.FromHours(1),
                WithToken = false,
                Policy = policy,
            },
            Token);
        return new Signer(made.Key.Id, made.SecretKey);
    }

    private async Task<string> DeniedAsync(Signer who)
    {
        using RawS3Client s3 = S3(who);
        RawS3Response answer = await s3.SendAsync(HttpMethod.Put, "data", "key", body: "x"u8.ToArray());
        Assert.Equal(403, (int)answer.Status);
        return answer.Header("x-amz-request-id")!;
    }

    private Task<JsonElement> ExplainAsync(Signer who, string id) => _server.DataAsync(who, "POST", "/api/access/explain", $$"""{"requestId":"{{id}}"}""");

    private async Task NotToldAsync(string id, params Signer[] others)
    {
        foreach (Signer other in others)
        {
            await _server.RefusalAsync(404, other, "POST", "/api/access/explain", $$"""{"requestId":"{{id}}"}""");
        }
    }

    private RawS3Client S3(Signer signer) => new(new TarnEndpoint(new Uri(_server.S3Url), signer.Id!, signer.Secret));
}
