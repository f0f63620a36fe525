using System.Net;
using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Crash;

/// <summary>Workers that write until the server is killed, and what must be there when it is started again.</summary>
internal sealed class CrashLoad : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TarnServer _server;
    private readonly RawS3Client _client;
    private readonly SemaphoreSlim _answers = new(0);
    private readonly Task _all;
    private int _acknowledged;

    /// <summary>Has the workers begin.</summary>
    public CrashLoad(TarnServer server, string bucket, IReadOnlyList<CrashWorker> workers)
    {
        _server = server;
        _client = new RawS3Client(server.Endpoint, TimeSpan.FromSeconds(30));
        _all = Task.WhenAll(workers.Select(worker => Task.Run(() => worker.RunAsync(_client, bucket, Acknowledge))));
    }

    /// <summary>Waits for so many more acknowledged writes.</summary>
    public async Task AcknowledgedAsync(int more)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            for (int i = 0; i < more; i++)
            {
                Task answer = _answers.WaitAsync(limit.Token);
                if (await Task.WhenAny(answer, _all) == _all)
                {
                    Assert.Fail($"The workers ended before the kill: {_all.Exception?.InnerException?.Message ?? "no answer"}\n{_server.Output}");
                }

                await answer;
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The workers write no more.\n{_server.Output}");
        }
    }

    /// <summary>Kills the server, and returns how many writes it had acknowledged.</summary>
    public async Task<int> KillAsync()
    {
        await _server.KillHardAsync();
        await _all;
        return _acknowledged;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _answers.Dispose();
    }

    /// <summary>What was acknowledged is there byte for byte, and listed, and counted; what was not is there completely or not at all.</summary>
    public static async Task AssertAllThereAsync(TarnServer server, string bucket, IEnumerable<CrashWorker> workers, int round)
    {
        using var client = new RawS3Client(server.Endpoint);
        var listed = (await client.ListAsync(bucket)).ToDictionary(entry => entry.Key, entry => entry.Size);
        var found = 0;
        foreach (var key in workers.SelectMany(worker => worker.Keys))
        {
            var answer = await client.GetAsync(bucket, key.Name);
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
        JsonElement counted = await new TarnCommands(server).ReadAsync("bucket", "show", bucket);
        Assert.Equal(
            (round, listed.Count, listed.Values.Sum()), (round, counted.GetProperty("objects").GetInt32(), counted.GetProperty("bytes").GetInt64()));
    }

    /// <summary>Waits until the counts are exact; a fresh store is counted as soon as it serves.</summary>
    public static async Task ExactAsync(TarnServer server, string bucket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!(await new TarnCommands(server).ReadAsync("bucket", "show", bucket)).GetProperty("isExact").GetBoolean())
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    private void Acknowledge()
    {
        Interlocked.Increment(ref _acknowledged);
        _answers.Release();
    }
}
