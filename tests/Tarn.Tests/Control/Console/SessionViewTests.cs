using System.Text.Json;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Control.Console;

/// <summary>What a session may be shown is what it may do.</summary>
public sealed class SessionViewTests : IAsyncLifetime
{
    /// <summary>A request that whoever has the feature may make, even if it fails for another reason.</summary>
    private static readonly (string Feature, string Method, string Path, string? Body)[] Features =
    [
        ("buckets", "GET", "/api/buckets", null),
        ("disks", "GET", "/api/disks", null),
        ("createDisk", "POST", "/api/disks", """{"name":"disk-NUMBER"}"""),
        ("jobs", "GET", "/api/jobs", null),
        ("requests", "GET", "/api/requests", null),
        ("archives", "POST", "/api/archives", "{}"),
        ("keys", "GET", "/api/keys", null),
        ("identity", "GET", "/api/organizations/OWN/users", null),
        ("identity", "GET", "/api/organizations/OWN/policies", null),
        ("identity", "GET", "/api/organizations/OWN/roles", null),
        ("applications", "POST", "/api/applications", "{}"),
        ("shares", "GET", "/api/shares", null),
        ("explain", "POST", "/api/access/explain", """{"principal":"OWN","action":"s3:GetObject","resource":"data/key"}"""),
        ("organizations", "POST", "/api/organizations", "{}"),
        ("rates", "GET", "/api/rates", null),
        ("status", "GET", "/api/status", null),
        ("damaged", "GET", "/api/damaged", null),
        ("scrub", "GET", "/api/scrub", null),
        ("backups", "POST", "/api/backups", "{}"),
        ("accelerators", "GET", "/api/accelerators", null),
        ("accelerators", "GET", "/api/accelerators/tokens", null),
        ("accelerators", "POST", "/api/accelerators/clears", "{}"),
    ];

    private SharingServer _server = null!;
    private Signer _acme = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await SharingServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Each_feature_is_shown_to_exactly_those_whom_its_endpoints_serve()
    {
        await PolicyAsync("alice", "s3:*");
        await PolicyAsync("bob", "s3:GetObject");
        Signer alice = await UserAsync("alice"), bob = await UserAsync("bob");
        Signer limited = Signer.Of(await _server.DataAsync(alice, "POST", "/api/keys", """{"policy":"read-only"}"""));
        Signer maker = Signer.Of(await _server.DataAsync(alice, "POST", "/api/keys", """{"policy":{"Statement":{"Effect":"Allow","Action":"s3:CreateBucket","Resource":"*"}}}"""));
        Signer limitedRoot = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", """{"policy":"read-only"}"""));
        var token = new Signer(null, (await _server.DataAsync(_acme, "POST", "/api/tokens", """{"name":"t","user":"alice"}""")).GetProperty("token").GetString()!);
        var wrong = new List<string>();
        int number = 0;
        foreach ((string name, Signer signer) in ((string, Signer)[])
            [("server", SharingServer.Root), ("acme", _acme), ("alice", alice), ("bob", bob), ("limited", limited), ("maker", maker), ("limited root", limitedRoot), ("token", token)])
        {
            using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, signer);
            JsonElement session = await page.DataAsync("GET", "/api/session");
            string[] may = [.. session.GetProperty("may").EnumerateArray().Select(static feature => feature.GetString()!)];
            Assert.Equal(may.Distinct(), may);
            Assert.Empty(may.Except([.. Features.Select(static feature => feature.Feature), "createBucket"]));
            string organization = session.GetProperty("organization").GetString()!;
            foreach ((string feature, string method, string path, string? body) in Features)
            {
                int status = (await page.SendAsync(method, path.Replace("OWN", organization, StringComparison.Ordinal), body?.Replace("OWN", organization, StringComparison.Ordinal).Replace("NUMBER", $"{number}", StringComparison.Ordinal))).Status;
                if (may.Contains(feature) != status is not 403)
                {
                    wrong.Add($"{name} {feature}: {may.Contains(feature)}, {method} {path}: {status}");
                }
            }

            Presigned create = await page.PresignAsync("PUT", $"bucket-{number++}");
            int made = (await page.UseAsync(create)).Status;
            if (may.Contains("createBucket") != (made == 200))
            {
                wrong.Add($"{name} createBucket: {may.Contains("createBucket")}, {made}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>A key with a policy is shown why the requests of its session were denied, as those that it signed itself.</summary>
    [Fact]
    public async Task The_requests_of_a_session_are_those_of_its_key()
    {
        await PolicyAsync("alice", "s3:*");
        Signer alice = await UserAsync("alice");
        Signer limited = Signer.Of(await _server.DataAsync(alice, "POST", "/api/keys", """{"policy":"read-only"}""")), other = Signer.Of(await _server.DataAsync(alice, "POST", "/api/keys", """{"policy":"read-only"}"""));
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, limited), others = await ConsolePage.SignedInAsync(_server.ControlUrl, other);
        (int status, string text) = await page.UseAsync(await page.PresignAsync("PUT", "new-bucket"));
        Assert.Equal(403, status);
        string id = System.Xml.Linq.XDocument.Parse(text).Root!.Element("RequestId")!.Value;
        await ShownAsync(page, id);
        Assert.Equal("denied", (await page.DataAsync("POST", "/api/access/explain", $$"""{"requestId":"{{id}}"}""")).GetProperty("decision").GetString());
        Assert.Equal(404, (await others.SendAsync("POST", "/api/access/explain", $$"""{"requestId":"{{id}}"}""")).Status);
        Assert.Empty((await others.DataAsync("GET", "/api/requests?requestId=" + id)).GetProperty("requests").EnumerateArray());
    }

    /// <summary>It is kept after its answer.</summary>
    private static async Task ShownAsync(ConsolePage page, string id)
    {
        while (!(await page.DataAsync("GET", "/api/requests?requestId=" + id)).GetProperty("requests").EnumerateArray().Any())
        {
            SharingServer.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task<Signer> UserAsync(string name) => Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", $$"""{"name":"{{name}}"}"""));

    private Task PolicyAsync(string user, string action) => _server.DataAsync(_acme, "PUT", "/api/organizations/acme/policies/of-" + user, $$"""
        {"version":"v1alpha1","name":"of-{{user}}","statements":[{"name":"s","effect":"Allow","actions":["{{action}}"],"resources":["*"],"principals":["{{user}}"]}]}
        """);
}
