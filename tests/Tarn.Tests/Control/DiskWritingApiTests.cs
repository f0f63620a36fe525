using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tarn.TestKit.Http;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Control;

/// <summary>Writing to disks through the control API: who may, what is refused, and what readers over S3 see.</summary>
public sealed class DiskWritingApiTests : IAsyncLifetime
{
    private static readonly byte[] Large = [.. Enumerable.Range(0, 3 << 20).Select(i => (byte)(i >> 3))];

    private SharingServer _server = null!;
    private Signer _acme = null!;
    private string _disk = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await SharingServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        _disk = await _server.AttachAsync(_acme);
        await WritingAsync(SharingServer.Root, true);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_file_of_any_length_is_there_for_readers_over_s3_once_it_is_answered()
    {
        JsonElement key = await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/users", """{"type":"s3"}""");
        using RawS3Client s3 = _server.S3(Text(key, "accessKeyId"), Text(key, "secretAccessKey"));
        await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/directories", """{"path":"2026/01","parents":true}""");
        JsonElement written = await PutAsync(_acme, "2026/01/a b+c%25.bin", Large);
        Assert.Equal(("2026/01/a b+c%25.bin", Large.Length), (Text(written, "path"), written.GetProperty("size").GetInt32()));
        RawS3Response read = (await s3.GetAsync(_disk, "2026/01/a b+c%25.bin")).Expect();
        Assert.Equal(Large, read.Body);
        Assert.Equal($"\"{Text(written, "eTag")}\"", read.Header("ETag"));
        Assert.Contains("<Key>2026/01/a b+c%25.bin</Key>", (await s3.SendAsync(HttpMethod.Get, _disk)).Expect().Text, StringComparison.Ordinal);
        Assert.DoesNotContain(".tarn-uploads", (await s3.SendAsync(HttpMethod.Get, _disk)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await s3.GetAsync(_disk, $".tarn-uploads/{_disk}")).Status);
        await RefusedAsync(409, _acme, "PUT", Files("2026/01/a b+c%25.bin"), [1]);
        await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/rename", """{"from":"2026/01/a b+c%25.bin","to":"moved"}""");
        Assert.Equal(Large, (await s3.GetAsync(_disk, "moved")).Expect().Body);
        await _server.DataAsync(_acme, "DELETE", Files("moved"));
        Assert.Equal(HttpStatusCode.NotFound, (await s3.GetAsync(_disk, "moved")).Status);

        // S3 itself still cannot write.
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await s3.PutAsync(_disk, "x", new byte[1])).Status);
    }

    [Fact]
    public async Task An_upload_is_continued_with_pieces_of_which_each_and_all_are_verified()
    {
        JsonElement upload = await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/uploads", $$"""{"path":"f","length":{{Large.Length}},"label":"l"}""");
        string at = $"/api/disks/{_disk}/uploads/{Text(upload, "uploadId")}";
        (int status, JsonElement answer) = await SendAsync(_acme, "PUT", at + "?offset=0", Large[..2_000_000]);
        Assert.Equal((200, 2_000_000), (status, answer.GetProperty("data").GetProperty("offset").GetInt32()));
        Assert.Contains("at that offset", await RefusedAsync(409, _acme, "PUT", at + "?offset=1", [1]), StringComparison.Ordinal);
        await RefusedAsync(400, _acme, "PUT", at, [1]);
        await RefusedAsync(400, _acme, "PUT", at + "?offset=-1", [1]);

        // Nothing counts of a piece that is not the one that was signed.
        using (HttpRequestMessage forged = Request(_acme, "PUT", at + "?offset=2000000", Large[2_000_000..]))
        {
            forged.Content = new ByteArrayContent(new byte[Large.Length - 2_000_000]);
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.SendAsync(forged, Token)).StatusCode);
        }

        Assert.Equal(2_000_000, (await _server.DataAsync(_acme, "GET", at)).GetProperty("offset").GetInt32());
        Assert.Equal("l", Text((await _server.DataAsync(_acme, "GET", $"/api/disks/{_disk}/uploads")).GetProperty("uploads")[0], "label"));
        await _server.RefusalAsync(409, _acme, "POST", at + "/complete");
        (status, _) = await SendAsync(_acme, "PUT", at + "?offset=2000000", Large[2_000_000..]);
        Assert.Equal(200, status);
        await _server.RefusalAsync(400, _acme, "POST", at + "/complete", """{"sha256":"x"}""");
        await _server.RefusalAsync(400, _acme, "POST", at + "/complete", $$"""{"sha256":"{{new string('0', 64)}}"}""");
        JsonElement written = await _server.DataAsync(_acme, "POST", at + "/complete", $$"""{"sha256":"{{Convert.ToHexString(SHA256.HashData(Large))}}"}""");
        Assert.Equal(Large.Length, written.GetProperty("size").GetInt32());
        Assert.Equal(Large, await File.ReadAllBytesAsync(Path.Combine(_server.OpenRoot, "f"), Token));
        await _server.RefusalAsync(404, _acme, "DELETE", at);
    }

    [Fact]
    public async Task What_appeared_while_an_upload_was_sent_is_replaced_when_its_completion_says_so()
    {
        string at = $"/api/disks/{_disk}/uploads/{Text(await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/uploads", """{"path":"late"}"""), "uploadId")}";
        Assert.Equal(200, (await SendAsync(_acme, "PUT", at + "?offset=0", Large)).Status);
        _server.Write("late", [1]);
        await _server.RefusalAsync(409, _acme, "POST", at + "/complete");
        await _server.RefusalAsync(409, _acme, "POST", at + "/complete", """{"replace":false}""");
        Assert.Equal([1], await File.ReadAllBytesAsync(Path.Combine(_server.OpenRoot, "late"), Token));
        await _server.DataAsync(_acme, "POST", at + "/complete", """{"replace":true}""");
        Assert.Equal(Large, await File.ReadAllBytesAsync(Path.Combine(_server.OpenRoot, "late"), Token));
    }

    [Fact]
    public async Task A_body_that_is_not_the_one_that_was_announced_leaves_nothing()
    {
        string token = Text(await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t"}"""), "token");
        foreach ((string? hash, int expected) in new[] { (null, 201), (new string('0', 64), 400), ("x", 400), ("UNSIGNED-PAYLOAD", 201), (Convert.ToHexStringLower(SHA256.HashData(Large)), 201) })
        {
            string name = "f" + hash;
            using var request = new HttpRequestMessage(HttpMethod.Put, _server.ControlUrl + Files(name)) { Content = new ByteArrayContent(Large) };
            request.Headers.TryAddWithoutValidation("Authorization", token);
            if (hash is not null)
            {
                request.Headers.TryAddWithoutValidation("x-amz-content-sha256", hash);
            }

            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            using HttpResponseMessage response = await http.SendAsync(request, Token);
            Assert.Equal(expected, (int)response.StatusCode);
            Assert.Equal(expected == 201, File.Exists(Path.Combine(_server.OpenRoot, name)));
        }

        Assert.Empty(Staged());
    }

    [Fact]
    public async Task A_client_that_disconnects_in_the_middle_leaves_nothing_visible_and_its_upload_goes_on()
    {
        string token = Text(await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t"}"""), "token");
        await using (RawConnection connection = await RawConnection.OpenAsync(new Uri(_server.ControlUrl)))
        {
            await connection.WriteAsync($"PUT {Files("f")} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: 1000000\r\n\r\n" + new string('x', 100_000));
            await UntilAsync(() => Staged() is [var path] && new FileInfo(path).Length == 100_000);
        }

        await UntilAsync(() => Staged().Length == 0);
        Assert.False(File.Exists(Path.Combine(_server.OpenRoot, "f")));
        string id = Text(await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/uploads", """{"path":"f"}"""), "uploadId");
        string at = $"/api/disks/{_disk}/uploads/{id}";
        await using (RawConnection connection = await RawConnection.OpenAsync(new Uri(_server.ControlUrl)))
        {
            await connection.WriteAsync($"PUT {at}?offset=0 HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" + new string('x', 100_000));
            await UntilAsync(() => Staged().Any(path => new FileInfo(path).Length == 100_000));
        }

        // A newcomer waits for the end of the one before it, which keeps what arrived.
        (int status, JsonElement answer) = await SendAsync(_acme, "PUT", at + "?offset=100000", [1, 2, 3]);
        if (status == 409)
        {
            (status, answer) = await SendAsync(_acme, "PUT", at + "?offset=100000", [1, 2, 3]);
        }

        Assert.Equal((200, 100_003), (status, answer.GetProperty("data").GetProperty("offset").GetInt32()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("path=")]
    [InlineData("path=/a")]
    [InlineData("path=a%2F")]
    [InlineData("path=a/../b")]
    [InlineData("path=..%2Fb")]
    [InlineData("path=%2e%2e/b")]
    [InlineData("path=.")]
    [InlineData("path=a%00")]
    [InlineData("path=%FF")]
    [InlineData("path=%ED%A0%80")]
    [InlineData("path=%C0%AE%C0%AE%2Fb")]
    [InlineData("path=a%")]
    [InlineData("path=a%zz")]
    [InlineData("path=a&path=b")]
    [InlineData("path=.tarn-uploads%2Fx")]
    [InlineData("path=LONG")]
    [InlineData("path=a&replace=maybe&recursive=maybe")]
    public async Task A_path_that_is_not_one_is_refused_and_changes_nothing(string query)
    {
        _server.Write("a", [1]);
        _server.Write("b", [1]);
        query = query.Replace("LONG", new string('x', 256), StringComparison.Ordinal);
        await RefusedAsync(400, _acme, "PUT", $"/api/disks/{_disk}/files?{query}", [1, 2]);
        await RefusedAsync(400, _acme, "DELETE", $"/api/disks/{_disk}/files?{query}", []);
        Assert.Equal([1, 1], new[] { "a", "b" }.Select(name => (int)new FileInfo(Path.Combine(_server.OpenRoot, name)).Length));
        Assert.Empty(Staged());
    }

    [Fact]
    public async Task Every_right_of_every_endpoint_is_that_of_root_users_alone()
    {
        _server.Write("f", [1]);
        string upload = Text(await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/uploads", """{"path":"u"}"""), "uploadId");
        Signer other = await _server.OrganizationAsync("other");
        Signer bob = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"bob"}"""));
        Signer bobsToken = new(null, Text(await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t","user":"bob"}"""), "token"));
        JsonElement key = await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/users", """{"type":"s3"}""");
        Signer diskKey = new(Text(key, "accessKeyId"), Text(key, "secretAccessKey"));
        Signer rootToken = new(null, Text(await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"r"}"""), "token"));
        (string Method, string Path, string Body)[] endpoints =
        [
            ("PUT", "/writing", """{"writing":false}"""), ("PUT", "/files?path=new", "content"), ("DELETE", "/files?path=f", ""), ("POST", "/directories", """{"path":"d"}"""),
            ("POST", "/rename", """{"from":"f","to":"g"}"""), ("POST", "/uploads", """{"path":"v"}"""), ("GET", "/uploads", ""), ("GET", "/uploads/" + upload, ""),
            ("PUT", $"/uploads/{upload}?offset=0", "x"), ("POST", $"/uploads/{upload}/complete", ""), ("DELETE", "/uploads/" + upload, ""),
        ];
        string[] declared = [.. ControlServer.EndpointsOf(_server.Services).Where(name => name.StartsWith("GET /api/disks/{id}/uploads", StringComparison.Ordinal)
            || name.Contains("{id}/uploads", StringComparison.Ordinal) || name.Contains("{id}/files", StringComparison.Ordinal) || name.Contains("{id}/writing", StringComparison.Ordinal)
            || name.Contains("{id}/directories", StringComparison.Ordinal) || name.Contains("{id}/rename", StringComparison.Ordinal))];
        Assert.Equal(endpoints.Length, declared.Length);
        foreach ((string method, string path, string body) in endpoints)
        {
            string target = $"/api/disks/{_disk}{path}";
            byte[] bytes = Encoding.UTF8.GetBytes(body);
            Assert.Equal("there is no such disk", await RefusedAsync(404, other, method, target, bytes));
            Assert.Equal("there is no such disk", await RefusedAsync(404, bob, method, target, bytes));
            Assert.Equal("there is no such disk", await RefusedAsync(404, bobsToken, method, target, bytes));
            await RefusedAsync(403, diskKey, method, target, bytes);
            await RefusedAsync(401, null, method, target, bytes);
            await RefusedAsync(401, _acme with { Secret = "wrong-secret" }, method, target, bytes);
            await RefusedAsync(404, _acme, method, target.Replace(_disk, "dsk-0000000000000000", StringComparison.Ordinal), bytes);
        }

        Assert.Equal(["f"], Directory.EnumerateFiles(_server.OpenRoot).Select(path => Path.GetFileName(path)!));
        Assert.Empty(Directory.EnumerateDirectories(_server.OpenRoot, "d"));

        // Those who may, may: the organization's root user by key and by token, and the server's.
        foreach ((Signer signer, string name) in new[] { (_acme, "one"), (rootToken, "two"), (SharingServer.Root, "three") })
        {
            await PutAsync(signer, name, [1]);
        }

        // Turning writing off is for the organization as well; on again only for the operator, whose directory it is.
        await WritingAsync(_acme, false);
        foreach ((string method, string path, string body) in endpoints.Where(endpoint => endpoint.Path != "/writing"))
        {
            Assert.Contains("read-only", await RefusedAsync(403, SharingServer.Root, method, $"/api/disks/{_disk}{path}", Encoding.UTF8.GetBytes(body)), StringComparison.Ordinal);
        }

        await RefusedAsync(403, _acme, "PUT", $"/api/disks/{_disk}/writing", """{"writing":true}"""u8.ToArray());
        string made = Text(await _server.DataAsync(_acme, "POST", "/api/disks", """{"name":"made"}"""), "diskId");
        Assert.True((await _server.DataAsync(_acme, "GET", $"/api/disks/{made}")).GetProperty("writing").GetBoolean());
        await _server.DataAsync(_acme, "PUT", $"/api/disks/{made}/writing", """{"writing":false}""");
        await _server.DataAsync(_acme, "PUT", $"/api/disks/{made}/writing", """{"writing":true}""");
    }

    [Fact]
    public async Task Only_so_many_files_are_received_at_a_time()
    {
        string token = Text(await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t"}"""), "token");
        var open = new List<RawConnection>();
        for (int i = 0; i < 16; i++)
        {
            RawConnection connection = await RawConnection.OpenAsync(new Uri(_server.ControlUrl));
            await connection.WriteAsync(string.Create(
                CultureInfo.InvariantCulture, $"PUT {Files($"f{i}")} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: 100\r\n\r\nx"));
            open.Add(connection);
        }

        await UntilAsync(() => Staged().Length == 16);
        Assert.Contains("at most 16", await RefusedAsync(429, _acme, "PUT", Files("more"), [1]), StringComparison.Ordinal);
        foreach (RawConnection connection in open)
        {
            await connection.DisposeAsync();
        }

        await UntilAsync(() => Staged().Length == 0);
        await PutAsync(_acme, "more", [1]);
    }

    [Fact]
    public async Task An_attached_tree_is_left_as_it_was_when_its_disk_goes()
    {
        await PutAsync(_acme, "f", [1]);
        await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/uploads", """{"path":"u"}""");
        Assert.NotEmpty(Staged());
        await _server.DataAsync(_acme, "DELETE", $"/api/disks/{_disk}");
        Assert.Equal(["f"], Directory.EnumerateFileSystemEntries(_server.OpenRoot).Select(path => Path.GetFileName(path)!));

        // Attached again it is read-only again.
        _disk = await _server.AttachAsync(_acme);
        await RefusedAsync(403, _acme, "PUT", Files("g"), [1]);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static async Task UntilAsync(Func<bool> holds)
    {
        // The server notices the end of a connection by itself; nothing tells the test.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!Holds(holds))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(5, Token);
        }
    }

    private static bool Holds(Func<bool> holds)
    {
        try
        {
            return holds();
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private Task WritingAsync(Signer signer, bool value) =>
        _server.DataAsync(signer, "PUT", $"/api/disks/{_disk}/writing", $$"""{"writing":{{(value ? "true" : "false")}}}""");

    private string Files(string path) => $"/api/disks/{_disk}/files?path={Uri.EscapeDataString(path)}";

    private string[] Staged()
    {
        string staging = Path.Combine(_server.OpenRoot, ".tarn-uploads");
        return Directory.Exists(staging) ? [.. Directory.EnumerateFiles(staging, "*", SearchOption.AllDirectories)] : [];
    }

    private async Task<JsonElement> PutAsync(Signer signer, string path, byte[] content)
    {
        (int status, JsonElement answer) = await SendAsync(signer, "PUT", Files(path), content);
        Assert.True(status == 201, $"{path}: {status} {answer}");
        return answer.GetProperty("data");
    }

    private async Task<string> RefusedAsync(int expected, Signer? signer, string method, string path, byte[] body)
    {
        (int status, JsonElement answer) = await SendAsync(signer, method, path, body);
        Assert.True(status == expected, $"{method} {path}: {status} {answer}");
        return answer.GetProperty("error").GetString()!;
    }

    private async Task<(int Status, JsonElement Answer)> SendAsync(Signer? signer, string method, string path, byte[] body)
    {
        using HttpRequestMessage request = Request(signer, method, path, body);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using HttpResponseMessage response = await http.SendAsync(request, Token);
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Token));
        return ((int)response.StatusCode, document.RootElement.Clone());
    }

    private HttpRequestMessage Request(Signer? signer, string method, string path, byte[] body)
    {
        // The query goes out as it is written.
        var target = new Uri(_server.ControlUrl + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(method), target) { Content = body.Length > 0 ? new ByteArrayContent(body) : null };
        foreach ((string name, string value) in signer?.Headers(method, target, body) ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
