using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;

namespace Tarn.Tests.Versioning;

/// <summary>Random histories of versioned buckets against a plain model. A failure names its seed.</summary>
public sealed class VersionHistoryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(200)]
    public async Task Random_histories_in_memory(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + 100; seed++)
        {
            await using var history = new VersionHistory(new ObservedStore(new MemoryKeyValueStore()), seed);
            await history.RunAsync(steps: 60);
        }
    }

    [Fact]
    public async Task Long_histories_in_memory()
    {
        for (int seed = 1000; seed < 1003; seed++)
        {
            await using var history = new VersionHistory(new MemoryKeyValueStore(), seed);
            await history.RunAsync(steps: 600);
        }
    }

    [Fact]
    public async Task Random_histories_in_RocksDB()
    {
        for (int seed = 2000; seed < 2006; seed++)
        {
            string directory = Directory.CreateTempSubdirectory("tarn-versions-").FullName;
            try
            {
                RocksDbKeyValueStore rows = RocksDbKeyValueStore.Open(directory, new RocksDbOptions { SyncWrites = false });
                await using var history = new VersionHistory(rows, seed);
                await history.RunAsync(steps: 80);
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }
}
