using System.Text.Json;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Server.Configuration;
using Tarn.TestKit.Clocks;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Control.Console;

/// <summary>Signing in to the console: who may not learns nothing, and is limited; what is noted of it.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private readonly ShiftedTimeProvider _clock = new();
    private readonly TemporaryDirectory _directory = new("sign-in");
    private InProcessServer _server = null!;
    private ControlApiClient _client = null!;
    private Signer _acme = null!;
    private bool _hasEnded;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string LogPath => _directory.PathOf("audit.log");

    public async ValueTask InitializeAsync()
    {
        Assert.True(AddressList.TryParse(["127.0.0.0/8"], out AddressList proxies, out _));
        _server = await InProcessServer.StartAsync(
            new InProcessSetup { Time = _clock, Options = InProcessServer.Options with { AuditLog = LogPath, Proxies = ProxyOptions.None with { Trusted = proxies } } }, Token);
        _client = new ControlApiClient(_server.ControlUrl);
        _acme = await _client.OrganizationAsync("acme");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await EndAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Whatever_cannot_sign_in_gets_the_same_answer()
    {
        var identity = _server.Get<IdentityStore>();
        Signer expired = Signer.Of(await _client.DataAsync(_acme, "POST", "/api/keys", """{"durationSeconds":60}"""));
        Signer revoked = Signer.Of(await _client.DataAsync(_acme, "POST", "/api/keys", "{}")), rotated = Signer.Of(await _client.DataAsync(_acme, "POST", "/api/keys", "{}"));
        await _client.DataAsync(_acme, "DELETE", "/api/keys/" + revoked.Id);
        await _client.DataAsync(_acme, "POST", $"/api/keys/{rotated.Id}/rotate");
        NewAccessKey disk = await identity.Keys.CreateAsync("acme", null, new AccessKeyRequest { DiskScope = "dsk-0123456789abcdef" }, Token);
        NewTemporaryKey temporary = await identity.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = "acme", Source = TemporaryKeySource.AccessKey, Parent = _acme.Id!, ParentKey = await _server.Get<ICredentialSource>().FindAsync(_acme.Id!, Token), Life = TimeSpan.FromHours(1), WithToken = false,
            },
            Token);
        JsonElement token = await _client.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t"}""");
        await _client.DataAsync(_acme, "DELETE", "/api/tokens/" + token.GetProperty("id").GetString());
        _clock.Ahead = TimeSpan.FromSeconds(61);
        var answers = new Dictionary<string, string>();
        foreach ((string what, Signer signer) in ((string, Signer)[])
        [
            ("an unknown key", new("UNKNOWN", "some-secret")), ("a wrong secret", new(_acme.Id, "wrong-secret")), ("the secret of another", new(_acme.Id, "root-secret")), ("no secret", new(_acme.Id, "")),
            ("the root key, wrong", new("ROOTKEY", "wrong-secret")), ("another case", new(_acme.Id!.ToLowerInvariant(), _acme.Secret)), ("no key", new("", "")), ("no text", new("\0/\u00e9", "\0")),
            ("a long key", new(new string('k', 30_000), "x")), ("a long secret", new(_acme.Id, new string('s', 30_000))), ("an expired key", expired), ("a revoked key", revoked), ("a rotated key", rotated),
            ("a disk's key", new(disk.Key.Id, disk.SecretKey)), ("temporary credentials", new(temporary.Key.Id, temporary.SecretKey)),
            ("a deleted token", new(null, token.GetProperty("token").GetString()!)), ("an unknown token", new(null, "key-" + new string('a', 64))), ("no token", new(null, "")), ("a long token", new(null, "key-" + new string('a', 30_000))),
            ("the id of a token", new(null, token.GetProperty("id").GetString()!)), ("a secret as a token", new(null, _acme.Secret)),
        ])
        {
            using var page = new ConsolePage(_server.ControlUrl);
            (int status, JsonElement answer) = await page.SendAsync("POST", "/api/session", ConsolePage.Body(signer));
            Assert.Null(page.Cookie);
            answers.Add(what, $"{status} {answer}");
        }

        Assert.Equal("""401 {"success":false,"error":"the access key with this secret, or the token, is not known"}""", Assert.Single(answers.Values.Distinct()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"accessKey":"ROOTKEY"}""")]
    [InlineData("""{"secretKey":"root-secret"}""")]
    [InlineData("""{"accessKey":"ROOTKEY","secretKey":"root-secret","token":"key-x"}""")]
    [InlineData("""{"accessKey":"ROOTKEY","token":"key-x"}""")]
    [InlineData("""{"accessKey":"ROOTKEY","secretKey":null}""")]
    [InlineData("""{"accessKey":["ROOTKEY"],"secretKey":"root-secret"}""")]
    [InlineData("""{"accessKey":"ROOTKEY","secretKey":"root-secret","remember":true}""")]
    [InlineData("""{"accessKey":"ROOTKEY","secretKey":"wrong","secretKey":"root-secret"}""")]
    [InlineData("""{"accessKey":"\ud800","secretKey":"root-secret"}""")]
    public async Task What_is_neither_a_key_with_a_secret_nor_a_token_is_refused_unread(string body)
    {
        using var page = new ConsolePage(_server.ControlUrl);
        Assert.DoesNotContain("root-secret", await page.RefusalAsync(400, "POST", "/api/session", body), StringComparison.Ordinal);
        Assert.Null(page.Cookie);
    }

    /// <summary>The address is that of the client, whatever proxy is between.</summary>
    [Fact]
    public async Task Who_fails_too_often_waits_even_with_the_right_secret_and_nobody_else_does()
    {
        using var page = new ConsolePage(_server.ControlUrl);
        page.More["X-Forwarded-For"] = "192.0.2.1";
        string wrong = ConsolePage.Body(_acme with { Secret = "wrong-secret" }), right = ConsolePage.Body(_acme);
        for (int i = 0; i < 10; i++)
        {
            await page.RefusalAsync(401, "POST", "/api/session", wrong);
        }

        foreach (string body in (string[])[wrong, right])
        {
            await page.RefusalAsync(429, "POST", "/api/session", body);
            Assert.InRange(int.Parse(page.Answer["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        }

        Assert.Null(page.Cookie);
        page.More["X-Forwarded-For"] = "192.0.2.2";
        await page.DataAsync("POST", "/api/session", right);
        page.More["X-Forwarded-For"] = "192.0.2.1";
        await page.DataAsync("POST", "/api/session", ConsolePage.Body(ControlServer.Root));
    }

    /// <summary>What is refused to somebody about a key that there is not is left out: anyone can send it.</summary>
    [Fact]
    public async Task The_audit_log_says_who_signed_in_and_out_and_who_failed_with_a_known_key_and_no_secret()
    {
        var secrets = new List<string> { _acme.Secret, "wrong-secret" };
        string token = (await _client.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t"}""")).GetProperty("token").GetString()!;
        secrets.Add(token);
        using var page = new ConsolePage(_server.ControlUrl);
        await page.RefusalAsync(401, "POST", "/api/session", ConsolePage.Body(_acme with { Secret = "wrong-secret" }));
        await page.RefusalAsync(401, "POST", "/api/session", ConsolePage.Body(new Signer("UNKNOWN", "wrong-secret")));
        await page.RefusalAsync(401, "POST", "/api/session", ConsolePage.Body(new Signer(null, "key-unknown")));
        await page.DataAsync("POST", "/api/session", ConsolePage.Body(_acme));
        (string id, string cookie) = (page.Value.Split('.')[0], page.Value.Split('.')[1]);
        secrets.Add(cookie);
        string made = (await page.DataAsync("POST", "/api/keys", """{"policy":"read-only"}""")).GetProperty("accessKey").GetString()!;
        await page.DataAsync("POST", "/api/presign", """{"method":"GET"}""");
        await page.DataAsync("DELETE", "/api/session");
        await page.DataAsync("DELETE", "/api/session");
        await page.DataAsync("POST", "/api/session", ConsolePage.Body(new Signer(null, token)));
        string other = page.Value.Split('.')[0];
        await _server.StopAsync();

        // The log has its last lines when it is closed.
        await EndAsync();
        JsonElement[] all = [.. (await File.ReadAllLinesAsync(LogPath, Token)).Select(JsonElementOf)];
        string[] lines = [.. all
            .Where(static line => Text(line, "plane") == "control" && Text(line, "operation") is "BeginSession" or "EndSession" or "CreateAccessKey")
            .Select(static line => string.Join(' ', ((string[])["operation", "result", "requester", "accessKey", "claimedAccessKey", "session", "made", "resource"]).Select(name => Text(line, name) ?? "-")))];
        Assert.Contains(all, line => Text(line, "session") == other && Text(line, "token") is { Length: 64 });

        // A line is written once its request is answered, which may be after that of the next one.
        Assert.Equal(
            ((string[])
            [
                $"BeginSession refused unknown - {_acme.Id} - - /api/session",
                $"BeginSession done arn:aws:iam::acme:root {_acme.Id} - {id} {id} /api/session",
                $"CreateAccessKey done arn:aws:iam::acme:root {_acme.Id} - {id} {made} /api/keys",
                $"EndSession done arn:aws:iam::acme:root {_acme.Id} - {id} - /api/session",
                $"BeginSession done arn:aws:iam::acme:root - - {other} {other} /api/session",
            ]).Order(),
            lines.Order());
        string log = await File.ReadAllTextAsync(LogPath, Token);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));
    }

    private async ValueTask EndAsync()
    {
        if (!_hasEnded)
        {
            _hasEnded = true;
            await _server.DisposeAsync();
        }
    }

    private static JsonElement JsonElementOf(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    private static string? Text(JsonElement line, string member) => line.TryGetProperty(member, out JsonElement value) ? value.GetString() : null;
}
