using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Writing;

/// <summary>Deletes objects: removes them, or hides them behind a delete marker, or removes one version for good.</summary>
public sealed class ObjectDeleter
{
    private const int MaxAttempts = 200;

    private readonly IKeyValueStore _store;
    private readonly BucketCatalog _buckets;
    private readonly DataOwnership _ownership;
    private readonly TimeProvider _clock;
    private readonly IRandomSource _random;

    internal ObjectDeleter(IKeyValueStore store, BucketCatalog buckets, DataOwnership ownership, TimeProvider clock, IRandomSource random)
    {
        _store = store;
        _buckets = buckets;
        _ownership = ownership;
        _clock = clock;
        _random = random;
    }

    /// <summary>Deletes an object, or one version of it; what is not there is deleted already, unless the condition asks for it.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="version">"null" or a version id's text; null for the object itself.</param>
    /// <param name="ownerId">The owner of a delete marker, should one be made.</param>
    /// <param name="condition">What must hold of the object, or of the version.</param>
    /// <param name="cancellationToken">Gives up between attempts.</param>
    /// <exception cref="S3Exception">PreconditionFailed or NoSuchKey from the condition.</exception>
    public async ValueTask<DeleteOutcome> DeleteAsync(
        Bucket bucket, ObjectKey key, string? version, string ownerId, DeleteCondition condition, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            KeyState state = await KeyState.ReadAsync(_store, _ownership, bucket, key, cancellationToken);
            KeyValueBatch batch = state.Guard().AsRemoval();
            if (version is null)
            {
                DeleteOutcome outcome = await DeleteObjectAsync(bucket, state, batch, ownerId, condition, cancellationToken);
                if (batch.Changes.Count == 0 || await _store.CommitAsync(batch, cancellationToken))
                {
                    return outcome;
                }
            }
            else
            {
                // A version that was not found may only have moved while it was looked for: the commit of the guard alone tells.
                ObjectRecord? removed = await state.RemoveAsync(batch, version, condition.Demand, cancellationToken);
                if (await _store.CommitAsync(batch, cancellationToken))
                {
                    if (removed is null)
                    {
                        condition.Demand(null);
                    }

                    return new DeleteOutcome(version, removed is { IsDeleteMarker: true });
                }
            }

            bucket = await _buckets.GetSameAsync(bucket, cancellationToken);
        }

        throw new S3Exception(S3Error.SlowDown);
    }

    private async ValueTask<DeleteOutcome> DeleteObjectAsync(
        Bucket bucket, KeyState state, KeyValueBatch batch, string ownerId, DeleteCondition condition, CancellationToken cancellationToken)
    {
        await state.DemandOnlyOfAsync(condition.OnlyOf, cancellationToken);
        condition.Demand(state.Live);
        if (bucket.Versioning == VersioningState.Never)
        {
            if (state.Live is not null)
            {
                state.RemoveOnly(batch);
            }

            return default;
        }

        StoredObject made = await PushMarkerAsync(state, batch, ownerId, _clock, _random, cancellationToken);
        return new DeleteOutcome(made.VersionName, IsDeleteMarker: true);
    }

    /// <summary>Makes a delete marker the newest version.</summary>
    internal static ValueTask<StoredObject> PushMarkerAsync(
        KeyState state, KeyValueBatch batch, string ownerId, TimeProvider clock, IRandomSource random, CancellationToken cancellationToken)
    {
        var marker = new ObjectRecord
        {
            Size = 0,
            LastModified = Timestamps.Seconds(clock),
            ETag = default,
            OwnerId = ownerId,
            IsDeleteMarker = true,
        };
        return state.PushAsync(batch, marker, Timestamps.Microseconds(clock), random.NextUInt64(), cancellationToken);
    }
}

/// <summary>What a delete did.</summary>
/// <param name="VersionName">The delete marker that was made, or the version that was removed; null where versions are not kept.</param>
/// <param name="IsDeleteMarker">Whether that version is a delete marker.</param>
public readonly record struct DeleteOutcome(string? VersionName, bool IsDeleteMarker);
