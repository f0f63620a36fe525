using System.Text;
using System.Text.Json;
using Tarn.Core.Acceleration;
using Tarn.TestKit.Http;
using Tarn.Tests.Control;

namespace Tarn.Tests.Acceleration;

/// <summary>Which accelerators there are, what they are told, and the tokens that administrators give them.</summary>
public sealed class RegistrationTests : IAsyncLifetime
{
    private AcceleratedServer _server = null!;
    private ControlApiClient _control = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await AcceleratedServer.StartAsync();
        _control = new ControlApiClient(_server.Inner.ControlUrl);
    }

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task An_accelerator_learns_the_keys_of_its_zone_and_the_others_in_it()
    {
        RegistrationAnswer first = await RegisterAsync(Of('a', "gpu-1"));
        Assert.Equal(5, first.Heartbeat);
        Assert.Empty(first.Peers);
        RegistrationAnswer second = await RegisterAsync(Of('b', "gpu-2"));
        Assert.Equal(("gpu-1", "gpu-1.local:9100", new string('c', 64)), second.Peers.Select(static peer => (peer.Name, peer.Address, peer.Certificate)).Single());
        Assert.Empty((await RegisterAsync(Of('d', "gpu-3", "other"))).Peers);
        Assert.Equal(2, (await RegisterAsync(Of('e', "gpu-4") with { Peer = null, Certificate = null })).Peers.Count);
        Assert.Single((await RegisterAsync(Of('a', "gpu-1"))).Peers);

        // The keys check what the server makes, and those of another zone do not.
        await _server.PutAsync("/bucket/key", new byte[100_000]);
        string capability = (await _server.PlanAsync("/bucket/key")).Extents[0].Capability;
        Assert.Equal(CapabilityStatus.Valid, BlobCapability.VerifyInZone(
            capability, AcceleratedServer.Zone, epoch => second.ZoneKeys.FirstOrDefault(key => key.Epoch == epoch), _server.Clock.GetUtcNow(), out _));
        RegistrationAnswer elsewhere = await RegisterAsync(Of('d', "gpu-3", "other"));
        Assert.Equal(CapabilityStatus.Forged, BlobCapability.VerifyInZone(
            capability, AcceleratedServer.Zone, epoch => elsewhere.ZoneKeys.FirstOrDefault(key => key.Epoch == epoch), _server.Clock.GetUtcNow(), out _));
    }

    [Fact]
    public async Task Who_is_silent_for_three_heartbeats_is_forgotten_and_who_is_revoked_at_once()
    {
        JsonElement made = await _control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/tokens", """{"name":"gpu-9","zone":"rack-7"}""");
        string envelope = _server.Envelope(made.GetProperty("token").GetString(), "gpu-9");
        await RegisterAsync(Of('a', "gpu-9"), envelope);
        await RegisterAsync(Of('b', "gpu-2"));
        Assert.Equal(["gpu-2", "gpu-9"], await NamesAsync());
        await _control.DataAsync(ControlServer.Root, "DELETE", $"/api/accelerators/tokens/{made.GetProperty("id").GetString()}");
        Assert.Equal(["gpu-2"], await NamesAsync());
        Assert.Empty((await RegisterAsync(Of('b', "gpu-2"))).Peers);
        (await SendAsync(Of('a', "gpu-9"), envelope)).Expect(401);
        _server.Clock.Ahead = TimeSpan.FromSeconds(10);
        Assert.Equal(["gpu-2"], await NamesAsync());
        _server.Clock.Ahead = TimeSpan.FromSeconds(60);
        Assert.Empty(await NamesAsync());
    }

    [Fact]
    public async Task A_registration_that_is_not_as_the_envelope_says_is_refused()
    {
        (await SendAsync(Of('a', "gpu-2"), _server.Envelope(name: "gpu-1"))).ExpectError400();
        (await SendAsync(Of('a', "gpu-1", "other"), _server.Envelope(name: "gpu-1"))).ExpectError400();
        (await SendAsync(Of('a', "gpu-1") with { Domains = ["x.test"] }, _server.Envelope(name: "gpu-1"))).ExpectError400();
        (await _server.NodeAsync("POST", AcceleratorPaths.Register, "{}")).ExpectError400();
        (await _server.NodeAsync("POST", AcceleratorPaths.Register, "")).ExpectError400();
        (await _server.NodeAsync("POST", AcceleratorPaths.Register, new string(' ', 20_000))).ExpectError400();
        (await _server.NodeAsync("GET", AcceleratorPaths.Register)).Expect(405);
        (await _server.NodeAsync("GET", "/v1/nothing")).ExpectError400();
        (await _server.NodeAsync("GET", "/bucket/key")).ExpectError400();
    }

    [Fact]
    public async Task Clearing_reaches_those_that_are_meant()
    {
        ulong bucket = (await _server.BucketAsync()).Id;
        await RegisterAsync(Of('a', "gpu-1"));
        await RegisterAsync(Of('b', "gpu-2"));
        Assert.Equal(2, (await _control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/clears", """{"bucket":"bucket"}""")).GetProperty("accelerators").GetInt32());
        Assert.Equal(1, (await _control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/clears", """{"name":"gpu-2"}""")).GetProperty("accelerators").GetInt32());
        Assert.Equal([bucket], (await RegisterAsync(Of('a', "gpu-1"))).Clears.Select(static clear => clear.Bucket));
        IReadOnlyList<CacheClear> clears = (await RegisterAsync(Of('b', "gpu-2"))).Clears;
        Assert.Equal([bucket, null], clears.Select(static clear => clear.Bucket));
        Assert.Equal(clears, (await RegisterAsync(Of('b', "gpu-2"))).Clears);
        _server.Clock.Ahead = TimeSpan.FromMinutes(61);
        Assert.Empty((await RegisterAsync(Of('b', "gpu-2"))).Clears);
        _server.Clock.Ahead = TimeSpan.Zero;
        await _control.RefusalAsync(404, ControlServer.Root, "POST", "/api/accelerators/clears", """{"bucket":"none"}""");
        await _control.RefusalAsync(400, ControlServer.Root, "POST", "/api/accelerators/clears", """{"name":"a b"}""");
    }

    [Fact]
    public async Task Tokens_are_made_listed_and_revoked_by_the_servers_root_user()
    {
        Signer acme = await _control.OrganizationAsync("acme");
        foreach ((string method, string path) in new[]
        {
            ("GET", "/api/accelerators"), ("GET", "/api/accelerators/tokens"), ("POST", "/api/accelerators/tokens"), ("POST", "/api/accelerators/clears"), ("DELETE", "/api/accelerators/tokens/" + new string('0', 64)),
        })
        {
            await _control.RefusalAsync(403, acme, method, path, method == "POST" ? """{"name":"x"}""" : null);
        }

        JsonElement made = await _control.DataAsync(
            ControlServer.Root, "POST", "/api/accelerators/tokens", """{"name":"gpu-1","zone":"rack-7","networks":["192.0.2.0/24","2001:db8::1"],"organizations":["acme","acme"]}""");
        string text = made.GetProperty("token").GetString()!, id = made.GetProperty("id").GetString()!;
        Assert.StartsWith("acc-", text, StringComparison.Ordinal);
        JsonElement listed = (await _control.DataAsync(ControlServer.Root, "GET", "/api/accelerators/tokens")).GetProperty("tokens").EnumerateArray().Single(token => token.GetProperty("id").GetString() == id);
        Assert.False(listed.TryGetProperty("token", out _));
        Assert.Equal(["192.0.2.0/24", "2001:db8::1/128"], listed.GetProperty("networks").EnumerateArray().Select(static each => each.GetString()));
        Assert.Equal(["acme"], listed.GetProperty("organizations").EnumerateArray().Select(static each => each.GetString()));
        Assert.Equal(("rack-7", text[^4..], "arn:aws:iam::root:root"), (listed.GetProperty("zone").GetString(), listed.GetProperty("tokenSuffix").GetString(), listed.GetProperty("createdBy").GetString()));
        Assert.NotNull(await _server.Tokens.AuthenticateAsync(text, AcceleratedServer.Token));
        await _control.DataAsync(ControlServer.Root, "DELETE", $"/api/accelerators/tokens/{id}");
        await _control.RefusalAsync(404, ControlServer.Root, "DELETE", $"/api/accelerators/tokens/{id}");
        Assert.Null(await _server.Tokens.AuthenticateAsync(text, AcceleratedServer.Token));

        foreach (string bad in new[]
        {
            """{"name":""}""", """{"name":"x","zone":"a b"}""", """{"name":"x","networks":["host"]}""", """{"name":"x","organizations":["acme"]}""", """{"name":"x","zone":"z","organizations":["a/b"]}""", "{}",
        })
        {
            await _control.RefusalAsync(400, ControlServer.Root, "POST", "/api/accelerators/tokens", bad);
        }
    }

    private static AcceleratorRegistration Of(char instance, string name, string zone = AcceleratedServer.Zone) => new()
    {
        Instance = new string(instance, 32), Name = name, Zone = zone, Domains = [], Peer = $"{name}.local:9100", Certificate = new string('c', 64), Version = "1.0",
        Statistics = new AcceleratorStatistics { Hits = 5, CacheCapacity = 100 },
    };

    private Task<RawResponse> SendAsync(AcceleratorRegistration registration, string? envelope = null) => _server.NodeAsync(
        "POST", AcceleratorPaths.Register, Encoding.UTF8.GetString(registration.Encode()), envelope: envelope ?? _server.Envelope(name: registration.Name, zone: registration.Zone));

    private async Task<RegistrationAnswer> RegisterAsync(AcceleratorRegistration registration, string? envelope = null)
    {
        Assert.True(RegistrationAnswer.TryDecode((await SendAsync(registration, envelope)).Expect(200).Body, out RegistrationAnswer? answer));
        return answer;
    }

    private async Task<string?[]> NamesAsync() =>
        [.. (await _control.DataAsync(ControlServer.Root, "GET", "/api/accelerators")).GetProperty("accelerators").EnumerateArray().Select(static each => each.GetProperty("name").GetString())];
}

internal static class NodeAnswers
{
    public static RawResponse ExpectError400(this RawResponse answer)
    {
        Assert.Contains("<Code>", answer.Expect(400).Text, StringComparison.Ordinal);
        return answer;
    }
}
