using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Storage;

namespace Tarn.Benchmarks;

/// <summary>
/// What old versions cost: `Tarn.Benchmarks versions [directory]`. Versions are written as rows, a thousand to a commit, since
/// what is measured is reading and removing them; removals are not synced to disk, which would cost the same each time.
/// </summary>
internal static class VersionBenchmarks
{
    private const int Keys = 1000;
    private const int VersionsEach = 1000;
    private const int Repeats = 300;

    public static async Task RunAsync(string directory)
    {
        string path = Path.Combine(directory, $"versions-{Guid.NewGuid():n}");
        await using (RocksDbKeyValueStore rows = RocksDbKeyValueStore.Open(path, new RocksDbOptions { SyncWrites = false }))
        {
            var store = new ObjectStore(rows, new MemoryBlobStore(TimeProvider.System), TimeProvider.System, SystemRandomSource.Instance, new ObjectStoreOptions());
            Bucket plain = await FillAsync(rows, store, "plain", Keys, 1);
            Bucket versioned = await FillAsync(rows, store, "versioned", Keys, VersionsEach);
            for (int round = 0; round < 3; round++)
            {
                double without = await ListAsync(store, plain);
                double with = await ListAsync(store, versioned);
                Console.WriteLine($"a page of {Keys} live keys: {without:f0} us without old versions, {with:f0} us with {VersionsEach} of each, ratio {with / without:f2}");
            }

            await OneKeyAsync(rows, store, "ten", 1000, 10);
            await OneKeyAsync(rows, store, "many", 1, 100_000);
        }

        Directory.Delete(path, recursive: true);
    }

    private static async Task<Bucket> FillAsync(IKeyValueStore rows, ObjectStore store, string name, int keys, int versions)
    {
        var bucketName = BucketName.FromStorage(name);
        Bucket made = (await store.Buckets.CreateAsync(bucketName, "owner", "Owner", "us-east-1", CancellationToken.None))!;
        await store.Buckets.SetSettingAsync(made, BucketVersioning.Stored, new BucketVersioning(VersioningState.Enabled), CancellationToken.None);
        Bucket bucket = await store.Buckets.GetAsync(bucketName, CancellationToken.None);
        var batch = new KeyValueBatch();
        for (int key = 0; key < keys; key++)
        {
            byte[] utf8 = KeyName(key);
            for (int version = 1; version <= versions; version++)
            {
                var order = new VersionId((ulong)version, 7);
                byte[] record = new ObjectRecord
                {
                    Size = 0,
                    LastModified = version,
                    ETag = ETag.FromMd5(MD5.HashData(utf8)),
                    OwnerId = "owner",
                    Order = order,
                    IsNull = false,
                    NoncurrentSince = version == versions ? 0 : version + 1,
                }.Encode();
                batch.Put(version == versions ? Tables.CurrentKey(bucket.Id, utf8) : Tables.HistoryKey(bucket.Id, utf8, order), record);
                if (batch.Changes.Count == 1000)
                {
                    await rows.CommitAsync(batch, CancellationToken.None);
                    batch = new KeyValueBatch();
                }
            }
        }

        await rows.CommitAsync(batch, CancellationToken.None);
        return bucket;
    }

    /// <summary>Microseconds for one page of all live keys: the median, since other processes use the machine too.</summary>
    private static async Task<double> ListAsync(ObjectStore store, Bucket bucket)
    {
        var times = new double[Repeats];
        for (int i = 0; i < Repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            ObjectPage page = await store.Lister.ListAsync(bucket, new ListQuery(), CancellationToken.None);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            if (page.Objects.Count != Keys)
            {
                throw new InvalidOperationException($"Listed {page.Objects.Count} keys.");
            }
        }

        Array.Sort(times);
        return times[Repeats / 2];
    }

    private static async Task OneKeyAsync(IKeyValueStore rows, ObjectStore store, string name, int keys, int versions)
    {
        Bucket bucket = await FillAsync(rows, store, name, keys, versions);
        var names = new List<(ObjectKey Key, string Version)>();
        long start = Stopwatch.GetTimestamp();
        var query = new VersionQuery();
        VersionPage page;
        do
        {
            page = await store.Versions.ListAsync(bucket, query, CancellationToken.None);
            names.AddRange(page.Versions.Select(v => (v.Key, v.Version.VersionName)));
            query = query with { KeyMarker = page.LastKey, VersionMarker = page.LastVersion };
        }
        while (page.IsTruncated);
        double listed = Stopwatch.GetElapsedTime(start).TotalMicroseconds / names.Count;

        const int Slice = 5000;
        var times = new List<double>();
        foreach ((ObjectKey Key, string Version)[] slice in names.Chunk(Slice))
        {
            start = Stopwatch.GetTimestamp();
            foreach ((ObjectKey key, string version) in slice)
            {
                await store.Deleter.DeleteAsync(bucket, key, version, "owner", DeleteCondition.None, CancellationToken.None);
            }

            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / slice.Length);
        }

        Console.WriteLine(
            $"{keys} keys of {versions} versions: {listed:f2} us to list a version, to remove the newest {times.Order().ElementAt(times.Count / 2):f1} us (first {Slice}: {times[0]:f1}, last: {times[^1]:f1})");
    }

    private static byte[] KeyName(int number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"folder/object-{number:d6}"));
}
