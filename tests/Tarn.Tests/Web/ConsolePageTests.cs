using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Tarn.Server.Configuration;
using Tarn.Server.Web;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Web;

/// <summary>The console's page and files as the control address serves them, from an archive of a few files.</summary>
public sealed class ConsolePageTests : IAsyncLifetime
{
    private const string Script = "console.log('a script that is longer than its name');";
    private const string Navigation = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    private readonly TemporaryDirectory _scratch = new("console");
    private InProcessServer _server = null!;
    private RawClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        string archive = _scratch.PathOf("console.zip");
        await using (FileStream file = File.Create(archive))
        await using (var zip = new ZipArchive(file, ZipArchiveMode.Create))
        {
            Add(zip, "index.html", "<style nonce=\"TARN-STYLE-NONCE\"></style><link nonce=\"TARN-STYLE-NONCE\">"u8.ToArray());
            Add(zip, "manifest.json", "{}"u8.ToArray());
            Add(zip, "favicon.svg", "<svg/>"u8.ToArray());
            Add(zip, "assets/index-1.js", Encoding.UTF8.GetBytes(Script));
            Add(zip, "assets/index-1.js.br", Compressed(Script, stream => new BrotliStream(stream, CompressionLevel.Optimal)));
            Add(zip, "assets/index-1.js.gz", Compressed(Script, stream => new GZipStream(stream, CompressionLevel.Optimal)));
        }

