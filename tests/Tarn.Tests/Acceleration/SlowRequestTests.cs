using System.Text;
using Tarn.Core.Acceleration;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.TestKit.Http;
using Tarn.TestKit.Stores;
using Tarn.Tests.Control;

namespace Tarn.Tests.Acceleration;

/// <summary>A token that is revoked while the server waits for bytes of a request is revoked for that request: whoever holds it cannot keep one open to come back with.</summary>
public sealed class SlowRequestTests
{
    private const string Form = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nbytes\r\n--x--\r\n";

    /// <summary>Every request on the listener that is decided by its body: target, who asks, type and text.</summary>
    public static TheoryData<string, string, string, string> DecidedByTheirBodies => new()
    {
        { AcceleratorPaths.Register, "node", "application/json", Encoding.UTF8.GetString(Registration.Encode()) },
        { AcceleratorPaths.Renew, "node", "text/plain", "x" },
        { AcceleratorPaths.Continue, "node", "text/plain", "x" },
        { "/", AcceleratedServer.Forward, "application/x-www-form-urlencoded", "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=s&WebIdentityToken=a.b.c&RoleArn=arn%3Aaws%3Aiam%3A%3Aacme%3Arole%2Fr" },
        { "/", AcceleratedServer.Forward, "application/x-www-form-urlencoded", "Action=GetCallerIdentity&Version=2011-06-15" },
        { "/bucket", AcceleratedServer.Forward, "multipart/form-data; boundary=x", Form },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static AcceleratorRegistration Registration => new()
    {
        Instance = new string('a', 32), Name = "gpu-1", Zone = AcceleratedServer.Zone, Domains = [], Version = "1.0", Statistics = new AcceleratorStatistics { HitBytes = [new OwnerHits(new string('0', 64), 1)] },
    };

    [Theory]
    [MemberData(nameof(DecidedByTheirBodies))]
    public async Task A_token_is_looked_up_again_when_the_body_has_come(string target, string call, string type, string body)
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.BucketAsync();
        using var control = new ControlApiClient(server.Inner.ControlUrl);
        NewAcceleratorToken made = await server.Tokens.CreateAsync("gone soon", AcceleratedServer.Zone, AddressList.Any, [], "arn:test", Token);
        string head = $"POST {target} HTTP/1.1\r\nHost: acc.test\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n";
        await using RawConnection connection = await RawConnection.OpenAsync(server.Endpoint.S3);
        await connection.WriteAsync(AcceleratedServer.With(head, server.Envelope(made.Text), call));

        // From here on the server waits for the body: the envelope was accepted.
        (await connection.ReadResponseAsync("POST"))!.Expect(100);
        await control.DataAsync(ControlServer.Root, "DELETE", $"/api/accelerators/tokens/{made.Token.Id}");
        await connection.WriteAsync(body);
        RawResponse refused = (await connection.ReadResponseAsync("POST"))!.Expect(401);
        Assert.Contains("<Code>AcceleratorRefused</Code>", refused.Text, StringComparison.Ordinal);
        Assert.Equal("refused", refused["x-tarn-envelope"]);
        Assert.Empty((await control.DataAsync(ControlServer.Root, "GET", "/api/accelerators")).GetProperty("accelerators").EnumerateArray());
    }

    [Fact]
    public async Task A_token_that_is_revoked_between_its_last_look_up_and_the_registration_registers_nothing()
    {
        var rows = new HookedKeyValueStore(new MemoryKeyValueStore());
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(rows: rows);
        using var control = new ControlApiClient(server.Inner.ControlUrl);
        NewAcceleratorToken made = await server.Tokens.CreateAsync("gone soon", AcceleratedServer.Zone, AddressList.Any, [], "arn:test", Token);
        byte[] late = Tables.CanonicalIdKey(Registration.Statistics.HitBytes[0].Owner!);
        int met = 0;
        rows.HoldRead = key => key.AsSpan().SequenceEqual(late) && Interlocked.Increment(ref met) == 1 ? control.DataAsync(ControlServer.Root, "DELETE", $"/api/accelerators/tokens/{made.Token.Id}") : null;
        RawResponse refused = (await server.NodeAsync("POST", AcceleratorPaths.Register, Encoding.UTF8.GetString(Registration.Encode()), envelope: server.Envelope(made.Text))).Expect(401);
        Assert.Equal(("refused", 1), (refused["x-tarn-envelope"], met));
        Assert.Empty((await control.DataAsync(ControlServer.Root, "GET", "/api/accelerators")).GetProperty("accelerators").EnumerateArray());
    }
}
