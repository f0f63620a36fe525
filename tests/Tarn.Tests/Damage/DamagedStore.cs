using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Maintenance;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;
using Tarn.Core.Storage;
using Tarn.TestKit.Clocks;
using Tarn.TestKit.Stores;
using Tarn.Tests.Blobs;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Damage;

/// <summary>An object store over a device that tests damage, and what it noticed.</summary>
internal sealed class DamagedStore
{
    public const int InlineLimit = 100;

    private readonly SeededRandomSource _random = new(1);

    public DamagedStore()
    {
        Wall = new ShiftedTimeProvider(Clock);
        Device = new DeviceBlobStore(Clock);
        Rows = new HookedKeyValueStore(Memory);
        Store = Open();
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddYears(50));

    /// <summary>What the store takes for the time, which may be wrong.</summary>
    public ShiftedTimeProvider Wall { get; }

    public MemoryKeyValueStore Memory { get; } = new();

    public HookedKeyValueStore Rows { get; }

    public DeviceBlobStore Device { get; }

    public ObjectStore Store { get; private set; }

    /// <summary>How it is scrubbed: without waiting.</summary>
    public ScrubOptions Scrubbing { get; set; } = new()
    {
        BytesPerSecond = long.MaxValue >> 1, ReadsPerSecond = int.MaxValue, RetryDelay = TimeSpan.Zero, OrphanPause = TimeSpan.Zero, SaveInterval = TimeSpan.Zero, Page = 3,
    };

    public HeldBlobs Holds { get; } = new();

    public KeptForTests Kept { get; } = new();

    /// <summary>What was noticed: the damage, what is wrong, and why it could not be recorded.</summary>
    public List<(DamagedObject Object, string What, Exception? Failure)> Noticed { get; } = [];

    /// <summary>Opens the same stores again, as a server that was restarted does.</summary>
    public ObjectStore Open(VerifyReads mode = VerifyReads.Device) => Store = new ObjectStore(Rows, Device, Wall, _random, new ObjectStoreOptions
    {
        InlineLimit = InlineLimit,
        VerifyReads = mode,
        Scrub = Scrubbing,
        Holds = Holds,
        KeptOrphans = Kept,
        DamageNoticed = (damaged, what, failure) => Noticed.Add((damaged, what, failure)),
    });

    public async Task<Bucket> BucketAsync() => await Store.Buckets.FindAsync(StoreFixture.Name("bucket"), Token)
        ?? (await Store.Buckets.CreateAsync(StoreFixture.Name("bucket"), "owner", "Owner", "us-east-1", Token))!;

    public async Task<StoredObject> PutAsync(string key, byte[] bytes, ChecksumAlgorithm? algorithm = null, ObjectMetadata? metadata = null) => await Store.Writer.PutAsync(
        await BucketAsync(), StoreFixture.Key(key), "owner", metadata ?? ObjectMetadata.Empty, new TestBody(bytes), new IngestRequest { Algorithm = algorithm },
        WriteCondition.None, Token);

    public async Task<StoredObject> CopyAsync(string from, string to, ChecksumAlgorithm? algorithm = null) => await Store.Copier.CopyAsync(
        async () => await FindAsync(from), await BucketAsync(), StoreFixture.Key(to), "owner", kept => kept, algorithm, WriteCondition.None, Token);

    public async Task<StoredObject> FindAsync(string key) =>
        Assert.IsType<StoredObject>(await Store.Reader.FindAsync(await BucketAsync(), StoreFixture.Key(key), Token));

    public async Task<byte[]> ReadAsync(string key, string? version = null)
    {
        (StoredObject? found, IObjectContent? content) = await Store.Reader.OpenAsync(await BucketAsync(), StoreFixture.Key(key), version, Token);
        return await StoreFixture.ReadAsync(Assert.IsAssignableFrom<IObjectContent>(content), 0, found!.Size);
    }

    public async Task<DamagedDataException> ReadDamagedAsync(string key, string? version = null) =>
        await Assert.ThrowsAsync<DamagedDataException>(() => ReadAsync(key, version));

    public static BlobId BlobOf(StoredObject stored) => Assert.IsType<ObjectData.Extents>(stored.Record.Data).List[0].Blob;

    /// <summary>Flips a bit of a blob on the device, which nothing has in memory.</summary>
    public async Task FlipAsync(StoredObject stored, int at)
    {
        await Device.DamageAsync(BlobOf(stored), bytes =>
        {
            byte[] flipped = [.. bytes];
            flipped[at] ^= 1;
            return flipped;
        });
        Device.EmptyCache();
    }

    /// <summary>Stores an object as builds before layout 1 did: a bare blob or a row without a checksum.</summary>
    public async Task<StoredObject> PutOldAsync(string key, byte[] bytes, byte[]? damaged = null)
    {
        StoredObject made = await PutAsync(key, bytes);
        var batch = new KeyValueBatch();
        ObjectData data;
        if (made.Record.Data is ObjectData.Inline inline)
        {
            batch.Put(Tables.InlineDataKey(inline.Row), damaged ?? bytes);
            data = inline with { IsSealed = false };
        }
        else
        {
            var bare = BlobId.Create(_random);
            Device.AddBare(bare, damaged ?? bytes);
            data = new ObjectData.Extents([new Extent(bare, 0, 0, bytes.Length)]);
        }

        Assert.True(await Memory.CommitAsync(batch.Put(made.Row, (made.Record with { Data = data }).Encode()), Token));
        return await FindAsync(key);
    }

    public async Task<List<DamagedObject>> ListAsync()
    {
        var listed = new List<DamagedObject>();
        await foreach (DamagedObject damaged in Store.Damage.ListAsync(Token))
        {
            listed.Add(damaged);
        }

        return listed;
    }
}

/// <summary>Blobs that a backup needs.</summary>
internal sealed class HeldBlobs : HashSet<BlobId>, IBlobHolds
{
    public bool IsHeld(BlobId id) => Contains(id);
}

/// <summary>Whether orphans are kept.</summary>
internal sealed class KeptForTests : IKeptOrphans
{
    public string? Reason { get; set; }

    public void Release() => Reason = null;
}
