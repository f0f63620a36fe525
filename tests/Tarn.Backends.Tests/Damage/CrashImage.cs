using System.Security.Cryptography;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests.Damage;

/// <summary>The metadata that a killed server leaves: every row in the log, none in tables. Copies of it are damaged and opened.</summary>
internal sealed class CrashImage : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private CrashImage(int rows) => Rows = rows;

    public int Rows { get; }

    public string Root => _directory.FullPath;

    public string Log => Directory.GetFiles(Root, "*.log").Max(StringComparer.Ordinal)!;

    /// <summary>Commits rows one after another, of sizes that fill blocks of the log, cross them and end just before them.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="sync">Whether each is synced.</param>
    /// <param name="beforeLast">Whether to copy the record of synced rows before the last row, so that the last one is not known to be synced.</param>
    public static async Task<CrashImage> CreateAsync(int rows, bool sync = true, bool beforeLast = false)
    {
        CrashImage image = new(rows);
        using TemporaryDirectory live = new();
        await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(live.FullPath, new RocksDbOptions { SyncWrites = sync });
        for (int i = 0; i < rows; i++)
        {
            if (beforeLast && i == rows - 1)
            {
                image.Copy(live.FullPath, "SYNCED");
            }

            Assert.True(await store.CommitAsync(new KeyValueBatch().Put(Key(i), Value(i)), CancellationToken.None));
        }

        foreach (string file in Directory.GetFiles(live.FullPath).Select(Path.GetFileName).OfType<string>())
        {
            if (!(beforeLast && file == "SYNCED"))
            {
                image.Copy(live.FullPath, file);
            }
        }

        return image;
    }

    public static byte[] Key(int i) => [(byte)(i >> 8), (byte)i];

    public static byte[] Value(int i)
    {
        byte[] value = new byte[i % 7 == 3 ? 40_000 : i % 5 == 2 ? 6_000 : 20 + i];
        new Random(i).NextBytes(value);
        return value;
    }

    /// <summary>A copy of its own, to be damaged.</summary>
    public TemporaryDirectory Clone()
    {
        TemporaryDirectory clone = new();
        foreach (string file in Directory.GetFiles(Root))
        {
            File.Copy(file, Path.Combine(clone.FullPath, Path.GetFileName(file)));
        }

        return clone;
    }

    /// <summary>The content of a directory, except RocksDB's info log.</summary>
    public static string[] Contents(string directory) =>
    [
        .. Directory.GetFiles(directory)
            .Where(path => !Path.GetFileName(path).StartsWith("LOG", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path => $"{Path.GetFileName(path)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"),
    ];

    /// <summary>The number of rows, which must be the first ones and intact.</summary>
    public static async Task<int> CountAsync(RocksDbKeyValueStore store)
    {
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync([0], [255, 255, 255], 10_000, reverse: false, CancellationToken.None);
        for (int i = 0; i < rows.Count; i++)
        {
            Assert.Equal(Key(i), rows[i].Key);
            Assert.Equal(Value(i), rows[i].Value);
        }

        return rows.Count;
    }

    public void Dispose() => _directory.Dispose();

    private void Copy(string from, string file) => File.Copy(Path.Combine(from, file), Path.Combine(Root, file));
}
