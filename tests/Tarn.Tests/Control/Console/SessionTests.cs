using System.Globalization;
using System.Net;
using System.Text.Json;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;
using Tarn.TestKit.Clocks;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Control.Console;

/// <summary>Sessions of the console: their cookie, whom they act as, and what ends them.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private readonly ShiftedTimeProvider _clock = new();
    private InProcessServer _server = null!;
    private ControlApiClient _client = null!;
    private Signer _acme = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IdentityStore Identity => _server.Get<IdentityStore>();

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync(new InProcessSetup { Time = _clock, Options = Options() }, Token);
        _client = new ControlApiClient(_server.ControlUrl);
        _acme = await _client.OrganizationAsync("acme");
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    [Fact]
    public async Task A_session_says_who_is_signed_in_where_S3_is_and_until_when()
    {
        Signer alice = Signer.Of(await _client.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, alice);
        JsonElement session = await page.DataAsync("GET", "/api/session");
        Assert.Equal(
            ("acme/alice", "arn:aws:iam::acme:user/alice", "acme", "alice", alice.Id, _server.S3Url, "us-east-1", false, false),
            (Text(session, "principal"), Text(session, "arn"), Text(session, "organization"), Text(session, "user"), Text(session, "accessKey"), Text(session, "s3Url"), Text(session, "region"),
                session.GetProperty("isRoot").GetBoolean(), session.GetProperty("isServerRoot").GetBoolean()));
        Assert.InRange(session.GetProperty("expiresAt").GetDateTimeOffset() - _clock.GetUtcNow(), TimeSpan.FromHours(11.9), TimeSpan.FromHours(12));

        using ConsolePage root = await ConsolePage.SignedInAsync(_server.ControlUrl, await TokenAsync(_acme));
        session = await root.DataAsync("GET", "/api/session");
        Assert.Equal(("acme", JsonValueKind.Null, JsonValueKind.Null, true), (Text(session, "principal"), session.GetProperty("user").ValueKind, session.GetProperty("accessKey").ValueKind, session.GetProperty("isRoot").GetBoolean()));
    }

    /// <summary>S3 is where the browser finds this machine, not where the server finds itself.</summary>
    [Fact]
    public async Task S3_is_on_the_host_that_the_browser_used()
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        page.More["Host"] = "storage.local:9001";
        Assert.Equal("http://storage.local:" + new Uri(_server.S3Url).Port, Text(await page.DataAsync("GET", "/api/session"), "s3Url"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_cookie_is_the_browsers_alone(bool tls)
    {
        using var page = new ConsolePage(_server.ControlUrl);
        if (tls)
        {
            page.More["X-Forwarded-Proto"] = "https";
        }

        await page.DataAsync("POST", "/api/session", ConsolePage.Body(_acme));
        Assert.Equal(tls ? "__Host-tarn" : "tarn", page.Name);
        string[] expected = ["httponly", "path=/", "samesite=strict", .. tls ? ["secure"] : Array.Empty<string>()];
        Assert.Equal(expected, page.Attributes[1..].Where(static attribute => !attribute.StartsWith("max-age=", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        string age = Assert.Single(page.Attributes, static attribute => attribute.StartsWith("max-age=", StringComparison.Ordinal));
        Assert.InRange(int.Parse(age.AsSpan(8), CultureInfo.InvariantCulture), 43_100, 43_200);

        // The name of the other way counts for nothing: without TLS anybody on the network could have set it.
        Assert.Equal(200, (await page.SendAsync("GET", "/api/session")).Status);
        page.Cookie = (tls ? "tarn=" : "__Host-tarn=") + page.Value;
        Assert.Equal(401, (await page.SendAsync("GET", "/api/session")).Status);
    }

    /// <summary>A proxy that is not trusted says nothing, but the browser of a console with such a URL does use TLS.</summary>
    [Fact]
    public async Task The_cookie_is_for_TLS_where_the_consoles_URL_is()
    {
        await using InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup { Options = Options("https://console.example.com") }, Token);
        using var page = new ConsolePage(server.ControlUrl);
        page.More["Host"] = "console.example.com";
        await page.DataAsync("POST", "/api/session", ConsolePage.Body(ControlServer.Root));
        Assert.Equal("__Host-tarn", page.Name);
        page.More.Remove("Host");
        page.Cookie = null;
        await page.DataAsync("POST", "/api/session", ConsolePage.Body(ControlServer.Root));
        Assert.Equal("tarn", page.Name);
    }

    /// <summary>Whoever sees a presigned URL sees the id.</summary>
    [Fact]
    public async Task Nothing_but_the_cookie_that_was_set_is_a_session()
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        using ConsolePage other = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        string[] mine = page.Value.Split('.'), others = other.Value.Split('.');
        string swapped = mine[1][^1] == 'A' ? "E" : "A";
        string[] wrong =
        [
            "", ".", mine[0], mine[0] + ".", "." + mine[1], mine[0] + "." + others[1], others[0] + "." + mine[1], mine[0] + "." + new string('A', 43), mine[0] + "." + mine[1][..^1], mine[0] + "." + mine[1] + "A",
            mine[0] + "." + mine[1] + ".", mine[0] + ".." + mine[1], mine[0].ToLowerInvariant() + "." + mine[1], mine[0] + "." + mine[1][..^1] + swapped, mine[0] + "." + mine[1][..20] + "%" + mine[1][21..],
            $"\"{page.Value}\"", mine[0] + " . " + mine[1], "ROOTKEY." + mine[1], _acme.Id + "." + mine[1], _acme.Id + "." + _acme.Secret, new string('A', 20) + "." + mine[1], "key-" + mine[1], new string('x', 8000),
        ];
        foreach (string value in wrong)
        {
            page.Cookie = "tarn=" + value;
            Assert.Equal(401, (await page.SendAsync("GET", "/api/session")).Status);
        }

        // Temporary credentials that are no session have no cookie.
        NewTemporaryKey temporary = await TemporaryAsync();
        page.Cookie = $"tarn={temporary.Key.Id}.{new string('A', 43)}";
        Assert.Equal(401, (await page.SendAsync("GET", "/api/session")).Status);
    }

    [Theory]
    [InlineData("{0}", 200)]
    [InlineData("a=b; {0}; c=d", 200)]
    [InlineData("xtarn=1;{0};tarnx=2; tarn", 200)]
    [InlineData("{0}; {0}", 409)]
    [InlineData("{0}; tarn=planted", 409)]
    [InlineData("tarn=; {0}", 409)]
    public async Task Cookies_of_other_names_do_not_count_and_of_several_of_its_name_that_of_the_page(string cookies, int ofLink)
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        page.Cookie = string.Format(CultureInfo.InvariantCulture, cookies, page.Cookie);
        Assert.Equal(200, (await page.SendAsync("GET", "/api/session")).Status);
        page.Proof = null;
        Assert.Equal(ofLink, (await page.SendAsync("GET", "/api/session")).Status);
    }

    [Theory]
    [InlineData("key revoked")]
    [InlineData("key rotated")]
    [InlineData("key expired")]
    [InlineData("key made again")]
    [InlineData("user deleted")]
    [InlineData("token deleted")]
    [InlineData("signed out")]
    [InlineData("revoked by its id")]
    [InlineData("revoked with its principal")]
    [InlineData("time")]
    public async Task A_session_ends_with_what_began_it(string end)
    {
        Signer alice = Signer.Of(await _client.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        await _client.DataAsync(_acme, "PUT", "/api/organizations/acme/policies/list", """
            {"version":"v1alpha1","name":"list","statements":[{"name":"s","effect":"Allow","actions":["s3:ListAllMyBuckets"],"resources":["*"],"principals":["alice"]}]}
            """);
        string duration = end == "key expired" ? "3600" : "0";
        Signer key = Signer.Of(await _client.DataAsync(_acme, "POST", "/api/keys", $$"""{"user":"alice","accessKey":"ALICEKEY","secretKey":"alices-secret","durationSeconds":{{duration}}}"""));
        JsonElement token = await _client.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t","user":"alice"}""");
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, end == "token deleted" ? new Signer(null, Text(token, "token")!) : key);
        using ConsolePage other = await ConsolePage.SignedInAsync(_server.ControlUrl, alice);
        Presigned url = await page.PresignAsync("GET");
        Assert.Equal(200, (await page.SendAsync("GET", "/api/keys")).Status);
        Assert.Equal(200, (await page.UseAsync(url)).Status);
        string id = page.Value.Split('.')[0], cookie = page.Cookie!;
        await (end switch
        {
            "key revoked" => _client.DataAsync(_acme, "DELETE", "/api/keys/ALICEKEY"),
            "key rotated" => _client.DataAsync(_acme, "POST", "/api/keys/ALICEKEY/rotate"),
            "key made again" => MakeAgainAsync(),
            "user deleted" => _client.DataAsync(_acme, "DELETE", "/api/organizations/acme/users/alice"),
            "token deleted" => _client.DataAsync(_acme, "DELETE", "/api/tokens/" + Text(token, "id")),
            "signed out" => page.DataAsync("DELETE", "/api/session"),
            "revoked by its id" => _client.SendAsync(_acme, "POST", "/v1/cwobject/revoke-access-key/access-key", $$"""{"accessKey":"{{id}}"}"""),
            "revoked with its principal" => _client.SendAsync(_acme, "POST", "/v1/cwobject/revoke-access-key/principal", """{"principalName":"acme/alice"}"""),
            // Keys expire with a whole second.
            "key expired" => Task.FromResult(_clock.Ahead = TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1)),
            _ => Task.FromResult(_clock.Ahead = TimeSpan.FromHours(12)),
        });
        page.Cookie = cookie;
        Assert.Contains("session has ended", await page.RefusalAsync(401, "GET", "/api/session"), StringComparison.Ordinal);
        Assert.Equal(401, (await page.SendAsync("GET", "/api/keys")).Status);
        Assert.Equal(401, (await page.SendAsync("POST", "/api/presign", """{"method":"GET"}""")).Status);
        (int status, string text) = await page.UseAsync(url);
        Assert.True(status is 403 or 400, $"{status} {text}");

        // Nobody else's ends, unless theirs did too.
        Assert.Equal(end is "user deleted" or "revoked with its principal" or "time" ? 401 : 200, (await other.SendAsync("GET", "/api/session")).Status);

        async Task MakeAgainAsync()
        {
            await _client.DataAsync(_acme, "DELETE", "/api/keys/ALICEKEY");
            _clock.Ahead = TimeSpan.FromSeconds(1);
            await _client.DataAsync(_acme, "POST", "/api/keys", """{"user":"alice","accessKey":"ALICEKEY","secretKey":"alices-secret"}""");
        }
    }

    [Fact]
    public async Task Signing_in_anew_ends_the_session_that_the_browser_had_and_no_other()
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        using ConsolePage other = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        string former = page.Cookie!;
        await page.DataAsync("POST", "/api/session", ConsolePage.Body(ControlServer.Root));
        string current = page.Cookie!;
        Assert.Equal("root", Text(await page.DataAsync("GET", "/api/session"), "principal"));
        page.Cookie = former;
        Assert.Equal(401, (await page.SendAsync("GET", "/api/session")).Status);
        Assert.Equal(200, (await other.SendAsync("GET", "/api/session")).Status);

        // A failed attempt ends nothing.
        page.Cookie = current;
        await page.RefusalAsync(401, "POST", "/api/session", """{"accessKey":"ROOTKEY","secretKey":"wrong-secret"}""");
        Assert.Equal((current, 200), (page.Cookie, (await page.SendAsync("GET", "/api/session")).Status));
    }

    [Fact]
    public async Task Signing_out_clears_the_cookie_whether_there_is_a_session_or_not()
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        string cookie = page.Cookie!;
        for (int i = 0; i < 2; i++)
        {
            page.Cookie = cookie;
            await page.DataAsync("DELETE", "/api/session");
            Assert.Equal("tarn=", page.Cookie);
            Assert.Contains("max-age=0", page.Attributes);
            Assert.Contains("httponly", page.Attributes);
        }

        page.Cookie = null;
        await page.DataAsync("DELETE", "/api/session");
        Assert.Equal(401, (await page.SendAsync("GET", "/api/session")).Status);
        Assert.Empty(await Identity.TemporaryKeys.AllAsync("acme", null, Token));
    }

    /// <summary>A session is a row, without the secret of its cookie.</summary>
    [Fact]
    public async Task A_session_survives_a_restart_and_its_cookie_is_stored_nowhere()
    {
        var rows = new MemoryKeyValueStore();
        string cookie;
        await using (InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup { Metadata = new HookedKeyValueStore(rows) }, Token))
        {
            using ConsolePage page = await ConsolePage.SignedInAsync(server.ControlUrl, ControlServer.Root);
            cookie = page.Cookie!;
        }

        foreach (string secret in (string[])[cookie.Split('.')[1], Signer.Proof])
        {
            byte[] bytes = System.Buffers.Text.Base64Url.DecodeFromChars(secret);
            Assert.All(await rows.ScanAsync([], [0xFF], 10_000, reverse: false, Token), row => Assert.True(
                row.Value.AsSpan().IndexOf(bytes) < 0 && row.Value.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(secret)) < 0));
        }

        await using InProcessServer again = await InProcessServer.StartAsync(new InProcessSetup { Metadata = new HookedKeyValueStore(rows) }, Token);
        using var reloaded = new ConsolePage(again.ControlUrl) { Cookie = cookie };
        Assert.Equal("root", Text(await reloaded.DataAsync("GET", "/api/session"), "principal"));
    }

    /// <summary>What is made by a session is not made by one that has just ended, and an answer that goes on ends with it.</summary>
    [Fact]
    public async Task An_answer_that_goes_on_ends_with_the_session()
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.ControlUrl + "/api/trace"));
        request.Headers.TryAddWithoutValidation("Cookie", page.Cookie);
        using HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.True(answer.IsSuccessStatusCode);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Token));
        using var s3 = new RawS3Client(new TarnEndpoint(new Uri(_server.S3Url), _acme.Id!, _acme.Secret));
        Assert.Equal(HttpStatusCode.OK, (await s3.SendAsync(HttpMethod.Put, "watched")).Status);
        Assert.Contains("watched", await lines.ReadLineAsync(Token), StringComparison.Ordinal);
        await page.DataAsync("DELETE", "/api/session");
        await s3.SendAsync(HttpMethod.Get, "watched");
        Assert.Equal("", await lines.ReadToEndAsync(Token));
    }

    /// <summary>A program that issues as many as there can be keeps nobody from signing in and ending them; and who renews a session needs no room.</summary>
    [Fact]
    public async Task Whoever_has_as_many_temporary_credentials_as_there_can_be_has_a_few_sessions_more_and_then_is_told()
    {
        for (int i = 0; i < 1000; i++)
        {
            await TemporaryAsync();
        }

        await Assert.ThrowsAsync<IdentityRefusalException>(TemporaryAsync);
        using ConsolePage first = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        for (int i = 1; i < 20; i++)
        {
            using ConsolePage more = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        }

        using var page = new ConsolePage(_server.ControlUrl);
        Assert.Contains("1000 temporary credentials", await page.RefusalAsync(409, "POST", "/api/session", ConsolePage.Body(_acme)), StringComparison.Ordinal);
        Assert.Null(page.Cookie);
        string former = first.Cookie!;
        await first.DataAsync("POST", "/api/session", ConsolePage.Body(_acme));
        Assert.NotEqual(former, first.Cookie);
        Assert.Equal(409, (await page.SendAsync("POST", "/api/session", ConsolePage.Body(_acme))).Status);
    }

    private async Task<NewTemporaryKey> TemporaryAsync() => await Identity.TemporaryKeys.IssueAsync(
        new TemporaryKeyRequest
        {
            Organization = "acme",
            Source = TemporaryKeySource.AccessKey,
            Parent = _acme.Id!,
            ParentKey = await _server.Get<ICredentialSource>().FindAsync(_acme.Id!, Token),
            Life = TimeSpan.FromHours(1),
            WithToken = false,
        },
        Token);

    private async Task<Signer> TokenAsync(Signer of) => new(null, Text(await _client.DataAsync(of, "POST", "/api/tokens", """{"name":"t"}"""), "token")!);

    /// <summary>Without a URL for the console, a proxy on this machine is trusted.</summary>
    private static ServerOptions Options(string? console = null) => InProcessServer.Options with
    {
        ConsoleUrl = console is not null && ExternalUrl.TryParse(console, out ExternalUrl? url) ? url : null,
        Proxies = console is null ? ProxyOptions.None with { Trusted = AddressList.TryParse(["127.0.0.0/8"], out AddressList proxies, out _) ? proxies : null } : ProxyOptions.None,
    };

    private static string? Text(JsonElement data, string member) => data.GetProperty(member).GetString();
}
