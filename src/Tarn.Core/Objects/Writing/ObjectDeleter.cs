using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;

namespace Tarn.Core.Objects.Writing;

/// <summary>Deletes objects: removes them, hides them behind a delete marker, or removes one version permanently.</summary>
public sealed class ObjectDeleter
{
    private readonly KeyTransaction _keys;
    private readonly TimeProvider _clock;
    private readonly IRandomSource _random;

    internal ObjectDeleter(KeyTransaction keys, TimeProvider clock, IRandomSource random)
    {
        _keys = keys;
        _clock = clock;
        _random = random;
    }

    /// <summary>Deletes an object or one of its versions. Deleting what does not exist succeeds unless the condition requires it to exist.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="version">"null" or a version id's text; null for the current object.</param>
    /// <param name="ownerId">Canonical user id of the owner of a delete marker, should one be created.</param>
    /// <param name="condition">What must hold of the object, or of the version.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <param name="also">Adds rows of its own to the change, once for each attempt; not called when there is nothing to delete.</param>
    /// <exception cref="S3Exception">PreconditionFailed or NoSuchKey: the condition does not hold; AccessDenied; NoSuchBucket; OperationAborted; SlowDown.</exception>
    public async ValueTask<DeleteOutcome> DeleteAsync(
        Bucket bucket, ObjectKey key, string? version, string ownerId, DeleteCondition condition, CancellationToken cancellationToken,
        Action<KeyValueBatch>? also = null)
    {
        ObjectRecord? removed = null;
        DeleteOutcome outcome = await _keys.RunAsync(
            bucket,
            key,
            async change =>
            {
                KeyState state = await change.ReadAsync(cancellationToken);
                if (version is not null || !state.KeepsVersions || condition.MarkersUseReserve)
                {
                    change.Batch.AsRemoval();
                }

                if (version is null)
                {
                    return await DeleteObjectAsync(change, state, ownerId, condition, also, cancellationToken);
                }

                // A version that was not found may have moved during the lookup: only committing the guard proves that it is absent.
                removed = await change.RemoveAsync(version, condition.ThrowIfNotMet, cancellationToken);
                also?.Invoke(change.Batch);
                return change.Commit(new DeleteOutcome(version, removed is { IsDeleteMarker: true }));
            },
            cancellationToken);
        if (version is not null && removed is null)
        {
            condition.ThrowIfNotMet(null);
        }

        return outcome;
    }

    private async ValueTask<Decision<DeleteOutcome>> DeleteObjectAsync(
        KeyChange change, KeyState state, string ownerId, DeleteCondition condition, Action<KeyValueBatch>? also, CancellationToken cancellationToken)
    {
        condition.ThrowIfChanged(state.Current.Value);
        await state.ThrowIfNotOwnedByAsync(condition.OnlyOf, cancellationToken);
        condition.ThrowIfNotMet(state.Live);
        await state.ThrowIfRemovesNullAsync(condition.KeepsNull, cancellationToken);
        if (state.KeepsVersions)
        {
            StoredObject made = await PushMarkerAsync(change, ownerId, _clock, _random, cancellationToken);
            also?.Invoke(change.Batch);
            return change.Commit(new DeleteOutcome(made.VersionName, IsDeleteMarker: true));
        }

        if (state.Live is null)
        {
            return Decision.Done(default(DeleteOutcome));
        }

        change.RemoveOnly();
        also?.Invoke(change.Batch);
        return change.Commit(default(DeleteOutcome));
    }

    /// <summary>Makes a delete marker the newest version.</summary>
    internal static ValueTask<StoredObject> PushMarkerAsync(
        KeyChange change, string ownerId, TimeProvider clock, IRandomSource random, CancellationToken cancellationToken)
    {
        var marker = new ObjectRecord
        {
            Size = 0,
            LastModified = Timestamps.Seconds(clock),
            ETag = default,
            OwnerId = ownerId,
            IsDeleteMarker = true,
        };
        return change.PushAsync(marker, Timestamps.Microseconds(clock), random.NextUInt64(), cancellationToken);
    }
}

/// <summary>What a delete did.</summary>
/// <param name="VersionName">The delete marker that was created, or the version that was removed; null where versions are not kept.</param>
/// <param name="IsDeleteMarker">Whether that version is a delete marker.</param>
public readonly record struct DeleteOutcome(string? VersionName, bool IsDeleteMarker);
