using Tarn.TestKit.Faults;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Faults;

/// <summary>A server whose own small files and directories cannot be made durable does not start, and starts once they can.</summary>
public sealed class StartFaultTests
{
    [Theory]
    [InlineData(FaultCalls.Fsync, "data/format.new")]
    [InlineData(FaultCalls.Fsync, "data/master.key.new")]
    [InlineData(FaultCalls.Close, "data/master.key.new")]
    [InlineData(FaultCalls.Write, "data/master.key.new")]
    [InlineData(FaultCalls.Rename, "data/master.key.new")]
    [InlineData(FaultCalls.Fsync, "data/blobs")] // the directories of blobs
    [InlineData(FaultCalls.MakeDirectory, "data/blobs/7f")]
    [InlineData(FaultCalls.Fsync, "data")] // the directory that has their names
    public async Task A_start_that_cannot_be_made_durable_is_refused_and_can_be_repeated(FaultCalls call, string pattern)
    {
        FaultShim.Need();
        using var directory = new TemporaryDirectory("start");
        using var faults = new FaultInjection(directory.FullPath);
        var options = new TarnServerOptions { DataDirectory = directory.PathOf("data"), Environment = faults.Environment };
        using (var fault = faults.Add(call, pattern))
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => TarnServer.StartAsync(options));
            Assert.Contains("while starting", refused.Message, StringComparison.Ordinal);
            Assert.Contains("Input/output error", refused.Message, StringComparison.Ordinal);
            Assert.Equal(1, fault.Hits); // A failed call is not retried.
        }

        await using var server = await TarnServer.StartAsync(options);
        Assert.Empty(Directory.EnumerateFiles(directory.PathOf("data"), "*.new"));
    }

    [Fact]
    public async Task A_data_directory_that_is_mounted_read_only_says_so()
    {
        FaultShim.Need();
        using var directory = new TemporaryDirectory("start");
        using var faults = new FaultInjection(directory.FullPath);
        var options = new TarnServerOptions { DataDirectory = directory.PathOf("data"), Environment = faults.Environment };
        await using (var server = await TarnServer.StartAsync(options))
        {
            await server.StopAsync();
        }

        using var fault = faults.Add(FaultCalls.Open, "data/tarn.lock", Errno.ReadOnlyFileSystem);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => TarnServer.StartAsync(options));
        Assert.Contains("read-only", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("in use", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_names_of_all_directories_that_a_first_start_makes_are_synced()
    {
        FaultShim.Need();
        using var directory = new TemporaryDirectory("start");
        using var faults = new FaultInjection(directory.FullPath, journal: true);
        var options = new TarnServerOptions { DataDirectory = directory.PathOf("a", "data"), Environment = faults.Environment };
        await using var server = await TarnServer.StartAsync(options);
        var calls = faults.ReadJournal();
        foreach (var made in calls.Where(c => c is { Call: "mkdir", Result: 0 } && !c.Path.Contains("meta/reserve", StringComparison.Ordinal)))
        {
            var parent = Path.GetDirectoryName(made.Path) is { Length: > 0 } above ? above : ".";
            Assert.Contains(calls, c => c.Call == "fsync" && c.Path == parent && c.Began > made.Ended);
        }

        Assert.Contains(calls, c => c is { Call: "mkdir", Path: "a/data" });
    }
}
