using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Server.Storage;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

/// <summary>The file that keeps orphans after a start by force, until an operator has decided.</summary>
public sealed class KeptOrphansTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void It_is_there_until_it_is_released()
    {
        var kept = new KeptOrphans(_directory.FullPath);
        Assert.Null(kept.Reason);
        kept.Release();
        KeptOrphans.Keep(_directory.FullPath, "A reason.");
        Assert.Equal("A reason.", new KeptOrphans(_directory.FullPath).Reason);
        kept.Release();
        Assert.Null(kept.Reason);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.FullPath));
    }

    [Fact]
    public async Task A_flag_that_accepts_a_loss_keeps_nothing_where_nothing_is_lost()
    {
        await StartAsync(new() { ["--durability"] = ["relaxed"], ["--accept-log-loss"] = ["7"] });
        Assert.Null(new KeptOrphans(Root).Reason);
        await StartAsync([]);
        Assert.Null(new KeptOrphans(Root).Reason);
    }

    [Fact]
    public async Task The_first_start_on_a_store_of_an_earlier_build_keeps_orphans()
    {
        await StartAsync([]);
        await using (var metadata = RocksDbKeyValueStore.Open(Path.Combine(Root, "meta"), new RocksDbOptions()))
        {
            Assert.True(await metadata.CommitAsync(new KeyValueBatch().Delete(Tables.EpochKey), TestContext.Current.CancellationToken));
        }

        File.Delete(Path.Combine(Root, "blobs", "metadata-epoch"));
        await StartAsync([]);
        Assert.Contains("earlier build", new KeptOrphans(Root).Reason, StringComparison.Ordinal);
        new KeptOrphans(Root).Release();
        await StartAsync([]);
        Assert.Null(new KeptOrphans(Root).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Metadata_that_was_copied_before_the_last_stop_keeps_orphans(bool isWhileRunning)
    {
        string copy = Path.Combine(_directory.FullPath, "copy");
        await StartAsync([], isWhileRunning ? () => Copy(Path.Combine(Root, "meta"), copy) : null);
        if (!isWhileRunning)
        {
            Copy(Path.Combine(Root, "meta"), copy);
            await StartAsync([]);
        }

        Directory.Delete(Path.Combine(Root, "meta"), recursive: true);
        Copy(copy, Path.Combine(Root, "meta"));
        await StartAsync([]);
        Assert.Contains("older than the blobs", new KeptOrphans(Root).Reason, StringComparison.Ordinal);
    }

    private string Root => Path.Combine(_directory.FullPath, "data");

    private async Task StartAsync(Dictionary<string, string[]> flags, Action? running = null)
    {
        await using Engines engines = await Engines.OpenAsync(
            Bound.From(flags) with { Data = Root }, SystemRandomSource.Instance, TimeProvider.System, metadataFiles: 64, NullLoggerFactory.Instance, CancellationToken.None);
        running?.Invoke();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from).Where(static file => Path.GetFileName(file) != "LOCK"))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
