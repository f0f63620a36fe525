using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Identity;
using Tarn.S3.Operations;
using Tarn.S3.Pipeline;
using Tarn.S3.Routing;
using Tarn.Server.Auditing;
using Tarn.Server.Control;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;
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
    public async Task Each_endpoint_that_may_change_something_leaves_one_line_and_no_other_does()
    {
        var changes = new List<string>();
        await using (InProcessServer server = await StartAsync())
        {
            using var client = new ControlApiClient(server.ControlUrl);
            foreach (RouteEndpoint endpoint in server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
            {
                if (endpoint.Metadata.GetMetadata<Authenticated>() is null || endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is not { HttpMethods: [string method] }
                    || endpoint.RoutePattern.RawText == "/api/trace")
                {
                    continue;
                }

                if (method != "GET" && endpoint.Metadata.GetMetadata<ChangesNothing>() is null)
                {
                    changes.Add(endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName);
                }

                string path = "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => segment.Parts[0] is RoutePatternLiteralPart literal ? literal.Content : "none"));
                await client.SendAnyAsync(ControlServer.Root, method, path, method == "GET" ? [] : "{}"u8.ToArray());
            }

            await server.StopAsync();
        }

        JsonElement[] lines = Lines("control");
        Assert.True(changes.Count > 30);
        Assert.Equal(changes.Order(StringComparer.Ordinal), lines.Select(line => Text(line, "operation")).Order(StringComparer.Ordinal));
        Assert.All(lines, line =>
        {
            Assert.Equal(("arn:aws:iam::root:root", "127.0.0.1", "ROOTKEY"), (Text(line, "requester"), Text(line, "remote"), Text(line, "accessKey")));
            Assert.NotEqual("", Text(line, "requestId"));
            Assert.Equal(line.GetProperty("status").GetInt32() switch { < 400 => "done", < 500 => "refused", _ => "failed" }, Text(line, "result"));
        });
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
    public async Task An_upload_that_sets_a_list_is_there_and_a_denied_change_of_a_stranger()
    {
        await using (InProcessServer server = await StartAsync())
        {
            using RawS3Client s3 = TraceExportTests.Client(server);
            await s3.CreateBucketAsync("audited");
            (await s3.SendAsync(HttpMethod.Put, "audited", "plain", body: new byte[3])).Expect();
            await s3.SendAsync(HttpMethod.Put, "audited", "shared", headers: new Dictionary<string, string> { ["x-amz-acl"] = "bucket-owner-full-control" }, body: new byte[3]);
            using var client = new HttpClient();
            using HttpResponseMessage answer = await client.PutAsync(new Uri(server.S3Url + "/audited?policy"), new ByteArrayContent([]), Token);
            Assert.Equal(403, (int)answer.StatusCode);

            await server.StopAsync();
        }

        JsonElement[] lines = Lines("s3");
        Assert.Equal(["CreateBucket", "PutObject", "PutBucketPolicy"], lines.Select(line => Text(line, "operation")));
        Assert.Equal("audited/shared", Text(lines[1], "resource"));
        Assert.Equal(("anonymous", "refused", "AccessDenied"), (Text(lines[2], "requester"), Text(lines[2], "result"), Text(lines[2], "error")));
    }

    [Fact]
    public async Task A_line_names_what_was_made_and_no_secret()
    {
        string token;
        JsonElement key;
        await using (InProcessServer server = await StartAsync())
        {
            using var client = new ControlApiClient(server.ControlUrl);
            await client.DataAsync(ControlServer.Root, "POST", "/api/organizations", """{"name":"acme","accessKey":"ACMEKEY","secretKey":"own-secret-key"}""");
            key = await client.DataAsync(ControlServer.Root, "POST", "/api/keys", """{"organization":"acme","durationSeconds":60}""");
            token = (await client.DataAsync(ControlServer.Root, "POST", "/api/tokens", """{"name":"ci"}""")).GetProperty("token").GetString()!;
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
    public void Of_a_body_only_known_names_are_shown(string body, string shown) =>
        Assert.Equal(shown, string.Join(' ', AuditSubjects.In(System.Text.Encoding.UTF8.GetBytes(body)).Select(it => $"{it.Key}={it.Value}")));

    private Task<InProcessServer> StartAsync() => InProcessServer.StartAsync(new InProcessSetup { Options = InProcessServer.Options with { AuditLog = LogPath } }, Token);

    /// <summary>The lines in the order in which the requests began: they are written in that of their ends.</summary>
    private JsonElement[] Lines(string plane) =>
    [
        .. File.ReadAllLines(LogPath).Select(line => JsonDocument.Parse(line).RootElement.Clone()).Where(line => Text(line, "plane") == plane)
            .OrderBy(line => line.GetProperty("time").GetDateTime()),
    ];

    private static string Text(JsonElement line, string member) => line.TryGetProperty(member, out JsonElement value) ? value.GetString()! : "";
}