        _server = await StartAsync(archive);
        _client = ClientOf(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in?error=oidc")]
    [InlineData("/buckets/photos?prefix=2026/")]
    [InlineData("/buckets/x/object?key=..%2F..%2Fapi")]
    [InlineData("/identity/acme/users")]
    [InlineData("/manifest.json")]
    [InlineData("/apis")]
    [InlineData("/metricsandmore")]
    public async Task Every_place_of_the_console_is_its_page(string path)
    {
        RawResponse page = await GetAsync(path, ("Accept", Navigation));
        Assert.Equal((200, "text/html; charset=utf-8", "no-store"), (page.Status, page["Content-Type"], page["Cache-Control"]));
        string nonce = Regex.Match(page["Content-Security-Policy"]!, "'nonce-([^']+)'").Groups[1].Value;
        Assert.Equal($"<style nonce=\"{nonce}\"></style><link nonce=\"{nonce}\">", page.Text);
        string s3 = _server.S3Url;
        Assert.Equal(
            $"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' {s3}; media-src 'self' {s3}; connect-src 'self' {s3}; frame-src {s3}; font-src 'self'; "
            + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default",
            page["Content-Security-Policy"]);
        Assert.Equal(("nosniff", "no-referrer", "same-origin"), (page["X-Content-Type-Options"], page["Referrer-Policy"], page["Cross-Origin-Opener-Policy"]));
        Assert.Contains("camera=()", page["Permissions-Policy"], StringComparison.Ordinal);
        RawResponse head = await SendAsync("HEAD", path, ("Accept", Navigation));
        Assert.Equal((200, page["Content-Length"], 0), (head.Status, head["Content-Length"], head.Body.Length));
        Assert.DoesNotContain(nonce, head["Content-Security-Policy"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_nonce_is_used_once()
    {
        var nonces = new HashSet<string>();
        for (int i = 0; i < 20; i++)
        {
            nonces.Add(Regex.Match((await GetAsync("/", ("Accept", "*/*")))["Content-Security-Policy"]!, "'nonce-([^']{22,})'").Groups[1].Value);
        }

        Assert.Equal(20, nonces.Count);
    }

    [Theory]
    [InlineData("GET", "/nowhere", "*/*")]
    [InlineData("GET", "/nowhere", "application/json")]
    [InlineData("GET", "/nowhere", "text/html;q=0")]
    [InlineData("GET", "/nowhere", null)]
    [InlineData("GET", "/", "application/json")]
    [InlineData("POST", "/", Navigation)]
    [InlineData("PUT", "/buckets/a", Navigation)]
    [InlineData("OPTIONS", "/", Navigation)]
    [InlineData("DELETE", "/assets/index-1.js", Navigation)]
    [InlineData("GET", "/api", Navigation)]
    [InlineData("GET", "/api/nothing", Navigation)]
    [InlineData("GET", "/openapi", Navigation)]
    [InlineData("GET", "/openapi/v2.json", Navigation)]
    [InlineData("GET", "/health", Navigation)]
    [InlineData("GET", "/health/nothing", Navigation)]
    [InlineData("GET", "/metrics/nothing", Navigation)]
    [InlineData("GET", "/assets", Navigation)]
    [InlineData("GET", "/assets/", Navigation)]
    [InlineData("GET", "/assets/nothing.js", Navigation)]
    [InlineData("GET", "/assets/INDEX-1.js", Navigation)]
    [InlineData("GET", "/assets/index-1.js/", Navigation)]
    [InlineData("GET", "/assets/index-1.js.br", Navigation)]
    [InlineData("GET", "/assets//index-1.js", Navigation)]
    public async Task Everything_else_is_refused_in_the_envelope(string method, string path, string? accept)
    {
        RawResponse answer = await SendAsync(method, path, accept is null ? [] : [("Accept", accept)]);
        Assert.Equal((404, "application/json"), (answer.Status, answer["Content-Type"]));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", answer["Content-Security-Policy"]);
    }

    [Theory]
    [InlineData("/assets/../../../../etc/passwd")]
    [InlineData("/assets/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/assets/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/assets/..\\..\\etc\\passwd")]
    [InlineData("/assets/%2fetc%2fpasswd")]
    [InlineData("/assets/%00")]
    [InlineData("//etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("/../tarn.dll")]
    [InlineData("/tarn.dll")]
    [InlineData("/console.zip")]
    public async Task No_path_leads_out_of_the_console(string path)
    {
        RawResponse answer = await GetAsync(path, ("Accept", "application/octet-stream"));
        Assert.InRange(answer.Status, 400, 404);
        Assert.DoesNotContain("root:", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("gzip, br;q=0.5", "gzip")]
    [InlineData("br;q=0, *", "gzip")]
    [InlineData("*", "br")]
    [InlineData("identity, br;q=0.5", null)]
    [InlineData("br;q=0, gzip;q=0", null)]
    [InlineData("deflate", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public async Task A_file_comes_in_the_coding_that_is_liked_best(string? accepted, string? coding)
    {
        (string, string)[] headers = accepted is null ? [] : [("Accept-Encoding", accepted)];
        RawResponse file = await GetAsync("/assets/index-1.js", headers);
        Assert.Equal((200, coding, "text/javascript; charset=utf-8", "Accept-Encoding"), (file.Status, file["Content-Encoding"], file["Content-Type"], file["Vary"]));
        Assert.Equal(("public, max-age=31536000, immutable", "nosniff"), (file["Cache-Control"], file["X-Content-Type-Options"]));
        using var decoded = new StreamReader(coding switch
        {
            "br" => new BrotliStream(new MemoryStream(file.Body), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(file.Body), CompressionMode.Decompress),
            _ => new MemoryStream(file.Body),
        });
        Assert.Equal(Script, await decoded.ReadToEndAsync(TestContext.Current.CancellationToken));
        RawResponse head = await SendAsync("HEAD", "/assets/index-1.js", headers);
        Assert.Equal((200, file["Content-Length"], file["ETag"], 0), (head.Status, head["Content-Length"], head["ETag"], head.Body.Length));
        RawResponse same = await GetAsync("/assets/index-1.js", [.. headers, ("If-None-Match", $"\"x\", W/{file["ETag"]}")]);
        Assert.Equal((304, file["ETag"], 0), (same.Status, same["ETag"], same.Body.Length));
        Assert.Equal(200, (await GetAsync("/assets/index-1.js", [.. headers, ("If-None-Match", "\"x\"")])).Status);
    }

    [Fact]
    public async Task Codings_have_tags_of_their_own_and_a_file_without_a_hash_in_its_name_is_asked_for_again()
    {
        string?[] tags = [.. await Task.WhenAll(new[] { "br", "gzip", "identity" }.Select(async coding => (await GetAsync("/assets/index-1.js", ("Accept-Encoding", coding)))["ETag"]))];
        Assert.Equal(3, tags.Distinct().Count());
        RawResponse icon = await GetAsync("/favicon.svg");
        Assert.Equal((200, "image/svg+xml", "no-cache"), (icon.Status, icon["Content-Type"], icon["Cache-Control"]));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", icon["Content-Security-Policy"]);
    }

    [Theory]
    [InlineData("a;script-src *")]
    [InlineData("a b")]
    [InlineData("a'b")]
    [InlineData("a,b")]
    [InlineData("*")]
    [InlineData("a:b")]
    [InlineData("*.example.com")]
    [InlineData("\"")]
    public async Task A_host_that_is_none_is_not_in_the_policy(string host)
    {
        RawResponse page = await _client.ExchangeAsync("GET", $"GET / HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n");
        if (page.Status != 400) // by the web server
        {
            Assert.Contains("img-src 'self'; media-src 'self'; connect-src 'self'; frame-src 'none';", page["Content-Security-Policy"], StringComparison.Ordinal);
            Assert.DoesNotContain("*", page["Content-Security-Policy"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Endpoints_come_before_the_page()
    {
        Assert.Equal("live\n", (await GetAsync("/health/live", ("Accept", Navigation))).Text);
        Assert.Equal(405, (await SendAsync("POST", "/health/live", ("Accept", Navigation))).Status);
        Assert.Equal(401, (await GetAsync("/api/status", ("Accept", Navigation))).Status);
        Assert.StartsWith("{", (await GetAsync("/openapi/v1.json", ("Accept", Navigation))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_without_console_says_so_and_how_to_have_it()
    {
        await using InProcessServer server = await StartAsync(_scratch.PathOf("absent.zip"));
        RawClient client = ClientOf(server);
        foreach (string path in new[] { "/", "/buckets/photos" })
        {
            RawResponse page = await client.SendUnsignedAsync("GET", path, [("Accept", Navigation)]);
            Assert.Equal((404, "text/html; charset=utf-8", "no-store"), (page.Status, page["Content-Type"], page["Cache-Control"]));
            Assert.Contains("Node.js 20.19 or later", page.Text, StringComparison.Ordinal);
            Assert.Contains("dotnet build src/Tarn.Server -c Release", page.Text, StringComparison.Ordinal);
        }

        Assert.Equal(404, (await client.SendUnsignedAsync("GET", "/assets/index-1.js")).Status);
    }

    [Fact]
    public async Task What_is_served_is_that_of_the_start()
    {
        string archive = _scratch.PathOf("console.zip");
        File.WriteAllText(archive, "another program's");
        Assert.Equal(200, (await GetAsync("/", ("Accept", Navigation))).Status);
        Assert.Equal(200, (await GetAsync("/assets/index-1.js")).Status);
        File.Delete(archive);
        Assert.Equal(200, (await GetAsync("/favicon.svg")).Status);
    }

    [Fact]
    public void An_archive_of_something_else_ends_the_start()
    {
        string path = _scratch.PathOf("other.zip");
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
        {
            Add(zip, "readme", [1]);
        }

        Refused();
        byte[] whole = File.ReadAllBytes(_scratch.PathOf("console.zip"));
        foreach (int length in (int[])[0, 1, whole.Length / 2, whole.Length - 1])
        {
            File.WriteAllBytes(path, whole[..length]);
            Refused();
        }

        File.Delete(path);
        Assert.Null(ConsoleFiles.Load(path));

        void Refused() => Assert.Contains(path, Assert.Throws<StartupException>(() => ConsoleFiles.Load(path)).Message, StringComparison.Ordinal);
    }

    private static Task<InProcessServer> StartAsync(string archive) => InProcessServer.StartAsync(new InProcessSetup { Console = ConsoleFiles.Load(archive) });

    private static RawClient ClientOf(InProcessServer server) => new(new TarnEndpoint(new Uri(server.ControlUrl + "/"), "-", "-"));

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        using Stream entry = zip.CreateEntry(name).Open();
        entry.Write(content);
    }

    private static byte[] Compressed(string text, Func<Stream, Stream> coding)
    {
        var compressed = new MemoryStream();
        using (Stream stream = coding(compressed))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        return compressed.ToArray();
    }

    private Task<RawResponse> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync("GET", path, headers);

    private Task<RawResponse> SendAsync(string method, string path, params (string Name, string Value)[] headers) => _client.SendUnsignedAsync(method, path, headers);
}
