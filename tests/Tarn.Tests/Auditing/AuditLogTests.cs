using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core.Disks.Catalog;
using Tarn.S3.Operations;
using Tarn.S3.Pipeline;
using Tarn.S3.Routing;
using Tarn.S3.Telemetry;
using Tarn.Server.Auditing;
using Tarn.Server.Configuration;
using Tarn.Server.Control;
using Tarn.Server.Hosting;
using Tarn.Server.Logging;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Signing;
using Tarn.Tests.Control;
using Tarn.Tests.Server;
using Tarn.Tests.Telemetry;

namespace Tarn.Tests.Auditing;

/// <summary>The audit log of a server, read after it has stopped.</summary>
public sealed class AuditLogTests : IDisposable
{
    /// <summary>The operations that write or delete and change no access: each new operation is either here or in the audit log.</summary>
    private static readonly string[] OfData =
    [
        "AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "DeleteObject", "DeleteObjectTagging", "DeleteObjects", "PostObject", "PutObject",
        "PutObjectTagging", "UploadPart", "UploadPartCopy",
    ];

    private readonly TemporaryDirectory _directory = new("audit");

    private string LogPath => _directory.PathOf("audit.log");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Each_endpoint_that_may_change_something_leaves_one_line_that_names_all_that_the_request_does_and_no_other_does()
    {
        var named = new Dictionary<string, Dictionary<string, string>>();
        await using (InProcessServer server = await StartAsync())
        {
            using var client = new ControlApiClient(server.ControlUrl);
            JsonSerializerContext json = server.Get<JsonSerializerContext>();
            foreach (RouteEndpoint endpoint in server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
            {
                if (endpoint.Metadata.GetMetadata<Authenticated>() is null || endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is not { HttpMethods: [string method] }
                    || endpoint.RoutePattern.RawText == "/api/trace")
                {
                    continue;
                }

                bool isChange = endpoint.Metadata.GetMetadata<ChangesSomething>() is not null || (method != "GET" && endpoint.Metadata.GetMetadata<ChangesNothing>() is null);
                var request = AuditedRequest.To(endpoint, json, withQuery: isChange);
                if (isChange)
                {
                    named.Add(endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName, request.Named);
                }

                await client.SendAnyAsync(ControlServer.Root, method, request.Target, method == "GET" ? [] : request.Body);
            }

            await server.StopAsync();
        }

        JsonElement[] lines = Lines("control");
        Assert.True(named.Count > 30);
        Assert.Equal(named.Keys.Order(StringComparer.Ordinal), lines.Select(line => Text(line, "operation")).Order(StringComparer.Ordinal));
        Assert.All(lines, line =>
        {
            Assert.Equal(("arn:aws:iam::root:root", "127.0.0.1", "ROOTKEY"), (Text(line, "requester"), Text(line, "remote"), Text(line, "accessKey")));
            Assert.NotEqual("", Text(line, "requestId"));
            Dictionary<string, string> subjects = line.TryGetProperty("subjects", out JsonElement found) ? found.EnumerateObject().ToDictionary(it => it.Name, it => it.Value.GetString()!) : [];
            Assert.Equal(named[Text(line, "operation")].OrderBy(it => it.Key, StringComparer.Ordinal), subjects.OrderBy(it => it.Key, StringComparer.Ordinal));
        });
        Assert.DoesNotContain(AuditedRequest.Secret, File.ReadAllText(LogPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_that_were_made_say_what_was_changed()
    {
        const string policy = """{"version":"v1alpha1","name":"all","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["*"]}]}""";
        var expected = new List<string>();
        string mount = _directory.PathOf("mount");
        Directory.CreateDirectory(mount);
        await using (InProcessServer server = await StartAsync())
        {
            using var client = new ControlApiClient(server.ControlUrl);
            async Task<JsonElement> ChangeAsync(string method, string path, string? body, string operation, string subject)
            {
                JsonElement data = await client.DataAsync(ControlServer.Root, method, path, body);
                expected.Add($"{operation} {subject}");
                return data;
            }

            await ChangeAsync("POST", "/api/organizations", """{"name":"acme"}""", "CreateOrganization", "name=acme");
            const string users = "/api/organizations/acme/users";
            await ChangeAsync("POST", users, """{"name":"bob","groups":["readers"]}""", "CreateUser", "organization=acme name=bob groups[0]=readers");
            await ChangeAsync("PUT", users + "/bob/groups/key-holders", null, "AddUserToGroup", "organization=acme user=bob group=key-holders");
            await ChangeAsync("DELETE", users + "/bob/groups/key-holders", null, "RemoveUserFromGroup", "organization=acme user=bob group=key-holders");
            string key = (await ChangeAsync("POST", "/api/keys", """{"organization":"acme","user":"bob"}""", "CreateAccessKey", "organization=acme user=bob")).GetProperty("accessKey").GetString()!;
            await ChangeAsync("POST", $"/api/keys/{key}/rotate", """{"secretKey":"new-secret-key"}""", "RotateAccessKey", $"id={key}");
            await ChangeAsync("DELETE", "/api/keys/" + key, null, "RevokeAccessKey", $"id={key}");
            string token = (await ChangeAsync("POST", "/api/tokens", """{"name":"ci","description":"for builds"}""", "CreateToken", "name=ci description=for builds")).GetProperty("id").GetString()!;
            await ChangeAsync("DELETE", "/api/tokens/" + token, null, "DeleteToken", $"id={token}");
            await ChangeAsync("POST", "/api/disks", $$"""{"name":"d1","mounts":[{"type":"local","path":"{{mount}}"}],"allowedIps":["10.0.0.0/8"],"growingFiles":true}""", "CreateDisk", $"name=d1 mounts[0].type=local mounts[0].path={mount} allowedIps[0]=10.0.0.0/8 growingFiles=true");
            string disk = (await client.DataAsync(ControlServer.Root, "GET", "/api/disks"))[0].GetProperty("id").GetString()!;
            await ChangeAsync("PUT", $"/api/disks/{disk}/allowed-ips", """{"allowedIps":["10.1.0.0/16","10.2.0.0/16"]}""", "SetAllowedIps", $"id={disk} allowedIps[0]=10.1.0.0/16 allowedIps[1]=10.2.0.0/16");
            await ChangeAsync("PUT", $"/api/disks/{disk}/allowed-ips", """{"allowedIps":[]}""", "SetAllowedIps", $"id={disk} allowedIps=");
            await ChangeAsync("PUT", $"/api/disks/{disk}/growing-files", """{"growingFiles":false}""", "SetGrowingFiles", $"id={disk} growingFiles=false");
            string reader = (await ChangeAsync("POST", $"/api/disks/{disk}/users", """{"type":"s3","nickname":"n"}""", "AddDiskUser", $"id={disk} type=s3 nickname=n")).GetProperty("identifier").GetString()!;
            await ChangeAsync("DELETE", $"/api/disks/{disk}/users/s3?identifier={reader}", null, "RemoveDiskUser", $"id={disk} type=s3 identifier={reader}");
            await ChangeAsync("DELETE", "/api/disks/" + disk, null, "DeleteDisk", $"id={disk}");
            await ChangeAsync("PUT", "/api/organizations/acme/policies/all", $$"""{"policy":{{policy}}}""", "PutOrganizationPolicy", "organization=acme name=all policy.name=all");
            await ChangeAsync("DELETE", "/api/organizations/acme/policies/all", null, "DeleteOrganizationPolicy", "organization=acme name=all");
            await ChangeAsync("DELETE", users + "/bob", null, "DeleteUser", "organization=acme user=bob");
            await ChangeAsync("DELETE", "/api/organizations/acme", null, "DeleteOrganization", "organization=acme");

            // CoreWeave's API has no envelope.
            Assert.Equal(200, (await client.SendAsync(ControlServer.Root, "POST", "/v1/cwobject/access-policy", $$"""{"policy":{{policy}}}""")).Status);
            expected.Add("CwEnsureAccessPolicy policy.name=all");
            await server.StopAsync();
        }

        JsonElement[] lines = Lines("control");
        Assert.All(lines, line => Assert.Equal("done", Text(line, "result")));
        Assert.Equal(expected, lines.Select(line => $"{Text(line, "operation")} {string.Join(' ', line.GetProperty("subjects").EnumerateObject().Select(it => $"{it.Name}={it.Value.GetString()}"))}"));
        Assert.Contains(lines, line => Text(line, "resource") == "/api/organizations/acme/users/bob/groups/key-holders");
    }

    [Fact]
    public async Task Each_operation_of_S3_that_may_change_access_leaves_one_line_and_no_other_does()
    {
        S3Operation[] changing = [.. OperationTable.Rows.Where(row => row.Method is not ("GET" or "HEAD" or "OPTIONS"))];
        Assert.Equal(
            OfData.Concat(changing.Where(RequestFacts.IsAccessChange).Select(row => row.Name)).Order(StringComparer.Ordinal), changing.Select(row => row.Name).Order(StringComparer.Ordinal));
        await using (InProcessServer server = await StartAsync())
        {
            using RawS3Client s3 = TraceExportTests.Client(server);
            foreach (S3Operation row in OperationTable.Rows)
            {
                Dictionary<string, string> query = row.Query.ToDictionary(q => q.Split('=')[0], q => q.Contains('=', StringComparison.Ordinal) ? q.Split('=')[1] : q is "partNumber" ? "1" : "");
                var headers = new Dictionary<string, string>();
                if (row.Header is { } header)
                {
                    headers[header] = "/other/key";
                }

                await s3.SendAsync(
                    new HttpMethod(row.Method), row.Target == S3Target.Service ? null : "audited", row.Target == S3Target.Object ? "a key" : null, query, headers,
                    row.Method is "PUT" or "POST" && row.Name is not ("PutObject" or "CreateBucket") ? "<x/>"u8.ToArray() : null);
            }

            await server.StopAsync();
        }

        JsonElement[] lines = Lines("s3");
        Assert.Equal(changing.Where(RequestFacts.IsAccessChange).Select(row => row.Name).Order(StringComparer.Ordinal), lines.Select(line => Text(line, "operation")).Order(StringComparer.Ordinal));
        Assert.Contains(lines, line => (Text(line, "operation"), Text(line, "resource"), Text(line, "result")) is ("PutObjectAcl", "audited/a key", "refused"));
        Assert.Contains(lines, line => (Text(line, "operation"), Text(line, "resource"), Text(line, "result")) is ("CreateBucket", "audited", "done"));
    }

    [Fact]
    public async Task An_upload_that_sets_a_list_is_there_and_what_a_stranger_changed_but_not_what_strangers_only_try()
    {
        await using (InProcessServer server = await StartAsync())
        {
            using RawS3Client s3 = TraceExportTests.Client(server);
            await s3.CreateBucketAsync("audited");
            (await s3.SendAsync(HttpMethod.Put, "audited", "plain", body: new byte[3])).Expect();
            await s3.SendAsync(HttpMethod.Put, "audited", "shared", headers: new Dictionary<string, string> { ["x-amz-acl"] = "bucket-owner-full-control" }, body: new byte[3]);
            using var client = new HttpClient();
            foreach (string path in (string[])["/audited?policy", "/" + new string('x', 5000) + "?policy"])
            {
                using HttpResponseMessage answer = await client.PutAsync(new Uri(server.S3Url + path), new ByteArrayContent([]), Token);
                Assert.InRange((int)answer.StatusCode, 400, 499);
            }

            using var unknown = new RawS3Client(new TarnEndpoint(new Uri(server.S3Url + "/"), "NOSUCHKEY", "secret"));
            Assert.Equal(403, (int)(await unknown.SendAsync(HttpMethod.Put, "audited", query: new Dictionary<string, string> { ["policy"] = "" }, body: "{}"u8.ToArray())).Status);
            using var wrong = new RawS3Client(new TarnEndpoint(new Uri(server.S3Url + "/"), "ROOTKEY", "wrong"));
            Assert.Equal(403, (int)(await wrong.SendAsync(HttpMethod.Put, "audited", query: new Dictionary<string, string> { ["policy"] = "" }, body: "{}"u8.ToArray())).Status);
            await server.StopAsync();
        }

        JsonElement[] lines = Lines("s3");
        Assert.Equal(["CreateBucket", "PutObject", "PutBucketPolicy"], lines.Select(line => Text(line, "operation")));
        Assert.Equal("audited/shared", Text(lines[1], "resource"));
        Assert.Equal(
            ("unknown", "ROOTKEY", "", "refused", "SignatureDoesNotMatch"),
            (Text(lines[2], "requester"), Text(lines[2], "claimedAccessKey"), Text(lines[2], "accessKey"), Text(lines[2], "result"), Text(lines[2], "error")));
    }

    [Fact]
    public async Task A_form_that_asks_for_a_list_is_there_also_when_it_is_denied()
    {
        await using (InProcessServer server = await StartAsync())
        {
            using RawS3Client s3 = TraceExportTests.Client(server);
            await s3.CreateBucketAsync("audited");
            using var client = new HttpClient();
            TimedSigner root = Signed("root-secret"), wrong = Signed("wrong-secret");
            PostForm Form(string key) => new PostForm("audited").With("key", key);
            Assert.Equal(204, await PostAsync(Form("plain").Body(root)));
            Assert.Equal(204, await PostAsync(Form("done").With("acl", "bucket-owner-full-control").Body(root)));
            Assert.Equal(403, await PostAsync(Form("refused").WithUnnamed("acl", "public-read").Body(root)));
            Assert.Equal(403, await PostAsync(Form("granted").WithUnnamed("x-amz-grant-read", "id=\"a\"").Body(root)));
            Assert.Equal(403, await PostAsync(Form("wrong").With("acl", "public-read").Body(wrong)));
            Assert.Equal(403, await PostAsync(Form("stranger").With("acl", "public-read").Body(null)));
            await server.StopAsync();

            async Task<int> PostAsync(byte[] form)
            {
                using var content = new ByteArrayContent(form);
                content.Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={PostForm.Boundary}");
                using HttpResponseMessage answer = await client.PostAsync(new Uri(server.S3Url + "/audited"), content, Token);
                return (int)answer.StatusCode;
            }
        }

        JsonElement[] lines = [.. Lines("s3").Where(static line => Text(line, "operation") == "PostObject")];
        Assert.Equal(
            ["audited/done done ROOTKEY ", "audited/refused refused ROOTKEY ", "audited/granted refused ROOTKEY ", "audited/wrong refused  ROOTKEY"],
            lines.Select(static line => $"{Text(line, "resource")} {Text(line, "result")} {Text(line, "accessKey")} {Text(line, "claimedAccessKey")}"));

        static TimedSigner Signed(string secret) => new(new SigV4TestSigner("ROOTKEY", secret, "us-east-1", "s3"), DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task A_start_that_cannot_open_the_log_makes_no_root_key_and_the_one_that_makes_it_says_so()
    {
        string logs = _directory.PathOf("logs"), path = Path.Combine(logs, "audit.log"), data = _directory.PathOf("data");
        ServerOptions options = Bound.From(new()
        {
            ["--data"] = [data], ["--s3"] = ["127.0.0.1:0"], ["--control"] = ["127.0.0.1:0"], ["--audit-log"] = [path], ["--log-level"] = ["none"],
        });
        await Assert.ThrowsAsync<StartupException>(() => ServerProcess.RunAsync(options, TextWriter.Null, Token));
        Directory.CreateDirectory(logs);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<int> run = ServerProcess.RunAsync(options, TextWriter.Null, stop.Token);
        while (!run.IsCompleted && !(File.Exists(path) && File.ReadAllText(path).EndsWith('\n')))
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Task.WhenAny(run);
        using JsonDocument line = JsonDocument.Parse(File.ReadAllLines(path)[0]);
        Assert.Equal("MakeRootKey", line.RootElement.GetProperty("operation").GetString());
    }

    [Theory]
    [InlineData(200, "done")]
    [InlineData(403, "refused")]
    [InlineData(499, "unknown")]
    [InlineData(503, "failed")]
    public void A_change_whose_answer_the_client_did_not_take_is_not_called_refused(int status, string result)
    {
        var change = new FinishedRequest
        {
            Method = "PUT", Started = default, Total = default, Status = status, Operation = "PutBucketPolicy", Bucket = new('b', 16_000), ChangesAccess = true, WasAllowed = true,
        };
        using (var log = AuditLog.Open(InProcessServer.Options with { AuditLog = LogPath }, TimeProvider.System, NullLogger<LineLog>.Instance))
        {
            log.Add(change);
            log.Add(change with { WasAllowed = false, Status = 403 });
        }

        JsonElement line = Assert.Single(Lines("s3"));
        Assert.Equal(result, Text(line, "result"));
        Assert.InRange(Text(line, "resource").Length, 100, 1200);
    }

    [Fact]
    public async Task A_line_names_what_was_made_and_no_secret()
    {
        string token, tokenId;
        JsonElement key;
        await using (InProcessServer server = await StartAsync())
        {
            using var client = new ControlApiClient(server.ControlUrl);
            await client.DataAsync(ControlServer.Root, "POST", "/api/organizations", """{"name":"acme","accessKey":"ACMEKEY","secretKey":"own-secret-key"}""");
            key = await client.DataAsync(ControlServer.Root, "POST", "/api/keys", """{"organization":"acme","durationSeconds":60}""");
            JsonElement made = await client.DataAsync(ControlServer.Root, "POST", "/api/tokens", """{"name":"ci"}""");
            (token, tokenId) = (made.GetProperty("token").GetString()!, made.GetProperty("id").GetString()!);
            await client.DataAsync(new Signer(null, token), "POST", "/api/organizations/acme/users", """{"name":"bob"}""");
            await client.SendAsync(ControlServer.Root, "DELETE", "/api/tokens/" + token);
            await client.SendAsync(new Signer("ROOTKEY", "wrong-secret"), "POST", "/api/keys", "{}");

            await server.StopAsync();
        }

        string all = File.ReadAllText(LogPath);
        Assert.All(["own-secret-key", token, key.GetProperty("secretKey").GetString()!, InProcessServer.RootSecretKey], secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
        JsonElement[] lines = Lines("control");
        Assert.Equal(["CreateOrganization", "CreateAccessKey", "CreateToken", "CreateUser", "DeleteToken"], lines.Select(line => Text(line, "operation")));
        Assert.Equal(("acme", "ACMEKEY"), (Text(lines[0].GetProperty("subjects"), "name"), Text(lines[0].GetProperty("subjects"), "accessKey")));
        Assert.Equal(key.GetProperty("accessKey").GetString(), Text(lines[1], "made"));
        Assert.Equal("/api/organizations/acme/users", Text(lines[3], "resource"));
        Assert.Equal("/api/tokens/key-…", Text(lines[4], "resource"));
        Assert.Equal(("", tokenId), (Text(lines[3], "accessKey"), Text(lines[3], "token")));
    }

    [Fact]
    public async Task The_start_of_the_server_is_there_with_its_root_key()
    {
        await using (await StartAsync())
        {
        }

        JsonElement line = Assert.Single(Lines("server"));
        Assert.Equal(("StartWithConfiguredRootKey", "ROOTKEY"), (Text(line, "operation"), Text(line, "accessKey")));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("not json", "")]
    [InlineData("[1]", "")]
    [InlineData("""{"name":"a","secretKey":"s","more":{"name":"b"},"durationSeconds":5}""", "name=a durationSeconds=5")]
    [InlineData("""{"name":"\ud800"}""", "")]
    [InlineData("""{"name":"a","name":"b"}""", "name=a")]
    [InlineData("""{"mounts":[{"path":"/a","token":"t"},{"path":"/b"}]}""", "mounts[0].path=/a mounts[1].path=/b")]
    [InlineData("""{"name":"key-0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijABCDEFGHIJ0123"}""", "name=key-…")]
    [InlineData("""{"url":"https://u:p@idp.example:8/a?token=t#f","jwksUrl":"https://idp.example/keys#f","endpointUrl":"u:p@s3.example?x=@/y"}""", "url=https://idp.example:8/a jwksUrl=https://idp.example/keys endpointUrl=s3.example")]
    [InlineData("""{"url":"https://u@p@idp.example/a@b","jwksUrl":"http://a:b@c\\d@e","endpointUrl":"//u:p@h"}""", "url=https://idp.example/a@b jwksUrl=http://c\\d@e endpointUrl=//h")]
    public void Of_a_body_only_known_names_are_shown(string body, string shown)
    {
        var subjects = new AuditSubjects();
        subjects.AddBody(System.Text.Encoding.UTF8.GetBytes(body));
        Assert.Equal(shown, string.Join(' ', subjects.Found.Select(it => $"{it.Key}={it.Value}")));
    }

    [Fact]
    public void However_much_a_body_names_a_line_stays_short()
    {
        var subjects = new AuditSubjects();
        subjects.AddBody(System.Text.Encoding.UTF8.GetBytes($$"""{"allowedIps":[{{string.Join(',', Enumerable.Repeat($"\"{new string('x', 1000)}\"", 1000))}}]}"""));
        Assert.InRange(subjects.Found.Sum(it => it.Key.Length + it.Value.Length), 1000, 20_000);
    }

    private Task<InProcessServer> StartAsync() => InProcessServer.StartAsync(new InProcessSetup { Options = InProcessServer.Options with { AuditLog = LogPath, DiskRoots = [new DiskRoot(_directory.PathOf("mount"), null)] } }, Token);

    /// <summary>The lines in the order in which the requests began: they are written in that of their ends.</summary>
    private JsonElement[] Lines(string plane) =>
    [
        .. File.ReadAllLines(LogPath).Select(line => JsonDocument.Parse(line).RootElement.Clone()).Where(line => Text(line, "plane") == plane)
            .OrderBy(line => line.GetProperty("time").GetDateTime()),
    ];

    private static string Text(JsonElement line, string member) => line.TryGetProperty(member, out JsonElement value) ? value.GetString()! : "";
}
