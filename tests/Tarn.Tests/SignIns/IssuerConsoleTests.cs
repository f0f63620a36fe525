using System.Text.Json;
using System.Text.Json.Nodes;
using Tarn.Core.Identity;
using Tarn.Tests.Control;
using Tarn.Tests.Sts;

namespace Tarn.Tests.SignIns;

/// <summary>The settings of an issuer that let people sign in to the console with it.</summary>
public sealed class IssuerConsoleTests : IAsyncLifetime
{
    private const string Path = "/api/issuers/idp/console?organization=acme";

    private StsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await StsHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task They_are_shown_without_the_secret()
    {
        JsonElement made = await SetAsync("""{"clientId":"c","clientSecret":"a-secret"}""");
        Assert.Equal("""{"clientId":"c","hasClientSecret":true,"title":"idp","scopes":["openid","profile","email"]}""", made.GetProperty("console").GetRawText());
        made = await SetAsync("""{"clientId":"c","title":"T","scopes":["openid","groups"],"role":"r"}""");
        Assert.Equal("""{"clientId":"c","hasClientSecret":true,"title":"T","scopes":["openid","groups"],"role":"r"}""", made.GetProperty("console").GetRawText());
        JsonElement listed = (await _host.Control.DataAsync(_host.Acme, "GET", "/api/issuers")).GetProperty("issuers")[0];
        Assert.Equal(made.GetRawText(), listed.GetRawText());
        made = await _host.Control.DataAsync(ControlServer.Root, "DELETE", Path);
        Assert.False(made.TryGetProperty("console", out _));
    }

    [Fact]
    public async Task An_issuer_is_created_with_them()
    {
        JsonElement made = await _host.Control.DataAsync(
            ControlServer.Root, "POST", "/api/issuers",
            """{"name":"new","organization":"acme","url":"https://idp.example.com","audiences":["a"],"console":{"clientId":"c","clientSecret":"a-secret"}}""");
        Assert.Equal("""{"clientId":"c","hasClientSecret":true,"title":"new","scopes":["openid","profile","email"]}""", made.GetProperty("console").GetRawText());
        Assert.Equal("a-secret", await SecretAsync("new"));
    }

    /// <summary>Who changes a title need not know the secret, but no other client gets it.</summary>
    [Fact]
    public async Task The_secret_stays_with_the_client_until_it_gets_another()
    {
        await SetAsync("""{"clientId":"c","clientSecret":"one"}""");
        await SetAsync("""{"clientId":"c","title":"T"}""");
        Assert.Equal("one", await SecretAsync());
        await SetAsync("""{"clientId":"c","clientSecret":"two"}""");
        Assert.Equal("two", await SecretAsync());
        Assert.True((await SetAsync("""{"clientId":"c"}""")).GetProperty("console").GetProperty("hasClientSecret").GetBoolean());
        Assert.False((await SetAsync("""{"clientId":"d"}""")).GetProperty("console").GetProperty("hasClientSecret").GetBoolean());
        Assert.Null(await SecretAsync());
        await SetAsync("""{"clientId":"d","clientSecret":"three"}""");
        Assert.False((await SetAsync("""{"clientId":"d","clientSecret":""}""")).GetProperty("console").GetProperty("hasClientSecret").GetBoolean());
        Assert.Null(await SecretAsync());
    }

    public static readonly TheoryData<string> Wrong =
    [
        "{}",
        """{"clientId":""}""",
        """{"clientId":1}""",
        """{"clientId":"a\nb"}""",
        """{"clientId":"c","more":1}""",
        """{"clientId":"c","clientSecret":"a\u0000b"}""",
        """{"clientId":"c","clientSecret":"é"}""",
        """{"clientId":"c","title":" "}""",
        """{"clientId":"c","title":"a\u0007"}""",
        """{"clientId":"c","scopes":[]}""",
        """{"clientId":"c","scopes":["profile"]}""",
        """{"clientId":"c","scopes":["openid profile"]}""",
        """{"clientId":"c","scopes":["openid",""]}""",
        """{"clientId":"c","scopes":["openid","a\"b"]}""",
        """{"clientId":"c","role":"a b"}""",
        """{"clientId":"c","role":""}""",
        $$"""{"clientId":"{{new string('c', 257)}}"}""",
        $$"""{"clientId":"c","clientSecret":"{{new string('c', 1025)}}"}""",
        $$"""{"clientId":"c","scopes":["openid","{{new string('s', 129)}}"]}""",
        $$"""{"clientId":"c","scopes":["openid"{{string.Concat(Enumerable.Range(0, 20).Select(static i => $",\"s{i}\""))}}]}""",
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_breaks_a_rule_changes_nothing(string body)
    {
        JsonElement before = await SetAsync("""{"clientId":"c","clientSecret":"one"}""");
        await _host.Control.RefusalAsync(400, ControlServer.Root, "PUT", Path, body);
        await _host.Control.RefusalAsync(
            400, ControlServer.Root, "POST", "/api/issuers", $$"""{"name":"new","organization":"acme","url":"https://idp.example.com","audiences":["a"],"console":{{body}}}""");
        JsonElement after = Assert.Single((await _host.Control.DataAsync(_host.Acme, "GET", "/api/issuers")).GetProperty("issuers").EnumerateArray());
        Assert.Equal(before.GetRawText(), after.GetRawText());
        Assert.Equal("one", await SecretAsync());
    }

    [Theory]
    [InlineData("/api/issuers/none/console?organization=acme")]
    [InlineData("/api/issuers/idp/console?organization=none")]
    [InlineData("/api/issuers/idp/console")]
    public async Task An_issuer_that_is_not_there_has_none(string path)
    {
        await _host.Control.RefusalAsync(404, ControlServer.Root, "PUT", path, """{"clientId":"c"}""");
        await _host.Control.RefusalAsync(404, ControlServer.Root, "DELETE", path);
    }

    private Task<JsonElement> SetAsync(string body) => _host.Control.DataAsync(ControlServer.Root, "PUT", Path, JsonNode.Parse(body)!.ToJsonString());

    private async Task<string?> SecretAsync(string issuer = "idp")
    {
        OidcIssuer found = (await _host.Identity.Issuers.FindAsync("acme", issuer, StsHost.Cancel))!;
        return _host.Identity.Issuers.ClientSecretOf(found);
    }
}
