using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;

namespace Tarn.Tests.Mirroring;

/// <summary>Many clients, whose recorded histories are compared with what they read, while sides die, come back and the server is restarted.</summary>
public sealed class MirrorHistoryTests
{
    private const int Clients = 6;
    private const int Rounds = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_client_ever_misses_what_it_was_answered(int seed)
    {
        await using TestMirror mirror = await TestMirror.CreateAsync();
        var random = new Random(seed);
        Client[] clients = [.. Enumerable.Range(0, Clients).Select(number => new Client(mirror, number, seed))];
        for (int round = 0; round < Rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            Task[] running = [.. clients.Select(client => Task.Run(() => client.RunAsync(stop.Token)))];
            TestSide lost = mirror[random.Next(2)];
            await StepsAsync(clients, 5);
            Task gone = mirror.WhenAsync("lost");
            lost.Broken = new IOException("gone");
            await gone;
            await StepsAsync(clients, 5);
            lost.Broken = null;
            await mirror.RefillAsync();
            await StepsAsync(clients, 5);
            await stop.CancelAsync();
            await Task.WhenAll(running);
            foreach (Client client in clients)
            {
                await client.AssertAllAsync();
            }

            await mirror.AssertSidesAreEqualAsync();
            if (random.Next(3) == 0)
            {
                await mirror.ReopenAsync();
                Assert.True(mirror.IsWhole);
            }
        }

        Assert.Equal(clients.Sum(client => client.Increments), BitConverter.ToInt32((await mirror.Mirror.Metadata.GetAsync(Client.Shared, default))!));
        Array.ForEach(clients, static client => client.Dispose());
        Assert.Equal(Rounds, mirror.Events.Count(e => e.StartsWith("lost", StringComparison.Ordinal)));
    }

    /// <summary>Waits until every client has done some more steps, so that the load goes on whatever the machine's speed.</summary>
    private static Task StepsAsync(Client[] clients, int steps) => Task.WhenAll(clients.Select(client => client.StepsAsync(steps)));

    /// <summary>A client with rows and blobs of its own, and one row that it shares with the others.</summary>
    private sealed class Client(TestMirror mirror, int number, int seed) : IDisposable
    {
        public static readonly byte[] Shared = [1];

        private readonly Random _random = new((seed * 100) + number);
        private readonly Dictionary<string, string> _rows = [];
        private readonly Dictionary<BlobId, string> _blobs = [];
        private readonly List<BlobId> _deleted = [];
        private readonly SemaphoreSlim _steps = new(0);
        private int _next;
        private volatile bool _hasFailed;

        public int Increments { get; private set; }

        public void Dispose() => _steps.Dispose();

        public async Task StepsAsync(int steps)
        {
            while (await _steps.WaitAsync(0))
            {
                // Steps of an earlier time say nothing of this one.
            }

            for (int i = 0; i < steps && !_hasFailed; i++)
            {
                await _steps.WaitAsync();
            }
        }

        public async Task RunAsync(CancellationToken stop)
        {
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    await StepAsync();
                    _steps.Release();
                }
            }
            catch
            {
                // Whoever waits for steps sees the failure where the clients are awaited.
                _hasFailed = true;
                _steps.Release(1000);
                throw;
            }
        }

        public async Task AssertAllAsync()
        {
            foreach ((string key, string value) in _rows)
            {
                Assert.Equal(value, await mirror.GetAsync(key));
            }

            foreach ((BlobId blob, string content) in _blobs)
            {
                Assert.Equal(content, await mirror.ReadAsync(blob));
            }

            foreach (BlobId blob in _deleted)
            {
                Assert.Null(await mirror.ReadAsync(blob));
            }
        }

        private async Task StepAsync()
        {
            string key = $"client {number} row {_random.Next(20)}";
            switch (_random.Next(6))
            {
                case 0:
                    string content = $"blob {number} {++_next}";
                    _blobs[await mirror.WriteAsync(content)] = content;
                    break;
                case 1 when _blobs.Count > 3:
                    BlobId blob = _blobs.Keys.First();
                    _blobs.Remove(blob);
                    await mirror.Mirror.Blobs.DeleteAsync(blob, default);
                    _deleted.Add(blob);
                    await AssertGoneAsync(blob);
                    break;
                case 2:
                    await IncrementAsync();
                    break;
                case 3 when _rows.Remove(key):
                    Assert.True(await mirror.Mirror.Metadata.CommitAsync(new KeyValueBatch().Delete(TestMirror.Bytes(key)), default));
                    Assert.Null(await mirror.GetAsync(key));
                    break;
                default:
                    _rows[key] = $"{++_next}";
                    await mirror.PutAsync(key, _rows[key]);
                    Assert.Equal(_rows[key], await mirror.GetAsync(key));
                    break;
            }
        }

        private async Task AssertGoneAsync(BlobId blob)
        {
            try
            {
                Assert.Null(await mirror.ReadAsync(blob));
            }
            catch (IOException) when (mirror.Data.Broken is not null || mirror.Other.Broken is not null)
            {
                // A side that cannot be read and is not lost yet might have what the other one does not.
            }
        }

        private async Task IncrementAsync()
        {
            byte[]? value;
            do
            {
                value = await mirror.Mirror.Metadata.GetAsync(Shared, default);
            }
            while (!await mirror.Mirror.Metadata.CommitAsync(
                new KeyValueBatch().Check(Shared, value).Put(Shared, BitConverter.GetBytes((value is null ? 0 : BitConverter.ToInt32(value)) + 1)), default));
            Increments++;
        }
    }
}
