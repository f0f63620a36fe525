using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Lifecycle;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;

namespace Tarn.Core.Storage;

/// <summary>Everything that object buckets can do, over one key-value store and one blob store.</summary>
public sealed class ObjectStore
{
    public ObjectStore(IKeyValueStore store, IBlobStore blobs, TimeProvider clock, IRandomSource random, ObjectStoreOptions options)
    {
        var ownership = new DataOwnership(store, clock, random, options.ReclaimGrace);
        var ingest = new Ingest(blobs, ownership, random, options.InlineLimit);
        Buckets = new BucketCatalog(store, clock, random);
        var transactions = new OptimisticTransaction(store, clock, random);
        var keys = new KeyTransaction(transactions, store, Buckets, ownership);
        Reader = new ObjectReader(store, blobs);
        Lister = new ObjectLister(store);
        Versions = new VersionLister(store);
        Amender = new ObjectAmender(keys);
        Deleter = new ObjectDeleter(keys, clock, random);
        Writer = new ObjectWriter(keys, Reader, ingest, clock);
        Copier = new ObjectCopier(store, Reader, Writer, ownership, clock, random);
        Uploads = new MultipartUploads(store, keys, clock, random, ownership);
        Parts = new PartWriter(store, transactions, Reader, ingest, ownership, clock);
        Completion = new MultipartCompletion(store, Reader, Writer, Uploads, ownership, random);
        Lifecycle = new LifecycleWorker(store, new StoreLifecycleTarget(store, Buckets, keys, ownership, clock, random), options.Lifecycle, clock);
        LifecycleDay = options.Lifecycle.Day;
        Reclaim = new Maintenance.ReclaimWorker(store, blobs, transactions, keys, ownership, clock);
        Orphans = new Maintenance.OrphanScan(store, blobs, clock);
    }

    public BucketCatalog Buckets { get; }

    public ObjectReader Reader { get; }

    public ObjectWriter Writer { get; }

    public ObjectCopier Copier { get; }

    public ObjectDeleter Deleter { get; }

    public ObjectLister Lister { get; }

    public VersionLister Versions { get; }

    public ObjectAmender Amender { get; }

    public MultipartUploads Uploads { get; }

    public PartWriter Parts { get; }

    public MultipartCompletion Completion { get; }

    public Maintenance.ReclaimWorker Reclaim { get; }

    public Maintenance.OrphanScan Orphans { get; }

    public LifecycleWorker Lifecycle { get; }

    /// <summary>How lifecycle days are counted.</summary>
    public LifecycleDay LifecycleDay { get; }
}

/// <summary>What an operator may choose of how objects are stored.</summary>
public sealed record ObjectStoreOptions
{
    /// <summary>Objects up to this many bytes live in the key-value store.</summary>
    public int InlineLimit { get; init; } = 16 * 1024;

    /// <summary>How long data that nothing refers to any more stays readable to requests that already found it.</summary>
    public TimeSpan ReclaimGrace { get; init; } = TimeSpan.FromMinutes(10);

    public LifecycleOptions Lifecycle { get; init; } = new();
}
