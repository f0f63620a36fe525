using System.Net;
using System.Text.Json;
using Tarn.TestKit.Http;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Control;

/// <summary>Disks in the control API, and the effects at the S3 endpoint.</summary>
public sealed class DiskApiTests : IAsyncLifetime
{
    private SharingServer _server = null!;
    private Signer _acme = null!;
    private Signer _other = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await SharingServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        _other = await _server.OrganizationAsync("other");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_disk_is_made_once_and_goes_with_its_directory()
    {
        (int status, JsonElement made) = await _server.SendAsync(_acme, "POST", "/api/disks", """{"name":"one"}""");
        string id = made.GetProperty("data").GetProperty("diskId").GetString()!;
        Assert.Equal((201, 0), (status, made.GetProperty("data").GetProperty("authorizedUsers").GetArrayLength()));
        (status, JsonElement again) = await _server.SendAsync(_acme, "POST", "/api/disks", """{"name":"one"}""");
        Assert.Equal((200, id), (status, again.GetProperty("data").GetProperty("diskId").GetString()));
        await _server.RefusalAsync(409, _acme, "POST", "/api/disks", """{"name":"one","allowedIps":["10.0.0.0/8"]}""");
        await _server.RefusalAsync(409, _acme, "POST", "/api/disks", Mount("one", _server.OpenRoot));
        JsonElement shown = await _server.DataAsync(_acme, "GET", $"/api/disks/{id}");
        Assert.Equal(("one", "acme", "available", "us-east-1"), (Text(shown, "name"), Text(shown, "organization"), Text(shown, "status"), Text(shown, "region")));
        Assert.Equal(0, shown.GetProperty("mounts").GetArrayLength());
        string path = Text((await _server.DataAsync(SharingServer.Root, "GET", $"/api/disks/{id}")).GetProperty("mounts")[0], "path");
        File.WriteAllText(Path.Combine(path, "f"), "x");
        await _server.DataAsync(_acme, "DELETE", $"/api/disks/{id}");
        Assert.False(Directory.Exists(path));
        await _server.RefusalAsync(404, _acme, "DELETE", $"/api/disks/{id}");
    }

    [Fact]
    public async Task Only_what_is_below_a_root_is_attached_and_stays_when_the_disk_goes()
    {
        _server.Write("sub/f", [1]);
        Directory.CreateSymbolicLink(Path.Combine(_server.OpenRoot, "out"), _server.Outside);
        Directory.CreateSymbolicLink(Path.Combine(_server.Outside, "in"), Path.Combine(_server.OpenRoot, "sub"));
        File.WriteAllText(Path.Combine(_server.OpenRoot, "file"), "x");
        string notRoot = await _server.RefusalAsync(400, _acme, "POST", "/api/disks", Mount("d", _server.Outside));
        foreach (string path in new[] { Path.Combine(_server.OpenRoot, "out"), Path.Combine(_server.OpenRoot, "../outside"), "/", "/etc", "/nothing-there", _server.OpenRoot + "2" })
        {
            Assert.Equal(notRoot.Replace(_server.Outside, path, StringComparison.Ordinal), await _server.RefusalAsync(400, _acme, "POST", "/api/disks", Mount("d", path)));
        }

        Assert.Contains("not a directory", await _server.RefusalAsync(400, _acme, "POST", "/api/disks", Mount("d", Path.Combine(_server.OpenRoot, "file"))), StringComparison.Ordinal);
        Assert.Contains("absolute", await _server.RefusalAsync(400, _acme, "POST", "/api/disks", Mount("d", "open")), StringComparison.Ordinal);
        Assert.Contains("own data", await _server.RefusalAsync(400, _acme, "POST", "/api/disks", Mount("d", _server.Data)), StringComparison.Ordinal);
        await _server.RefusalAsync(400, _other, "POST", "/api/disks", Mount("d", _server.OfAcme));
        await _server.DataAsync(_acme, "POST", "/api/disks", Mount("own", _server.OfAcme));

        // A link from elsewhere into the root leads to a directory that may be attached.
        string id = (await _server.DataAsync(_acme, "POST", "/api/disks", Mount("d", Path.Combine(_server.Outside, "in")))).GetProperty("diskId").GetString()!;
        (int status, _) = await _server.SendAsync(_acme, "POST", "/api/disks", Mount("d", Path.Combine(_server.OpenRoot, "sub")));
        Assert.Equal(200, status);
        JsonElement mount = (await _server.DataAsync(_acme, "GET", $"/api/disks/{id}")).GetProperty("mounts")[0];
        Assert.Equal(("local", Path.Combine(_server.OpenRoot, "sub"), "ro"), (Text(mount, "type"), Text(mount, "path"), Text(mount, "accessMode")));
        await _server.DataAsync(_acme, "DELETE", $"/api/disks/{id}");
        Assert.True(File.Exists(Path.Combine(_server.OpenRoot, "sub/f")));
    }

