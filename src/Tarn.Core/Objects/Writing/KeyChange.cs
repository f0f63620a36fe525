using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Writing;

/// <summary>
/// One attempt to change a key, from <see cref="KeyTransaction"/>: the rows as they are read, and the one place that decides which versions
/// a key has afterwards. Every change guards what was read, so changes of one key happen one after another.
/// </summary>
internal sealed class KeyChange(IKeyValueStore store, DataOwnership ownership, Bucket bucket, ObjectKey key, KeyValueBatch batch, bool isConflict)
{
    private KeyState? _state;

    /// <summary>The bucket as this attempt sees it.</summary>
    public Bucket Bucket => bucket;

    /// <summary>What is to be committed; rows that are not the key's own are added here.</summary>
    public KeyValueBatch Batch => batch;

    /// <summary>Whether the attempt before this one failed because the key changed, not the bucket.</summary>
    public bool IsConflict => isConflict;

    /// <summary>The row of another key that the change checks, such as the source of a copy.</summary>
    public byte[]? AlsoContended { get; set; }

    private KeyState State => _state ?? throw new InvalidOperationException("The key was not read.");

    /// <summary>Reads the key, and makes the commit fail when it or the bucket changed since.</summary>
    public async ValueTask<KeyState> ReadAsync(CancellationToken cancellationToken)
    {
        _state = await KeyState.ReadAsync(store, bucket, key, cancellationToken);
        _state.Guard(batch);
        return _state;
    }

    /// <summary>Decides to commit what was added.</summary>
    public Decision<T> Commit<T>(T result) => Decision.Commit(batch, result) with { AlsoContended = AlsoContended };

    /// <summary>Makes a record the newest version, in place of or before the one that is, as the bucket's versioning has it.</summary>
    /// <param name="record">The object, or a delete marker.</param>
    /// <param name="microseconds">Now, since 1970.</param>
    /// <param name="random">Distinguishes the version's id.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <param name="place">The place that the version has where versions are kept, if that is not now.</param>
    /// <returns>The record with its place among the versions, and the row that holds it.</returns>
    public async ValueTask<StoredObject> PushAsync(
        ObjectRecord record, ulong microseconds, ulong random, CancellationToken cancellationToken, VersionId? place = null)
    {
        ObjectRecord? newest = State.Newest;
        if (!State.KeepsVersions)
        {
            if (newest is not null)
            {
                Retire(newest);
            }

            // A copy may bring along what its source was among the versions of another bucket.
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
            Retire(newest);
        }
        else if (newest is not null)
        {
            MoveToHistory(newest, (long)(microseconds / 1_000_000 * 1000));
        }

        if (State.IsSuspended && State.Null.Value is { } older)
        {
            await RemoveNullAsync(VersionId.Read(older), cancellationToken);
        }

        return SetNewest(record);
    }

    /// <summary>Adds a version behind the newest.</summary>
    /// <param name="record">The object.</param>
    /// <param name="place">Its place, of which <see cref="KeyState.Precedes"/> is true and which no version had before.</param>
    /// <param name="since">Unix milliseconds, whole seconds: it is noncurrent from now on, not from when its successor came, lest a lifecycle rule removes it at once.</param>
    public StoredObject Insert(ObjectRecord record, VersionId place, long since)
    {
        record = record with { Order = place, IsNull = false, NoncurrentSince = since };
        byte[] row = State.HistoryKey(place);
        byte[] bytes = record.Encode();
        batch.Put(row, bytes);
        return new StoredObject(key, row, bytes, record);
    }

    /// <summary>Replaces what may change of a version in place, which the commit then checks to be as it was found.</summary>
    public void Amend(StoredObject found, ObjectMetadata metadata) =>
        found.Guard(bucket.Guard(batch)).Put(found.Row, (found.Record with { Metadata = metadata }).Encode());

    /// <summary>Removes the only version of a key in a bucket that never kept versions, as it was found or listed; the commit checks that it still is.</summary>
    public void RemoveOnly(StoredObject found)
    {
        Retire(found.Record);
        found.Guard(batch).Delete(found.Row);
    }

    /// <summary>The same, as it was read.</summary>
    public void RemoveOnly()
    {
        Retire(State.Live!);
        batch.Delete(State.Current.Key);
    }

    /// <summary>Removes one version for good; when it is the newest, the one before becomes the newest.</summary>
    /// <param name="version">"null" or a version id's text.</param>
    /// <param name="demand">Refuses, by throwing, a version that must not be removed.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <returns>What was removed; null when there is no such version, which is sure only once the change commits.</returns>
    public async ValueTask<ObjectRecord?> RemoveAsync(string version, Action<ObjectRecord> demand, CancellationToken cancellationToken)
    {
        if (State.Newest is { } newest && newest.VersionName == version)
        {
            demand(newest);
            Retire(newest);
            await PromoteAsync(cancellationToken);
            return newest;
        }

        KeyRow row = await State.FindOlderAsync(version, cancellationToken);
        ObjectRecord? older = row.Value is null ? null : ObjectRecord.Decode(row.Value);
        if (older is null || older.VersionName != version)
        {
            return null;
        }

        demand(older);
        Retire(older);
        batch.Check(row.Key, row.Value).Delete(row.Key);
        if (older.IsNull)
        {
            batch.Delete(State.Null.Key);
        }

        return older;
    }

    /// <summary>Every version that goes, whether it is overwritten, deleted or expired, goes through here: it gives up its data.</summary>
    private void Retire(ObjectRecord version) => ownership.Release(batch, version.Data);

    private async ValueTask PromoteAsync(CancellationToken cancellationToken)
    {
        batch.Delete((State.Marker.Value is null ? State.Current : State.Marker).Key);
        if (!State.KeepsVersions || await State.SecondNewestAsync(cancellationToken) is not { } next)
        {
            return;
        }

        ObjectRecord promoted = ObjectRecord.Decode(next.Value) with { NoncurrentSince = 0 };
        batch.Check(next.Key, next.Value).Delete(next.Key);
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
        return new StoredObject(key, takes.Key, bytes, record);
    }

    private void MoveToHistory(ObjectRecord record, long since)
    {
        VersionId order = record.EffectiveOrder;
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
            Retire(ObjectRecord.Decode(bytes));
            batch.Delete(row);
        }
    }
}
