using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Core.Identity;
using Tarn.Core.Records;
using Tarn.TestKit.Http;
using Tarn.TestKit.Stores;
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
        Assert.Empty(first.Peers!);
        RegistrationAnswer second = await RegisterAsync(Of('b', "gpu-2"));
        Assert.Equal(("gpu-1", "gpu-1.local:9100", new string('c', 64)), second.Peers!.Select(static peer => (peer.Name, peer.Address, peer.Certificate)).Single());
        Assert.Empty((await RegisterAsync(Of('d', "gpu-3", "other"))).Peers!);
        Assert.Equal(2, (await RegisterAsync(Of('e', "gpu-4") with { Peer = null, Certificate = null })).Peers!.Count);
        Assert.Single((await RegisterAsync(Of('a', "gpu-1"))).Peers!);

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
        Assert.Empty((await RegisterAsync(Of('b', "gpu-2"))).Peers!);
        (await SendAsync(Of('a', "gpu-9"), envelope)).Expect(401);
        _server.Clock.Ahead = TimeSpan.FromSeconds(5);
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
        Assert.Equal([bucket], (await RegisterAsync(Of('a', "gpu-1"))).Clears!.Select(static clear => clear.Bucket));
        IReadOnlyList<CacheClear> clears = (await RegisterAsync(Of('b', "gpu-2"))).Clears!;
        Assert.Equal([(bucket, true), (null, false)], clears.Select(static clear => (clear.Bucket, clear.IsForAll)));
        Assert.Equal(clears, (await RegisterAsync(Of('b', "gpu-2"))).Clears);

        // Which of those that are there have not done it.
        Assert.Equal([["gpu-1", "gpu-2"], ["gpu-2"]], await WaitingAsync());
        await RegisterAsync(Of('b', "gpu-2") with { Cleared = [.. clears.Select(static clear => clear.Id)] });
        Assert.Equal([["gpu-1"], []], await WaitingAsync());

        // One that is away hears of it when it comes back, within a week.
        _server.Clock.Ahead = TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1);
        Assert.Equal([bucket, null], (await RegisterAsync(Of('c', "gpu-2"))).Clears!.Select(static clear => clear.Bucket));
        _server.Clock.Ahead = TimeSpan.FromDays(7) + TimeSpan.FromMinutes(1);
        Assert.Empty((await RegisterAsync(Of('c', "gpu-2"))).Clears!);
        _server.Clock.Ahead = TimeSpan.Zero;

        // Of a bucket that is gone, by its id. What asks for more takes the place of what asks for less.
        await _control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/clears", """{"bucketId":77,"name":"gpu-2"}""");
        await _control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/clears", """{"bucketId":78}""");
        Assert.Equal([bucket, null, 77, 78], (await RegisterAsync(Of('b', "gpu-2"))).Clears!.Select(static clear => clear.Bucket));
        await _control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/clears", """{"bucketId":77}""");
        Assert.Equal([bucket, null, 78, 77], (await RegisterAsync(Of('b', "gpu-2"))).Clears!.Select(static clear => clear.Bucket));
        await _control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/clears", "{}");
        Assert.Null(Assert.Single((await RegisterAsync(Of('b', "gpu-2"))).Clears!).Bucket);
        await _control.RefusalAsync(400, ControlServer.Root, "POST", "/api/accelerators/clears", """{"bucket":"bucket","bucketId":7}""");
        await _control.RefusalAsync(404, ControlServer.Root, "POST", "/api/accelerators/clears", """{"bucket":"none"}""");
        await _control.RefusalAsync(400, ControlServer.Root, "POST", "/api/accelerators/clears", """{"name":"a b"}""");
    }

    [Fact]
    public async Task Too_many_clears_are_refused_and_none_is_forgotten()
    {
        AcceleratorClears clears = _server.Inner.Get<AcceleratorClears>();
        for (ulong i = 0; i < RegistrationAnswer.MaxClears; i++)
        {
            await clears.AddAsync(i, null, null, "arn:test", AcceleratedServer.Token);
        }

        await _control.RefusalAsync(409, ControlServer.Root, "POST", "/api/accelerators/clears", """{"bucketId":1000000}""");
        Assert.Equal(RegistrationAnswer.MaxClears, (await RegisterAsync(Of('a', "gpu-1"))).Clears!.Count);
        await _control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/clears", "{}");
        Assert.Single((await RegisterAsync(Of('a', "gpu-1"))).Clears!);
    }

    [Fact]
    public async Task Clears_that_are_added_at_once_do_not_pass_the_limit_together_and_keep_an_order()
    {
        var rows = new HookedKeyValueStore(new Core.KeyValue.MemoryKeyValueStore());
        var clears = new AcceleratorClears(rows, new FakeTimeProvider(DateTimeOffset.UtcNow), SystemRandomSource.Instance);
        for (ulong i = 2; i < RegistrationAnswer.MaxClears; i++)
        {
            await clears.AddAsync(i, null, null, "arn:test", AcceleratedServer.Token);
        }

        // The first has seen that there is room, and adds when the others have come.
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rows.BeforeCommit = _ =>
        {
            reached.SetResult();
            return goesOn.Task;
        };
        Task<bool> first = TryAsync(1000);
        await reached.Task;
        Task<bool>[] adding = [first, .. Enumerable.Range(1001, 8).Select(i => TryAsync((ulong)i))];
        goesOn.SetResult();
        Assert.Equal(2, (await Task.WhenAll(adding)).Count(static isAdded => isAdded));
        IReadOnlyList<StoredClear> kept = await clears.ListAsync(AcceleratedServer.Token);
        Assert.Equal((RegistrationAnswer.MaxClears, RegistrationAnswer.MaxClears), (kept.Count, kept.Select(static clear => clear.Created).Distinct().Count()));

        async Task<bool> TryAsync(ulong bucket)
        {
            try
            {
                await clears.AddAsync(bucket, null, null, "arn:test", AcceleratedServer.Token);
                return true;
            }
            catch (IdentityRefusalException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task A_clear_outlives_the_server()
    {
        var rows = new KeptRows(new Core.KeyValue.MemoryKeyValueStore());
        await using (AcceleratedServer before = await AcceleratedServer.StartAsync(rows: rows))
        {
            using var control = new ControlApiClient(before.Inner.ControlUrl);
            await control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/clears", """{"bucketId":7}""");
        }

        await using AcceleratedServer after = await AcceleratedServer.StartAsync(rows: rows);
        RawResponse told = await after.NodeAsync("POST", AcceleratorPaths.Register, Encoding.UTF8.GetString(Of('a', "gpu-1").Encode()));
        Assert.True(RegistrationAnswer.TryDecode(told.Expect(200).Body, out RegistrationAnswer? answer));
        Assert.Equal(7UL, Assert.Single(answer.Clears!).Bucket);
    }

    [Fact]
    public async Task Only_what_has_changed_is_told_again()
    {
        AcceleratorRegistration one = Of('a', "gpu-1"), other = Of('b', "gpu-2");
        RegistrationAnswer told = await RegisterAsync(one);
        Assert.NotNull(told.Peers);
        one = one with { Generation = told.Generation };
        Assert.Equal((null, null, told.Generation), StateOf(await RegisterAsync(one)));

        // Somebody of another zone, and one that does not share, are nothing new.
        await RegisterAsync(Of('d', "gpu-3", "other"));
        await RegisterAsync(Of('e', "gpu-4") with { Peer = null, Certificate = null });
        Assert.Equal((null, null, told.Generation), StateOf(await RegisterAsync(one)));

        await RegisterAsync(other);
        await ToldAsync(peers: 1, clears: 0);
        await RegisterAsync(other);
        Assert.Null((await RegisterAsync(one)).Peers);

        // It starts again with another certificate, at the same address.
        await RegisterAsync(other with { Certificate = new string('e', 64) });
        await ToldAsync(peers: 1, clears: 0);
        await _control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/clears", """{"name":"gpu-2"}""");
        Assert.Null((await RegisterAsync(one)).Peers);
        await _control.DataAsync(ControlServer.Root, "POST", "/api/accelerators/clears", """{"name":"gpu-1"}""");
        await ToldAsync(peers: 1, clears: 1);

        // It leaves.
        _server.Clock.Ahead = TimeSpan.FromSeconds(16);
        await ToldAsync(peers: 0, clears: 1);
        Assert.Null((await RegisterAsync(one)).Peers);

        // What another process of the server said means nothing to this one.
        Assert.NotNull((await RegisterAsync(one with { Generation = "0" + told.Generation[1..] + "x" })).Peers);

        static (IReadOnlyList<AcceleratorPeer>?, IReadOnlyList<CacheClear>?, string) StateOf(RegistrationAnswer answer) => (answer.Peers, answer.Clears, answer.Generation);

        async Task ToldAsync(int peers, int clears)
        {
            RegistrationAnswer answer = await RegisterAsync(one);
            Assert.NotEqual(one.Generation, answer.Generation);
            Assert.Equal((peers, clears), (answer.Peers!.Count, answer.Clears!.Count));
            one = one with { Generation = answer.Generation };
        }
    }

    [Fact]
    public async Task Bytes_from_caches_are_added_up_by_organization()
    {
        await _control.OrganizationAsync("acme");
        IdentityStore identity = _server.Inner.Get<IdentityStore>();
        string acme = (await identity.Organizations.FindAsync("acme", AcceleratedServer.Token))!.CanonicalId, unknown = new('0', 64);
        await RegisterAsync(Hits('a', (acme, 100)));
        Assert.Empty(await HitsAsync());
        await RegisterAsync(Hits('a', (acme, 150), (unknown, 7), (null, 3)));
        await RegisterAsync(Hits('b'));
        await RegisterAsync(Hits('b', (acme, 1000)));
        await RegisterAsync(Hits('b', (acme, 1000)));
        Assert.Equal([("acme", 1050), (null, 10)], await HitsAsync());

        // Each says its own, and no other name than those of organizations that exist.
        JsonElement listed = (await _control.DataAsync(ControlServer.Root, "GET", "/api/accelerators")).GetProperty("accelerators")[0].GetProperty("hitBytes");
        Assert.Equal([("acme", 150), (null, 10)], PairsOf(listed));

        // It starts again, and begins at nothing.
        await RegisterAsync(Hits('a', (acme, 10)));
        await RegisterAsync(Hits('a', (acme, 30)));
        Assert.Equal([("acme", 1070), (null, 10)], await HitsAsync());
    }

    [Fact]
    public async Task Bytes_from_caches_are_counted_by_a_later_registration_when_organizations_cannot_be_looked_up()
    {
        var rows = new HookedKeyValueStore(new Core.KeyValue.MemoryKeyValueStore());
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(rows: rows);
        using var control = new ControlApiClient(server.Inner.ControlUrl);
        await control.OrganizationAsync("acme");
        string acme = (await server.Inner.Get<IdentityStore>().Organizations.FindAsync("acme", AcceleratedServer.Token))!.CanonicalId;
        (await SendAsync(Hits('a', (acme, 100)))).Expect(200);
        rows.FailRead = key => key.AsSpan().SequenceEqual(Tables.CanonicalIdKey(acme)) ? new Core.KeyValue.StoreFailedException("the device is gone", new IOException("secret")) : null;
        (await SendAsync(Hits('a', (acme, 150)))).Expect(503);
        rows.FailRead = null;
        (await SendAsync(Hits('a', (acme, 170)))).Expect(200);
        Assert.Equal([("acme", 70)], PairsOf((await control.DataAsync(ControlServer.Root, "GET", "/api/accelerators")).GetProperty("hitBytes")));

        Task<RawResponse> SendAsync(AcceleratorRegistration registration) =>
            server.NodeAsync("POST", AcceleratorPaths.Register, Encoding.UTF8.GetString(registration.Encode()), envelope: server.Envelope(name: registration.Name));
    }

    [Fact]
    public async Task An_organization_is_looked_up_once_however_many_accelerators_name_it()
    {
        var rows = new HookedKeyValueStore(new Core.KeyValue.MemoryKeyValueStore());
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(rows: rows);
        using var control = new ControlApiClient(server.Inner.ControlUrl);
        string[] owners = [new('0', 64), new('1', 64)];
        foreach (char instance in "abcd")
        {
            AcceleratorRegistration registration = Hits(instance, (owners[0], 1), (owners[1], 2), (null, 3));
            (await server.NodeAsync("POST", AcceleratorPaths.Register, Encoding.UTF8.GetString(registration.Encode()), envelope: server.Envelope(name: registration.Name))).Expect(200);
        }

        int lookedUp = 0;
        rows.HoldRead = key =>
        {
            if (owners.Any(owner => key.AsSpan().SequenceEqual(Tables.CanonicalIdKey(owner))))
            {
                Interlocked.Increment(ref lookedUp);
            }

            return null;
        };
        JsonElement listed = (await control.DataAsync(ControlServer.Root, "GET", "/api/accelerators")).GetProperty("accelerators");
        Assert.Equal((4, 2), (listed.GetArrayLength(), lookedUp));

        // What names nobody is one sum.
        Assert.Equal([(null, 6)], PairsOf(listed[0].GetProperty("hitBytes")));
    }

    private static AcceleratorRegistration Hits(char instance, params (string? Owner, long Bytes)[] hits)
    {
        AcceleratorRegistration registration = Of(instance, $"gpu-{instance}");
        return registration with { Statistics = registration.Statistics with { HitBytes = [.. hits.Select(static each => new OwnerHits(each.Owner, each.Bytes))] } };
    }

    private async Task<(string?, long)[]> HitsAsync() => PairsOf((await _control.DataAsync(ControlServer.Root, "GET", "/api/accelerators")).GetProperty("hitBytes"));

    private static (string?, long)[] PairsOf(JsonElement hits) =>
        [.. hits.EnumerateArray().Select(static each => (each.TryGetProperty("organization", out JsonElement name) ? name.GetString() : null, each.GetProperty("bytes").GetInt64()))];

    private async Task<string[][]> WaitingAsync() =>
    [
        .. (await _control.DataAsync(ControlServer.Root, "GET", "/api/accelerators/clears")).GetProperty("clears").EnumerateArray()
            .Select(static clear => clear.GetProperty("waiting").EnumerateArray().Select(static name => name.GetString()!).ToArray()),
    ];

    [Fact]
    public async Task Tokens_are_made_listed_and_revoked_by_the_servers_root_user()
    {
        Signer acme = await _control.OrganizationAsync("acme");
        foreach ((string method, string path) in new[]
        {
            ("GET", "/api/accelerators"), ("GET", "/api/accelerators/clears"), ("GET", "/api/accelerators/tokens"), ("POST", "/api/accelerators/tokens"), ("POST", "/api/accelerators/clears"), ("DELETE", "/api/accelerators/tokens/" + new string('0', 64)),
        })
        {
            await _control.RefusalAsync(403, acme, method, path, method == "POST" ? """{"name":"x"}""" : null);
        }

        JsonElement made = await _control.DataAsync(
            ControlServer.Root, "POST", "/api/accelerators/tokens", """{"name":"gpu-1","zone":"rack-7","networks":["192.0.2.0/24","2001:db8::1"],"organizations":["acme","acme"],"domains":["s3.acc.test","s3.acc.test"]}""");
        string text = made.GetProperty("token").GetString()!, id = made.GetProperty("id").GetString()!;
        Assert.StartsWith("acc-", text, StringComparison.Ordinal);
        JsonElement listed = (await _control.DataAsync(ControlServer.Root, "GET", "/api/accelerators/tokens")).GetProperty("tokens").EnumerateArray().Single(token => token.GetProperty("id").GetString() == id);
        Assert.False(listed.TryGetProperty("token", out _));
        Assert.Equal(["192.0.2.0/24", "2001:db8::1/128"], listed.GetProperty("networks").EnumerateArray().Select(static each => each.GetString()));
        Assert.Equal(["acme"], listed.GetProperty("organizations").EnumerateArray().Select(static each => each.GetString()));
        Assert.Equal(["s3.acc.test"], listed.GetProperty("domains").EnumerateArray().Select(static each => each.GetString()));
        Assert.Equal(("rack-7", text[^4..], "arn:aws:iam::root:root"), (listed.GetProperty("zone").GetString(), listed.GetProperty("tokenSuffix").GetString(), listed.GetProperty("createdBy").GetString()));
        Assert.NotNull(await _server.Tokens.AuthenticateAsync(text, AcceleratedServer.Token));
        await _control.DataAsync(ControlServer.Root, "DELETE", $"/api/accelerators/tokens/{id}");
        await _control.RefusalAsync(404, ControlServer.Root, "DELETE", $"/api/accelerators/tokens/{id}");
        Assert.Null(await _server.Tokens.AuthenticateAsync(text, AcceleratedServer.Token));

        foreach (string bad in new[]
        {
            """{"name":""}""", """{"name":"x","zone":"a b"}""", """{"name":"x","networks":["host"]}""", """{"name":"x","organizations":["acme"]}""", """{"name":"x","zone":"z","organizations":["a/b"]}""", """{"name":"x","domains":["S3.test"]}""", """{"name":"x","domains":["s3.test."]}""", "{}",
        })
        {
            await _control.RefusalAsync(400, ControlServer.Root, "POST", "/api/accelerators/tokens", bad);
        }
    }

    [Theory]
    [InlineData("""[{"owner":null,"bytes":-1}]""")]
    [InlineData("""[{"owner":null,"bytes":9223372036854775807}]""")]
    [InlineData("""[{"owner":null,"bytes":1},{"owner":null,"bytes":2}]""")]
    [InlineData("""[{"owner":"acme","bytes":1}]""")]
    [InlineData("[null]")]
    [InlineData("null")]
    public void Hits_that_cannot_be_added_up_are_no_registration(string hits) => Assert.False(AcceleratorRegistration.TryDecode(
        Encoding.UTF8.GetBytes("""{"instance":"0123456789abcdef0123456789abcdef","name":"n","zone":"z","domains":[],"version":"1","statistics":{"hitBytes":""" + hits + "}}"), out _));

    [Fact]
    public void What_is_optional_may_be_missing()
    {
        Assert.True(AcceleratorRegistration.TryDecode(
            """{"instance":"0123456789abcdef0123456789abcdef","name":"n","zone":"z","domains":[],"version":"1"}"""u8, out AcceleratorRegistration? registration));
        Assert.Equal((0, 0, 0L), (registration.Cleared.Count, registration.Statistics.HitBytes.Count, registration.Statistics.Hits));
        Assert.True(AcceleratorRegistration.TryDecode(
            """{"instance":"0123456789abcdef0123456789abcdef","name":"n","zone":"z","domains":[],"version":"1","statistics":{"hits":3}}"""u8, out registration));
        Assert.Equal((0, 3L), (registration.Statistics.HitBytes.Count, registration.Statistics.Hits));
        Assert.True(RegistrationAnswer.TryDecode("""{"heartbeat":5,"now":1,"zoneKeys":[]}"""u8, out RegistrationAnswer? answer));
        Assert.Equal("", answer.Generation);
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
