using System.Net;
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
            var acknowledged = await LoadUntilKilledAsync(server, workers, acknowledgedBeforeKill: 15 * round);
            await server.RestartAsync();
            AssertNothingHalfWritten(server, round);
            await AssertAllThereAsync(server, workers, round);
            await AssertCountedAsync(server, round);
            output.WriteLine($"round {round}: killed after {acknowledged} acknowledged writes, all there");
        }

        await ExactAsync(server);
        await server.StopAsync();
        ProgramResult check = await new TarnCommands(server).RunAsync("fsck", "--data", server.DataDirectory, "--json");
        Assert.True(check.ExitCode == 0, check.StandardOutput + check.StandardError);
        using var report = JsonDocument.Parse(check.StandardOutput);
        Assert.True(report.RootElement.GetProperty("summary").GetProperty("countsCompared").GetBoolean());
    }

    private static async Task<int> LoadUntilKilledAsync(TarnServer server, CrashWorker[] workers, int acknowledgedBeforeKill)
    {
        using var client = new RawS3Client(server.Endpoint, TimeSpan.FromSeconds(30));
        var count = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task[] running =
        [
            .. workers.Select(worker =>
                Task.Run(() =>
                    worker.RunAsync(
                        client,
                        Bucket,
                        () =>
                        {
                            if (Interlocked.Increment(ref count) >= acknowledgedBeforeKill)
                            {
                                enough.TrySetResult();
                            }
                        }
                    )
                )
            ),
        ];
        var all = Task.WhenAll(running);
        await Task.WhenAny(enough.Task, all);
        Assert.True(
            enough.Task.IsCompleted,
            $"The workers ended before the kill: {all.Exception?.InnerException?.Message ?? "no answer"}\n{server.Output}"
        );
        await server.KillHardAsync();
        await all;
        return count;
    }

    private static async Task AssertAllThereAsync(TarnServer server, CrashWorker[] workers, int round)
    {
        using var client = new RawS3Client(server.Endpoint);
        var listed = (await client.ListAsync(Bucket)).ToDictionary(entry => entry.Key, entry => entry.Size);
        var found = 0;
        foreach (var key in workers.SelectMany(worker => worker.Keys))
        {
            var answer = await client.GetAsync(Bucket, key.Name);
            var read = answer.Status == HttpStatusCode.NotFound ? null : answer.Expect().Body;
            Assert.True(
                key.Resolve(read),
                $"Round {round}: {key}; GET gave {(read is null ? "404" : $"{read.Length} bytes, or others")}"
            );
            Assert.True(
                listed.TryGetValue(key.Name, out var size) == read is not null && size == (read?.Length ?? 0),
                $"Round {round}: {key}; GET gave {read?.Length.ToString() ?? "404"}, the listing {size}"
            );
            found += read is null ? 0 : 1;
        }

        Assert.Equal(found, listed.Count);
    }

    /// <summary>What the bucket is counted to hold is what a listing adds up to.</summary>
    private static async Task AssertCountedAsync(TarnServer server, int round)
    {
        using var client = new RawS3Client(server.Endpoint);
        var listed = await client.ListAsync(Bucket);
        JsonElement counted = await new TarnCommands(server).ReadAsync("bucket", "show", Bucket);
        Assert.Equal(
            (round, listed.Count, listed.Sum(entry => entry.Size)), (round, counted.GetProperty("objects").GetInt32(), counted.GetProperty("bytes").GetInt64()));
    }

    /// <summary>Waits until the counts are exact; a fresh store is counted as soon as it serves.</summary>
    private static async Task ExactAsync(TarnServer server)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!(await new TarnCommands(server).ReadAsync("bucket", "show", Bucket)).GetProperty("isExact").GetBoolean())
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    private static void AssertNothingHalfWritten(TarnServer server, int round)
    {
        var half = Path.Combine(server.DataDirectory, "blobs", "tmp");
        var left = Directory.Exists(half) ? Directory.GetFileSystemEntries(half) : [];
        Assert.True(left.Length == 0, $"Round {round}: left in blobs/tmp after the restart: {string.Join(", ", left)}");
    }
}
