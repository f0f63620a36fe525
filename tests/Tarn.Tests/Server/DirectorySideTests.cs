using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core;
using Tarn.Core.Mirroring;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Servers;
using Tarn.Tests.Mirroring;

namespace Tarn.Tests.Server;

/// <summary>Data directories as the sides of a mirror.</summary>
public sealed class DirectorySideTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new("side");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_side_whose_blobs_cannot_be_opened_leaves_nothing_open()
    {
        DirectorySide side = Side("data", Durability.Relaxed);
        side.Enter();
        string inTheWay = _directory.PathOf("data/blobs/tmp");
        Directory.CreateDirectory(_directory.PathOf("data/blobs"));
        await File.WriteAllTextAsync(inTheWay, "", TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<IOException>(() => OpenAsync(side).AsTask());
        Assert.Null(side.Devices(isMirror: false).Metadata());
        File.Delete(inTheWay);

        // The database is locked for as long as it is open.
        await CloseAsync(await OpenAsync(side));
        side.Leave();
    }

    [Fact]
    public void A_mark_is_written_without_opening_a_file()
    {
        DirectorySide side = Side("data", Durability.Relaxed);
        side.Enter();
        var mark = new MirrorMark(1, 2, 3, MirrorStanding.Together, DateTimeOffset.UnixEpoch);
        side.WriteMark(mark);
        File.Move(_directory.PathOf("data/mirror"), _directory.PathOf("moved"));
        File.WriteAllText(_directory.PathOf("data/mirror"), "in the way");
        side.WriteMark(mark with { Epoch = 4 });
        File.Move(_directory.PathOf("moved"), _directory.PathOf("data/mirror"), overwrite: true);
        Assert.Equal(4ul, side.Look().Mark!.Epoch);
        side.Leave();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sides_on_one_device_are_named_once(bool exists)
    {
        if (exists)
        {
            Directory.CreateDirectory(_directory.PathOf("mirror"));
        }

        var options = InProcessServer.Options with { Data = _directory.PathOf("data"), Mirror = _directory.PathOf("mirror"), Durability = Durability.Relaxed };
        using var log = new EventLog();
        await using Engines engines = await Engines.OpenAsync(options, SystemRandomSource.Instance, TimeProvider.System, 100, log, TestContext.Current.CancellationToken);
        (_, string text) = Assert.Single(log.Events, static e => e.Id == EventIds.MirrorOnOneDevice);
        Assert.Contains(options.Data, text, StringComparison.Ordinal);
        Assert.Contains(options.Mirror, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data")]
    [InlineData("mirror")]
    public async Task A_side_whose_files_beside_the_stores_fail_is_lost_and_the_other_serves(string bad)
    {
        var options = InProcessServer.Options with { Data = _directory.PathOf("data"), Mirror = _directory.PathOf("mirror"), Durability = Durability.Relaxed };
        using var first = new EventLog();
        await using (await Engines.OpenAsync(options, SystemRandomSource.Instance, TimeProvider.System, 100, first, TestContext.Current.CancellationToken))
        {
            await first.WhenAsync(EventIds.MirrorFilled);
        }

        string file = _directory.PathOf($"{bad}/blobs/metadata-epoch");
        File.Delete(file);
        Directory.CreateDirectory(file);
        using var log = new EventLog();
        await using Engines engines = await Engines.OpenAsync(options, SystemRandomSource.Instance, TimeProvider.System, 100, log, TestContext.Current.CancellationToken);
        (_, string text) = Assert.Single(log.Events, static e => e.Id == EventIds.MirrorLost);
        Assert.Contains(_directory.PathOf(bad), text, StringComparison.Ordinal);
        Assert.Equal(_directory.PathOf(bad == "data" ? "mirror" : "data"), engines.Mirror!.Lead.Name);
    }

    private DirectorySide Side(string name, Durability durability) => new(
        _directory.PathOf(name),
        _directory.PathOf("other"),
        InProcessServer.Options with { Durability = durability },
        metadataFiles: 100,
        SystemRandomSource.Instance,
        NullLogger.Instance);

    private static ValueTask<MirrorStores> OpenAsync(DirectorySide side) => side.OpenAsync(replaceMetadata: false, TestContext.Current.CancellationToken);

    private static async Task CloseAsync(MirrorStores stores)
    {
        await stores.Metadata.DisposeAsync();
        await stores.Blobs.DisposeAsync();
    }
}
