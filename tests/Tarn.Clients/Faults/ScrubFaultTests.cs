using Tarn.TestKit.Faults;

namespace Tarn.Clients.Faults;

/// <summary>Scrubbing on file systems that do not read as it would like to.</summary>
public sealed class ScrubFaultTests
{
    [Fact]
    public async Task Where_reads_around_the_page_cache_are_refused_a_scrub_reads_through_it()
    {
        await using FaultyServer faulty = await FaultyServer.StartAsync();
        byte[] content = FaultyServer.Content(3_000_000, 1);
        await faulty.PutAsync("object", content);
        var commands = new Harness.TarnCommands(faulty.Server);
        using Fault fault = faulty.Faults.Add(FaultCalls.ReadDirect, "blobs/*", Errno.InvalidArgument);
        await commands.ReadAsync("scrub", "start");
        await faulty.AssertMetricAsync(content.Length, "tarn_scrub_verified_bytes_total");
        Assert.True(fault.Hits > 0);
        await faulty.AssertMetricAsync(0, "tarn_scrub_failures_total");
        await faulty.AssertMetricAsync(0, "tarn_blob_read_errors_total");
        await faulty.AssertIsAsync("object", content);
    }
}
