using System.Collections.Concurrent;
using System.Globalization;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Records;

namespace Tarn.Tests.Versioning;

/// <summary>Concurrent changes of one key: nothing is lost that was not deleted, and the tables are consistent afterwards.</summary>
public sealed class ConcurrentVersionTests
{
    private const int Workers = 8;

    [Theory]
    [InlineData(VersioningState.Enabled)]
    [InlineData(VersioningState.Suspended)]
    public async Task In_memory(VersioningState state)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            await RunAsync(new YieldingStore(new MemoryKeyValueStore(), seed), state, seed, steps: 40);
        }
    }

    [Fact]
    public async Task In_RocksDB()
    {
        string directory = Directory.CreateTempSubdirectory("tarn-versions-").FullName;
        try
        {
            await RunAsync(RocksDbKeyValueStore.Open(directory, new RocksDbOptions { SyncWrites = false }), VersioningState.Enabled, 1, steps: 40);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task RunAsync(IKeyValueStore rows, VersioningState state, int seed, int steps)
    {
        await using var bucket = new VersionedBucket(rows, seed);
        await bucket.CreateAsync();
        await bucket.PutAsync("key", "before");
        await bucket.SetAsync(VersioningState.Enabled);
        string anchor = await bucket.PutAsync("key", "anchor");
        await bucket.SetAsync(state);
        var made = new ConcurrentDictionary<string, string>();
        var gone = new ConcurrentDictionary<string, bool>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(bucket, anchor, worker, seed, steps, made, gone))));

        List<string> versions = [.. (await bucket.VersionsAsync()).Select(v => v.TrimEnd('*'))];
        Assert.Equal(versions.Count, versions.Distinct().Count());
        Assert.Equal(versions, await NamesOneByOneAsync(bucket));
        Assert.Contains(anchor, versions);
        Assert.Equal(
            made.Keys.Where(v => v != VersionId.Null && !gone.ContainsKey(v)).Append(anchor).Order(StringComparer.Ordinal),
            versions.Where(v => v != VersionId.Null).Order(StringComparer.Ordinal));
        foreach ((string version, string data) in made.Where(v => v.Key != VersionId.Null && !gone.ContainsKey(v.Key)))
        {
            Assert.Equal(data, await bucket.GetAsync("key", version));
        }

        await AssertRowsAsync(bucket);
        foreach (string version in versions)
        {
            await bucket.DeleteAsync("key", version);
        }

        await bucket.AssertNothingLeftAsync();
    }

    private static async Task WorkAsync(
        VersionedBucket bucket, string anchor, int worker, int seed, int steps, ConcurrentDictionary<string, string> made, ConcurrentDictionary<string, bool> gone)
    {
        var random = new Random((seed * 100) + worker);
        for (int step = 0; step < steps; step++)
        {
            switch (random.Next(6))
            {
                case 0 or 1:
                    string data = string.Create(CultureInfo.InvariantCulture, $"{worker} {step}").PadRight(random.Next(2) * 20, '.');
                    made[await bucket.PutAsync("key", data)] = data;
                    break;
                case 2:
                    made[(await bucket.DeleteAsync("key")).VersionName!] = "(marker)";
                    break;
                case 3:
                    // A version that exists throughout is found throughout, wherever others' changes move it.
                    Assert.Equal("anchor", await bucket.GetAsync("key", anchor));
                    break;
                case 4 when await NewestAsync(bucket) is { } newest && newest != anchor:
                    await bucket.DeleteAsync("key", newest);
                    gone[newest] = true;
                    break;
                default:
                    string[] names = [.. made.Keys.Where(v => v != VersionId.Null)];
                    if (names.Length > 0)
                    {
                        string name = names[random.Next(names.Length)];
                        await bucket.DeleteAsync("key", name);
                        gone[name] = true;
                        Assert.Null(await bucket.GetAsync("key", name));
                    }

                    break;
            }
        }
    }

    private static async Task<string?> NewestAsync(VersionedBucket bucket)
    {
        Bucket now = await bucket.NowAsync();
        ObjectKey key = VersionedBucket.Key("key");
        return (await bucket.Store.Reader.FindAsync(now, key, VersionedBucket.Token)
            ?? await bucket.Store.Reader.FindMarkerAsync(now, key, VersionedBucket.Token))?.VersionName;
    }

    private static async Task<List<string>> NamesOneByOneAsync(VersionedBucket bucket) =>
        [.. (await bucket.VersionsAsync(pageSize: 1)).Select(v => v.TrimEnd('*'))];

    /// <summary>One newest, older ones in order behind it, and the null version's row as the older ones have it.</summary>
    private static async Task AssertRowsAsync(VersionedBucket bucket)
    {
        KeyValueEntry newest = Assert.Single([.. await bucket.RowsAsync(Tables.Current), .. await bucket.RowsAsync(Tables.Marker)]);
        var older = (await bucket.RowsAsync(Tables.History)).Select(row => ObjectRecord.Decode(row.Value)).ToList();
        VersionId[] orders = [ObjectRecord.Decode(newest.Value).EffectiveOrder, .. older.Select(r => r.EffectiveOrder)];
        Assert.Equal(orders.OrderDescending(), orders);
        Assert.Equal(orders.Length, orders.Distinct().Count());
        Assert.All(older, r => Assert.NotEqual(0, r.NoncurrentSince));
        IReadOnlyList<KeyValueEntry> place = await bucket.RowsAsync(Tables.NullVersion);
        Assert.Equal(older.Where(r => r.IsNull).Select(r => r.EffectiveOrder), place.Select(row => VersionId.Read(row.Value)));
        Assert.True(older.Append(ObjectRecord.Decode(newest.Value)).Count(r => r.IsNull) <= 1);
    }

    /// <summary>Lets other writers run between any two reads.</summary>
    private sealed class YieldingStore(IKeyValueStore inner, int seed) : IKeyValueStore
    {
        private readonly Random _random = new(seed);

        public async ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
        {
            byte[]?[] values = new byte[]?[keys.Count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = await GetAsync(keys[i], cancellationToken);
            }

            return values;
        }

        public async ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken)
        {
            await MaybeYieldAsync();
            return await inner.GetAsync(key, cancellationToken);
        }

        public async ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
            byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
        {
            await MaybeYieldAsync();
            return await inner.ScanAsync(from, to, limit, reverse, cancellationToken);
        }

        public async ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken)
        {
            await MaybeYieldAsync();
            return await inner.OpenSnapshotAsync(cancellationToken);
        }

        public async ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
        {
            await MaybeYieldAsync();
            return await inner.CommitAsync(batch, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private async ValueTask MaybeYieldAsync()
        {
            bool yields;
            lock (_random)
            {
                yields = _random.Next(4) == 0;
            }

            if (yields)
            {
                await Task.Yield();
            }
        }
    }
}
