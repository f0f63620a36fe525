using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core;
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_start_that_accepts_the_loss_of_metadata_keeps_orphans(bool accepts)
    {
        string root = Path.Combine(_directory.FullPath, "data");
        Dictionary<string, string[]> flags = new() { ["--data"] = [root], ["--durability"] = ["relaxed"] };
        if (accepts)
        {
            flags["--accept-log-loss"] = ["7"];
        }

        await using Engines engines = await Engines.OpenAsync(
            Bound.From(flags), SystemRandomSource.Instance, TimeProvider.System, metadataFiles: 64, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        Assert.Equal(accepts, new KeptOrphans(root).Reason is not null);
    }
}
