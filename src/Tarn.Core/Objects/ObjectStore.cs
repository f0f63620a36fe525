using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Lifecycle;

namespace Tarn.Core.Objects;

/// <summary>Everything that object buckets can do, over one key-value store and one blob store.</summary>
public sealed class ObjectStore
{
    public ObjectStore(IKeyValueStore store, IBlobStore blobs, TimeProvider clock, IRandomSource random, ObjectStoreOptions options)
    {
        var custody = new DataCustody(store, clock, random, options.ReclaimGrace);
        var ingest = new Ingest(blobs, custody, random, options);
        Buckets = new BucketCatalog(store, clock, random);
        Reader = new ObjectReader(store, blobs);
        Lister = new ObjectLister(store);
        Versions = new VersionLister(store);
        Amender = new ObjectAmender(store, Buckets);
        Deleter = new ObjectDeleter(store, Buckets, custody, clock, random);
        Writer = new ObjectWriter(store, Buckets, Reader, ingest, custody, clock);
        Copier = new ObjectCopier(store, Reader, Writer, custody, clock, random);
        Uploads = new MultipartUploads(store, Buckets, clock, random, custody);
        Parts = new PartWriter(store, Reader, ingest, custody, clock);
        Completion = new MultipartCompletion(store, Reader, Writer, Uploads, custody, random);
        Lifecycle = new LifecycleWorker(store, new StoreLifecycleTarget(store, Buckets, custody, clock, random), options.Lifecycle, clock);
        LifecycleDay = options.Lifecycle.Day;
        Reclaim = new Maintenance.ReclaimWorker(store, blobs, custody, clock);
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
