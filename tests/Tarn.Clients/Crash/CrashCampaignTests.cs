using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Faults;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Crash;

/// <summary>
/// The server is killed while everything that moves data is under way at once: clients write, a scrub reads, a backup copies, and a side of the mirror that was lost is
/// filled again. What was acknowledged is there afterwards, on both sides, and in a backup.
/// </summary>
public sealed class CrashCampaignTests(ITestOutputHelper output)
{
    private const string Bucket = "campaign";
    private const int Rounds = 4;
    private const int Workers = 6;
    private const int KeysOfEach = 6;
    private const int Seed = 20_253;

    [Fact]
    public async Task Acknowledged_writes_survive_kill_9_amid_a_scrub_a_backup_and_a_fill_of_the_mirror()
    {
        Assert.SkipWhen(TarnEndpoint.FromEnvironment() is not null, "Another's process is not ours to kill.");
        FaultShim.Need();
        using var directory = new TemporaryDirectory("campaign");
        string root = Directory.CreateDirectory(directory.PathOf("backups")).FullName;
        using var faults = new FaultInjection(directory.FullPath);
        await using var server = await TarnServer.StartAsync(new TarnServerOptions
        {
            DataDirectory = directory.PathOf("data"),
            Environment = faults.Environment,
            Arguments = ["--mirror", directory.PathOf("mirror"), "--backup-root", root],
        });
        var commands = new TarnCommands(server);
        using (var client = new RawS3Client(server.Endpoint))
        {
            await client.CreateBucketAsync(Bucket);
        }

        await WholeAsync(commands);
        CrashWorker[] workers = [.. Enumerable.Range(0, Workers).Select(number => new CrashWorker(number, Seed, KeysOfEach))];
        for (var round = 1; round <= Rounds; round++)
        {
            // The same side twice: the second time while it is filled. The other one only when it is not the only one.
            string failing = (round - 1) / 2 % 2 == 0 ? "mirror" : "data";
            using var load = new CrashLoad(server, Bucket, workers);
            using (faults.Add(FaultCalls.Write | FaultCalls.Sync | FaultCalls.Open | FaultCalls.Rename, $"{failing}/*"))
            {
                await load.AcknowledgedAsync(20);
            }

            await commands.ReadAsync("backup", "create", "daily", "--detach");
            await commands.ReadAsync("scrub", "start");
            await commands.ReadAsync("mirror", "retry");
            await load.AcknowledgedAsync(4 * round);
            int acknowledged = await load.KillAsync();
            await server.RestartAsync();
            await CrashLoad.AssertAllThereAsync(server, Bucket, workers, round);
            output.WriteLine($"round {round}: {failing} failed, killed after {acknowledged} acknowledged writes, all there");

            if (round % 2 == 0)
            {
                await WholeAsync(commands);
                await CrashLoad.AssertAllThereAsync(server, Bucket, workers, round);
            }
        }

        await WholeAsync(commands);
        await CrashLoad.ExactAsync(server, Bucket);
        await ScrubbedAsync(commands);
        Assert.Empty((await commands.ReadAsync("object", "damaged", "list")).EnumerateArray());
        JsonElement job = await commands.ReadAsync("backup", "create", "daily");
        Assert.Equal("succeeded", job.GetProperty("state").GetString());
        await server.StopAsync();
        string restored = directory.PathOf("restored");
        await SucceedAsync(
            commands, "backup", "restore", Path.Combine(root, "daily"), "--name", job.GetProperty("id").GetString()!, "--data", restored,
            "--master-key-file", directory.PathOf("data/master.key"));
        foreach (string data in (string[])[directory.PathOf("data"), directory.PathOf("mirror"), restored])
        {
            await SucceedAsync(commands, "fsck", "--data", data);
        }

        await using var copy = await TarnServer.StartAsync(new TarnServerOptions { DataDirectory = restored });
        await CrashLoad.ExactAsync(copy, Bucket);
        await CrashLoad.AssertAllThereAsync(copy, Bucket, workers, Rounds + 1);
        await copy.StopAsync();
    }

    private static async Task SucceedAsync(TarnCommands commands, params string[] arguments)
    {
        ProgramResult result = await commands.RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: {result.StandardOutput}{result.StandardError}");
    }

    private static Task WholeAsync(TarnCommands commands) => UntilAsync(commands, ["mirror", "status"], static sides =>
        sides.EnumerateArray().All(static side => side.GetProperty("state").GetString() == "whole"));

    private static async Task ScrubbedAsync(TarnCommands commands)
    {
        string? before = Finished(await commands.ReadAsync("scrub", "status"));
        await commands.ReadAsync("scrub", "start");
        await UntilAsync(commands, ["scrub", "status"], scrub => Finished(scrub) is { } finished && finished != before);
        JsonElement last = (await commands.ReadAsync("scrub", "status")).GetProperty("last");
        Assert.True(last.GetProperty("damaged").GetInt64() == 0 && last.GetProperty("failures").GetInt64() == 0, last.ToString());

        static string? Finished(JsonElement scrub) =>
            scrub.TryGetProperty("last", out JsonElement last) && last.ValueKind == JsonValueKind.Object ? last.GetProperty("finished").GetString() : null;
    }

    private static async Task UntilAsync(TarnCommands commands, string[] command, Func<JsonElement, bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        JsonElement last = await commands.ReadAsync(command);
        while (!isSo(last))
        {
            Assert.False(limit.IsCancellationRequested, $"tarn {string.Join(' ', command)} still says {last}");
            await tick.WaitForNextTickAsync();
            last = await commands.ReadAsync(command);
        }
    }
}