    [Fact]
    public async Task What_is_asked_wrongly_or_is_not_implemented_is_said()
    {
        string id = await _server.AttachAsync(_acme);
        foreach (string body in new[]
        {
            "{}", """{"name":""}""", """{"name":"a b"}""", """{"name":"a/b"}""", """{"name":"dsk-12"}""", """{"name":"x","what":1}""",
            """{"name":"x","mounts":[{"type":"local"}]}""", """{"name":"x","mounts":[{"type":"local","path":"/x","more":1}]}""",
            """{"name":"x","mounts":[{"type":"nfs"}]}""", """{"name":"x","mounts":[{}]}""", """{"name":"x","allowedIps":["300.1.1.1"]}""",
        })
        {
            await _server.RefusalAsync(400, _acme, "POST", "/api/disks", body);
        }

        foreach ((string path, string body) in new[]
        {
            ("/api/disks", """{"name":"x","mounts":[{"type":"s3","bucketName":"b","accessKeyId":"k"}]}"""),
            ("/api/disks", """{"name":"x","authMethods":[{"type":"token","nickname":"n"}]}"""),
            ($"/api/disks/{id}/users", """{"type":"token","nickname":"n"}"""),
            ($"/api/disks/{id}/users", """{"type":"awssts","principal":"arn:aws:iam::1:role/r"}"""),
            ($"/api/disks/{id}/exec", """{"command":"ls"}"""),
            ("/api/exec", """{"disks":{},"command":"ls"}"""),
            ($"/api/disks/{id}/grep", """{"directory":"","pattern":"x"}"""),
        })
        {
            Assert.Contains("not implemented", await _server.RefusalAsync(501, _acme, "POST", path, body), StringComparison.Ordinal);
        }

        foreach (string body in new[] { "{}", """{"type":"x"}""", """{"type":"s3","principal":"p"}""", """{"type":"s3","nickname":"a\nb"}""" })
        {
            await _server.RefusalAsync(400, _acme, "POST", $"/api/disks/{id}/users", body);
        }
    }

