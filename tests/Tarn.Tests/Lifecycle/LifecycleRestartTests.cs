using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Lifecycle;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Lifecycle;

/// <summary>A server that stops in the middle of a walk, and starts again over the same RocksDB.</summary>
public sealed class LifecycleRestartTests : IDisposable
{
    private const int Objects = 100;
    private const int PageSize = 10;

    private readonly string _directory = Directory.CreateTempSubdirectory("tarn-lifecycle-").FullName;
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_walk_goes_on_where_the_last_process_left_it()
    {
        using var stop = new CancellationTokenSource();
        await using (RocksDbKeyValueStore rocks = Open())
        {
            var hooked = new HookedKeyValueStore(rocks);
            ObjectStore first = Over(hooked);
            await FillAsync(first);
            _clock.Advance(TimeSpan.FromDays(2));
            int pages = 0;
            hooked.AfterCommit = After;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Lifecycle.RunOnceAsync(Fail, stop.Token));
            Assert.InRange(await CountAsync(rocks), 1, Objects - 1);

            async Task After(KeyValueBatch batch)
            {
                if (batch.Changes.Any(change => change.Key[0] == Tables.LifecycleCursor) && ++pages == 4)
                {
                    await stop.CancelAsync();
                }

                hooked.AfterCommit = After;
            }
        }

        await using RocksDbKeyValueStore again = Open();
        int left = await CountAsync(again);
        ObjectStore second = Over(again);
        await second.Lifecycle.RunOnceAsync(Fail, Cancel);
        Assert.Equal(0, await CountAsync(again));
        Assert.Equal(left, second.Lifecycle.Tally.Expired);
        Assert.Equal(left, second.Lifecycle.Tally.Examined);
    }

    private static void Fail(Exception e) => Assert.Fail(e.ToString());

    private static async Task FillAsync(ObjectStore store)
    {
        Assert.True(BucketName.TryParse("bucket", out BucketName name));
        Bucket bucket = (await store.Buckets.CreateAsync(name, "o", "o", "us-east-1", Cancel))!;
        LifecycleRule rule = new() { Id = "r", Expiration = new(1) };
        await store.Buckets.SetSettingAsync(bucket, LifecycleConfiguration.Stored, LifecycleConfiguration.Create([rule]), Cancel);
        bucket = await store.Buckets.GetAsync(name, Cancel);
        for (int i = 0; i < Objects; i++)
        {
            Assert.True(ObjectKey.TryCreate($"{i:000}", out ObjectKey key));
            await store.Writer.PutAsync(
                bucket, key, "o", ObjectMetadata.Empty, new MemoryBody(Encoding.UTF8.GetBytes("data")), new IngestRequest(), WriteCondition.None, Cancel);
        }
    }

    private static async Task<int> CountAsync(RocksDbKeyValueStore rows) =>
        (await rows.ScanAsync([Tables.Current], [Tables.Current + 1], 1000, reverse: false, Cancel)).Count;

    private RocksDbKeyValueStore Open() => RocksDbKeyValueStore.Open(_directory, new RocksDbOptions { SyncWrites = false });

    private ObjectStore Over(IKeyValueStore rows) => new(
        rows,
        new MemoryBlobStore(_clock),
        _clock,
        new SeededRandomSource(1),
        new ObjectStoreOptions { Lifecycle = new LifecycleOptions { PageSize = PageSize, PagesPerSave = 1, VersionsPerSecond = int.MaxValue } });
}
