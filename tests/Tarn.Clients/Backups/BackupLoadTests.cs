using System.Net;
using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Backups;

/// <summary>Backups of the real server while clients write: each is restored, and a server on it has a state that the clients saw.</summary>
public sealed class BackupLoadTests(ITestOutputHelper output)
{
    private const string Bucket = "backup";
    private const int Workers = 6;
    private const int KeysOfEach = 6;
    private const int Seed = 20_261;

    [Fact]
    public async Task A_backup_under_load_has_all_that_was_answered_before_and_no_write_in_part()
    {
        Assert.SkipWhen(TarnEndpoint.FromEnvironment() is not null, "Another's process has no directory of ours.");
        using var directory = new TemporaryDirectory("backup");
        string root = Directory.CreateDirectory(directory.PathOf("backups")).FullName;
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--backup-root", root] });
        using var client = new RawS3Client(server.Endpoint, TimeSpan.FromSeconds(60));
        await client.CreateBucketAsync(Bucket);
        var commands = new TarnCommands(server);
        BackupWorker[] workers = [.. Enumerable.Range(0, Workers).Select(number => new BackupWorker(number, Seed, KeysOfEach))];
        using var stop = new CancellationTokenSource();
        using var answered = new SemaphoreSlim(0);
        Task load = Task.WhenAll(workers.Select(worker => Task.Run(() => worker.RunAsync(client, Bucket, () => answered.Release(), stop.Token))));
        var taken = new List<(string Name, int[] Before, int[] After)>();
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 60; i++)
            {
                Assert.True(await answered.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken), $"The workers write no more.\n{server.Output}");
            }

            int[] before = [.. workers.Select(worker => worker.Answered)];
            JsonElement job = await commands.ReadAsync("backup", "create", "daily");
            Assert.Equal("succeeded", job.GetProperty("state").GetString());
            taken.Add((job.GetProperty("id").GetString()!, before, [.. workers.Select(worker => worker.Begun)]));
        }

        await stop.CancelAsync();
        await load;
        await server.StopAsync();
        foreach ((string name, int[] before, int[] after) in taken)
        {
            string data = directory.PathOf(name);
            await AssertRestoredAsync(commands, Path.Combine(root, "daily"), name, data, server);
            await using var restored = await TarnServer.StartAsync(new TarnServerOptions { DataDirectory = data });
            using var reader = new RawS3Client(restored.Endpoint);
            for (int i = 0; i < Workers; i++)
            {
                byte[]?[] read = [.. await Task.WhenAll(Enumerable.Range(0, KeysOfEach).Select(key => ReadAsync(reader, workers[i].Name(key))))];
                Assert.True(workers[i].Had(read, before[i], after[i]), $"{name}: the keys of worker {i} are in no state that they had from write {before[i]} to {after[i]}");
            }

            output.WriteLine($"{name}: {string.Join(' ', before)} to {string.Join(' ', after)}");
            await restored.StopAsync();
        }
    }

    [Fact]
    public async Task A_backup_that_kill_9_ends_is_listed_as_unfinished_holds_nothing_and_the_next_one_goes_on()
    {
        Assert.SkipWhen(TarnEndpoint.FromEnvironment() is not null, "Another's process is not ours to kill.");
        using var directory = new TemporaryDirectory("backup");
        string root = Directory.CreateDirectory(directory.PathOf("backups")).FullName;
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--backup-root", root] });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync(Bucket);
        byte[] content = new byte[200_000];
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), TestContext.Current.CancellationToken, async (i, _) =>
        {
            byte[] mine = [.. content];
            BitConverter.TryWriteBytes(mine, i);
            (await client.PutAsync(Bucket, $"object{i}", mine)).Expect();
        });
        var commands = new TarnCommands(server);
        string target = Path.Combine(root, "daily");
        for (int round = 1; round <= 3; round++)
        {
            await commands.ReadAsync("backup", "create", "daily", "--detach");
            await CopiedAsync(target, 40 * round);
            await server.KillHardAsync();
            await server.RestartAsync();
            Assert.All((await commands.ReadAsync("backup", "list", target)).EnumerateArray(), static backup => Assert.Equal("unfinished", backup.GetProperty("state").GetString()));
        }

        JsonElement job = await commands.ReadAsync("backup", "create", "daily");
        Assert.Equal(("succeeded", 300), (job.GetProperty("state").GetString(), job.GetProperty("doneBlobs").GetInt32()));
        Assert.InRange(job.GetProperty("copiedBytes").GetInt64(), 1, (300 - 100) * 200_000L);
        Assert.False(Directory.Exists(Path.Combine(server.DataDirectory, "meta", "backup")));
        Assert.Equal("complete", Assert.Single((await commands.ReadAsync("backup", "list", target)).EnumerateArray()).GetProperty("state").GetString());
        Assert.Equal(0, (await commands.RunAsync("backup", "verify", target)).ExitCode);
        await AssertRestoredAsync(commands, target, job.GetProperty("id").GetString()!, directory.PathOf("restored"), server);
    }

    private static async Task AssertRestoredAsync(TarnCommands commands, string target, string name, string data, TarnServer server)
    {
        ProgramResult result = await commands.RunAsync("backup", "verify", target, "--name", name);
        Assert.True(result.ExitCode == 0, result.StandardOutput + result.StandardError);
        result = await commands.RunAsync(
            "backup", "restore", target, "--name", name, "--data", data, "--master-key-file", Path.Combine(server.DataDirectory, "master.key"));
        Assert.True(result.ExitCode == 0, result.StandardOutput + result.StandardError);
        result = await commands.RunAsync("fsck", "--data", data);
        Assert.True(result.ExitCode == 0, result.StandardOutput + result.StandardError);
    }

    private static async Task<byte[]?> ReadAsync(RawS3Client client, string key)
    {
        RawS3Response answer = await client.GetAsync(Bucket, key);
        return answer.Status == HttpStatusCode.NotFound ? null : answer.Expect().Body;
    }

    /// <summary>Waits until a backup has copied so many blobs.</summary>
    private static async Task CopiedAsync(string target, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        string blobs = Path.Combine(target, "blobs");
        while (!Directory.Exists(blobs) || Directory.EnumerateDirectories(blobs, "??").Sum(directory => Directory.EnumerateFiles(directory).Count()) < count)
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }
}
