using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Lifecycle;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Samples;

namespace Tarn.Core.Storage;

/// <summary>The operations of object buckets over one key-value store and one blob store.</summary>
public sealed class ObjectStore
{
    /// <summary>Builds the operations; the caller keeps and disposes both stores.</summary>
    public ObjectStore(IKeyValueStore store, IBlobStore blobs, TimeProvider clock, IRandomSource random, ObjectStoreOptions options)
    {
        var ownership = new DataOwnership(clock, random, options.ReclaimGrace);
        var ingest = new Ingest(blobs, new BlobAnnouncements(store, clock, random), clock, random, options.InlineLimit);
        Leases = new Acceleration.BlobLeases(clock);
        Buckets = new BucketCatalog(store, clock, random);
        var transactions = new OptimisticTransaction(store, clock, random);
        var keys = new KeyTransaction(transactions, store, Buckets, ownership);
        Damage = new DamageList(store, clock, options.DamageNoticed);
        var verified = new CheckedBlobs(blobs, options.VerifyReads, clock);
        Reader = new ObjectReader(store, verified, Damage);
        Recheck = new DamageRecheck(verified, Damage);
        Blocks = new Acceleration.BlockSource(verified, Damage);
        Counts = new BucketCountReader(store);
        Recount = new Maintenance.Recount(store, random, clock, isPaced: true);
        Samples = new SampleReader(store);
        Sampling = new SampleWorker(new SampleWriter(store, Counts, clock), Activity, clock);
        Lister = new ObjectLister(store);
        Versions = new VersionLister(store);
        Amender = new ObjectAmender(keys);
        Deleter = new ObjectDeleter(keys, clock, random);
        Writer = new ObjectWriter(keys, Reader, ingest, clock);
        Copier = new ObjectCopier(Reader, Writer, ownership, clock, random);
        Uploads = new MultipartUploads(store, keys, clock, random, ownership);
        Parts = new PartWriter(store, transactions, Reader, ingest, ownership, clock);
        Completion = new MultipartCompletion(store, Reader, Writer, Uploads, ownership, random);
        Removal = new Scrubbing.DamagedRemoval(store, keys, transactions, Uploads, Reader, Damage, verified, ownership);
        Lifecycle = new LifecycleWorker(store, new StoreLifecycleTarget(store, Buckets, keys, ownership, clock, random), options.Lifecycle, clock);
        LifecycleDay = options.Lifecycle.Day;
        Reclaim = new Maintenance.ReclaimWorker(store, blobs, transactions, keys, ownership, clock) { Hold = options.Holds, Leases = Leases, Kept = options.KeptOrphans };
        Orphans = new Scrubbing.OrphanShelf(store, blobs, Reclaim, options.KeptOrphans, options.Scrub, clock);
        Scrub = new Scrubbing.ScrubWorker(store, blobs, verified, Reader, Damage, Orphans, options.Scrub, clock);
    }

    /// <summary>Buckets and their settings.</summary>
    public BucketCatalog Buckets { get; }

    /// <summary>How much buckets hold.</summary>
    public BucketCountReader Counts { get; }

    /// <summary>Counts that anew where it is not exact; the host runs it.</summary>
    public Maintenance.Recount Recount { get; }

    /// <summary>What requests do to each bucket; who serves requests adds to it.</summary>
    public ActivityLedger Activity { get; } = new();

    /// <summary>What buckets held and what was done to them, by hours and days.</summary>
    public SampleReader Samples { get; }

    /// <summary>Writes these samples; the host runs it.</summary>
    public SampleWorker Sampling { get; }

    /// <summary>Looks up objects and opens their bytes.</summary>
    public ObjectReader Reader { get; }

    /// <summary>The objects of which stored data was found damaged.</summary>
    public DamageList Damage { get; }

    /// <summary>Opens blobs for accelerators.</summary>
    public Acceleration.BlockSource Blocks { get; }

    /// <summary>The blobs that downloads through accelerators hold.</summary>
    public Acceleration.BlobLeases Leases { get; }

    /// <summary>Looks whether they still are.</summary>
    public DamageRecheck Recheck { get; }

    /// <summary>Deletes them, by decision of an operator.</summary>
    public Scrubbing.DamagedRemoval Removal { get; }

    /// <summary>Puts objects.</summary>
    public ObjectWriter Writer { get; }

    /// <summary>Copies objects.</summary>
    public ObjectCopier Copier { get; }

    /// <summary>Deletes objects and versions.</summary>
    public ObjectDeleter Deleter { get; }

    /// <summary>Lists current objects.</summary>
    public ObjectLister Lister { get; }

    /// <summary>Lists versions and delete markers.</summary>
    public VersionLister Versions { get; }

    /// <summary>Changes tags and access control lists of objects.</summary>
    public ObjectAmender Amender { get; }

    /// <summary>Begins, finds, lists and aborts multipart uploads.</summary>
    public MultipartUploads Uploads { get; }

    /// <summary>Stores parts of multipart uploads.</summary>
    public PartWriter Parts { get; }

    /// <summary>Completes multipart uploads.</summary>
    public MultipartCompletion Completion { get; }

    /// <summary>Removes data that nothing refers to; the host runs it.</summary>
    public Maintenance.ReclaimWorker Reclaim { get; }

    /// <summary>The blobs that nothing refers to and that were set aside.</summary>
    public Scrubbing.OrphanShelf Orphans { get; }

    /// <summary>Looks whether all stored data is right; the host runs it.</summary>
    public Scrubbing.ScrubWorker Scrub { get; }

    /// <summary>Applies lifecycle rules; the host runs it.</summary>
    public LifecycleWorker Lifecycle { get; }

    /// <summary>How lifecycle days are counted.</summary>
    public LifecycleDay LifecycleDay { get; }
}

/// <summary>The settings of object storage that an operator may choose.</summary>
public sealed record ObjectStoreOptions
{
    /// <summary>Objects of at most this many bytes are stored inline, in the key-value store.</summary>
    public int InlineLimit { get; init; } = 16 * 1024;

    /// <summary>How long data that nothing refers to any more stays readable for requests that already found it.</summary>
    public TimeSpan ReclaimGrace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>When the bytes of reads are verified.</summary>
    public VerifyReads VerifyReads { get; init; }

    /// <summary>
    /// Is told of damage that is new, or was last met a while ago, with what is wrong; and, if it could not be put on the list, why not. Null: nobody is.
    /// </summary>
    public Action<DamagedObject, string, Exception?>? DamageNoticed { get; init; }

    /// <summary>How the lifecycle worker works.</summary>
    public LifecycleOptions Lifecycle { get; init; } = new();

    /// <summary>How stored data is scrubbed.</summary>
    public Scrubbing.ScrubOptions Scrub { get; init; } = new();

    /// <summary>Which blobs must stay although nothing refers to them.</summary>
    public IBlobHolds? Holds { get; init; }

    /// <summary>Whether blobs to which nothing refers are kept beyond their retention.</summary>
    public Maintenance.IKeptOrphans KeptOrphans { get; init; } = Maintenance.NoKeptOrphans.Instance;
}
