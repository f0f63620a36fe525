using System.Text.RegularExpressions;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests.Damage;

/// <summary>
/// The metadata that a killed server leaves after some restarts: rows in two tables and two blob files of equal size, the newest in the log. Copies of it
/// are damaged.
/// </summary>
internal sealed class StoreImage : IDisposable
{
    public const int RowsPerGeneration = 60;
    public const int Rows = 3 * RowsPerGeneration;

    private readonly TemporaryDirectory _directory = new();
    private readonly TemporaryDirectory _older = new();

    private StoreImage()
    {
    }

    public static async Task<StoreImage> CreateAsync()
    {
        StoreImage image = new();
        using TemporaryDirectory live = new();
        for (int generation = 0; generation < 3; generation++)
        {
            await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(live.FullPath, new RocksDbOptions { ReserveBytes = 0 });
            for (int i = generation * RowsPerGeneration; i < (generation + 1) * RowsPerGeneration; i++)
            {
                Assert.True(await store.CommitAsync(new KeyValueBatch().Put(Key(i), Value(i)), CancellationToken.None));
            }

            if (generation > 0)
            {
                Copy(live.FullPath, generation == 1 ? image._older.FullPath : image._directory.FullPath);
            }
        }

        return image;
    }

    public static byte[] Key(int i) => [7, (byte)(i >> 8), (byte)i];

    // Small ones are in tables, large ones in blob files.
    public static byte[] Value(int i)
    {
        byte[] value = new byte[i % 2 == 0 ? 700 : 3000];
        new Random(i).NextBytes(value);
        return value;
    }

    /// <summary>The files of a kind in a copy, the oldest first.</summary>
    public static string[] Files(string directory, string pattern) => [.. Directory.GetFiles(directory, pattern).Order(StringComparer.Ordinal)];

    /// <summary>What a message says of a damaged read: the file, or, where RocksDB does not say it, at least the row.</summary>
    public static string PlaceIn(string path) => $@"{Regex.Escape(Path.GetFileName(path))}|of row \\x07\\x00";

    /// <summary>A copy of its own.</summary>
    public TemporaryDirectory Clone()
    {
        TemporaryDirectory clone = new();
        Copy(_directory.FullPath, clone.FullPath);
        return clone;
    }

    /// <summary>Another file of the kind: the copy's own, or one of an earlier start.</summary>
    public string Other(string directory, string pattern) =>
        Files(directory, pattern) is [_, var second, ..] ? second : Files(_older.FullPath, pattern)[0];

    /// <summary>Reads each row; it is as it was written, or the read says that it is damaged. Returns how many are damaged.</summary>
    public static async Task<int> CountDamagedAsync(IKeyValueReader store)
    {
        int damaged = 0;
        for (int i = 0; i < Rows; i++)
        {
            try
            {
                Assert.Equal(Value(i), await store.GetAsync(Key(i), CancellationToken.None));
            }
            catch (StoreDamagedException)
            {
                damaged++;
            }
        }

        return damaged;
    }

    public void Dispose()
    {
        _directory.Dispose();
        _older.Dispose();
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from).Where(file => Path.GetFileName(file) != "LOCK"))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
