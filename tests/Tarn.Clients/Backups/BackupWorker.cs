using Tarn.Clients.Crash;
using Tarn.TestKit.Http;

namespace Tarn.Clients.Backups;

/// <summary>Writes keys of its own, one request after the other, and records the order: a restored backup must have a state that the worker's keys had together.</summary>
internal sealed class BackupWorker(int number, int seed, int keys)
{
    private const int MiB = 1 << 20;
    private readonly Random _random = new(HashCode.Combine(seed, number));
    private readonly List<(int Key, CrashContent? Content)> _history = [];
    private volatile int _answered;

    /// <summary>How many writes were answered.</summary>
    public int Answered => _answered;

    /// <summary>How many writes were begun.</summary>
    public int Begun
    {
        get
        {
            lock (_history)
            {
                return _history.Count;
            }
        }
    }

    public string Name(int key) => $"worker-{number}/é +{key}";

    /// <summary>Writes until told to stop.</summary>
    public async Task RunAsync(RawS3Client client, string bucket, Action answered, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await WriteAsync(client, bucket);
            _answered++;
            answered();
        }
    }

    /// <summary>Whether keys that were read are those after some number of writes, from one bound to the other.</summary>
    /// <param name="read">The bytes of each key; null where there is no object.</param>
    /// <param name="from">The smallest number of writes.</param>
    /// <param name="to">The largest number.</param>
    public bool Had(byte[]?[] read, int from, int to)
    {
        var state = new CrashContent?[keys];
        for (int writes = 0; writes <= to; writes++)
        {
            if (writes > 0)
            {
                state[_history[writes - 1].Key] = _history[writes - 1].Content;
            }

            if (writes >= from && Enumerable.Range(0, keys).All(key => state[key] is { } content ? read[key] is { } bytes && content.Matches(bytes) : read[key] is null))
            {
                return true;
            }
        }

        return false;
    }

    private async Task WriteAsync(RawS3Client client, string bucket)
    {
        int key = Pick(keys);
        string name = Name(key);
        switch (Pick(10))
        {
            case 0:
                Begin(key, null);
                (await client.DeleteAsync(bucket, name)).Expect();
                break;
            case 1:
                CrashContent parts = Next((5 * MiB) + 1000);
                Begin(key, parts);
                ReadOnlyMemory<byte> bytes = parts.Bytes();
                (await client.MultipartAsync(bucket, name, [bytes[..(5 * MiB)], bytes[(5 * MiB)..]])).Expect();
                break;
            case < 6:
                await PutAsync(client, bucket, key, Next(Pick(4000)));
                break;
            default:
                await PutAsync(client, bucket, key, Next(20_000 + Pick(MiB)));
                break;
        }
    }

    private async Task PutAsync(RawS3Client client, string bucket, int key, CrashContent content)
    {
        Begin(key, content);
        (await client.PutAsync(bucket, Name(key), content.Bytes())).Expect();
    }

    private CrashContent Next(int size) => new((number * 1_000_000) + Begun, size);

    private void Begin(int key, CrashContent? content)
    {
        lock (_history)
        {
            _history.Add((key, content));
        }
    }

    private int Pick(int below)
    {
#pragma warning disable CA5394 // A reproducible choice.
        return _random.Next(below);
#pragma warning restore CA5394
    }
}
