using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Crash;

/// <summary>
/// The server is killed (SIGKILL) again and again while it writes, and started again on the same data: what was
/// acknowledged is there byte for byte, and what was not is there completely or not at all.
/// This does not show what a power cut does to the disk's own cache: the kernel survives.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const string Bucket = "crash";
    private const int Rounds = 7;
    private const int Workers = 8;
    private const int KeysOfEach = 8;
    private const int Seed = 20_251;

    [Fact]
    public async Task Acknowledged_writes_survive_kill_9()
    {
        Assert.SkipWhen(TarnEndpoint.FromEnvironment() is not null, "Another's process is not ours to kill.");
        await using var server = await TarnServer.StartAsync();
        using (var client = new RawS3Client(server.Endpoint))
        {
            await client.CreateBucketAsync(Bucket);
        }

        CrashWorker[] workers = [.. Enumerable.Range(0, Workers).Select(number => new CrashWorker(number, Seed, KeysOfEach))];
        for (var round = 1; round <= Rounds; round++)
        {
            // Early kills meet fresh files, late ones compaction and reclaim: each round goes on longer.
            using var load = new CrashLoad(server, Bucket, workers);
            await load.AcknowledgedAsync(15 * round);
            int acknowledged = await load.KillAsync();
            await server.RestartAsync();
            AssertNothingHalfWritten(server, round);
            await CrashLoad.AssertAllThereAsync(server, Bucket, workers, round);
            output.WriteLine($"round {round}: killed after {acknowledged} acknowledged writes, all there");
        }

        await CrashLoad.ExactAsync(server, Bucket);
        await server.StopAsync();
        ProgramResult check = await new TarnCommands(server).RunAsync("fsck", "--data", server.DataDirectory, "--json");
        Assert.True(check.ExitCode == 0, check.StandardOutput + check.StandardError);
        using var report = JsonDocument.Parse(check.StandardOutput);
        Assert.True(report.RootElement.GetProperty("summary").GetProperty("countsCompared").GetBoolean());
    }

    private static void AssertNothingHalfWritten(TarnServer server, int round)
    {
        var half = Path.Combine(server.DataDirectory, "blobs", "tmp");
        var left = Directory.Exists(half) ? Directory.GetFileSystemEntries(half) : [];
        Assert.True(left.Length == 0, $"Round {round}: left in blobs/tmp after the restart: {string.Join(", ", left)}");
    }
}
