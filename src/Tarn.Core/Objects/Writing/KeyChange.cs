using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Writing;

/// <summary>
/// One attempt to change a key, started by <see cref="KeyTransaction"/>: the rows as read, and the one place that decides which versions
/// the key has afterwards. Every change guards what was read, so changes of one key are serialized.
/// </summary>
internal sealed class KeyChange(IKeyValueStore store, DataOwnership ownership, Bucket bucket, ObjectKey key, KeyValueBatch batch, bool isConflict)
{
    private KeyState? _state;

    /// <summary>The bucket as this attempt sees it.</summary>
    public Bucket Bucket => bucket;

    /// <summary>The batch to commit; rows that are not the key's own are added here.</summary>
    public KeyValueBatch Batch => batch;

    /// <summary>Whether the previous attempt failed because the key, not the bucket, changed.</summary>
    public bool IsConflict => isConflict;

    /// <summary>The row of another key that the change checks, such as the source of a copy.</summary>
    public byte[]? AlsoContended { get; set; }

    private KeyState State => _state ?? throw new InvalidOperationException("The key was not read.");

    /// <summary>Reads the key and makes the commit fail if it or the bucket changes.</summary>
    public async ValueTask<KeyState> ReadAsync(CancellationToken cancellationToken)
    {
        _state = await KeyState.ReadAsync(store, bucket, key, cancellationToken);
        _state.Guard(batch);
        return _state;
    }

    /// <summary>Decides to commit the batch.</summary>
    public Decision<T> Commit<T>(T result) => Decision.Commit(batch, result) with { AlsoContended = AlsoContended };

    /// <summary>Makes a record the newest version; the bucket's versioning state decides whether it replaces or follows the present one.</summary>
    /// <param name="record">The object, or a delete marker.</param>
    /// <param name="microseconds">Now, since 1970.</param>
    /// <param name="random">The random part of the version's id.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <param name="place">The version's place where versions are kept; null for now.</param>
    /// <returns>The record with its place among the versions, and the row that holds it.</returns>
    public async ValueTask<StoredObject> PushAsync(
        ObjectRecord record, ulong microseconds, ulong random, CancellationToken cancellationToken, VersionId? place = null)
    {
        ObjectRecord? newest = State.Newest;
        if (!State.KeepsVersions)
        {
            if (newest is not null)
            {
                RetireNewest(newest);
            }

            // A copied record may carry its source's version fields.
            return SetNewest(record with { Order = null, IsNull = true, NoncurrentSince = 0 });
        }

        ulong sequence = Math.Max(microseconds, newest is null ? 0 : newest.EffectiveOrder.Sequence + 1);
        record = record with
        {
            Order = State.IsSuspended || place is null ? new VersionId(sequence, random | VersionId.WrittenLater) : place,
            IsNull = State.IsSuspended,
            NoncurrentSince = 0,
        };
        if (State.IsSuspended && newest is { IsNull: true })
        {
            RetireNewest(newest);
        }
        else if (newest is not null)
        {
            MoveToHistory(newest, (long)(microseconds / 1_000_000 * 1000));
        }

        if (State.IsSuspended && State.Null.Value is { } older)
        {
            await RemoveNullAsync(Rows.Decode(State.Null.Key, older, VersionId.Read), cancellationToken);
        }

        return SetNewest(record);
    }

    /// <summary>Inserts a version older than the newest.</summary>
    /// <param name="record">The object.</param>
    /// <param name="place">Its place: unused, and <see cref="KeyState.Precedes"/> is true for it.</param>
    /// <param name="since">When it became noncurrent, Unix milliseconds in whole seconds: now, not when its successor was written, so that no lifecycle rule removes it at once.</param>
    public StoredObject Insert(ObjectRecord record, VersionId place, long since)
    {
        record = record with { Order = place, IsNull = false, NoncurrentSince = since };
        byte[] row = State.HistoryKey(place);
        byte[] bytes = record.Encode();
        batch.Put(row, bytes);
        Count(record.CountsAsOlder);
        return new StoredObject(key, row, bytes, record);
    }

    /// <summary>Replaces a version's metadata in place; the commit checks that the version is unchanged since it was found.</summary>
    public void Amend(StoredObject found, ObjectMetadata metadata) =>
        found.Guard(bucket.Guard(batch)).Put(found.Row, (found.Record with { Metadata = metadata }).Encode());

