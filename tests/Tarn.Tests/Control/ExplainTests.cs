using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Control;

/// <summary>Requests that a server denies, and its explanations: <c>acme</c> owns the bucket.</summary>
public sealed class ExplainTests : IAsyncLifetime
{
    private readonly Dictionary<string, RawS3Client> _clients = [];
    private ControlServer _server = null!;
    private Signer _acme = null!;
    private Signer _globex = null!;
    private Signer _bob = null!;
    private Signer _eve = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        _globex = await _server.OrganizationAsync("globex");
        _bob = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"bob"}"""));
        _eve = Signer.Of(await _server.DataAsync(_globex, "POST", "/api/organizations/globex/users", """{"name":"eve"}"""));
        await OkAsync(_acme, "PUT data");
        await OkAsync(_acme, "PUT data/key", "x", "x-amz-tagging: class=open");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RawS3Client client in _clients.Values)
        {
            client.Dispose();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_nothing_allows_is_told_with_all_that_could_have()
    {
        JsonElement told = await DeniedAsync(_bob, "acme/bob", "GET data/key", "s3:GetObject");
        Assert.Equal(
            "Nothing allows it. The organization acme has no policies. The bucket has no policy. Access control lists do not count: the bucket has the object ownership BucketOwnerEnforced.",
            Text(told, "reason"));
        Assert.Equal(("nothing", "denied", "arn:aws:iam::acme:user/bob", "arn:aws:s3:::data/key"), (Text(told, "by"), Text(told, "decision"), Text(told, "principal"), Text(told, "resource")));
        Assert.Equal("nothing", Text(await DeniedAsync(_eve, "globex/eve", "GET data/key", "s3:GetObject"), "by"));
        Assert.Equal("anonymous", Text(await DeniedAsync(null, "anonymous", "GET data", "s3:ListBucket"), "principal"));
    }

    [Fact]
    public async Task A_statement_that_decides_is_named()
    {
        await OrganizationPolicyAsync(_acme, "acme", "readers", """{"name":"all","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["*"]},{"name":"hands-off","effect":"Deny","actions":["s3:Delete*"],"resources":["*"],"principals":["*"]}""");
        JsonElement told = await DeniedAsync(_bob, _bob.Id!, "DELETE data/key", "s3:DeleteObject");
        Assert.Equal(("organizationPolicy", "readers", "hands-off", 1), (Text(told, "by"), Text(told, "policy"), Text(told, "statement"), told.GetProperty("statementIndex").GetInt32()));
        Assert.Equal("Statement \"hands-off\" (number 2) of the organization policy \"readers\" denies it.", Text(told, "reason"));

        await BucketPolicyAsync(
            """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}""",
            """{"Sid":"NoSecrets","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/secret*"}""");
        told = await DeniedAsync(_bob, "arn:aws:iam::acme:user/bob", "GET data/secret", "s3:GetObject");
        Assert.Equal(("bucketPolicy", "NoSecrets", 1), (Text(told, "by"), Text(told, "statement"), told.GetProperty("statementIndex").GetInt32()));
        told = await AskAsync(_acme, "globex", "s3:GetObject", "data/key");
        Assert.Equal(("allowed", "bucketPolicy", "Statement number 1 of the bucket policy allows it."), (Text(told, "decision"), Text(told, "by"), Text(told, "reason")));
        Assert.Equal("organizationPolicy", Text(await AskAsync(_acme, "acme/bob", "s3:GetObject", "data/key"), "by"));
        Assert.Equal("ownership", Text(await AskAsync(_acme, "acme", "s3:PutObject", "data/new"), "by"));
        Assert.Equal("allowed", Text(await AskAsync(_acme, "acme/bob", "s3:ListAllMyBuckets", null), "decision"));
    }

    [Fact]
    public async Task The_policies_of_the_requesters_organization_are_named_to_it_alone()
    {
        await BucketPolicyAsync("""{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}""");
        await OrganizationPolicyAsync(_globex, "globex", "private-name", """{"name":"held-back","effect":"Deny","actions":["s3:GetObject"],"resources":["*"],"principals":["*"]}""");
        JsonElement told = await DeniedAsync(_eve, "globex/eve", "GET data/key", "s3:GetObject");
        Assert.Equal(("requesterPolicy", "A policy of the requester's own organization denies it. Its administrators may ask which."), (Text(told, "by"), Text(told, "reason")));
        Assert.DoesNotContain("private-name", told.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("held-back", told.ToString(), StringComparison.Ordinal);
        JsonElement own = await _server.DataAsync(_globex, "POST", "/api/access/explain", $$"""{"requestId":"{{await RefusedAsync(_eve, "GET data/key")}}"}""");
        Assert.Equal(("private-name", "held-back"), (Text(own, "policy"), Text(own, "statement")));
        JsonElement all = await AskAsync(ControlServer.Root, "globex/eve", "s3:GetObject", "data/key");
        Assert.Equal("held-back", Text(all, "statement"));
    }

    [Fact]
    public async Task Lists_ownership_and_public_access_blocks_are_named()
    {
        await OkAsync(_acme, "PUT lists", null, "x-amz-object-ownership: ObjectWriter");
        await OkAsync(_acme, "PUT lists/key", "x", "x-amz-acl: public-read");
        await OkAsync(_acme, "PUT lists?acl", null, "x-amz-acl: public-read-write");
        JsonElement told = await AskAsync(_acme, "anonymous", "s3:GetObject", "lists/key");
        Assert.Equal(("allowed", "accessControlList", "READ"), (Text(told, "decision"), Text(told, "by"), Text(told.GetProperty("grant"), "permission")));
        Assert.Equal("The object's access control list grants READ to everyone.", Text(told, "reason"));
        Assert.EndsWith("There is no such object.", Text(await AskAsync(_acme, "anonymous", "s3:GetObject", "lists/none"), "reason"), StringComparison.Ordinal);

        // An object that another organization wrote belongs to that organization.
        await OkAsync(_eve, "PUT lists/theirs", "x");
        told = await DeniedAsync(_acme, "acme", "GET lists/theirs", "s3:GetObject");
        Assert.StartsWith("The object belongs to another organization than the bucket", Text(told, "reason"), StringComparison.Ordinal);
        Assert.Equal("The object belongs to the requester's organization.", Text(await AskAsync(_acme, "globex/eve", "s3:GetObject", "lists/theirs"), "reason"));

        await BlockAsync("lists", "IgnorePublicAcls");
        told = await DeniedAsync(null, "anonymous", "GET lists/key", "s3:GetObject");
        Assert.Equal("publicAccessBlock", Text(told, "by"));
        Assert.Contains("IgnorePublicAcls", Text(told, "reason"), StringComparison.Ordinal);

        await BucketPolicyAsync("""{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}""");
        await BlockAsync("data", "RestrictPublicBuckets");
        told = await DeniedAsync(_eve, "globex/eve", "GET data/key", "s3:GetObject");
        Assert.Equal(("publicAccessBlock", "Open"), (Text(told, "by"), Text(told, "statement")));
        Assert.Contains("RestrictPublicBuckets", Text(told, "reason"), StringComparison.Ordinal);

        string id = await RefusedAsync(_acme, "GET data/key", null, "x-amz-expected-bucket-owner: somebody");
        Assert.Equal("expectedOwner", Text(await ByIdAsync(_acme, id), "by"));
    }

    [Fact]
    public async Task Conditions_are_those_given_and_the_tags_those_stored()
    {
        await BucketPolicyAsync(
            """{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*","Condition":{"StringEquals":{"s3:ExistingObjectTag/class":"open"}}}""",
            """{"Sid":"Abroad","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*","Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}""");
        JsonElement told = await AskAsync(_acme, "anonymous", "s3:GetObject", "arn:aws:s3:::data/key", """{"aws:SourceIp":"192.0.2.9"}""");
        Assert.Equal(("allowed", "open", "192.0.2.9"), (Text(told, "decision"), Text(told.GetProperty("context"), "s3:ExistingObjectTag/class"), Text(told.GetProperty("context"), "aws:SourceIp")));
        Assert.Equal("Abroad", Text(await AskAsync(_acme, "anonymous", "s3:GetObject", "data/key", """{"aws:SourceIp":"198.51.100.1"}"""), "statement"));
        told = await AskAsync(_acme, "anonymous", "s3:GetObject", "data/key", """{"aws:SourceIp":"192.0.2.9","s3:ExistingObjectTag/class":"shut"}""");
        Assert.Equal("nothing", Text(told, "by"));
        told = await AskAsync(_acme, "anonymous", "s3:GetObject", "data/key");
        Assert.Equal(JsonValueKind.Null, told.GetProperty("context").GetProperty("aws:SourceIp").ValueKind);
    }

    [Fact]
    public async Task A_signature_that_does_not_match_is_shown_as_the_server_saw_it()
    {
        const string CustomerKey = "Y3VzdG9tZXJzLW93bi1rZXktb2YtMzItYnl0ZXMtISE=";
        string id = await RefusedAsync(
            _acme with { Secret = "not-the-secret" }, "GET data/key?partNumber=1", null, $"x-amz-server-side-encryption-customer-key: {CustomerKey}");
        JsonElement told = await ByIdAsync(_acme, id);
        Assert.Equal(("signature", _acme.Id), (Text(told, "by"), Text(told, "accessKey")));
        Assert.StartsWith("SignatureDoesNotMatch: ", Text(told, "reason"), StringComparison.Ordinal);
        JsonElement signature = told.GetProperty("signature");
        Assert.StartsWith("GET\n/data/key\npartNumber=1\nhost:" + new Uri(_server.S3Url).Authority, Text(signature, "canonicalRequest"), StringComparison.Ordinal);
        Assert.StartsWith("AWS4-HMAC-SHA256\n", Text(signature, "stringToSign"), StringComparison.Ordinal);
        Assert.Equal(new Uri(_server.S3Url).Authority, Text(signature, "host"));
        Assert.Contains("x-amz-server-side-encryption-customer-key:(withheld)\n", Text(signature, "canonicalRequest"), StringComparison.Ordinal);

        string all = told.ToString();
        Assert.DoesNotContain(_acme.Secret, all, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-secret", all, StringComparison.Ordinal);
        Assert.DoesNotContain(CustomerKey, all, StringComparison.Ordinal);

        // The only text with the shape of a signature is the digest of the canonical request.
        Assert.Single(Regex.Matches(all, "(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"));

        await ByIdAsync(ControlServer.Root, id);
        await NotFoundAsync(_globex, id);
        string unknown = await RefusedAsync(new Signer("NOSUCHKEY", "x"), "GET data/key");
        await NotFoundAsync(_acme, unknown);
        Assert.StartsWith("InvalidAccessKeyId: ", Text(await ByIdAsync(ControlServer.Root, unknown), "reason"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x-amz-server-side-encryption-customer-key=c2VjcmV0")]
    [InlineData("a&X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key=c2VjcmV0&b")]
    public async Task What_is_secret_in_a_query_is_withheld_like_what_is_in_a_header(string query)
    {
        string id = await RefusedAsync(_acme with { Secret = "not-the-secret" }, "GET data/key?" + query);
        JsonElement told = await ByIdAsync(_acme, id);
        Assert.Contains("(withheld)", Text(told.GetProperty("signature"), "canonicalRequest"), StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_signed_wrongly_is_a_matter_of_its_access_key()
    {
        string date = $"{DateTimeOffset.UtcNow:yyyyMMdd'T'HHmmss'Z'}";
        string policy = Convert.ToBase64String("""{"expiration":"2099-01-01T00:00:00Z","conditions":[]}"""u8);
        using var form = new MultipartFormDataContent("boundary");
        foreach ((string name, string value) in new[]
        {
            ("key", "form"), ("policy", policy), ("x-amz-algorithm", "AWS4-HMAC-SHA256"), ("x-amz-date", date),
            ("x-amz-credential", $"{_acme.Id}/{date[..8]}/us-east-1/s3/aws4_request"), ("x-amz-signature", new string('0', 64)), ("file", "x"),
        })
        {
            form.Add(new StringContent(value), $"\"{name}\"");
        }

        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.PostAsync(new Uri($"{_server.S3Url}/data"), form, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        string id = Assert.Single(answer.Headers.GetValues("x-amz-request-id"));
        JsonElement told = await ByIdAsync(_acme, id);
        Assert.Equal(("signature", _acme.Id, "PostObject"), (Text(told, "by"), Text(told, "accessKey"), Text(told, "operation")));
        Assert.Equal((policy, ""), (Text(told.GetProperty("signature"), "stringToSign"), Text(told.GetProperty("signature"), "canonicalRequest")));
        await NotFoundAsync(_globex, id);
    }

    [Fact]
    public async Task A_request_that_comes_too_late_is_known_to_its_access_key()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_server.S3Url}/data/key");
        request.Headers.TryAddWithoutValidation("x-amz-date", "20200101T000000Z");
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={_acme.Id}/20200101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={new string('0', 64)}");
        using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        JsonElement told = await ByIdAsync(_acme, Assert.Single(answer.Headers.GetValues("x-amz-request-id")));
        Assert.Equal(_acme.Id, Text(told, "accessKey"));
        Assert.StartsWith("RequestTimeTooSkewed: ", Text(told, "reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Others_are_told_that_there_is_nothing()
    {
        string id = await RefusedAsync(_eve, "GET data/key");
        await NotFoundAsync(_globex, id);
        await NotFoundAsync(_acme, "0000000000000000");
        const string Nothing = "there is no bucket 'data', or none that you may ask about";
        Assert.Equal(Nothing, await RefusalAsync(404, _globex, "globex/eve", "s3:GetObject", "data/key"));
        Assert.Equal(Nothing.Replace("data", "none", StringComparison.Ordinal), await RefusalAsync(404, _globex, "globex/eve", "s3:GetObject", "none/key"));
        Assert.Contains("only root users", await RefusalAsync(403, _bob, "acme/bob", "s3:GetObject", "data/key"), StringComparison.Ordinal);
        await RefusalAsync(404, _acme, "globex", "s3:ListAllMyBuckets", null);
        await RefusalAsync(404, _acme, "acme/nobody", "s3:GetObject", "data/key");

        // A key or user of another organization is only a name here.
        Assert.Equal($"arn:aws:iam::{_eve.Id}:root", Text(await AskAsync(_acme, _eve.Id!, "s3:GetObject", "data/key"), "principal"));
        Assert.Equal("denied", Text(await AskAsync(_acme, "globex/nobody", "s3:GetObject", "data/key"), "decision"));
    }

    [Fact]
    public async Task Only_the_latest_denials_are_kept()
    {
        string first = await RefusedAsync(_bob, "GET data/key");
        await ByIdAsync(_acme, first);
        for (int i = 0; i < 10; i++)
        {
            await RefusedAsync(_bob, "GET data/key");
        }

        await NotFoundAsync(_acme, first);
    }

    [Theory]
    [InlineData("""{"requestId":"x","action":"s3:GetObject"}""", "must be the only member")]
    [InlineData("""{"principal":"acme"}""", "either requestId is needed")]
    [InlineData("""{"principal":"acme","action":"s3:Fly","resource":"data"}""", "there is no action 's3:Fly'")]
    [InlineData("""{"principal":"acme","action":"s3:GetObject","resource":"data"}""", "must be like arn:aws:s3:::bucket/key")]
    [InlineData("""{"principal":"acme","action":"s3:ListBucket","resource":"data/key"}""", "must be like arn:aws:s3:::bucket or bucket")]
    [InlineData("""{"principal":"acme","action":"s3:GetObject","resource":"dsk-0000000000000001/key"}""", "policies do not apply to disks")]
    [InlineData("""{"principal":"arn:aws:iam::acme:group/x","action":"s3:ListBucket","resource":"data"}""", "is not like arn:aws:iam::ORG:root")]
    [InlineData("""{"principal":"acme","action":"s3:ListBucket","resource":"data","context":{"aws:Moon":"full"}}""", "no condition key 'aws:Moon'")]
    [InlineData("""{"principal":"acme","action":"s3:ListBucket","resource":"data","context":{"aws:username":"bob"}}""", "its value comes from the principal")]
    [InlineData("""{"principal":"acme","action":"s3:ListBucket","resource":"data","context":{"aws:SourceIp":"here"}}""", "is an IP address")]
    [InlineData("""{"principal":"acme","action":"s3:ListBucket","resource":"data","context":{"s3:prefix":["a","b"]}}""", "exactly one value")]
    [InlineData("""{"principal":"acme","action":"s3:ListBucket","resource":"data","context":{"s3:prefix":{}}}""", "must be a text or a list of texts")]
    public async Task A_question_that_makes_no_sense_is_refused(string body, string message) => Assert.Contains(
        message, await _server.RefusalAsync(400, _acme, "POST", "/api/access/explain", body), StringComparison.Ordinal);

    /// <summary>Sends a request that is denied, and explains it to the bucket's owner by its id and as a hypothetical request. The two agree.</summary>
    private async Task<JsonElement> DeniedAsync(Signer? who, string principal, string what, string action)
    {
        JsonElement past = await ByIdAsync(_acme, await RefusedAsync(who, what));
        JsonElement supposed = await AskAsync(_acme, principal, action, what.Split(' ')[1], """{"aws:SourceIp":"127.0.0.1"}""");
        foreach (string member in new[] { "decision", "by", "reason", "principal", "action", "resource", "policy", "statement", "statementIndex", "grant" })
        {
            Assert.Equal(Member(supposed, member), Member(past, member));
        }

        return past;
    }

    private Task<JsonElement> ByIdAsync(Signer asker, string id) =>
        _server.DataAsync(asker, "POST", "/api/access/explain", $$"""{"requestId":"{{id}}"}""");

    private Task<JsonElement> AskAsync(Signer asker, string principal, string action, string? resource, string context = "{}") =>
        _server.DataAsync(asker, "POST", "/api/access/explain", Question(principal, action, resource, context));

    private Task<string> RefusalAsync(int status, Signer asker, string principal, string action, string? resource) =>
        _server.RefusalAsync(status, asker, "POST", "/api/access/explain", Question(principal, action, resource, "{}"));

    private async Task NotFoundAsync(Signer asker, string id) => Assert.Equal(
        $"there is no denied request '{id}' among the latest, or none that you may ask about",
        await _server.RefusalAsync(404, asker, "POST", "/api/access/explain", $$"""{"requestId":"{{id}}"}"""));

    private static string Question(string principal, string action, string? resource, string context) =>
        $$"""{"principal":"{{principal}}","action":"{{action}}",{{(resource is null ? "" : $"\"resource\":\"{resource}\",")}}"context":{{context}}}""";

    private Task OrganizationPolicyAsync(Signer root, string organization, string name, string statements) => _server.DataAsync(
        root, "PUT", $"/api/organizations/{organization}/policies/{name}", $$"""{"version":"v1alpha1","name":"{{name}}","statements":[{{statements}}]}""");

    private Task BucketPolicyAsync(params string[] statements) =>
        OkAsync(_acme, "PUT data?policy", $$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', statements)}}] }""");

    private Task BlockAsync(string bucket, string setting)
    {
        string xml = $"<PublicAccessBlockConfiguration><{setting}>true</{setting}></PublicAccessBlockConfiguration>";
        string digest = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(xml)));
        return OkAsync(_acme, $"PUT {bucket}?publicAccessBlock", xml, "x-amz-checksum-sha256: " + digest);
    }

    private async Task OkAsync(Signer who, string what, string? body = null, params string[] headers)
    {
        RawS3Response answer = await SendAsync(who, what, body, headers);
        Assert.True(answer.IsSuccess, $"{what}: {(int)answer.Status} {answer.Text}");
    }

    /// <summary>Sends a request that is denied, and returns its id.</summary>
    private async Task<string> RefusedAsync(Signer? who, string what, string? body = null, params string[] headers)
    {
        RawS3Response answer = await SendAsync(who, what, body, headers);
        Assert.True(answer.Status == HttpStatusCode.Forbidden, $"{what}: {(int)answer.Status} {answer.Text}");
        return answer.Header("x-amz-request-id")!;
    }

    private async Task<RawS3Response> SendAsync(Signer? who, string what, string? body, string[] headers)
    {
        string[] words = what.Split(' ', 2);
        string[] target = words[1].Split('?', 2);
        string[] path = target[0].Split('/', 2);
        if (who is null)
        {
            using var http = new HttpClient();
            using HttpResponseMessage answer = await http.GetAsync(new Uri($"{_server.S3Url}/{words[1]}"), TestContext.Current.CancellationToken);
            return new RawS3Response(
                answer.StatusCode, answer.Headers.ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase), []);
        }

        string name = $"{who.Id} {who.Secret}";
        RawS3Client client = _clients.TryGetValue(name, out RawS3Client? known)
            ? known
            : _clients[name] = new RawS3Client(new TarnEndpoint(new Uri(_server.S3Url), who.Id!, who.Secret));
        var query = (target.Length > 1 ? target[1].Split('&') : []).Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : "");
        return await client.SendAsync(
            new HttpMethod(words[0]), path[0], path.Length > 1 ? path[1] : null, query,
            headers.Select(header => header.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1]),
            body is null ? null : Encoding.UTF8.GetBytes(body));
    }

    private static string? Member(JsonElement element, string member) =>
        element.TryGetProperty(member, out JsonElement value) ? value.GetRawText() : null;

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;
}
