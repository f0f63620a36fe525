using System.Text.Json;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;
using Tarn.Core.Storage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Control;

/// <summary>The endpoints of scrubbing, of damaged objects and of orphans: what they answer, and that only the server's root user may ask.</summary>
public sealed class ScrubApiTests : IAsyncLifetime
{
    private static readonly (string Method, string Path, string? Body)[] Endpoints =
    [
        ("GET", "/api/scrub", null), ("GET", "/api/scrub/report", null), ("POST", "/api/scrub/start", null), ("POST", "/api/scrub/pause", null), ("POST", "/api/scrub/resume", null),
        ("GET", "/api/scrub/orphans", null), ("DELETE", "/api/scrub/orphans", null), ("GET", "/api/scrub/orphans/drop", null), ("DELETE", "/api/scrub/orphans/00000000000000000000000000000001", null),
        ("POST", "/api/scrub/orphans/00000000000000000000000000000001/restore", null), ("GET", "/api/damaged", null),
        ("POST", "/api/damaged/drop", """{"bucket":"bucket","key":"key","versionId":"null"}"""),
    ];

    private ControlServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ObjectStore Objects => (ObjectStore)_server.Services.GetService(typeof(ObjectStore))!;

    private MemoryBlobStore Blobs => (MemoryBlobStore)_server.Services.GetService(typeof(IBlobStore))!;

