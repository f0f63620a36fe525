using Tarn.Core.Acceleration;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects.Integrity;
using Tarn.TestKit.Clocks;
using Tarn.TestKit.Http;
using Tarn.TestKit.Stores;
using Tarn.Tests.Blobs;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Acceleration;

/// <summary>Blocks are for what a capability entitles to.</summary>
public sealed class BlocksTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_capability_that_is_forged_stretched_replayed_elsewhere_of_another_zone_or_expired_opens_nothing()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        byte[] bytes = StoreFixture.Bytes(300_000);
        await server.PutAsync("/bucket/key", bytes);
        await server.PutAsync("/bucket/other", StoreFixture.Bytes(300_000, seed: 2));
        PlannedExtent mine = (await server.PlanAsync("/bucket/key")).Extents[0], other = (await server.PlanAsync("/bucket/other")).Extents[0];
        Assert.Equal(bytes[10..70_010], AcceleratedServer.Unframed((await server.BlocksAsync(mine.Blob, 10, 70_000, mine.Capability)).Expect(200).Body, 10, 70_000));

        await RefusedAsync(server.BlocksAsync(other.Blob, 0, 1, mine.Capability));
        await RefusedAsync(server.BlocksAsync(mine.Blob, 300_000, 1, mine.Capability));
        await RefusedAsync(server.BlocksAsync(mine.Blob, 299_999, 2, mine.Capability));
        await RefusedAsync(server.BlocksAsync(mine.Blob, 0, 1, mine.Capability, server.Envelope(zone: "other")));
        await RefusedAsync(server.BlocksAsync(mine.Blob, 0, 1, mine.Capability[..^1] + (mine.Capability[^1] == 'A' ? 'E' : 'A')));
        await RefusedAsync(server.BlocksAsync(mine.Blob, 0, 1, ""));
        await RefusedAsync(server.NodeAsync("GET", new BlockRequest(mine.Blob, 0, 1).Path));

        // With the zone's key, as any accelerator of the zone could make one.
        Assert.True(BlobCapability.TryRead(mine.Capability, out BlobCapability? read));
        AcceleratorSecrets secrets = await server.Inner.Get<AcceleratorSecretRow>().GetAsync(Token);
        byte[] zoneKey = secrets.KeyOf(read.Zone, read.Epoch).Key;
        await RefusedAsync(server.BlocksAsync(other.Blob, 0, 1, (read with { Blob = other.Blob }).Make(zoneKey, zoneKey)));
        await RefusedAsync(server.BlocksAsync(mine.Blob, 0, 1, (read with { Expires = read.Expires + 1_000_000 }).Make(zoneKey, zoneKey)));

        (await server.NodeAsync("GET", $"/v1/blocks/{mine.Blob}/0/1048577", capability: mine.Capability)).Expect(400);
        (await server.NodeAsync("POST", new BlockRequest(mine.Blob, 0, 1).Path, "", mine.Capability)).Expect(400);
        (await server.NodeAsync("GET", AcceleratorPaths.Renew)).Expect(405);

        // A minute is left, since real time goes on.
        server.Clock.Ahead = TimeSpan.FromSeconds(240);
        (await server.BlocksAsync(mine.Blob, 0, 1, mine.Capability)).Expect(200);
        server.Clock.Ahead = TimeSpan.FromSeconds(301);
        await RefusedAsync(server.BlocksAsync(mine.Blob, 0, 1, mine.Capability));
    }

    [Fact]
    public async Task Of_a_blob_that_objects_share_in_part_nothing_but_the_run_of_the_object_is_sent()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(6 << 20));
        string id = (await server.DirectAsync("POST", "/bucket/part?uploads")).Expect(200).Element("UploadId")!;
        RawResponse part = (await server.DirectAsync("PUT", $"/bucket/part?partNumber=1&uploadId={id}", [("x-amz-copy-source", "/bucket/key"), ("x-amz-copy-source-range", "bytes=100000-199999")])).Expect(200);
        (await server.DirectAsync("POST", $"/bucket/part?uploadId={id}", null, System.Text.Encoding.UTF8.GetBytes(
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.Element("ETag")}</ETag></Part></CompleteMultipartUpload>"))).Expect(200);
        PlannedExtent extent = Assert.Single((await server.PlanAsync("/bucket/part")).Extents);
        Assert.Equal((100_000L, 100_000L), (extent.Offset, extent.Length));
        (await server.BlocksAsync(extent.Blob, 100_000, 100_000, extent.Capability)).Expect(200);
        await RefusedAsync(server.BlocksAsync(extent.Blob, 99_999, 1, extent.Capability));
        await RefusedAsync(server.BlocksAsync(extent.Blob, 200_000, 1, extent.Capability));
    }

    [Fact]
    public async Task A_capability_is_good_after_a_restart_and_the_secrets_stay_the_same()
    {
        var rows = new KeptRows(new MemoryKeyValueStore());
        var clock = new ShiftedTimeProvider();
        var blobs = new DeviceBlobStore(clock);
        PlannedExtent extent;
        string text, renewed, continuation;
        byte[] bytes = StoreFixture.Bytes(100_000);
        await using (AcceleratedServer before = await AcceleratedServer.StartAsync(rows: rows, blobs: blobs, clock: clock))
        {
            text = before.TokenText;
            await before.PutAsync("/bucket/key", bytes);
            extent = (await before.PlanAsync("/bucket/key")).Extents[0];
            renewed = (await before.NodeAsync("POST", AcceleratorPaths.Renew, extent.Capability)).Expect(200).Text.TrimEnd('\n');
            continuation = (await before.SendAsync(AcceleratedServer.Resolve, "HEAD", "/bucket/key"))[AcceleratorHeaders.Continuation]!;
        }

        await using AcceleratedServer after = await AcceleratedServer.StartAsync(rows: rows, blobs: blobs, clock: clock, token: text);
        Assert.Equal(bytes, AcceleratedServer.Unframed((await after.BlocksAsync(extent.Blob, 0, 100_000, extent.Capability)).Expect(200).Body, 0, 100_000));
        (await after.BlocksAsync(extent.Blob, 0, 100_000, renewed)).Expect(200);
        (await after.NodeAsync("POST", AcceleratorPaths.Continue, continuation)).Expect(200);
    }

    [Fact]
    public async Task Damage_is_answered_as_damage_and_put_on_the_list_of_the_object()
    {
        var clock = new ShiftedTimeProvider();
        var blobs = new DeviceBlobStore(clock);
        await using AcceleratedServer server = await AcceleratedServer.StartAsync(blobs: blobs, clock: clock, options: static options => options with { VerifyReads = Core.Blobs.Layout.VerifyReads.Off });
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(600_000));
        PlannedExtent extent = (await server.PlanAsync("/bucket/key")).Extents[0];
        await blobs.DamageAsync(extent.Blob, static stored =>
        {
            byte[] flipped = [.. stored];
            flipped[500_000] ^= 1;
            return flipped;
        });
        blobs.EmptyCache();
        (await server.BlocksAsync(extent.Blob, 0, 65_536, extent.Capability)).Expect(200);
        (await server.BlocksAsync(extent.Blob, 499_990, 20, extent.Capability)).Expect(500);
        Assert.Null(await new RawClient(server.Endpoint).TryExchangeAsync("GET", AcceleratedServer.With(
            $"GET {new BlockRequest(extent.Blob, 0, 600_000).Path} HTTP/1.1\r\nHost: x\r\n{AcceleratorHeaders.Capability}: {extent.Capability}\r\n\r\n", server.Envelope(), "node")));
        var listed = new List<DamagedObject>();
        await foreach (DamagedObject damaged in server.Objects.Damage.ListAsync(Token))
        {
            listed.Add(damaged);
        }

        Assert.Equal("key", Assert.Single(listed).Key!.ToString());

        // What is known to be damaged is not planned: it is answered as it is for everybody.
        RawResponse undamaged = (await server.SendAsync(AcceleratedServer.Resolve, "GET", "/bucket/key", [("range", "bytes=0-99")])).Expect(206);
        Assert.Equal("1", undamaged[AcceleratorHeaders.Plan]);
        Assert.Null((await server.SendAsync(AcceleratedServer.Resolve, "GET", "/bucket/key", [("range", "bytes=500000-500009")]))[AcceleratorHeaders.Plan]);
    }

    private static async Task RefusedAsync(Task<RawResponse> sent) => (await sent).Expect(403);
}
