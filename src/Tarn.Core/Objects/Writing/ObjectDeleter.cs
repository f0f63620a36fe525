using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;

namespace Tarn.Core.Objects.Writing;

/// <summary>Deletes objects: removes them, or hides them behind a delete marker, or removes one version for good.</summary>
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

    /// <summary>Deletes an object, or one version of it; what is not there is deleted already, unless the condition asks for it.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="version">"null" or a version id's text; null for the object itself.</param>
    /// <param name="ownerId">The owner of a delete marker, should one be made.</param>
    /// <param name="condition">What must hold of the object, or of the version.</param>
    /// <param name="cancellationToken">Prevents a commit that was not submitted yet.</param>
    /// <exception cref="S3Exception">PreconditionFailed or NoSuchKey from the condition.</exception>
    public async ValueTask<DeleteOutcome> DeleteAsync(
        Bucket bucket, ObjectKey key, string? version, string ownerId, DeleteCondition condition, CancellationToken cancellationToken)
    {
        ObjectRecord? removed = null;
        DeleteOutcome outcome = await _keys.RunAsync(
            bucket,
            key,
            async change =>
            {
                KeyState state = await change.ReadAsync(cancellationToken);
                change.Batch.AsRemoval();
                if (version is null)
                {
                    return await DeleteObjectAsync(change, state, ownerId, condition, cancellationToken);
                }

                // A version that was not found may only have moved while it was looked for: the commit of the guard alone tells.
                removed = await change.RemoveAsync(version, condition.ThrowIfNotMet, cancellationToken);
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
        KeyChange change, KeyState state, string ownerId, DeleteCondition condition, CancellationToken cancellationToken)
    {
        await state.ThrowIfNotOwnedByAsync(condition.OnlyOf, cancellationToken);
        condition.ThrowIfNotMet(state.Live);
        if (state.KeepsVersions)
        {
            StoredObject made = await PushMarkerAsync(change, ownerId, _clock, _random, cancellationToken);
            return change.Commit(new DeleteOutcome(made.VersionName, IsDeleteMarker: true));
        }

        if (state.Live is null)
        {
            return Decision.Done(default(DeleteOutcome));
        }

        change.RemoveOnly();
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
/// <param name="VersionName">The delete marker that was made, or the version that was removed; null where versions are not kept.</param>
/// <param name="IsDeleteMarker">Whether that version is a delete marker.</param>
public readonly record struct DeleteOutcome(string? VersionName, bool IsDeleteMarker);
