using System.Globalization;
using Tarn.TestKit.Histories;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Accelerators;

/// <summary>
/// The same keys are written and read at the server and at two accelerators of one zone, which share what they have cached, while each of the three is killed (SIGKILL) and started
/// again: all that is read has an explanation by one order of all operations, so nobody reads what was replaced before. TARN_TEST_CAMPAIGN names the minutes of a longer run.
/// </summary>
public sealed class LinearizabilityTests(ITestOutputHelper output)
{
    private const int WorkersOfEach = 3;
    private const int Rounds = 6;
    private const int AnswersOfRound = 150;
    private const int Seed = 20_261;

    private static readonly string[] Keys = [.. Enumerable.Range(0, 5).Select(static i => $"register {i}/é+%")];

    private static TimeSpan Campaign => Environment.GetEnvironmentVariable("TARN_TEST_CAMPAIGN") is { Length: > 0 } minutes
        ? TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture))
        : TimeSpan.Zero;

    [Fact]
    public async Task Nobody_reads_what_was_replaced_before_wherever_it_was_and_whoever_was_killed()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        int seed = Seed;
        do
        {
            await RunAsync(seed++);
        }
        while (clock.Elapsed < Campaign);
    }

    private async Task RunAsync(int seed)
    {
        await using AcceleratedZone zone = await AcceleratedZone.StartAsync(2);
        var history = new RegisterHistory();
        TarnEndpoint[] endpoints = [zone.Server.Endpoint, .. zone.Accelerators.Select(static accelerator => accelerator.Endpoint)];
        RegisterWorker[] workers = [.. Enumerable.Range(0, endpoints.Length * WorkersOfEach).Select(i => new RegisterWorker(i, seed, endpoints[i % endpoints.Length], Keys, history))];
        using var stop = new CancellationTokenSource();
        using var answers = new SemaphoreSlim(0);
        var up = new TaskCompletionSource();
        up.SetResult();
        Task all = Task.WhenAll(workers.Select(worker => Task.Run(() => worker.RunAsync(() => answers.Release(), () => Volatile.Read(ref up).Task, stop.Token))));
        (Func<Task> Kill, Func<Task> Restart)[] victims =
        [
            (zone.Accelerators[0].KillHardAsync, zone.Accelerators[0].RestartAsync),
            (zone.Server.KillHardAsync, zone.Server.RestartAsync),
            (zone.Accelerators[1].KillHardAsync, zone.Accelerators[1].RestartAsync),
        ];
        for (int round = 0; round < Rounds; round++)
        {
            await AnswersAsync(zone, answers, all);
            (Func<Task> kill, Func<Task> restart) = victims[round % victims.Length];
            var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref up, again);
            await kill();
            await restart();
            again.SetResult();
        }

        await AnswersAsync(zone, answers, all);
        double hits = 0;
        foreach (TarnAccelerator accelerator in zone.Accelerators)
        {
            hits += await accelerator.MetricAsync("tarn_accelerator_sent_bytes_total", "source=\"cache\"");
        }

        await stop.CancelAsync();
        await all;
        foreach ((string key, RegisterOperation[] operations) in history.Keys)
        {
            string? against = Linearizability.Refute(operations);
            Assert.True(against is null, $"Seed {seed}, {key}: {against}\n{string.Join('\n', operations.OrderBy(static operation => operation.Began))}");
        }

        Assert.True(hits > 0, "Nothing came from a cache.");
        string answered = string.Join(", ", workers.SelectMany(static worker => worker.Answered).GroupBy(static kind => kind.Key).Select(static kind => $"{kind.Sum(static each => each.Value)} {kind.Key}"));
        output.WriteLine($"seed {seed}: {answered}; {workers.Sum(static worker => worker.Failed)} without an answer; {hits:0} bytes from caches since the last kills");
    }

    private static async Task AnswersAsync(AcceleratedZone zone, SemaphoreSlim answers, Task all)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        for (int i = 0; i < AnswersOfRound; i++)
        {
            Task answer = answers.WaitAsync(limit.Token);
            if (await Task.WhenAny(answer, all) == all)
            {
                await all;
                Assert.Fail("The workers have ended.");
            }

            Assert.False(limit.IsCancellationRequested, $"The workers get no more answers.\n{zone.Output}");
            await answer;
        }
    }
}
