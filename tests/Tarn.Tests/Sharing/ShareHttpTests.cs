using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tarn.TestKit.Http;
using Tarn.Tests.Control;

namespace Tarn.Tests.Sharing;

/// <summary>Share links as their holders see them.</summary>
public sealed class ShareHttpTests : IAsyncLifetime
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 / 3))];

    private SharingServer _server = null!;
    private Signer _acme = null!;
    private string _disk = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await SharingServer.StartAsync(hasShareHost: true);
        _acme = await _server.OrganizationAsync("acme");
        _disk = await _server.AttachAsync(_acme);
        _server.Write("dir/picture.png", Content);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_link_streams_the_file_with_what_keeps_a_browser_safe()
    {
        (Uri url, string id) = await _server.ShareAsync(_acme, _disk, "dir/picture.png");
        using HttpResponseMessage answer = await _server.UseThereAsync(url);
        Assert.Equal((HttpStatusCode.OK, "image/png", 300_000L), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), answer.Content.Headers.ContentLength));
        Assert.Equal(Content, await answer.Content.ReadAsByteArrayAsync(SharingServer.Token));
        Assert.Equal("inline; filename=\"picture.png\"; filename*=UTF-8''picture.png", One(answer, "Content-Disposition"));
        Assert.Equal("nosniff", One(answer, "X-Content-Type-Options"));
        Assert.StartsWith("sandbox; default-src 'none'", One(answer, "Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal(("private, no-store", "no-referrer", "bytes"), (One(answer, "Cache-Control"), One(answer, "Referrer-Policy"), One(answer, "Accept-Ranges")));
        using HttpResponseMessage head = await _server.UseThereAsync(url, HttpMethod.Head);
        Assert.Equal((300_000L, answer.Headers.ETag), (head.Content.Headers.ContentLength, head.Headers.ETag));
        await EventuallyAsync(() => _server.Audit.Lines.Count == 2);
        Assert.Equal(
            [$"Share link {id} to {_disk}/dir/picture.png used by 127.0.0.1: GET 200, 300000 bytes", $"Share link {id} to {_disk}/dir/picture.png used by 127.0.0.1: HEAD 200, 0 bytes"],
            _server.Audit.Lines);
    }

    [Fact]
    public async Task A_link_is_no_script_of_a_service_worker()
    {
        _server.Write("worker.js", "onfetch = null"u8.ToArray());
        (Uri url, _) = await _server.ShareAsync(_acme, _disk, "worker.js");
        Assert.Equal(HttpStatusCode.OK, (await _server.UseAsync(url)).StatusCode);
        using HttpResponseMessage answer = await _server.UseAsync(url, null, ("Service-Worker", "script"));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.DoesNotContain("onfetch", await answer.Content.ReadAsStringAsync(SharingServer.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ranges_and_conditions_are_those_of_s3()
    {
        (Uri url, _) = await _server.ShareAsync(_acme, _disk, "dir/picture.png");
        using HttpResponseMessage part = await _server.UseAsync(url, null, ("Range", "bytes=100000-100009"));
        Assert.Equal((HttpStatusCode.PartialContent, "bytes 100000-100009/300000"), (part.StatusCode, part.Content.Headers.ContentRange?.ToString()));
        Assert.Equal(Content[100_000..100_010], await part.Content.ReadAsByteArrayAsync(SharingServer.Token));
        string etag = part.Headers.ETag!.ToString();
        using HttpResponseMessage same = await _server.UseAsync(url, null, ("If-None-Match", etag));
        Assert.Equal((HttpStatusCode.NotModified, 0), (same.StatusCode, (await same.Content.ReadAsByteArrayAsync(SharingServer.Token)).Length));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await _server.UseAsync(url, null, ("If-Match", "\"x\""))).StatusCode);
        using HttpResponseMessage beyond = await _server.UseAsync(url, null, ("Range", "bytes=300000-"));
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, "bytes */300000"), (beyond.StatusCode, beyond.Content.Headers.ContentRange?.ToString()));
        Assert.Equal(HttpStatusCode.PartialContent, (await _server.UseAsync(url, null, ("Range", "bytes=0-0"), ("If-Range", etag))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _server.UseAsync(url, null, ("Range", "bytes=0-0"), ("If-Range", "\"x\""))).StatusCode);
    }

    [Theory]
    [InlineData("page.html", "<script>alert(1)</script>", "attachment", "text/html")]
    [InlineData("drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "attachment", "image/svg+xml")]
    [InlineData("data.xml", "<x/>", "attachment", "text/xml")]
    [InlineData("code.js", "alert(1)", "attachment", "text/javascript")]
    [InlineData("sniffed", "<html><script>alert(1)</script>", "attachment", "text/html")]
    [InlineData("notes.txt", "<script>alert(1)</script>", "inline", "text/plain; charset=utf-8")]
    [InlineData("naïve \"quote\" 日本.txt", "x", "inline", "text/plain; charset=utf-8")]
    public async Task What_could_run_is_only_saved(string name, string content, string disposition, string type)
    {
        _server.Write(name, Encoding.UTF8.GetBytes(content));
        (Uri url, _) = await _server.ShareAsync(_acme, _disk, name);
        using HttpResponseMessage answer = await _server.UseThereAsync(url);
        ContentDispositionHeaderValue said = ContentDispositionHeaderValue.Parse(One(answer, "Content-Disposition"));
        Assert.Equal((disposition, name, type), (said.DispositionType, said.FileNameStar, answer.Content.Headers.ContentType?.ToString()));
        Assert.Equal("nosniff", One(answer, "X-Content-Type-Options"));
        Assert.Equal(content, await answer.Content.ReadAsStringAsync(SharingServer.Token));
    }

    /// <summary>On the control address, whose pages have the console's session: whatever it is, however it is asked for.</summary>
    [Theory]
    [InlineData("page.html", "text/html")]
    [InlineData("page.xhtml", "application/xhtml+xml")]
    [InlineData("drawing.svg", "image/svg+xml")]
    [InlineData("paper.pdf", "application/pdf")]
    [InlineData("data.xml", "text/xml")]
    [InlineData("code.js", "text/javascript")]
    [InlineData("code.wasm", "application/wasm")]
    [InlineData("sheet.css", "text/css")]
    [InlineData("data.json", "application/json")]
    [InlineData("notes.txt", "text/plain")]
    [InlineData("picture.png", "image/png")]
    [InlineData("film.mp4", "video/mp4")]
    [InlineData("sound.mp3", "audio/mpeg")]
    [InlineData("nothing", "multipart/x-mixed-replace; boundary=x")]
    [InlineData("nonsense", "text/html,text/html")]
    [InlineData("naïve \"quote\" 日本.pdf", "application/pdf")]
    public async Task Beside_the_console_everything_is_only_saved(string name, string type)
    {
        using RawS3Client acme = _server.S3(_acme.Id!, _acme.Secret);
        await acme.CreateBucketAsync("acmes");
        (await acme.SendAsync(HttpMethod.Put, "acmes", name, headers: new Dictionary<string, string> { ["Content-Type"] = type, ["Content-Disposition"] = "inline" }, body: "<script>alert(1)</script>"u8.ToArray())).Expect();
        JsonElement made = await _server.DataAsync(_acme, "POST", "/api/shares", JsonSerializer.Serialize(new { bucket = "acmes", key = name }));
        foreach ((HttpMethod method, (string, string)[] headers) in new[] { (HttpMethod.Get, []), (HttpMethod.Head, []), (HttpMethod.Get, ((string, string)[])[("Range", "bytes=0-3")]) })
        {
            using HttpResponseMessage answer = await _server.UseAsync(_server.AtControl(made), method, headers);
            ContentDispositionHeaderValue said = ContentDispositionHeaderValue.Parse(One(answer, "Content-Disposition"));
            Assert.Equal(("attachment", name), (said.DispositionType, said.FileNameStar));
            Assert.Equal(("sandbox; default-src 'none'", "nosniff", "private, no-store"), (One(answer, "Content-Security-Policy"), One(answer, "X-Content-Type-Options"), One(answer, "Cache-Control")));
        }
    }

    [Fact]
    public async Task A_forged_expired_or_revoked_link_is_a_page_that_says_so_and_repeats_nothing()
    {
        (Uri url, string id) = await _server.ShareAsync(_acme, _disk, "dir/picture.png", 60);
        string text = url.AbsoluteUri;
        foreach (string forged in new[] { text[..^1] + (text[^1] == 'A' ? 'B' : 'A'), text[..^20], text[..text.LastIndexOf('/')] + "/%3Cscript%3Ealert(1)%3C%2Fscript%3E" })
        {
            await RefusedAsync(new Uri(forged), HttpStatusCode.Forbidden, "This link is not valid.\n");
        }

        _server.Clock.Ahead = TimeSpan.FromSeconds(62);
        await RefusedAsync(url, HttpStatusCode.Gone, "This link has expired.\n");
        _server.Clock.Ahead = TimeSpan.Zero;
        Assert.Equal(HttpStatusCode.OK, (await _server.UseAsync(url)).StatusCode);
        await _server.DataAsync(_acme, "DELETE", $"/api/shares/{id}");
        await RefusedAsync(url, HttpStatusCode.Gone, "This link has been revoked.\n");
        await _server.RefusalAsync(404, _acme, "DELETE", $"/api/shares/{id}");
        Assert.Contains(_server.Audit.Lines, line => line.StartsWith("Share link - to - used by 127.0.0.1: GET 403", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_end_of_the_disk_ends_its_links_and_a_file_that_is_gone_is_said_to_be()
    {
        (Uri url, _) = await _server.ShareAsync(_acme, _disk, "dir/picture.png");
        File.Delete(Path.Combine(_server.OpenRoot, "dir/picture.png"));
        await RefusedAsync(url, HttpStatusCode.NotFound, "The file that this link leads to does not exist.\n");
        _server.Write("dir/picture.png", [1]);
        Assert.Equal(HttpStatusCode.OK, (await _server.UseAsync(url)).StatusCode);
        await _server.DataAsync(_acme, "DELETE", $"/api/disks/{_disk}");
        await RefusedAsync(url, HttpStatusCode.Gone, "This link has been revoked.\n");
        Assert.True(File.Exists(Path.Combine(_server.OpenRoot, "dir/picture.png")));
        Assert.Equal(0, (await _server.DataAsync(_acme, "GET", "/api/shares")).GetProperty("links").GetArrayLength());
        await _server.DataAsync(SharingServer.Root, "DELETE", "/api/organizations/acme");
        await RefusedAsync(url, HttpStatusCode.Gone, "This link has been revoked.\n");
    }

    [Fact]
    public async Task Nothing_outside_the_disk_can_be_shared()
    {
        File.WriteAllText(Path.Combine(_server.Outside, "secret"), "secret");
        File.CreateSymbolicLink(Path.Combine(_server.OpenRoot, "absolute"), Path.Combine(_server.Outside, "secret"));
        File.CreateSymbolicLink(Path.Combine(_server.OpenRoot, "relative"), "../outside/secret");
        File.CreateSymbolicLink(Path.Combine(_server.OpenRoot, "inside"), "/dir/picture.png");
        foreach (string key in new[] { "", "/", ".", "..", "../outside/secret", "dir/../../outside/secret", "/etc/passwd", "//etc/passwd", "dir/", "a//b", "./dir/picture.png", "a\0b" })
        {
            await _server.RefusalAsync(400, _acme, "POST", $"/api/disks/{_disk}/share", JsonSerializer.Serialize(new { key }));
        }

        foreach (string key in new[] { "absolute", "relative", "dir", "nothing", "etc/passwd" })
        {
            await _server.RefusalAsync(404, _acme, "POST", $"/api/disks/{_disk}/share", JsonSerializer.Serialize(new { key }));
        }

        // A shared file that is replaced by a link out of the disk leads nowhere either.
        (Uri url, _) = await _server.ShareAsync(_acme, _disk, "inside");
        Assert.Equal(HttpStatusCode.OK, (await _server.UseAsync(url)).StatusCode);
        File.Delete(Path.Combine(_server.OpenRoot, "inside"));
        File.CreateSymbolicLink(Path.Combine(_server.OpenRoot, "inside"), Path.Combine(_server.Outside, "secret"));
        await RefusedAsync(url, HttpStatusCode.NotFound, "The file that this link leads to does not exist.\n");
    }

    [Fact]
    public async Task How_long_a_link_lasts_is_within_bounds()
    {
        foreach (string life in new[] { "0", "-1", "604801", "1.5", "\"60\"", "9999999999999999999" })
        {
            await _server.RefusalAsync(400, _acme, "POST", $"/api/disks/{_disk}/share", $$"""{"key":"dir/picture.png","expiresIn":{{life}}}""");
        }

        foreach ((string life, int expected) in new[] { ("1", 1), ("604800", 604_800), ("null", 86_400) })
        {
            JsonElement made = await _server.DataAsync(_acme, "POST", $"/api/disks/{_disk}/share", $$"""{"key":"dir/picture.png","expiresIn":{{life}}}""");
            Assert.Equal(expected, made.GetProperty("expiresIn").GetInt32());
        }
    }

    [Fact]
    public async Task Objects_are_shared_by_the_root_user_of_their_organization()
    {
        using RawS3Client acme = _server.S3(_acme.Id!, _acme.Secret);
        await acme.CreateBucketAsync("acmes");
        (await acme.PutAsync("acmes", "a b/é.html", "<p>1"u8.ToArray())).Expect();
        Signer other = await _server.OrganizationAsync("other");
        const string Body = """{"bucket":"acmes","key":"a b/é.html"}""";
        await _server.RefusalAsync(404, other, "POST", "/api/shares", Body);
        await _server.RefusalAsync(404, SharingServer.Root, "POST", "/api/shares", Body);
        await _server.RefusalAsync(404, _acme, "POST", "/api/shares", """{"bucket":"acmes","key":"nothing"}""");
        await _server.RefusalAsync(404, _acme, "POST", "/api/shares", """{"bucket":"acmes","key":"a b/é.html","versionId":"nonsense"}""");
        Signer bob = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"bob"}"""));
        await _server.RefusalAsync(403, bob, "POST", "/api/shares", Body);
        JsonElement made = await _server.DataAsync(_acme, "POST", "/api/shares", Body);
        Uri url = _server.AtControl(made);
        using HttpResponseMessage answer = await _server.UseAsync(url);
        Assert.Equal("<p>1", await answer.Content.ReadAsStringAsync(SharingServer.Token));
        Assert.StartsWith("attachment;", One(answer, "Content-Disposition"), StringComparison.Ordinal);
        JsonElement listed = Assert.Single((await _server.DataAsync(_acme, "GET", "/api/shares?bucket=acmes")).GetProperty("links").EnumerateArray().ToArray());
        Assert.Equal(("acmes", "a b/é.html", "arn:aws:iam::acme:root"), (listed.GetProperty("bucket").GetString(), listed.GetProperty("key").GetString(), listed.GetProperty("createdBy").GetString()));
        await _server.RefusalAsync(403, other, "GET", "/api/shares?organization=acme");
        await _server.RefusalAsync(404, other, "DELETE", "/api/shares/" + listed.GetProperty("id").GetString());

        // A bucket created again under the same name is another bucket.
        (await acme.SendAsync(HttpMethod.Delete, "acmes", "a b/é.html")).Expect();
        await RefusedAsync(url, HttpStatusCode.NotFound, "The file that this link leads to does not exist.\n");
        (await acme.SendAsync(HttpMethod.Delete, "acmes")).Expect();
        await acme.CreateBucketAsync("acmes");
        (await acme.PutAsync("acmes", "a b/é.html", "new"u8.ToArray())).Expect();
        await RefusedAsync(url, HttpStatusCode.Gone, "This link has been revoked.\n");
    }

    [Fact]
    public async Task A_reader_that_leaves_is_counted_for_what_it_took()
    {
        _server.Write("large", new byte[64 << 20]);
        (Uri url, string id) = await _server.ShareAsync(_acme, _disk, "large");
        using (var client = new HttpClient())
        using (HttpResponseMessage answer = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, SharingServer.Token))
        {
            await using Stream stream = await answer.Content.ReadAsStreamAsync(SharingServer.Token);
            await stream.ReadExactlyAsync(new byte[1000], SharingServer.Token);
        }

        await EventuallyAsync(() => !_server.Audit.Lines.IsEmpty);
        string line = Assert.Single(_server.Audit.Lines);
        Assert.StartsWith($"Share link {id} to {_disk}/large used by 127.0.0.1: GET 499, ", line, StringComparison.Ordinal);
        Assert.InRange(long.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture), 1000, (64 << 20) - 1);
    }

    private async Task RefusedAsync(Uri url, HttpStatusCode status, string page)
    {
        using HttpResponseMessage answer = await _server.UseAsync(url);
        Assert.Equal((status, page), (answer.StatusCode, await answer.Content.ReadAsStringAsync(SharingServer.Token)));
        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(("nosniff", "private, no-store", "no-referrer"), (One(answer, "X-Content-Type-Options"), One(answer, "Cache-Control"), One(answer, "Referrer-Policy")));
        Assert.StartsWith("sandbox;", One(answer, "Content-Security-Policy"), StringComparison.Ordinal);
    }

    /// <summary>The line is written once the answer is out, so a client may be first.</summary>
    private static async Task EventuallyAsync(Func<bool> condition)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            await tick.WaitForNextTickAsync(SharingServer.Token);
        }
    }

    private static string One(HttpResponseMessage answer, string header) =>
        (answer.Headers.NonValidated.TryGetValues(header, out HeaderStringValues values) ? values : answer.Content.Headers.NonValidated[header]).ToString();
}
