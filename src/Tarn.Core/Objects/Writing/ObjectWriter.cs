using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Reading;

namespace Tarn.Core.Objects.Writing;

/// <summary>Stores whole objects, and is the one place where an object becomes current.</summary>
public sealed class ObjectWriter
{
    private readonly KeyTransaction _keys;
    private readonly ObjectReader _reader;
    private readonly Ingest _ingest;
    private readonly TimeProvider _clock;

    internal ObjectWriter(KeyTransaction keys, ObjectReader reader, Ingest ingest, TimeProvider clock)
    {
        _keys = keys;
        _reader = reader;
        _ingest = ingest;
        _clock = clock;
    }

    /// <summary>Stores an object from an upload.</summary>
    /// <exception cref="S3Exception">The errors of the upload, the condition or the bucket; nothing is left behind, and the existing object is unchanged.</exception>
    public async ValueTask<StoredObject> PutAsync(
        Bucket bucket, ObjectKey key, string ownerId, ObjectMetadata metadata, IUploadBody body, IngestRequest request,
        WriteCondition condition, CancellationToken cancellationToken)
    {
        await ThrowIfNotMetAsync(bucket, key, condition, cancellationToken);
        var about = new BlobFooter { BucketId = bucket.Id, BucketName = bucket.Name.Value, Key = key, OwnerId = ownerId, Metadata = metadata };
        await using StagedData staged = await _ingest.TakeAsync(body, request, about, allowInline: true, cancellationToken);
        StoredObject stored = await ReplaceAsync(
            bucket,
            key,
            condition,
            async change => new ObjectRecord
            {
                Size = staged.Size,
                LastModified = Timestamps.Seconds(_clock),
                ETag = ETag.FromMd5(staged.Md5),
                OwnerId = ownerId,
                Metadata = metadata,
                Checksum = new Checksum(request.EffectiveAlgorithm, ChecksumType.FullObject, staged.Checksum, 0),
                Data = await staged.AttachAsync(change.Batch, cancellationToken),
            },
            cancellationToken);
        staged.Keep();
        return stored;
    }

    /// <summary>Refuses early, before work that a refusal would waste, if it can; what counts is the check at the commit.</summary>
    /// <exception cref="S3Exception">The errors of the condition.</exception>
    internal async ValueTask ThrowIfNotMetAsync(Bucket bucket, ObjectKey key, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (condition != WriteCondition.None)
        {
            condition.ThrowIfNotMet((await _reader.FindAsync(bucket, key, cancellationToken))?.Record, conflict: false);
        }
    }

    /// <summary>Makes a record the newest version of a key, retrying until nobody else changes the key in between.</summary>
    /// <param name="bucket">The bucket as read.</param>
    /// <param name="key">The key.</param>
    /// <param name="condition">What must hold of the current object at the commit.</param>
    /// <param name="build">
    /// Adds whatever else belongs to the change and returns the record; null when what the record is built from changed meanwhile, to be
    /// called again.
    /// </param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <param name="place">The version's place where versions are kept; null to make it the newest.</param>
    internal ValueTask<StoredObject> ReplaceAsync(
        Bucket bucket, ObjectKey key, WriteCondition condition, Func<KeyChange, ValueTask<ObjectRecord?>> build, CancellationToken cancellationToken,
        VersionId? place = null) =>
        _keys.RunAsync(
            bucket,
            key,
            async change =>
            {
                KeyState state = await change.ReadAsync(cancellationToken);
                await state.ThrowIfNotOwnedByAsync(condition.OnlyOf, cancellationToken);
                condition.ThrowIfNotMet(state.Live, change.IsConflict);
                await state.ThrowIfRemovesNullAsync(condition.KeepsNull, cancellationToken);
                if (await build(change) is not { } record)
                {
                    return Decision.Stale<StoredObject>();
                }

                return change.Commit(place is { } at && state.Precedes(at)
                    ? change.Insert(record, at, Timestamps.Seconds(_clock))
                    : await change.PushAsync(record, Timestamps.Microseconds(_clock), _ingest.NewVersionRandom(), cancellationToken, place));
            },
            cancellationToken);
}
