using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Web;
using System.Xml.Linq;
using Tarn.Server.Configuration;
using Tarn.TestKit.Hosting;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Control.Console;

/// <summary>URLs that the console's page has presigned, used at the S3 endpoint.</summary>
public sealed class PresignTests : IAsyncLifetime
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    private SharingServer _server = null!;
    private Signer _acme = null!;
    private ConsolePage _page = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await SharingServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
        _page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        Assert.Equal(200, (await _page.UseAsync(await _page.PresignAsync("PUT", "data"))).Status);
    }

    public ValueTask DisposeAsync()
    {
        _page.Dispose();
        return _server.DisposeAsync();
    }

    /// <summary>The path that a browser sends is that of the URL, and names the key that was asked for.</summary>
    [Fact]
    public async Task Every_key_is_written_and_read_back_by_its_own_name()
    {
        string[] keys =
        [
            "plain", "with space", "a+b", "a%2Fb", "%2e%2e", "a%", "\u00fc/\u4e2d\ud83d\ude00", "a//b", "/lead", "trail/", "//", "a/../b", "./x", "x/.", "../", "..a/.b", "a/.../b", "a?b#c", "a&b=c;d", "a\\..\\b", "'\"<>`{}|^~!*()[]@:$,",
            "a\tb\u0001", "dsk-0000000000000000/x", "x\u202ey", "%", "&amp;", new('k', 1024),
        ];
        foreach (string key in keys)
        {
            Presigned put = await _page.PresignAsync("PUT", "data", key), get = await _page.PresignAsync("GET", "data", key);
            string path = put.Url[_server.S3Url.Length..put.Url.IndexOf('?', StringComparison.Ordinal)];
            Assert.DoesNotContain(path.Split('/'), static segment => Regex.IsMatch(segment, @"^(\.|%2e){1,2}$", RegexOptions.IgnoreCase));
            Assert.Matches(@"^/data/[A-Za-z0-9\-._~%/]+$", path);
            Assert.Equal(200, (await _page.UseAsync(put, key)).Status);
            Assert.Equal((200, key), await _page.UseAsync(get));
        }

        XElement list = XDocument.Parse((await _page.UseAsync(await _page.PresignAsync("GET", "data", query: new Dictionary<string, string> { ["list-type"] = "2", ["encoding-type"] = "url" }))).Text).Root!;
        Assert.Equal(keys.Order(StringComparer.Ordinal), list.Elements(S3 + "Contents").Select(static one => HttpUtility.UrlDecode(one.Element(S3 + "Key")!.Value)).Order(StringComparer.Ordinal));
        foreach (string key in (string[])[".", ".."])
        {
            Assert.Contains("no browser", await _page.RefusalAsync(400, "POST", "/api/presign", $$"""{"method":"GET","bucket":"data","key":"{{key}}"}"""), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Queries_and_headers_are_those_that_were_asked_for()
    {
        string prefix = "a b/\u00fc&x=y+z%20";
        Presigned put = await _page.PresignAsync("PUT", "data", prefix + "k", headers: new Dictionary<string, string> { ["X-Amz-Meta-Name"] = "  two  spaces ", ["content-type"] = "text/plain", ["If-None-Match"] = "*" });
        Assert.Equal(["content-type", "if-none-match", "x-amz-meta-name"], put.Headers.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(200, (await _page.UseAsync(put, "content")).Status);
        Assert.Equal(412, (await _page.UseAsync(put, "content")).Status);
        (int status, string text) = await _page.UseAsync(await _page.PresignAsync("GET", "data", query: new Dictionary<string, string> { ["prefix"] = prefix, ["list-type"] = "2", ["delimiter"] = "" }));
        Assert.Equal((200, prefix), (status, XDocument.Parse(text).Root!.Element(S3 + "Prefix")!.Value));
        (_, text) = await _page.UseAsync(await _page.PresignAsync("GET", "data", query: new Dictionary<string, string> { ["versioning"] = "" }));
        Assert.Contains("VersioningConfiguration", text, StringComparison.Ordinal);
        Presigned shown = await _page.PresignAsync("GET", "data", prefix + "k", new Dictionary<string, string> { ["response-content-type"] = "text/x; a=\"b\"" }, new Dictionary<string, string> { ["range"] = "bytes=0-2", ["x-amz-checksum-mode"] = "ENABLED" });
        Assert.Equal((206, "con"), await _page.UseAsync(shown));

        // What the signature covers cannot be changed.
        Assert.Equal(403, (await _page.UseAsync(shown with { Headers = new() { ["range"] = "bytes=0-9", ["x-amz-checksum-mode"] = "ENABLED" } })).Status);
        Assert.Equal(403, (await _page.UseAsync(shown with { Headers = [] })).Status);
        Assert.Equal(403, (await _page.UseAsync(shown with { Method = "DELETE" })).Status);
        Assert.Equal(403, (await _page.UseAsync(shown with { Url = shown.Url.Replace("text%2Fx", "text%2Fhtml", StringComparison.Ordinal) })).Status);
        Assert.Equal(403, (await _page.UseAsync(shown with { Url = shown.Url.Replace("/data/", "/other/", StringComparison.Ordinal) })).Status);
    }

    /// <summary>A header that S3 keeps with an object is a page's to send, whatever a parameter of that name means.</summary>
    [Fact]
    public async Task Every_header_that_is_stored_with_an_object_can_be_signed()
    {
        var stored = new Dictionary<string, string>
        {
            ["Content-Type"] = "text/plain", ["Cache-Control"] = "no-cache", ["Content-Disposition"] = "attachment; filename=\"a\"", ["Content-Encoding"] = "gzip", ["Content-Language"] = "de", ["Expires"] = "Wed, 21 Oct 2037 07:28:00 GMT",
            ["x-amz-meta-expires"] = "never", ["x-amz-meta-signature"] = "mine",
        };
        var sent = new Dictionary<string, string>(stored) { ["x-amz-tagging"] = "a=b", ["x-amz-storage-class"] = "STANDARD", ["x-amz-checksum-crc32"] = "/sUwqQ==", ["Content-MD5"] = "mgNkuembtIDdJeHwKEyFVQ==", ["If-None-Match"] = "*" };
        Presigned put = await _page.PresignAsync("PUT", "data", "stored", headers: sent);
        Assert.Equal(sent.Keys.Select(static name => name.ToLowerInvariant()).Order(StringComparer.Ordinal), put.Headers.Keys.Order(StringComparer.Ordinal));
        (int status, string text) = await _page.UseAsync(put, "content");
        Assert.True(status == 200, text);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Presigned head = await _page.PresignAsync("HEAD", "data", "stored");
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(head.Url));
        using HttpResponseMessage answer = await http.SendAsync(request, Token);
        Dictionary<string, string> answered = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated).ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Assert.All(stored, one => Assert.Equal(one.Value, answered[one.Key]));
    }

    public static TheoryData<string> Refused()
    {
        var data = new TheoryData<string>
        {
            "{}", """{"method":"get"}""", """{"method":"PATCH"}""", """{"method":"OPTIONS"}""", """{"method":"GET /x"}""", """{"method":""}""", """{"method":"GET","expiresIn":0}""", """{"method":"GET","expiresIn":901}""",
            """{"method":"GET","expiresIn":-1}""", """{"method":"GET","expiresIn":1.5}""", """{"method":"GET","expiresIn":99999999999}""", """{"method":"GET","key":"k"}""", """{"method":"GET","bucket":""}""",
            """{"method":"GET","bucket":"a/b"}""", """{"method":"GET","bucket":".."}""", """{"method":"GET","bucket":"."}""", """{"method":"GET","bucket":"a?b"}""", """{"method":"GET","bucket":"\u0000"}""",
            """{"method":"GET","bucket":"data","key":""}""", """{"method":"GET","query":{"":"x"}}""", """{"method":"GET","query":{"a\u0000":"x"}}""", """{"method":"GET","query":{"a":null}}""", """{"method":"GET","headers":{"a":null}}""",
            """{"method":"GET","query":{"prefix":"a","Prefix":"b"}}""", """{"method":"GET","query":{"a":"1","a":"2"}}""", """{"method":"GET","headers":{"range":"a","Range":"b"}}""", """{"method":"GET","query":["a"]}""",
            """{"method":"GET","headers":{"a b":"x"}}""", """{"method":"GET","headers":{"a\r\nb":"x"}}""", """{"method":"GET","headers":{"":"x"}}""", """{"method":"GET","headers":{"a:":"x"}}""", """{"method":"GET","headers":{"a":"x\r\ny"}}""",
            """{"method":"GET","headers":{"a":"x\u0000"}}""", """{"method":"GET","headers":{"a":"\u00fc"}}""", """{"method":"GET","headers":{"a":"x\ty"}}""", """{"method":"GET","host":"evil.example"}""", """{"method":"GET","bucket":"b","key":"\ud800"}""",
            $$"""{"method":"GET","bucket":"b","key":"{{new string('k', 1025)}}"}""", $$"""{"method":"GET","bucket":"b","key":"{{string.Concat(Enumerable.Repeat("\u4e2d", 342))}}"}""",
            $$$"""{"method":"GET","query":{"prefix":"{{{new string('p', 16 * 1024)}}}"}}""", """{"method":"GET","headers":{""" + string.Join(',', Enumerable.Range(0, 51).Select(static i => $"\"x-amz-meta-{i}\":\"v\"")) + "}}",
            $$"""{"method":"GET","bucket":"{{new string('b', 256)}}"}""",
        };
        foreach (string name in (string[])
        [
            "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "x-amz-signature", "x-AMZ-date", "AWSAccessKeyId", "Signature", "expires",
        ])
        {
            data.Add($$$"""{"method":"GET","query":{"{{{name}}}":"x"}}""");
        }

        foreach (string name in (string[])
        [
            "Host", "host", "Authorization", "Cookie", "Connection", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length", "Expect", "Origin", "Referer", "Date", "Via",
            "Sec-Fetch-Site", "Accept-Encoding", "X-HTTP-Method-Override", "X-Amz-Date", "x-amz-security-token", "x-amz-content-sha256", "X-Amz-Credential",
        ])
        {
            data.Add($$$"""{"method":"GET","headers":{"{{{name}}}":"x"}}""");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_would_be_another_request_or_none_is_refused(string body) => Assert.NotEmpty(await _page.RefusalAsync(400, "POST", "/api/presign", body));

    [Fact]
    public async Task Who_can_sign_is_to_sign()
    {
        foreach (Signer signer in (Signer[])[_acme, SharingServer.Root, new(null, (await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t"}""")).GetProperty("token").GetString()!)])
        {
            Assert.Contains("cookie", await _server.RefusalAsync(403, signer, "POST", "/api/presign", """{"method":"GET"}"""), StringComparison.Ordinal);
        }
    }

    /// <summary>S3 decides as for any request of the session's principal.</summary>
    [Fact]
    public async Task A_url_may_what_its_session_may()
    {
        Signer alice = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        Signer other = await _server.OrganizationAsync("globex");
        await _page.UseAsync(await _page.PresignAsync("PUT", "data", "k"), "content");
        foreach (Signer signer in (Signer[])[alice, other])
        {
            using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, signer);
            Assert.Equal(403, (await page.UseAsync(await page.PresignAsync("GET", "data", "k"))).Status);
            Assert.Equal(403, (await page.UseAsync(await page.PresignAsync("PUT", "data", "k"), "other")).Status);
            Assert.Equal(signer == other ? 200 : 403, (await page.UseAsync(await page.PresignAsync("GET"))).Status);
        }

        Assert.Equal((200, "content"), await _page.UseAsync(await _page.PresignAsync("GET", "data", "k")));
    }

    [Fact]
    public async Task A_url_never_outlives_its_session()
    {
        Signer key = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", """{"durationSeconds":600}"""));
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, key);
        Assert.InRange(Seconds(await page.PresignAsync("GET", expiresIn: 900)), 595, 600);
        Assert.Equal(300, Seconds(await page.PresignAsync("GET")));
        Assert.Equal(1, Seconds(await page.PresignAsync("GET", expiresIn: 1)));
        Assert.Equal(900, Seconds(await _page.PresignAsync("GET", expiresIn: 900)));
        Presigned url = await page.PresignAsync("GET", expiresIn: 900);
        Assert.Equal(200, (await page.UseAsync(url)).Status);
        _server.Clock.Ahead = TimeSpan.FromSeconds(601);
        Assert.Equal(403, (await page.UseAsync(url)).Status);
        Assert.Equal(401, (await page.SendAsync("POST", "/api/presign", """{"method":"GET"}""")).Status);
    }

    /// <summary>As by the organization's token: its root user alone, its own disks alone, from addresses that they admit, and only to read.</summary>
    [Fact]
    public async Task The_organizations_root_user_reads_its_disks_and_nobody_else_does()
    {
        _server.Write("file", "content"u8.ToArray());
        string disk = await _server.AttachAsync(_acme);
        Signer alice = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        await _server.DataAsync(_acme, "PUT", "/api/organizations/acme/policies/all", """{"version":"v1alpha1","name":"all","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["*"]}]}""");
        string all = """{"policy":{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}}""";
        Signer limited = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", all));
        Signer ofToken = await TokenAsync(_acme, null), ofAlice = await TokenAsync(_acme, "alice");
        foreach ((string who, Signer signer, int expected) in ((string, Signer, int)[])
        [
            ("root", _acme, 200), ("the root user's token", ofToken, 200), ("a user", alice, 403), ("a user's token", ofAlice, 403), ("the root user's key with a policy", limited, 403),
            ("another organization", await _server.OrganizationAsync("globex"), 404), ("the server", SharingServer.Root, 404),
        ])
        {
            using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, signer);
            (int status, string text) = await page.UseAsync(await page.PresignAsync("GET", disk, "file"));
            Assert.True(status == expected && (expected != 200 || text == "content"), $"{who}: {status} {text}");
            Assert.Equal(expected, (await page.UseAsync(await page.PresignAsync("GET", disk, query: new Dictionary<string, string> { ["list-type"] = "2" }))).Status);
            Assert.NotEqual(200, (await page.UseAsync(await page.PresignAsync("PUT", disk, "new"), "x")).Status);
            Assert.NotEqual(204, (await page.UseAsync(await page.PresignAsync("DELETE", disk, "file"))).Status);
        }

        // Temporary credentials of the root user that are no session of the console open none, as before.
        await _server.DataAsync(_acme, "PUT", $"/api/disks/{disk}/allowed-ips", """{"allowedIps":["192.0.2.1"]}""");
        Assert.Equal(403, (await _page.UseAsync(await _page.PresignAsync("GET", disk, "file"))).Status);
        Assert.True(File.Exists(Path.Combine(_server.OpenRoot, "file")));
    }

    /// <summary>Behind a proxy S3 has another host and perhaps a prefix, which the signature covers.</summary>
    [Theory]
    [InlineData("https://s3.example.com", "s3.example.com")]
    [InlineData("https://s3.example.com:8443/store", "s3.example.com:8443")]
    public async Task A_url_is_for_the_host_that_clients_of_a_proxy_use(string external, string host)
    {
        Assert.True(ExternalUrl.TryParse(external, out ExternalUrl? url));
        await using InProcessServer server = await InProcessServer.StartAsync(
            new InProcessSetup { Options = InProcessServer.Options with { Proxies = ProxyOptions.None with { External = url } } }, Token);
        using ConsolePage page = await ConsolePage.SignedInAsync(server.ControlUrl, ControlServer.Root);
        Assert.Equal(external, (await page.DataAsync("GET", "/api/session")).GetProperty("s3Url").GetString());
        foreach (string key in (string[])["k", "a/../b", "a b"])
        {
            foreach ((string method, string? body) in ((string, string?)[])[("PUT", null), ("PUT", "content"), ("GET", null)])
            {
                Presigned made = await page.PresignAsync(method, "data", body is null && method == "PUT" ? null : key);
                Assert.StartsWith(external + "/data", made.Url, StringComparison.Ordinal);
                (int status, string text) = await page.UseAsync(made with { Url = made.Url.Replace(new Uri(external).GetLeftPart(UriPartial.Authority), server.S3Url, StringComparison.Ordinal) }, body, host);
                Assert.True(status == 200, $"{method} {made.Url}: {status} {text}");
            }
        }
    }

    private async Task<Signer> TokenAsync(Signer by, string? user) => new(
        null, (await _server.DataAsync(by, "POST", "/api/tokens", JsonSerializer.Serialize(user is null ? new Dictionary<string, string> { ["name"] = "t" } : new() { ["name"] = "t", ["user"] = user }))).GetProperty("token").GetString()!);

    private static int Seconds(Presigned url) => int.Parse(HttpUtility.ParseQueryString(new Uri(url.Url).Query)["X-Amz-Expires"]!, CultureInfo.InvariantCulture);
}
