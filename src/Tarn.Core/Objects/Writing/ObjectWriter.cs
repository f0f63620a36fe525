using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;

namespace Tarn.Core.Objects.Writing;

/// <summary>Puts whole objects, and is the one place where an object becomes current.</summary>
public sealed class ObjectWriter
{
    /// <summary>Each lost race means that another request won it; this many in a row is a key under siege.</summary>
    private const int MaxAttempts = 200;

    private readonly IKeyValueStore _store;
    private readonly BucketCatalog _buckets;
    private readonly ObjectReader _reader;
    private readonly Ingest _ingest;
    private readonly DataOwnership _ownership;
    private readonly TimeProvider _clock;

    internal ObjectWriter(
        IKeyValueStore store, BucketCatalog buckets, ObjectReader reader, Ingest ingest, DataOwnership ownership, TimeProvider clock)
    {
        _store = store;
        _buckets = buckets;
        _reader = reader;
        _ingest = ingest;
        _ownership = ownership;
        _clock = clock;
    }

    /// <summary>Stores an object from an upload.</summary>
    /// <exception cref="S3Exception">The upload, the condition or the bucket refuses it; nothing is left behind, and the object it would have replaced is untouched.</exception>
    public async ValueTask<StoredObject> PutAsync(
        Bucket bucket, ObjectKey key, string ownerId, ObjectMetadata metadata, IUploadBody body, IngestRequest request,
        WriteCondition condition, CancellationToken cancellationToken)
    {
        if (condition != WriteCondition.None)
        {
            // Refused now if it can be, before the body is read; what counts is the check at the commit.
            condition.Demand((await _reader.FindAsync(bucket, key, cancellationToken))?.Record, conflict: false);
        }

        await using StagedData staged = await _ingest.TakeAsync(body, request, allowInline: true, cancellationToken);
        BlobId row = _ingest.NewRowId();
        StoredObject stored = await ReplaceAsync(
            bucket,
            key,
            condition,
            async batch => new ObjectRecord
            {
                Size = staged.Size,
                LastModified = Timestamps.Seconds(_clock),
                ETag = ETag.FromMd5(staged.Md5),
                OwnerId = ownerId,
                Metadata = metadata,
                Checksum = new Checksum(request.EffectiveAlgorithm, ChecksumType.FullObject, staged.Checksum, 0),
                Data = await staged.AttachAsync(batch, row, cancellationToken),
            },
            cancellationToken);
        staged.Keep();
        return stored;
    }

    /// <summary>
    /// Makes a record the newest version of a key: again and again until nobody else changed the key in between.
    /// </summary>
    /// <param name="bucket">The bucket as it was read.</param>
    /// <param name="key">The key.</param>
    /// <param name="condition">What must hold of the current object at the commit.</param>
    /// <param name="build">
    /// Adds to a fresh batch whatever else belongs to the change, and returns the record; null when what it is built from changed
    /// meanwhile, and it is to be asked again.
    /// </param>
    /// <param name="cancellationToken">Gives up between attempts.</param>
    /// <param name="place">The version's place, where versions are kept, if it is not to be the newest whatever came meanwhile.</param>
    internal async ValueTask<StoredObject> ReplaceAsync(
        Bucket bucket, ObjectKey key, WriteCondition condition, Func<KeyValueBatch, ValueTask<ObjectRecord?>> build, CancellationToken cancellationToken,
        VersionId? place = null)
    {
        bool conflict = false;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            KeyState state = await KeyState.ReadAsync(_store, _ownership, bucket, key, cancellationToken);
            await state.DemandOnlyOfAsync(condition.OnlyOf, cancellationToken);
            condition.Demand(state.Live, conflict);
            KeyValueBatch batch = state.Guard();
            if (await build(batch) is not { } record)
            {
                continue;
            }

            StoredObject stored = place is { } at && state.Precedes(at)
                ? state.Insert(batch, record, at, Timestamps.Seconds(_clock))
                : await state.PushAsync(batch, record, Timestamps.Microseconds(_clock), _ingest.NewVersionRandom(), cancellationToken, place);
            if (await _store.CommitAsync(batch, cancellationToken))
            {
                return stored;
            }

            // When the bucket is as it was, the key changed under this write.
            Bucket now = await _buckets.GetSameAsync(bucket, cancellationToken);
            conflict = now.IsSameAs(bucket);
            bucket = now;
        }

        throw new S3Exception(S3Error.SlowDown);
    }
}