    /// <summary>Removes the only version of a key in a bucket that never kept versions; the commit checks that it is unchanged since it was found or listed.</summary>
    public void RemoveOnly(StoredObject found)
    {
        RetireNewest(found.Record);
        found.Guard(batch).Delete(found.Row);
    }

    /// <summary>Removes the only version of the key as read, in a bucket that never kept versions.</summary>
    public void RemoveOnly()
    {
        RetireNewest(State.Live!);
        batch.Delete(State.Current.Key);
    }

    /// <summary>Removes one version permanently; removing the newest promotes the previous version.</summary>
    /// <param name="version">"null" or a version id's text.</param>
    /// <param name="check">Throws if the version must not be removed.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <returns>The removed version; null when there is none, which is certain only once the change commits.</returns>
    public async ValueTask<ObjectRecord?> RemoveAsync(string version, Action<ObjectRecord> check, CancellationToken cancellationToken)
    {
        if (State.Newest is { } newest && newest.VersionName == version)
        {
            check(newest);
            RetireNewest(newest);
            await PromoteAsync(cancellationToken);
            return newest;
        }

        KeyRow row = await State.FindOlderAsync(version, cancellationToken);
        ObjectRecord? older = row.Value is null ? null : Rows.Decode(row.Key, row.Value, ObjectRecord.Decode);
        if (older is null || older.VersionName != version)
        {
            return null;
        }

        check(older);
        RetireOlder(older);
        batch.Check(row.Key, row.Value).Delete(row.Key);
        if (older.IsNull)
        {
            batch.Delete(State.Null.Key);
        }

        return older;
    }

    private void RetireNewest(ObjectRecord version) => Retire(version, version.CountsAsNewest);

    private void RetireOlder(ObjectRecord version) => Retire(version, version.CountsAsOlder);

    /// <summary>Releases a version's data. Every removal, be it an overwrite, a delete or an expiration, passes through here.</summary>
    private void Retire(ObjectRecord version, BucketCounts counted)
    {
        ownership.Release(batch, version.Data);
        Count(-counted);
    }

    private void Count(BucketCounts change) => change.AddTo(batch, bucket.Id);

    private async ValueTask PromoteAsync(CancellationToken cancellationToken)
    {
        batch.Delete((State.Marker.Value is null ? State.Current : State.Marker).Key);
        if (!State.KeepsVersions || await State.SecondNewestAsync(cancellationToken) is not { } next)
        {
            return;
        }

        ObjectRecord promoted = Rows.Decode(next.Key, next.Value, ObjectRecord.Decode) with { NoncurrentSince = 0 };
        batch.Check(next.Key, next.Value).Delete(next.Key);
        Count(-promoted.CountsAsOlder);
        if (promoted.IsNull)
        {
            batch.Delete(State.Null.Key);
        }

        SetNewest(promoted);
    }

    private StoredObject SetNewest(ObjectRecord record)
    {
        byte[] bytes = record.Encode();
        KeyRow takes = record.IsDeleteMarker ? State.Marker : State.Current;
        KeyRow leaves = record.IsDeleteMarker ? State.Current : State.Marker;
        if (leaves.Value is not null)
        {
            batch.Delete(leaves.Key);
        }

        batch.Put(takes.Key, bytes);
        Count(record.CountsAsNewest);
        return new StoredObject(key, takes.Key, bytes, record);
    }

    private void MoveToHistory(ObjectRecord record, long since)
    {
        VersionId order = record.EffectiveOrder;
        Count(record.CountsAsOlder - record.CountsAsNewest);
        batch.Put(State.HistoryKey(order), (record with { Order = order, NoncurrentSince = since }).Encode());
        if (record.IsNull)
        {
            batch.Put(State.Null.Key, order.ToArray());
        }
    }

    private async ValueTask RemoveNullAsync(VersionId order, CancellationToken cancellationToken)
    {
        byte[] row = State.HistoryKey(order);
        byte[]? bytes = await store.GetAsync(row, cancellationToken);
        batch.Check(row, bytes).Delete(State.Null.Key);
        if (bytes is not null)
        {
            RetireOlder(Rows.Decode(row, bytes, ObjectRecord.Decode));
            batch.Delete(row);
        }
    }
}