    [Fact]
    public async Task Disks_of_another_organization_are_not_there()
    {
        string id = await _server.AttachAsync(_acme);
        foreach ((string method, string path, string? body) in new (string, string, string?)[]
        {
            ("GET", "", null), ("DELETE", "", null), ("GET", "/users", null), ("POST", "/users", """{"type":"s3"}"""), ("DELETE", "/users/s3?identifier=x", null),
            ("GET", "/allowed-ips", null), ("PUT", "/allowed-ips", """{"allowedIps":[]}"""), ("POST", "/share", """{"key":"f"}"""), ("POST", "/exec", "{}"), ("POST", "/grep", "{}"),
        })
        {
            Assert.Equal("there is no such disk", await _server.RefusalAsync(404, _other, method, $"/api/disks/{id}{path}", body));
            Assert.Equal("there is no such disk", await _server.RefusalAsync(404, _acme, method, $"/api/disks/dsk-0000000000000000{path}", body));
            await _server.RefusalAsync(401, null, method, $"/api/disks/{id}{path}", body);
        }

        Signer bob = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"bob"}"""));
        await _server.RefusalAsync(404, bob, "GET", $"/api/disks/{id}");
        await _server.RefusalAsync(403, bob, "GET", "/api/disks");
        await _server.RefusalAsync(403, bob, "POST", "/api/disks", """{"name":"bobs"}""");
        await _server.RefusalAsync(403, _other, "GET", "/api/disks?organization=acme");
        Assert.Equal(0, (await _server.DataAsync(_other, "GET", "/api/disks")).GetArrayLength());
        Assert.Equal(1, (await _server.DataAsync(SharingServer.Root, "GET", "/api/disks?organization=acme")).GetArrayLength());
        Assert.Contains("has disks", await _server.RefusalAsync(409, SharingServer.Root, "DELETE", "/api/organizations/acme"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_go_on_after_a_disk_and_find_one_by_its_name()
    {
        for (int i = 0; i < 5; i++)
        {
            await _server.DataAsync(_acme, "POST", "/api/disks", $$"""{"name":"disk-{{i}}"}""");
        }

        var seen = new List<string>();
        while (true)
        {
            JsonElement page = await _server.DataAsync(_acme, "GET", "/api/disks?limit=2" + (seen.Count > 0 ? "&cursor=" + seen[^1] : ""));
            Assert.InRange(page.GetArrayLength(), 0, 2);
            if (page.GetArrayLength() == 0)
            {
                break;
            }

            seen.AddRange(page.EnumerateArray().Select(disk => Text(disk, "id")));
        }

        Assert.Equal(5, seen.Distinct().Count());
        JsonElement named = await _server.DataAsync(_acme, "GET", "/api/disks?name=disk-3");
        Assert.Equal("disk-3", Text(Assert.Single(named.EnumerateArray().ToArray()), "name"));
        Assert.Equal(0, (await _server.DataAsync(_acme, "GET", "/api/disks?name=disk-9")).GetArrayLength());
        await _server.RefusalAsync(400, _acme, "GET", "/api/disks?cursor=x");
    }

    [Fact]
    public async Task A_users_key_opens_the_disk_alone_until_it_is_removed()
    {
        _server.Write("f", [1, 2, 3]);
        string id = await _server.AttachAsync(_acme);
        string second = (await _server.DataAsync(_acme, "POST", "/api/disks", """{"name":"second"}""")).GetProperty("diskId").GetString()!;
        JsonElement user = await _server.DataAsync(_acme, "POST", $"/api/disks/{id}/users", """{"type":"s3","nickname":"ci"}""");
        Assert.Equal(("s3", "ci", Text(user, "identifier")), (Text(user, "type"), Text(user, "nickname"), Text(user, "accessKeyId")));
        JsonElement listed = Assert.Single((await _server.DataAsync(_acme, "GET", $"/api/disks/{id}/users")).GetProperty("users").EnumerateArray().ToArray());
        Assert.Equal((Text(user, "accessKeyId"), false), (Text(listed, "identifier"), listed.TryGetProperty("secretAccessKey", out _)));
        using RawS3Client client = _server.S3(Text(user, "accessKeyId"), Text(user, "secretAccessKey"));
        Assert.Equal([1, 2, 3], (await client.GetAsync(id, "f")).Expect().Body);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(HttpMethod.Head, second)).Status);
        await _server.RefusalAsync(403, Signer.Of(JsonDocument.Parse(JsonSerializer.Serialize(new { accessKey = Text(user, "accessKeyId"), secretKey = Text(user, "secretAccessKey") })).RootElement), "GET", "/api/disks");

        await _server.DataAsync(_acme, "PUT", $"/api/disks/{id}/allowed-ips", """{"allowedIps":["203.0.113.7"]}""");
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(id, "f")).Status);
        await _server.DataAsync(_acme, "PUT", $"/api/disks/{id}/allowed-ips", """{"allowedIps":["127.0.0.0/8"]}""");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(id, "f")).Status);

        await _server.RefusalAsync(404, _acme, "DELETE", $"/api/disks/{second}/users/s3?identifier={Text(user, "identifier")}");
        await _server.RefusalAsync(404, _acme, "DELETE", $"/api/disks/{id}/users/token?identifier={Text(user, "identifier")}");
        await _server.DataAsync(_acme, "DELETE", $"/api/disks/{id}/users/s3?identifier={Text(user, "identifier")}");
        Assert.Equal("InvalidAccessKeyId", (await client.GetAsync(id, "f")).ErrorCode);
        Assert.Equal(0, (await _server.DataAsync(_acme, "GET", $"/api/disks/{id}")).GetProperty("authorizedUsers").GetArrayLength());
    }

    [Fact]
    public async Task The_keys_of_a_disk_go_with_it()
    {
        string id = await _server.AttachAsync(_acme);
        JsonElement user = await _server.DataAsync(_acme, "POST", $"/api/disks/{id}/users", """{"type":"s3"}""");
        await _server.DataAsync(_acme, "DELETE", $"/api/disks/{id}");
        using RawS3Client client = _server.S3(Text(user, "accessKeyId"), Text(user, "secretAccessKey"));
        Assert.Equal("InvalidAccessKeyId", (await client.SendAsync(HttpMethod.Get, id)).ErrorCode);
        await _server.RefusalAsync(404, _acme, "GET", $"/api/keys/{Text(user, "accessKeyId")}");
    }

    [Fact]
    public async Task Addresses_come_back_as_clients_look_for_them()
    {
        string id = await _server.AttachAsync(_acme);
        JsonElement set = await _server.DataAsync(
            _acme, "PUT", $"/api/disks/{id}/allowed-ips", """{"allowedIps":["198.51.100.42","203.0.113.9/24","2001:db8::1","2001:db8::/32","198.51.100.42/32"]}""");
        string[] expected = ["198.51.100.42", "203.0.113.0/24", "2001:db8::1", "2001:db8::/32"];
        Assert.Equal(expected, set.GetProperty("allowedIps").EnumerateArray().Select(ip => ip.GetString()));
        Assert.Equal(expected, (await _server.DataAsync(_acme, "GET", $"/api/disks/{id}")).GetProperty("allowedIps").EnumerateArray().Select(ip => ip.GetString()));
        await _server.RefusalAsync(400, _acme, "PUT", $"/api/disks/{id}/allowed-ips", """{"allowedIps":["everyone"]}""");
        await _server.RefusalAsync(400, _acme, "PUT", $"/api/disks/{id}/allowed-ips", """{"allowedIps":null}""");
    }

    [Fact]
    public async Task A_token_reads_disks_of_its_organization_over_s3_and_nothing_else()
    {
        _server.Write("a b/f", [1, 2, 3]);
        string id = await _server.AttachAsync(_acme);
        string token = Text(await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t"}"""), "token");
        string stranger = Text(await _server.DataAsync(_other, "POST", "/api/tokens", """{"name":"t"}"""), "token");
        await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"bob"}""");
        string bobs = Text(await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t","user":"bob"}"""), "token");
        using RawS3Client acme = _server.S3(_acme.Id!, _acme.Secret);
        await acme.CreateBucketAsync("acmes");
        (await acme.PutAsync("acmes", "k", "v"u8.ToArray())).Expect();

        Assert.Equal((200, "\u0001\u0002\u0003"), await S3Async(token, HttpMethod.Get, $"/{id}/a%20b/f"));
        Assert.Equal(200, (await S3Async(token, HttpMethod.Head, $"/{id}/a%20b/f")).Status);
        Assert.Contains("<Key>a b/f</Key>", (await S3Async(token, HttpMethod.Get, $"/{id}?list-type=2")).Text, StringComparison.Ordinal);
        foreach ((string who, HttpMethod method, string target, int status, string code) in new[]
        {
            (token, HttpMethod.Put, $"/{id}/new", 405, "MethodNotAllowed"),
            (token, HttpMethod.Delete, $"/{id}/a%20b/f", 405, "MethodNotAllowed"),
            (token, HttpMethod.Get, "/acmes/k", 403, "AccessDenied"),
            (token, HttpMethod.Get, "/acmes", 403, "AccessDenied"),
            (token, HttpMethod.Put, "/acmes/k", 403, "AccessDenied"),
            (token, HttpMethod.Put, "/bucket-of-a-token", 403, "AccessDenied"),
            (token, HttpMethod.Delete, "/acmes", 403, "AccessDenied"),
            (token, HttpMethod.Get, "/", 403, "AccessDenied"),
            (stranger, HttpMethod.Get, $"/{id}/a%20b/f", 404, "NoSuchBucket"),
            (stranger, HttpMethod.Get, "/dsk-0000000000000000/a%20b/f", 404, "NoSuchBucket"),
            (bobs, HttpMethod.Get, $"/{id}/a%20b/f", 403, "AccessDenied"),
            (token + "x", HttpMethod.Get, $"/{id}/a%20b/f", 403, "InvalidAccessKeyId"),
            (token, HttpMethod.Get, $"/{id}/a%20b/f?X-Amz-Signature=x", 400, "InvalidArgument"),
        })
        {
            (int got, string text) = await S3Async(who, method, target);
            Assert.True(got == status && text.Contains($"<Code>{code}</Code>", StringComparison.Ordinal), $"{method} {target}: {got} {text}");
            Assert.DoesNotContain(token, text, StringComparison.Ordinal);
        }

        await _server.DataAsync(_acme, "PUT", $"/api/disks/{id}/allowed-ips", """{"allowedIps":["203.0.113.7"]}""");
        Assert.Equal(403, (await S3Async(token, HttpMethod.Get, $"/{id}/a%20b/f")).Status);
    }

    private async Task<(int Status, string Text)> S3Async(string token, HttpMethod method, string target)
    {
        using HttpResponseMessage answer = await _server.UseAsync(new Uri(_server.S3Url + target), method, ("Authorization", token));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(SharingServer.Token));
    }

    private static string Mount(string name, string path) => JsonSerializer.Serialize(new { name, mounts = new[] { new { type = "local", path } } });

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;
}
