using System.Diagnostics;
using System.Globalization;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;

namespace Tarn.Benchmarks;

/// <summary>
/// What each of RocksDB's checks costs, in CPU time for writes (flushes and compactions included) and in time for reads: `Tarn.Benchmarks integrity [directory] [operations] [rounds]`.
/// Commits are not synced and have the rows of several objects each, so that neither the device nor the hand-over between threads is in the figures.
/// The variants take turns, and the best of the rounds counts: whatever else runs on the machine only adds.
/// </summary>
internal static class IntegrityBenchmarks
{
    private const int ObjectsPerCommit = 16;

    // Small enough that a short run flushes and compacts.
    private const long WriteBufferBytes = 4 << 20;

    private static readonly (string Name, RocksDbChecks Checks)[] Variants =
    [
        ("none", RocksDbChecks.None),
        ("batches", RocksDbChecks.None with { BatchBytes = 8 }),
        ("recent writes", RocksDbChecks.None with { MemoryBytes = 8 }),
        ("batches + recent writes", RocksDbChecks.None with { BatchBytes = 8, MemoryBytes = 8 }),
        ("recent writes, also passed over", RocksDbChecks.None with { MemoryBytes = 8, VerifiesMemoryOnSeek = true }),
        ("order in memory", RocksDbChecks.None with { VerifiesMemoryOrder = true }),
        ("cached blocks", RocksDbChecks.None with { BlockBytes = 8 }),
        ("logs chained", RocksDbChecks.None with { ChainsLogs = true }),
        ("files", RocksDbChecks.None with { HasFileChecksums = true }),
        ("handed on", RocksDbChecks.None with { HandsChecksumsOn = true }),
        ("compression and filters", RocksDbChecks.None with { VerifiesWhatItBuilds = true }),
        ("tables read back", RocksDbChecks.None with { ReadsTablesBack = true }),
        ("as shipped", new RocksDbChecks()),
    ];

    public static async Task RunAsync(string directory, int operations, int rounds)
    {
        // The runtime compiles what the first run uses.
        await MeasureAsync(directory, Variants[^1].Checks, Math.Min(operations, 10_000));
        var results = Variants.Select(_ => new List<double[]>()).ToArray();
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < Variants.Length; i++)
            {
                results[i].Add(await MeasureAsync(directory, Variants[i].Checks, operations));
            }
        }

        double[] none = Best(results[0]);
        Console.WriteLine("| Check | rows of a PUT of 4 KiB, us | row read from memory, us | row read from the cache or a file, us | row scanned, us |\n|---|---|---|---|---|");
        for (int i = 0; i < Variants.Length; i++)
        {
            double[] best = Best(results[i]);
            Console.WriteLine($"| {Variants[i].Name} | {string.Join(" | ", best.Select((value, j) =>
                string.Create(CultureInfo.InvariantCulture, $"{value:f2} ({(value / none[j] - 1) * 100:+0.0;-0.0} %)")))} |");
        }
    }

    private static double[] Best(List<double[]> rounds) => [.. Enumerable.Range(0, rounds[0].Length).Select(i => rounds.Min(round => round[i]))];

    private static async Task<double[]> MeasureAsync(string directory, RocksDbChecks checks, int operations)
    {
        string path = Path.Combine(directory, $"kv-{Guid.NewGuid():n}");
        RocksDbOptions options = new() { SyncWrites = false, Checks = checks, ReserveBytes = 0, WriteBufferBytes = WriteBufferBytes };
        List<double> results = [];
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(path, options))
        {
            // Below the size of one table of recent writes, so that all of it is still there.
            int recent = Math.Min(operations, 700);
            await PutAsync(store, 0, recent);
            results.Add(await TimeAsync(operations, () => GetAsync(store, recent, operations)));
            results.Insert(0, await CpuAsync(operations, () => PutAsync(store, recent, operations)));
        }

        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(path, options))
        {
            int rows = Math.Min(operations, 20_000);
            await GetAsync(store, rows, rows);
            results.Add(await TimeAsync(operations, () => GetAsync(store, rows, operations)));
            results.Add(await TimeAsync(4 * operations, () => ScanAsync(store, 4 * operations)));
        }

        Directory.Delete(path, recursive: true);
        return [.. results];
    }

    // The rows of a small object: its record, its bytes, and what else its commit changes.
    private static async Task PutAsync(IKeyValueStore store, int from, int count)
    {
        byte[] record = new byte[300];
        byte[] content = new byte[4096];
        new Random(1).NextBytes(record);
        new Random(2).NextBytes(content);
        int next = from - 1;
        for (int i = from; i < from + count;)
        {
            KeyValueBatch batch = new();
            for (int j = 0; j < ObjectsPerCommit && i < from + count; i++, j++)
            {
                byte[] key = Key(1, i);
                batch.Check(key, null).Put(key, record).Put(Key(2, i), content).Put(Key(3, i), []).Delete(Key(4, i));
            }

            await store.CommitAsync(batch, CancellationToken.None);
        }
    }

    private static async Task GetAsync(IKeyValueStore store, int keys, int count)
    {
        Random random = new(3);
        for (int i = 0; i < count; i++)
        {
            if (await store.GetAsync(Key(1, random.Next(keys)), CancellationToken.None) is null)
            {
                throw new InvalidOperationException("A row is missing.");
            }
        }
    }

    private static async Task ScanAsync(IKeyValueStore store, int count)
    {
        int found = 0;
        while (found < count)
        {
            found += (await store.ScanAsync([1], [2], 1000, reverse: false, CancellationToken.None)).Count;
        }
    }

    private static byte[] Key(byte table, int number) =>
        KeyCodec.Write(stackalloc byte[64]).Byte(table).UInt64((ulong)number * 0x9E3779B97F4A7C15).Raw("a-name-of-an-object"u8).ToArray();

    // Reads run on this thread alone; the kernel counts CPU time in ticks too coarse for them.
    private static async Task<double> TimeAsync(int count, Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
    }

    private static async Task<double> CpuAsync(int count, Func<Task> work)
    {
        using Process process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        await work();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMicroseconds / count;
    }
}
