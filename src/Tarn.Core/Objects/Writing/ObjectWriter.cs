using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Reading;

namespace Tarn.Core.Objects.Writing;

/// <summary>Puts whole objects, and is the one place where an object becomes current.</summary>
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
    /// <exception cref="S3Exception">The upload, the condition or the bucket refuses it; nothing is left behind, and the object it would have replaced is untouched.</exception>
    public async ValueTask<StoredObject> PutAsync(
        Bucket bucket, ObjectKey key, string ownerId, ObjectMetadata metadata, IUploadBody body, IngestRequest request,
        WriteCondition condition, CancellationToken cancellationToken)
    {
        if (condition != WriteCondition.None)
        {
            // Refused now if it can be, before the body is read; what counts is the check at the commit.
            condition.ThrowIfNotMet((await _reader.FindAsync(bucket, key, cancellationToken))?.Record, conflict: false);
        }

        await using StagedData staged = await _ingest.TakeAsync(body, request, allowInline: true, cancellationToken);
        Id128 row = _ingest.NewRowId();
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
                Data = await staged.AttachAsync(change.Batch, row, cancellationToken),
            },
            cancellationToken);
        staged.Keep();
        return stored;
    }

    /// <summary>Makes a record the newest version of a key, as of when nobody else changed the key in between.</summary>
    /// <param name="bucket">The bucket as it was read.</param>
    /// <param name="key">The key.</param>
    /// <param name="condition">What must hold of the current object at the commit.</param>
    /// <param name="build">
    /// Adds to the change whatever else belongs to it, and returns the record; null when what it is built from changed meanwhile, and it is to
    /// be asked again.
    /// </param>
    /// <param name="cancellationToken">Prevents a commit that was not submitted yet.</param>
    /// <param name="place">The version's place, where versions are kept, if it is not to be the newest whatever came meanwhile.</param>
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
