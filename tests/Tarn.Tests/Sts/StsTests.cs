using System.Text.Json.Nodes;
using System.Xml.Linq;
using Tarn.TestKit.Federation;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;
using Tarn.Tests.Control;

namespace Tarn.Tests.Sts;

/// <summary>The Security Token Service over HTTP.</summary>
public sealed class StsTests : IAsyncLifetime
{
    private const string ReadBucket = """[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}]}]""";
    private const string All = """[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}]""";

    private StsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await StsHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_workload_assumes_a_role_and_may_do_what_its_policies_say()
    {
        await _host.CreateRoleAsync(ReadBucket);
        await OkAsync(Keys.Of(_host.Acme), "PUT", "data");
        await OkAsync(Keys.Of(_host.Acme), "PUT", "data", "k", "x");
        await OkAsync(Keys.Of(_host.Acme), "PUT", "other");
        (int status, XElement body) = await _host.AssumeAsync(_host.Token());
        Assert.True(status == 200, body.ToString());
        Assert.Equal("{https://sts.amazonaws.com/doc/2011-06-15/}AssumeRoleWithWebIdentityResponse", body.Name.ToString());
        Assert.Equal(("alice", StsHost.Audience, _host.StandIn.Url, "arn:aws:sts::acme:assumed-role/worker/session-1"),
            (StsHost.Text(body, "SubjectFromWebIdentityToken"), StsHost.Text(body, "Audience"), StsHost.Text(body, "Provider"), StsHost.Text(body, "Arn")));
        Keys keys = Keys.In(body);
        await OkAsync(keys, "GET", "data", "k");
        await OkAsync(keys, "GET", "data");
        await RefusedAsync("AccessDenied", keys, "PUT", "data", "k", "y");
        await RefusedAsync("AccessDenied", keys, "GET", "other");
        await RefusedAsync("AccessDenied", keys, "PUT", "mine");
        await RefusedAsync("AccessDenied", keys, "GET", null);
        await RefusedAsync("InvalidAccessKeyId", keys with { Token = null }, "GET", "data", "k");
        await RefusedAsync("InvalidToken", keys with { Token = "x" }, "GET", "data", "k");
        _host.Clock.Advance(TimeSpan.FromHours(1));
        await RefusedAsync("ExpiredToken", keys, "GET", "data", "k");
    }

    [Fact]
    public async Task The_policy_of_a_session_limits_whatever_allows_a_request()
    {
        await _host.CreateRoleAsync(All);
        await OkAsync(Keys.Of(_host.Acme), "PUT", "data");
        await OkAsync(Keys.Of(_host.Acme), "PUT", "data", "k", "x");
        await _host.Identity.Policies.PutAsync(
            "acme", "p", """{"version":"v1alpha1","name":"p","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["role/worker"]}]}""", StsHost.Cancel);
        Keys keys = await _host.AssumedAsync(
            _host.Token(), ("Policy", """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}"""));
        await OkAsync(keys, "GET", "data", "k");
        await RefusedAsync("AccessDenied", keys, "PUT", "data", "k", "y");
        await RefusedAsync("AccessDenied", keys, "DELETE", "data", "k");
        await RefusedAsync("AccessDenied", keys, "GET", "data");
        await RefusedAsync("AccessDenied", keys, "PUT", "mine");

        // What the policy allows and nothing else does, is not allowed either.
        await _host.Identity.Policies.DeleteAsync("acme", "p", StsHost.Cancel);
        await _host.Identity.Roles.DeleteAsync("acme", "worker", StsHost.Cancel);
        await _host.CreateRoleAsync("[]");
        keys = await _host.AssumedAsync(_host.Token(), ("Policy", All[1..^1]));
        await RefusedAsync("AccessDenied", keys, "GET", "data", "k");
    }

