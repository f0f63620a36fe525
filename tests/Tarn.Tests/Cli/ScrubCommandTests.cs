using System.Text.Json;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.TestKit.Stores;
using Tarn.Tests.Control;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Cli;

/// <summary>The commands of scrubbing and of damaged objects, as text and as JSON.</summary>
public sealed class ScrubCommandTests : IAsyncLifetime
{
    private readonly Dictionary<string, string> _variables = new()
    {
        ["TARN_ROOT_ACCESS_KEY"] = ControlServer.Root.Id!, ["TARN_ROOT_SECRET_KEY"] = ControlServer.Root.Secret,
    };

    private ControlServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ObjectStore Objects => (ObjectStore)_server.Services.GetService(typeof(ObjectStore))!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _variables["TARN_ENDPOINT"] = _server.Url;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_operator_scrubs_sees_what_is_damaged_and_drops_it()
    {
        var blobs = (MemoryBlobStore)_server.Services.GetService(typeof(IBlobStore))!;
        Bucket bucket = (await Objects.Buckets.CreateAsync(StoreFixture.Name("bucket"), "owner", "Owner", "us-east-1", Token))!;
        StoredObject stored = await Objects.Writer.PutAsync(
            bucket, StoreFixture.Key("lost key"), "owner", ObjectMetadata.Empty, new TestBody(StoreFixture.Bytes(20_000)), new IngestRequest(), WriteCondition.None, Token);
        BlobId blob = Assert.IsType<ObjectData.Extents>(stored.Record.Data).List[0].Blob;
        Assert.StartsWith("state    waiting\n", await RunAsync(0, "scrub", "status"), StringComparison.Ordinal);
        Assert.StartsWith("state    paused\n", await RunAsync(0, "scrub", "pause"), StringComparison.Ordinal);
        Assert.StartsWith("state    waiting\n", await RunAsync(0, "scrub", "resume"), StringComparison.Ordinal);
        Assert.StartsWith("state    running\n", await RunAsync(0, "scrub", "start"), StringComparison.Ordinal);
        await blobs.DeleteAsync(blob, Token);
        await Objects.Scrub.RunOnceAsync(Token);
        string report = await RunAsync(0, "scrub", "report");
        Assert.Contains("1 objects", report, StringComparison.Ordinal);
        Assert.Contains($"damaged  bucket/lost key version null: missing [data {blob}]", report, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(await RunAsync(0, "scrub", "report", "--json"));
        Assert.Equal("lost key", json.RootElement.GetProperty("damaged")[0].GetProperty("key").GetString());
        Assert.Contains("missing", await RunAsync(0, "object", "damaged", "list"), StringComparison.Ordinal);
        Assert.Contains("(400)", await RunAsync(1, "object", "damaged", "drop", "bucket", "lost key"), StringComparison.Ordinal);
        Assert.Contains("--part", await RunAsync(1, "object", "damaged", "drop", "bucket", "lost key", "--upload-id", "x", "--part", "y"), StringComparison.Ordinal);
        Assert.Equal("dropped bucket/lost key\n", await RunAsync(0, "object", "damaged", "drop", "bucket", "lost key", "--version-id", "null"));
        Assert.Contains("(404)", await RunAsync(1, "object", "damaged", "drop", "bucket", "lost key", "--version-id", "null"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_wait_for_a_pass_that_is_paused_fails()
    {
        string status = (await RunAsync(0, "scrub", "status", "--json")).Replace("\"waiting\"", "\"paused\"", StringComparison.Ordinal);
        using var server = new ScriptedServer(_ => (200, $$"""{"success":true,"data":{{status}}}""", null));
        _variables["TARN_ENDPOINT"] = server.Url;
        Assert.Equal("tarn: the pass was paused before it ended: tarn scrub resume\n", await RunAsync(1, "scrub", "start", "--wait"));
        await RunAsync(0, "scrub", "start");
    }

    [Fact]
    public async Task Orphans_are_listed_restored_and_dropped()
    {
        var blobs = (MemoryBlobStore)_server.Services.GetService(typeof(IBlobStore))!;
        BlobId[] ids = [BlobId.Create(new SeededRandomSource(1)), BlobId.Create(new SeededRandomSource(2)), BlobId.Create(new SeededRandomSource(3))];
        foreach (BlobId id in ids)
        {
            blobs.AddBare(id, new byte[100]);
            Assert.True(await blobs.SetAsideAsync(id, Token));
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task drops = Objects.Orphans.Drops.RunAsync(stop.Token);
        Assert.Contains(ids[2].ToString(), await RunAsync(0, "scrub", "orphans", "list"), StringComparison.Ordinal);
        Assert.Equal($"restored {ids[0]}\n", await RunAsync(0, "scrub", "orphans", "restore", ids[0].ToString()));
        Assert.Equal("dropped 1 blobs, 100 bytes; put back 0\n", await RunAsync(0, "scrub", "orphans", "drop", ids[1].ToString()));
        Assert.Equal("tarn: either ID or --all is needed\n", await RunAsync(1, "scrub", "orphans", "drop"));
        Assert.Equal("tarn: either ID or --all is needed\n", await RunAsync(1, "scrub", "orphans", "drop", ids[2].ToString(), "--all"));
        Assert.Equal("dropped 1 blobs, 100 bytes; put back 0\n", await RunAsync(0, "scrub", "orphans", "drop", "--all"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drops);
    }

    /// <summary>Runs a command; returns what it printed, on standard error if it failed.</summary>
    private async Task<string> RunAsync(int expected, params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = await CommandRunner.RunAsync(TarnCommand.Create(_variables, TimeProvider.System), arguments, output, error);
        Assert.True(expected == code, error.ToString());
        return (code == 0 ? output : error).ToString();
    }
}
