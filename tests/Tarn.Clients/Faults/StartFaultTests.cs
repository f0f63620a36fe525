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
    [InlineData(FaultCalls.Fsync, "data")] // the directory that has their names
    public async Task A_start_that_cannot_be_made_durable_is_refused_and_can_be_repeated(FaultCalls call, string pattern)
    {
        Assert.SkipWhen(FaultShim.Library is null, FaultShim.Problem);
        using var directory = new TemporaryDirectory("start");
        using var faults = new FaultInjection(directory.FullPath);
        var options = new TarnServerOptions { DataDirectory = directory.PathOf("data"), Environment = faults.Environment };
        using (var fault = faults.Add(call, pattern))
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => TarnServer.StartAsync(options));
            Assert.Contains("while starting", refused.Message, StringComparison.Ordinal);
            Assert.Contains("Input/output error", refused.Message, StringComparison.Ordinal);
            Assert.Equal(1, fault.Hits); // A call that failed is not tried again.
        }

        await using var server = await TarnServer.StartAsync(options);
        Assert.Empty(Directory.EnumerateFiles(directory.PathOf("data"), "*.new"));
    }
}
