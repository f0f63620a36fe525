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

    [Theory]
    [InlineData("data", true)]
    [InlineData("mirror", true)]
    [InlineData("data", false)]
    public async Task A_side_without_its_master_key_is_lost_and_gets_it_back(string bad, bool isUnreadable)
    {
        var options = InProcessServer.Options with { Data = _directory.PathOf("data"), Mirror = _directory.PathOf("mirror"), Durability = Durability.Relaxed, MasterKey = null };
        using var first = new EventLog();
        await using (await Engines.OpenAsync(options, SystemRandomSource.Instance, TimeProvider.System, 100, first, TestContext.Current.CancellationToken))
        {
            await first.WhenAsync(EventIds.MirrorFilled);
        }

        foreach (string side in (string[])["data", "mirror"])
        {
            await File.WriteAllTextAsync(_directory.PathOf($"{side}/master.key"), "the key", TestContext.Current.CancellationToken);
        }

        File.Delete(_directory.PathOf($"{bad}/master.key"));
        if (isUnreadable)
        {
            Directory.CreateDirectory(_directory.PathOf($"{bad}/master.key"));
        }

        using var log = new EventLog();
        await using Engines engines = await Engines.OpenAsync(options, SystemRandomSource.Instance, TimeProvider.System, 100, log, TestContext.Current.CancellationToken);
        Assert.Equal("the key", await File.ReadAllTextAsync(Path.Combine(engines.Lead!.Root, "master.key"), TestContext.Current.CancellationToken));
        Assert.Equal(bad == "data" ? 1 : 0, log.Events.Count(static e => e.Id == EventIds.MirrorLost));
    }

    [Fact]
    public void A_key_that_is_replaced_is_put_aside()
    {
        DirectorySide side = Side("data", Durability.Relaxed);
        Directory.CreateDirectory(_directory.PathOf("data"));
        Directory.CreateDirectory(_directory.PathOf("other"));
        File.WriteAllText(_directory.PathOf("data/master.key"), "of a store that was moved away");
        File.WriteAllText(_directory.PathOf("other/master.key"), "of this one");
        side.TakeFiles(Side("other", Durability.Relaxed));
        side.TakeFiles(Side("other", Durability.Relaxed));
        Assert.Equal("of this one", File.ReadAllText(_directory.PathOf("data/master.key")));
        Assert.Equal("of a store that was moved away", File.ReadAllText(_directory.PathOf("data/master.key.replaced")));
    }

    [Fact]
    public void What_cannot_be_read_there_is_no_failure_of_this_side()
    {
        Directory.CreateDirectory(_directory.PathOf("data"));
        Directory.CreateDirectory(_directory.PathOf("other/master.key"));
        Assert.Throws<MirrorSourceException>(() => Side("data", Durability.Relaxed).TakeFiles(Side("other", Durability.Relaxed)));
    }

    [Fact]
    public void A_reason_to_keep_orphans_is_taken_over_and_taken_back()
    {
        Directory.CreateDirectory(_directory.PathOf("data"));
        Directory.CreateDirectory(_directory.PathOf("other"));
        KeptOrphans.Keep(_directory.PathOf("other"), "Rows may be missing.");
        Side("data", Durability.Relaxed).TakeFiles(Side("other", Durability.Relaxed));
        Assert.Equal("Rows may be missing.", KeptOrphans.Find(_directory.PathOf("data")));
        new KeptOrphans(_directory.PathOf("other")).Release();
        Side("data", Durability.Relaxed).TakeFiles(Side("other", Durability.Relaxed));
        Assert.Null(KeptOrphans.Find(_directory.PathOf("data")));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    public void Trees_of_disks_alone_are_data_unless_a_mark_says_that_the_rows_are_elsewhere(bool isMarked, bool isOtherMarked, bool isEmpty)
    {
        Directory.CreateDirectory(_directory.PathOf("data/disks/dsk-1"));
        var mark = new MirrorMark(1, 2, 3, MirrorStanding.Stale, DateTimeOffset.UnixEpoch);
        foreach (string side in (string[])[.. isMarked ? ["data"] : Array.Empty<string>(), .. isOtherMarked ? ["other"] : Array.Empty<string>()])
        {
            Directory.CreateDirectory(_directory.PathOf(side));
            MirrorMarkFile.Write(_directory.PathOf(side), mark);
        }

        DirectorySide data = Side("data", Durability.Relaxed);
        Assert.Equal(isEmpty, data.Look().IsEmpty);
        if (isEmpty)
        {
            data.Enter();
            data.Leave();
        }
        else
        {
            Assert.ThrowsAny<IOException>(data.Enter);
        }
    }

    /// <summary>What is in the directory of the metadata before, and what is put aside and what is left after it.</summary>
    [Theory]
    [InlineData("CURRENT 1", false, "CURRENT 1")]
    [InlineData("CURRENT 1 damaged/0", false, "CURRENT 1")]
    [InlineData("CURRENT 2 damaged.partly/1", true, "1 2 CURRENT")]
    [InlineData("CURRENT filled damaged/CURRENT damaged/1", true, "1 CURRENT")]
    [InlineData("filled damaged.partly/CURRENT damaged.partly/1 damaged/0", true, "1 CURRENT")]
    public void Damaged_metadata_is_put_aside_whole_whenever_it_is_interrupted(string before, bool wasBeingFilled, string aside)
    {
        string meta = Directory.CreateDirectory(_directory.PathOf("meta")).FullName;
        foreach (string file in before.Split(' '))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(meta, file))!);
            File.WriteAllText(Path.Combine(meta, file), "");
        }

        DirectorySide.PutAside(meta, wasBeingFilled);
        Assert.Empty(Directory.GetFiles(meta));
        Assert.Equal([Path.Combine(meta, DirectorySide.Damaged)], Directory.GetDirectories(meta));
        Assert.Equal(
            aside.Split(' ').Order(StringComparer.Ordinal),
            Directory.GetFiles(Path.Combine(meta, DirectorySide.Damaged)).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
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