    public async ValueTask InitializeAsync() => _server = await ControlServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Only_the_root_user_of_the_server_may_use_them()
    {
        Signer acme = await _server.OrganizationAsync("acme");
        Signer alice = Signer.Of(await _server.DataAsync(acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        foreach ((string method, string path, string? body) in Endpoints)
        {
            await _server.RefusalAsync(403, acme, method, path, body);
            await _server.RefusalAsync(403, alice, method, path, body);
            await _server.RefusalAsync(401, null!, method, path, body);
        }
    }

    [Fact]
    public async Task A_pass_is_shown_with_what_it_found_and_what_is_damaged_can_be_dropped()
    {
        await PutAsync("sound", 20_000);
        StoredObject lost = await PutAsync("lost", 20_000), lostToo = await PutAsync("lost too", 20_000);
        await Blobs.DeleteAsync(BlobOf(lost), Token);
        await Blobs.DeleteAsync(BlobOf(lostToo), Token);
        JsonElement status = await _server.DataAsync(ControlServer.Root, "GET", "/api/scrub");
        Assert.Equal("waiting", status.GetProperty("state").GetString());
        Assert.False(status.TryGetProperty("last", out _));
        Assert.Equal("running", (await _server.DataAsync(ControlServer.Root, "POST", "/api/scrub/start")).GetProperty("state").GetString());
        await Objects.Scrub.RunOnceAsync(Token);
        JsonElement report = await _server.DataAsync(ControlServer.Root, "GET", "/api/scrub/report");
        Assert.Equal((3, 2), (report.GetProperty("scrub").GetProperty("last").GetProperty("objects").GetInt64(), report.GetProperty("scrub").GetProperty("last").GetProperty("damaged").GetInt64()));
        Assert.Equal(["lost", "lost too"], report.GetProperty("damaged").EnumerateArray().Select(static item => item.GetProperty("key").GetString()).Order(StringComparer.Ordinal));
        Assert.False(report.GetProperty("hasMoreDamaged").GetBoolean());

        JsonElement first = await _server.DataAsync(ControlServer.Root, "GET", "/api/damaged?limit=1");
        JsonElement second = await _server.DataAsync(ControlServer.Root, "GET", "/api/damaged?limit=1&cursor=" + first.GetProperty("nextCursor").GetString());
        JsonElement[] items = [first.GetProperty("damaged")[0], second.GetProperty("damaged")[0]];
        Assert.False(second.TryGetProperty("nextCursor", out _));
        Assert.Equal(2, items.Select(static item => item.GetProperty("data").GetString()).Distinct().Count());
        Assert.All(items, static item => Assert.Equal(("bucket", "null", "missing"), (item.GetProperty("bucket").GetString(), item.GetProperty("versionId").GetString(), item.GetProperty("kind").GetString())));
        await _server.RefusalAsync(400, ControlServer.Root, "GET", "/api/damaged?cursor=xyz");

        await _server.RefusalAsync(409, ControlServer.Root, "POST", "/api/damaged/drop", Drop("sound"));
        await _server.RefusalAsync(404, ControlServer.Root, "POST", "/api/damaged/drop", Drop("nothing"));
        await _server.RefusalAsync(404, ControlServer.Root, "POST", "/api/damaged/drop", """{"bucket":"nope","key":"k","versionId":"null"}""");
        await _server.RefusalAsync(404, ControlServer.Root, "POST", "/api/damaged/drop", """{"bucket":"bucket","key":"lost","uploadId":"x","partNumber":1}""");
        await _server.RefusalAsync(400, ControlServer.Root, "POST", "/api/damaged/drop", """{"bucket":"bucket","key":"lost"}""");
        await _server.RefusalAsync(400, ControlServer.Root, "POST", "/api/damaged/drop", """{"bucket":"bucket","key":"","versionId":"null"}""");
        await _server.DataAsync(ControlServer.Root, "POST", "/api/damaged/drop", Drop("lost"));
        await _server.RefusalAsync(404, ControlServer.Root, "POST", "/api/damaged/drop", Drop("lost"));
        Assert.Equal("lost too", Assert.Single((await _server.DataAsync(ControlServer.Root, "GET", "/api/damaged")).GetProperty("damaged").EnumerateArray().ToArray()).GetProperty("key").GetString());
    }

    [Fact]
    public async Task The_last_pass_is_shown_while_another_is_under_way()
    {
        var state = new ScrubState
        {
            Phase = ScrubPhase.Data, Began = 3000, Counts = new() { Objects = 5 }, LastBegan = 1000, LastFinished = 2000, LastCounts = new() { Failures = 1 }, LastFailures = ["what"],
        };
        Assert.True(await ((IKeyValueStore)_server.Services.GetService(typeof(IKeyValueStore))!).CommitAsync(new KeyValueBatch().Put(Tables.ScrubKey, state.Encode()), Token));
        JsonElement report = await _server.DataAsync(ControlServer.Root, "GET", "/api/scrub/report");
        Assert.Equal(1, report.GetProperty("scrub").GetProperty("last").GetProperty("failures").GetInt64());
        Assert.Equal(0, report.GetProperty("scrub").GetProperty("current").GetProperty("failures").GetInt64());
        Assert.Equal("what", report.GetProperty("lastFailures")[0].GetString());
        Assert.Equal((0, 1), (report.GetProperty("currentFailures").GetArrayLength(), report.GetProperty("lastFailures").GetArrayLength()));
        Assert.Contains("could not read everything", report.GetProperty("scrub").GetProperty("orphansKeptBecause").GetString(), StringComparison.Ordinal);
        Assert.Contains("could not read everything", (await _server.DataAsync(ControlServer.Root, "GET", "/api/scrub/orphans")).GetProperty("keptBecause").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pause_is_shown_and_ended()
    {
        Assert.Equal("paused", (await _server.DataAsync(ControlServer.Root, "POST", "/api/scrub/pause")).GetProperty("state").GetString());
        Assert.Equal("paused", (await _server.DataAsync(ControlServer.Root, "GET", "/api/scrub")).GetProperty("state").GetString());
        Assert.Equal("waiting", (await _server.DataAsync(ControlServer.Root, "POST", "/api/scrub/resume")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Orphans_are_listed_put_back_and_removed()
    {
        StoredObject[] stored = [await PutAsync("one", 20_000), await PutAsync("two", 20_000), await PutAsync("three", 20_000)];
        BlobId[] ids = [.. stored.Select(BlobOf)];
        var rows = (IKeyValueStore)_server.Services.GetService(typeof(IKeyValueStore))!;
        foreach (StoredObject lost in stored)
        {
            Assert.True(await Blobs.SetAsideAsync(BlobOf(lost), Token));
            Assert.True(await rows.CommitAsync(new KeyValueBatch().Delete(lost.Row), Token));
        }

        JsonElement page = await _server.DataAsync(ControlServer.Root, "GET", "/api/scrub/orphans?limit=2");
        JsonElement rest = await _server.DataAsync(ControlServer.Root, "GET", "/api/scrub/orphans?limit=2&cursor=" + page.GetProperty("nextCursor").GetString());
        JsonElement[] listed = [.. page.GetProperty("orphans").EnumerateArray(), .. rest.GetProperty("orphans").EnumerateArray()];
        Assert.Equal(["one", "three", "two"], listed.Select(static orphan => orphan.GetProperty("key").GetString()).Order(StringComparer.Ordinal));
        Assert.All(listed, static orphan => Assert.Equal("bucket", orphan.GetProperty("bucket").GetString()));
        await _server.RefusalAsync(400, ControlServer.Root, "GET", "/api/scrub/orphans?cursor=x");
        await _server.DataAsync(ControlServer.Root, "POST", $"/api/scrub/orphans/{ids[0]}/restore");
        await _server.RefusalAsync(404, ControlServer.Root, "POST", $"/api/scrub/orphans/{ids[0]}/restore");
        Assert.NotNull(await Blobs.FindAsync(ids[0], Token));
        await _server.RefusalAsync(404, ControlServer.Root, "GET", "/api/scrub/orphans/drop");
        Assert.Equal("running", (await _server.DataAsync(ControlServer.Root, "DELETE", $"/api/scrub/orphans/{ids[1]}")).GetProperty("state").GetString());
        await _server.RefusalAsync(409, ControlServer.Root, "DELETE", "/api/scrub/orphans");
        Assert.Equal(("done", 1), await DroppedAsync());
        await _server.RefusalAsync(404, ControlServer.Root, "DELETE", $"/api/scrub/orphans/{ids[1]}");
        await _server.RefusalAsync(404, ControlServer.Root, "DELETE", "/api/scrub/orphans/x");
        BlobId needed = BlobOf(await PutAsync("needed", 20_000));
        Assert.True(await Blobs.SetAsideAsync(needed, Token));
        await _server.DataAsync(ControlServer.Root, "DELETE", $"/api/scrub/orphans/{needed}");
        Assert.Equal(("done", 0), await DroppedAsync());
        Assert.NotNull(await Blobs.FindAsync(needed, Token));
        await _server.DataAsync(ControlServer.Root, "DELETE", "/api/scrub/orphans");
        Assert.Equal(("done", 1), await DroppedAsync());
    }

    /// <summary>Carries out the order to remove orphans, and asks how it ended.</summary>
    private async Task<(string?, long)> DroppedAsync()
    {
        await Objects.Orphans.Drops.RunOnceAsync(Token);
        JsonElement drop = await _server.DataAsync(ControlServer.Root, "GET", "/api/scrub/orphans/drop");
        return (drop.GetProperty("state").GetString(), drop.GetProperty("blobs").GetInt64());
    }

    private static string Drop(string key) => $$"""{"bucket":"bucket","key":"{{key}}","versionId":"null"}""";

    private static BlobId BlobOf(StoredObject stored) => Assert.IsType<ObjectData.Extents>(stored.Record.Data).List[0].Blob;

    private async Task<StoredObject> PutAsync(string key, int length)
    {
        Bucket bucket = await Objects.Buckets.FindAsync(StoreFixture.Name("bucket"), Token)
            ?? (await Objects.Buckets.CreateAsync(StoreFixture.Name("bucket"), "owner", "Owner", "us-east-1", Token))!;
        return await Objects.Writer.PutAsync(
            bucket, StoreFixture.Key(key), "owner", ObjectMetadata.Empty, new TestBody(StoreFixture.Bytes(length, key.Length)), new IngestRequest(), WriteCondition.None, Token);
    }
}
