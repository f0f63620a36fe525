using System.Buffers;
using System.Diagnostics;
using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;

namespace Tarn.Benchmarks;

/// <summary>
/// Durable commits, reads and scans of the local engines, as rates: `Tarn.Benchmarks engines [directory] [seconds]`.
/// A stopwatch and not BenchmarkDotNet, since what is measured is many callers sharing one fsync.
/// </summary>
internal static class EngineBenchmarks
{
    private const int Readers = 2;
    private const int PageKeys = 1000;

    public static async Task RunAsync(string directory, double seconds)
    {
        TimeSpan time = TimeSpan.FromSeconds(seconds);
        await WithStoreAsync(directory, async store =>
        {
            long keys = await PutAsync(store, "puts, 1 writer, 300 B", 1, 300, 0, time);
            keys = await PutAsync(store, "puts, 64 writers, 300 B", 64, 300, keys, time);
            await GetAsync(store, keys, time);
            await ScanAsync(store, time);
        });
        await WithStoreAsync(directory, store => PutAsync(store, "puts, 64 writers, 4 KiB", 64, 4096, 0, time));
        await BlobsAsync(directory, 64, 4096, time);
        foreach (int writers in (int[])[1, 16])
        {
            await BlobsAsync(directory, writers, 64 << 10, time);
            await BlobsAsync(directory, writers, 1 << 20, time);
        }

        await BlobsAsync(directory, 4, 8 << 20, time);
        await OpenAsync(directory);
    }

    private static async Task WithStoreAsync(string directory, Func<IKeyValueStore, Task> use)
    {
        string path = Path.Combine(directory, $"kv-{Guid.NewGuid():n}");
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(path, new RocksDbOptions()))
        {
            await use(store);
        }

        Directory.Delete(path, recursive: true);
    }

    private static async Task<long> PutAsync(IKeyValueStore store, string name, int writers, int bytes, long next, TimeSpan time)
    {
        byte[] value = new byte[bytes];
        Random.Shared.NextBytes(value);
        await MeasureAsync(name, writers, time, async () =>
        {
            byte[] key = Key(Interlocked.Increment(ref next));
            await store.CommitAsync(new KeyValueBatch().Check(key, null).Put(key, value), CancellationToken.None);
            return 1;
        });
        return next;
    }

    private static Task GetAsync(IKeyValueStore store, long keys, TimeSpan time) =>
        MeasureAsync("gets", Readers, time, async () =>
            await store.GetAsync(Key(Random.Shared.NextInt64(1, keys)), CancellationToken.None) is null ? 0 : 1);

    private static Task ScanAsync(IKeyValueStore store, TimeSpan time) =>
        MeasureAsync("scanned keys", Readers, time, async () =>
            (await store.ScanAsync(Key(Random.Shared.NextInt64()), KeyCodec.PrefixEnd([1]), PageKeys, false, CancellationToken.None)).Count);

    private static async Task BlobsAsync(string directory, int writers, int bytes, TimeSpan time)
    {
        string path = Path.Combine(directory, $"blobs-{Guid.NewGuid():n}");
        byte[] content = new byte[bytes];
        await using (FileBlobStore store = new(path, fsync: true))
        {
            await MeasureAsync($"blobs, {writers} writers, {bytes} B", writers, time, async () =>
            {
                await using IBlobWriter writer = await store.CreateAsync(
                    BlobId.Create(SystemRandomSource.Instance), bytes, CancellationToken.None);
                await writer.WriteAsync(new ReadOnlySequence<byte>(content), CancellationToken.None);
                await writer.CommitAsync(CancellationToken.None);
                return 1;
            });
        }

        Directory.Delete(path, recursive: true);
    }

    private static async Task OpenAsync(string directory)
    {
        const int Keys = 1_000_000;
        const int PerBatch = 1000;
        string path = Path.Combine(directory, $"open-{Guid.NewGuid():n}");
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(path, new RocksDbOptions()))
        {
            for (int i = 0; i < Keys; i += PerBatch)
            {
                KeyValueBatch batch = new();
                for (int j = 0; j < PerBatch; j++)
                {
                    batch.Put(Key(i + j), new byte[300]);
                }

                await store.CommitAsync(batch, CancellationToken.None);
            }
        }

        long start = Stopwatch.GetTimestamp();
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(path, new RocksDbOptions()))
        {
            await store.GetAsync(Key(7), CancellationToken.None);
            Console.WriteLine($"open of {Keys} keys and the first get: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f0} ms");
        }

        Directory.Delete(path, recursive: true);
    }

    // Spread as object names are, so that neither the writes nor the filters see a sequence.
    private static byte[] Key(long number) =>
        KeyCodec.Write(stackalloc byte[64]).Byte(1).UInt64((ulong)number * 0x9E3779B97F4A7C15).Raw("a-name-of-an-object"u8).ToArray();

    private static async Task MeasureAsync(string name, int workers, TimeSpan time, Func<Task<int>> operation)
    {
        using Process process = Process.GetCurrentProcess();
        TimeSpan cpu = process.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        long[] counts = await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            long count = 0;
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                count += await operation();
            }

            return count;
        })));
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        double used = (process.TotalProcessorTime - cpu).TotalMicroseconds / Math.Max(1, counts.Sum());
        Console.WriteLine($"{name}: {counts.Sum() / elapsed:n0}/s, {used:n1} CPU us each, RSS {process.WorkingSet64 >> 20} MiB");
    }
}