    [Fact]
    public async Task Policies_name_roles_sessions_and_claims()
    {
        await _host.CreateRoleAsync();
        await OkAsync(Keys.Of(_host.Acme), "PUT", "data");
        await OkAsync(Keys.Of(_host.Acme), "PUT", "data", "k", "x");
        JsonObject claims = _host.StandIn.Claims("alice", StsHost.Audience, _host.Clock.GetUtcNow());
        claims["team"] = new JsonArray("red", "blue");
        Keys keys = await _host.AssumedAsync(_host.StandIn.Sign(claims));
        await RefusedAsync("AccessDenied", keys, "GET", "data", "k");
        string issuer = _host.StandIn.Url["http://".Length..];
        foreach ((string principal, string condition, bool isAllowed) in ((string, string, bool)[])
        [
            ("arn:aws:iam::acme:role/worker", "{}", true),
            ("arn:aws:iam::acme:role/other", "{}", false),
            ("arn:aws:sts::acme:assumed-role/worker/session-1", "{}", true),
            ("arn:aws:sts::acme:assumed-role/worker/session-2", "{}", false),
            ("arn:aws:iam::acme:user/worker", "{}", false),
            ("arn:aws:iam::acme:root", "{}", true),
            ("*", $$"""{"StringEquals":{"{{issuer}}:sub":"alice"} }""", true),
            ("*", $$"""{"StringEquals":{"{{issuer}}:sub":"bob"} }""", false),
            ("*", $$"""{"ForAnyValue:StringEquals":{"{{issuer}}:team":"blue"} }""", true),
            ("*", $$"""{"ForAnyValue:StringEquals":{"{{issuer}}:team":"green"} }""", false),
            ("*", """{"StringEquals":{"other.example:sub":"alice"}}""", false),
            ("*", """{"StringEquals":{"aws:PrincipalType":"AssumedRole","aws:PrincipalArn":"arn:aws:iam::acme:role/worker"}}""", true),
            ("*", $$"""{"StringEquals":{"aws:FederatedProvider":"{{_host.StandIn.Url}}"} }""", true),
        ])
        {
            string policy = $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"{{principal}}"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*","Condition":{{condition}} }]}""";
            await PolicyAsync(policy);
            Assert.True(isAllowed == (await _host.S3Async(keys, "GET", "data", "k")).IsSuccess, policy);
        }

        // A Deny of a claim holds too.
        await PolicyAsync($$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::acme:role/worker"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::data/*","Condition":{"ForAnyValue:StringEquals":{"{{issuer}}:team":"red"} } }]}""");
        await RefusedAsync("AccessDenied", keys, "GET", "data", "k");
    }

    [Fact]
    public async Task What_a_role_asks_of_tokens_must_be_so()
    {
        await _host.CreateRoleAsync(conditions: """{"StringLike":{"sub":"ali*"},"StringEquals":{"env":["prod","test"]}}""");
        await FailsAsync("AccessDenied", _host.Token());
        JsonObject claims = _host.StandIn.Claims("alice", StsHost.Audience, _host.Clock.GetUtcNow());
        claims["env"] = "dev";
        await FailsAsync("AccessDenied", _host.StandIn.Sign(claims));
        claims["env"] = "test";
        await _host.AssumedAsync(_host.StandIn.Sign(claims));
        claims["sub"] = "bob";
        await FailsAsync("AccessDenied", _host.StandIn.Sign(claims));
    }

    [Fact]
    public async Task Hostile_tokens_are_refused_in_the_words_of_the_service()
    {
        await _host.CreateRoleAsync();
        using OidcStandIn other = OidcStandIn.Start();
        await _host.TrustAsync("other", other);
        await FailsAsync("InvalidIdentityToken", "not a token");
        await FailsAsync("InvalidIdentityToken", _host.StandIn.Token("alice", "other", _host.Clock.GetUtcNow()));
        await FailsAsync("ExpiredTokenException", _host.StandIn.Token("alice", StsHost.Audience, _host.Clock.GetUtcNow().AddHours(-2)));
        await FailsAsync("AccessDenied", _host.Token("bob"));

        // Trusted, but not the issuer of the role.
        await FailsAsync("AccessDenied", other.Token("alice", StsHost.Audience, _host.Clock.GetUtcNow()));
        await FailsAsync("InvalidIdentityToken", new string('x', 20_001));
        await FailsAsync("ValidationError", new string('x', 100_000));
        await FailsAsync("AccessDenied", _host.Token(), ("RoleArn", "arn:aws:iam::acme:role/none"));
        await FailsAsync("AccessDenied", _host.Token(), ("RoleArn", "arn:aws:iam::none:role/worker"));
        Assert.Empty(await _host.Identity.TemporaryKeys.AllAsync("acme", null, StsHost.Cancel));
    }

    [Theory]
    [InlineData("RoleArn", "", "ValidationError")]
    [InlineData("RoleArn", "worker", "ValidationError")]
    [InlineData("RoleArn", "arn:aws:iam::acme:user/worker", "ValidationError")]
    [InlineData("RoleSessionName", "", "ValidationError")]
    [InlineData("RoleSessionName", "a", "ValidationError")]
    [InlineData("RoleSessionName", "a/b", "ValidationError")]
    [InlineData("WebIdentityToken", "", "ValidationError")]
    [InlineData("DurationSeconds", "899", "ValidationError")]
    [InlineData("DurationSeconds", "43201", "ValidationError")]
    [InlineData("DurationSeconds", "3601", "ValidationError")]
    [InlineData("DurationSeconds", "-1", "ValidationError")]
    [InlineData("DurationSeconds", "x", "ValidationError")]
    [InlineData("Policy", "{}", "MalformedPolicyDocument")]
    [InlineData("Policy", "x", "MalformedPolicyDocument")]
    [InlineData("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess", "ValidationError")]
    [InlineData("ProviderId", "www.example.com", "ValidationError")]
    [InlineData("Version", "2010-05-08", "ValidationError")]
    [InlineData("Action", "AssumeRole", "InvalidAction")]
    [InlineData("Action", "", "MissingAction")]
    public async Task Parameters_are_checked(string name, string value, string code)
    {
        await _host.CreateRoleAsync();
        await FailsAsync(code, _host.Token(), (name, value));
    }

    [Fact]
    public async Task A_session_lasts_as_long_as_it_asks_for()
    {
        await _host.CreateRoleAsync(All, longest: 43_200);
        Keys shortest = await _host.AssumedAsync(_host.Token(), ("DurationSeconds", "900")), longest = await _host.AssumedAsync(_host.Token(), ("DurationSeconds", "43200"));
        _host.Clock.Advance(TimeSpan.FromSeconds(899));
        await OkAsync(shortest, "GET", null);
        _host.Clock.Advance(TimeSpan.FromSeconds(1));
        await RefusedAsync("ExpiredToken", shortest, "GET", null);
        _host.Clock.Advance(TimeSpan.FromSeconds(43_200 - 900));
        await RefusedAsync("ExpiredToken", longest, "GET", null);
    }

    [Fact]
    public async Task Sessions_end_with_their_role()
    {
        await _host.CreateRoleAsync(All);
        Keys keys = await _host.AssumedAsync(_host.Token());
        await OkAsync(keys, "GET", null);
        await _host.Control.DataAsync(_host.Acme, "DELETE", "/api/organizations/acme/roles/worker");
        await RefusedAsync("InvalidAccessKeyId", keys, "GET", null);
        await FailsAsync("AccessDenied", _host.Token());
    }

    /// <summary>An issuer that is trusted later under the name of another does not speak for its roles.</summary>
    [Fact]
    public async Task A_role_trusts_the_issuer_it_was_created_for()
    {
        await _host.CreateRoleAsync(All);
        await _host.AssumedAsync(_host.Token());
        await _host.Control.DataAsync(ControlServer.Root, "DELETE", "/api/issuers/idp?organization=acme");
        using OidcStandIn another = OidcStandIn.Start();
        await _host.TrustAsync("idp", another);
        await FailsAsync("AccessDenied", another.Token("alice", StsHost.Audience, _host.Clock.GetUtcNow()));
        await FailsAsync("InvalidIdentityToken", _host.Token());
        await _host.Control.DataAsync(ControlServer.Root, "DELETE", "/api/issuers/idp?organization=acme");
        await _host.TrustAsync("idp", _host.StandIn);
        await _host.AssumedAsync(_host.Token());
    }

    /// <summary>As AWS lets no session do what its user may not.</summary>
    [Fact]
    public async Task A_session_of_a_key_with_a_policy_does_no_more_than_the_key()
    {
        await OkAsync(Keys.Of(_host.Acme), "PUT", "data");
        await OkAsync(Keys.Of(_host.Acme), "PUT", "data", "k", "x");
        Signer alice = Signer.Of(await _host.Control.DataAsync(_host.Acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        await _host.Identity.Policies.PutAsync(
            "acme", "p", """{"version":"v1alpha1","name":"p","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["alice"]}]}""", StsHost.Cancel);
        foreach (Signer user in (Signer[])[_host.Acme, alice])
        {
            Keys key = Keys.Of(Signer.Of(await _host.Control.DataAsync(user, "POST", "/api/keys", """{"policy":"read-only","buckets":["data"]}""")));
            Keys session = Keys.In((await _host.SendAsync(key, ("Action", "GetSessionToken"))).Body);
            foreach (Keys limited in (Keys[])[key, session])
            {
                await OkAsync(limited, "GET", "data", "k");
                await RefusedAsync("AccessDenied", limited, "PUT", "data", "k", "y");
                await RefusedAsync("AccessDenied", limited, "DELETE", "data", "k");
                await RefusedAsync("AccessDenied", limited, "PUT", "mine");
                await RefusedAsync("AccessDenied", limited, "GET", null);
            }

            await _host.Identity.Keys.RevokeAsync(key.Id, StsHost.Cancel);
            await RefusedAsync("InvalidAccessKeyId", session, "GET", "data", "k");
        }
    }

    [Fact]
    public async Task A_key_gets_a_session_of_its_own_which_gets_no_other()
    {
        (int status, XElement body) = await _host.SendAsync(Keys.Of(_host.Acme), ("Action", "GetSessionToken"), ("Version", "2011-06-15"), ("DurationSeconds", "900"));
        Assert.True(status == 200, body.ToString());
        Keys keys = Keys.In(body);
        await OkAsync(keys, "PUT", "data");
        Assert.Equal("arn:aws:iam::acme:root", await WhoAsync(keys));
        Assert.Equal("AccessDenied", StsHost.Code((await _host.SendAsync(keys, ("Action", "GetSessionToken"))).Body));
        Assert.Equal("ValidationError", StsHost.Code((await _host.SendAsync(Keys.Of(_host.Acme), ("Action", "GetSessionToken"), ("SerialNumber", "x"), ("TokenCode", "1"))).Body));
        Assert.Equal(403, await ControlAsync(keys));
        Assert.Equal(401, await ControlAsync(keys with { Token = null }));
        Assert.Equal(200, await ControlAsync(Keys.Of(_host.Acme)));
        await _host.Identity.Keys.RotateAsync(_host.Acme.Id!, null, StsHost.Cancel);
        await RefusedAsync("InvalidAccessKeyId", keys, "GET", "data");
    }

    [Fact]
    public async Task Callers_learn_who_they_are()
    {
        Assert.Equal("arn:aws:iam::acme:root", await WhoAsync(Keys.Of(_host.Acme)));
        await _host.CreateRoleAsync();
        Assert.Equal("arn:aws:sts::acme:assumed-role/worker/session-1", await WhoAsync(await _host.AssumedAsync(_host.Token())));
        Assert.Equal((403, "MissingAuthenticationToken"), Refusal(await _host.SendAsync(null, ("Action", "GetCallerIdentity"))));
        Assert.Equal((403, "InvalidClientTokenId"), Refusal(await _host.SendAsync(new Keys("NOBODY", "x"), ("Action", "GetCallerIdentity"))));
        Assert.Equal((403, "SignatureDoesNotMatch"), Refusal(await _host.SendAsync(Keys.Of(_host.Acme) with { Secret = "another" }, ("Action", "GetCallerIdentity"))));
        Assert.Equal((400, "IncompleteSignature"), Refusal(await _host.SendAsync(Keys.Of(_host.Acme) with { Service = "s3" }, ("Action", "GetCallerIdentity"))));
    }

    /// <summary>As Kubernetes and others prove who somebody is.</summary>
    [Fact]
    public async Task The_question_who_a_caller_is_may_be_presigned()
    {
        var signer = new SigV4TestSigner(_host.Acme.Id!, _host.Acme.Secret, "us-east-1", "sts");
        using HttpRequestMessage request = _host.Get("/");
        string target = signer.Presign(
            "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", new Dictionary<string, string> { ["host"] = request.RequestUri!.Authority }, _host.Clock.GetUtcNow(), 60, SigV4TestSigner.EmptySha256);
        using HttpRequestMessage asked = _host.Get(target), changed = _host.Get(target.Replace("GetCallerIdentity", "GetSessionToken", StringComparison.Ordinal));
        Assert.Equal("arn:aws:iam::acme:root", StsHost.Text((await _host.SendAsync(asked)).Body, "Arn"));
        Assert.Equal((403, "SignatureDoesNotMatch"), Refusal(await _host.SendAsync(changed)));
    }

    [Fact]
    public async Task Other_requests_to_the_root_are_S3s_as_before()
    {
        using HttpRequestMessage get = _host.Get("/"), post = new(HttpMethod.Post, get.RequestUri), form = new(HttpMethod.Post, get.RequestUri);
        post.Content = new ByteArrayContent("Action=GetCallerIdentity"u8.ToArray());
        Assert.Equal((405, "MethodNotAllowed"), Refusal(await _host.SendAsync(post)));
        form.Content = new MultipartFormDataContent { { new StringContent("x"), "key" } };
        Assert.Equal((405, "MethodNotAllowed"), Refusal(await _host.SendAsync(form)));
        Assert.Equal((403, "AccessDenied"), Refusal(await _host.SendAsync(get)));
        await RefusedAsync("AuthorizationHeaderMalformed", Keys.Of(_host.Acme), "GET", null, service: "sts");
    }

    private static (int Status, string? Code) Refusal((int Status, XElement Body) answer) => (answer.Status, StsHost.Code(answer.Body));

    /// <summary>The status of a request to the control API, which is sent with the session token if there is one.</summary>
    private async Task<int> ControlAsync(Keys keys)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.ControlUrl + "/api/keys"));
        var headers = new Dictionary<string, string> { ["host"] = request.RequestUri!.Authority };
        if (keys.Token is not null)
        {
            headers["x-amz-security-token"] = keys.Token;
        }

        foreach ((string name, string value) in new SigV4TestSigner(keys.Id, keys.Secret, "us-east-1", "tarn").SignHeaders("GET", "/api/keys", headers, [], _host.Clock.GetUtcNow()))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return (await _host.Control.SendAsync(request)).Status;
    }

    private async Task<string?> WhoAsync(Keys keys)
    {
        (int status, XElement body) = await _host.SendAsync(keys, ("Action", "GetCallerIdentity"), ("Version", "2011-06-15"));
        Assert.True(status == 200, body.ToString());
        Assert.Equal("acme", StsHost.Text(body, "Account"));
        return StsHost.Text(body, "Arn");
    }

    private async Task FailsAsync(string code, string token, params (string Name, string Value)[] replaced)
    {
        (string Name, string Value)[] form =
        [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", StsHost.RoleArn), ("RoleSessionName", "session-1"), ("WebIdentityToken", token),
        ];
        (int status, XElement body) = await _host.SendAsync(null, [.. form.Where(pair => replaced.All(other => other.Name != pair.Name)), .. replaced]);
        Assert.True(code == StsHost.Code(body), body.ToString());
        Assert.Equal("{https://sts.amazonaws.com/doc/2011-06-15/}ErrorResponse", body.Name.ToString());
        Assert.InRange(status, 400, 409);
    }

    private async Task PolicyAsync(string policy)
    {
        RawS3Response answer = await _host.S3Async(Keys.Of(_host.Acme), "PUT", "data", null, policy, "policy");
        Assert.True(answer.IsSuccess, policy + answer.Text);
    }

    private async Task OkAsync(Keys keys, string method, string? bucket, string? key = null, string? body = null)
    {
        RawS3Response answer = await _host.S3Async(keys, method, bucket, key, body);
        Assert.True(answer.IsSuccess, $"{method} {bucket}/{key}: {answer.Text}");
    }

    private async Task RefusedAsync(string code, Keys keys, string method, string? bucket, string? key = null, string? body = null, string service = "s3")
    {
        if (service != "s3")
        {
            using HttpRequestMessage request = _host.Get("/");
            foreach ((string name, string value) in new SigV4TestSigner(keys.Id, keys.Secret, "us-east-1", service).SignHeaders(
                "GET", "/", new Dictionary<string, string> { ["host"] = request.RequestUri!.Authority }, [], _host.Clock.GetUtcNow()))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            Assert.Equal(code, StsHost.Code((await _host.SendAsync(request)).Body));
            return;
        }

        RawS3Response answer = await _host.S3Async(keys, method, bucket, key, body);
        Assert.True(code == answer.ErrorCode, $"{method} {bucket}/{key}: {(int)answer.Status} {answer.Text}");
    }
}
