using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Writing;

/// <summary>
/// The versions of one key as they were read, and the one place that changes which versions a key has. Every change guards
/// what was read, so changes of one key happen one after another. docs/design/versioning.md describes the states.
/// </summary>
internal sealed class KeyState
{
    private readonly IKeyValueStore _store;
    private readonly DataOwnership _ownership;
    private readonly Bucket _bucket;
    private readonly ObjectKey _key;
    private readonly byte[] _currentRow;
    private readonly byte[] _markerRow;
    private readonly byte[] _nullRow;
    private readonly byte[]? _current;
    private readonly byte[]? _marker;
    private readonly byte[]? _null;

    private KeyState(IKeyValueStore store, DataOwnership ownership, Bucket bucket, ObjectKey key, byte[][] rows, byte[]?[] values)
    {
        _store = store;
        _ownership = ownership;
        _bucket = bucket;
        _key = key;
        (_currentRow, _markerRow, _nullRow) = (rows[0], rows[1], rows[2]);
        (_current, _marker, _null) = (values[0], values[1], values[2]);
        Live = _current is null ? null : ObjectRecord.Decode(_current);
        Newest = _marker is null ? Live : ObjectRecord.Decode(_marker);
    }

    /// <summary>The object that a request without a version sees; null when there is none.</summary>
    public ObjectRecord? Live { get; }

    /// <summary>The newest version, which may be a delete marker; null when the key has no version at all.</summary>
    public ObjectRecord? Newest { get; }

    private bool KeepsVersions => _bucket.Versioning != VersioningState.Never;

    /// <summary>Reads a key: one row where versions were never kept, three in one round trip elsewhere.</summary>
    public static async ValueTask<KeyState> ReadAsync(
        IKeyValueStore store, DataOwnership ownership, Bucket bucket, ObjectKey key, CancellationToken cancellationToken)
    {
        byte[] current = Tables.CurrentKey(bucket.Id, key.Utf8);
        if (bucket.Versioning == VersioningState.Never)
        {
            byte[]? value = await store.GetAsync(current, cancellationToken);
            return new KeyState(store, ownership, bucket, key, [current, [], []], [value, null, null]);
        }

        byte[][] rows = [current, Tables.MarkerKey(bucket.Id, key.Utf8), Tables.NullVersionKey(bucket.Id, key.Utf8)];
        return new KeyState(store, ownership, bucket, key, rows, await store.GetAsync(rows, cancellationToken));
    }

    /// <summary>A batch that fails when the bucket or the key changed since they were read.</summary>
    public KeyValueBatch Guard()
    {
        KeyValueBatch batch = _bucket.Guard(new KeyValueBatch()).Check(_currentRow, _current);
        return KeepsVersions ? batch.Check(_markerRow, _marker).Check(_nullRow, _null) : batch;
    }

    /// <summary>Refuses a write over what belongs to another: the object, and the version called null where the write would take its place.</summary>
    /// <param name="ownerId">Canonical user id; null: no such condition.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask DemandOnlyOfAsync(string? ownerId, CancellationToken cancellationToken)
    {
        if (ownerId is null)
        {
            return;
        }

        bool foreign = Live is not null && Live.OwnerId != ownerId;
        if (!foreign && _null is not null && _bucket.Versioning == VersioningState.Suspended)
        {
            byte[]? older = await _store.GetAsync(Tables.HistoryKey(_bucket.Id, _key.Utf8, VersionId.Read(_null)), cancellationToken);
            foreign = older is not null && ObjectRecord.Decode(older) is { IsDeleteMarker: false } kept && kept.OwnerId != ownerId;
        }

        if (foreign)
        {
            throw new S3Exception(S3Error.AccessDenied);
        }
    }

    /// <summary>Makes a record the newest version, in place of or before the one that is, as the bucket's versioning has it.</summary>
    /// <param name="batch">From <see cref="Guard"/>.</param>
    /// <param name="record">The object, or a delete marker.</param>
    /// <param name="microseconds">Now, since 1970.</param>
    /// <param name="random">Distinguishes the version's id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="place">The place that the version has where versions are kept, if that is not now.</param>
    /// <returns>The record with its place among the versions, and the row that holds it.</returns>
    public async ValueTask<StoredObject> PushAsync(
        KeyValueBatch batch, ObjectRecord record, ulong microseconds, ulong random, CancellationToken cancellationToken, VersionId? place = null)
    {
        if (!KeepsVersions)
        {
            if (Live is not null)
            {
                _ownership.Release(batch, Live.Data);
            }

            // A copy may bring along what its source was among the versions of another bucket.
            return SetNewest(batch, record with { Order = null, IsNull = true, NoncurrentSince = 0 });
        }

        bool suspended = _bucket.Versioning == VersioningState.Suspended;
        ulong sequence = Math.Max(microseconds, Newest is null ? 0 : Newest.EffectiveOrder.Sequence + 1);
        record = record with
        {
            Order = suspended || place is null ? new VersionId(sequence, random | VersionId.WrittenLater) : place,
            IsNull = suspended,
            NoncurrentSince = 0,
        };
        if (suspended && Newest is { IsNull: true })
        {
            _ownership.Release(batch, Newest.Data);
        }
        else if (Newest is not null)
        {
            MoveToHistory(batch, Newest, (long)(microseconds / 1_000_000 * 1000));
        }

        if (suspended && _null is not null)
        {
            await RemoveOlderAsync(batch, VersionId.Read(_null), cancellationToken);
            batch.Delete(_nullRow);
        }

        return SetNewest(batch, record);
    }

    /// <summary>Whether a version with this place comes before the newest one. Only where every write adds a version have places a meaning.</summary>
    public bool Precedes(VersionId place) =>
        _bucket.Versioning == VersioningState.Enabled && Newest is not null && place < Newest.EffectiveOrder;

    /// <summary>Adds a version behind the newest.</summary>
    /// <param name="batch">From <see cref="Guard"/>.</param>
    /// <param name="record">The object.</param>
    /// <param name="place">Its place, of which <see cref="Precedes"/> is true and which no version had before.</param>
    /// <param name="since">Unix milliseconds, whole seconds: it is noncurrent from now on, not from when its successor came, lest a lifecycle rule removes it at once.</param>
    public StoredObject Insert(KeyValueBatch batch, ObjectRecord record, VersionId place, long since)
    {
        record = record with { Order = place, IsNull = false, NoncurrentSince = since };
        byte[] row = Tables.HistoryKey(_bucket.Id, _key.Utf8, place);
        byte[] bytes = record.Encode();
        batch.Put(row, bytes);
        return new StoredObject(_key, row, bytes, record);
    }

    /// <summary>Removes the only version of a key in a bucket that never kept versions.</summary>
    public void RemoveOnly(KeyValueBatch batch)
    {
        _ownership.Release(batch, Live!.Data);
        batch.Delete(_currentRow);
    }

    /// <summary>The same, of an object as a listing found it, which the batch guards.</summary>
    public static void RemoveOnly(KeyValueBatch batch, DataOwnership ownership, StoredObject stored)
    {
        ownership.Release(batch, stored.Record.Data);
        batch.Delete(stored.Row);
    }

    /// <summary>Removes one version for good; when it is the newest, the one before becomes the newest.</summary>
    /// <param name="batch">From <see cref="Guard"/>.</param>
    /// <param name="version">"null" or a version id's text.</param>
    /// <param name="demand">Refuses, by throwing, a version that must not be removed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was removed; null when there is no such version, which is sure only once the batch commits.</returns>
    public async ValueTask<ObjectRecord?> RemoveAsync(
        KeyValueBatch batch, string version, Action<ObjectRecord> demand, CancellationToken cancellationToken)
    {
        if (Newest is not null && Newest.VersionName == version)
        {
            demand(Newest);
            _ownership.Release(batch, Newest.Data);
            await PromoteAsync(batch, cancellationToken);
            return Newest;
        }

        VersionId? order = version == VersionId.Null
            ? _null is null ? null : VersionId.Read(_null)
            : VersionId.TryParse(version, out VersionId parsed) ? parsed : null;
        byte[]? found = order is null || !KeepsVersions
            ? null
            : await _store.GetAsync(Tables.HistoryKey(_bucket.Id, _key.Utf8, order.Value), cancellationToken);
        ObjectRecord? older = found is null ? null : ObjectRecord.Decode(found);
        if (older is null || older.VersionName != version)
        {
            return null;
        }

        demand(older);
        batch.Check(Tables.HistoryKey(_bucket.Id, _key.Utf8, order!.Value), found);
        RemoveOlder(batch, older);
        if (older.IsNull)
        {
            batch.Delete(_nullRow);
        }

        return older;
    }

    /// <summary>
    /// Makes the version before the newest the newest. The scan begins behind the newest, not at the key's first older
    /// version: after many removals of the newest that stretch is all tombstones.
    /// </summary>
    private async ValueTask PromoteAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        batch.Delete(_marker is null ? _currentRow : _markerRow);
        if (!KeepsVersions)
        {
            return;
        }

        byte[] from = Tables.HistoryKey(_bucket.Id, _key.Utf8, Newest!.EffectiveOrder);
        byte[] end = KeyCodec.PrefixEnd(Tables.HistoryPrefix(_bucket.Id, _key.Utf8));
        IReadOnlyList<KeyValueEntry> next = await _store.ScanAsync(from, end, 1, reverse: false, cancellationToken);
        if (next.Count == 0)
        {
            return;
        }

        ObjectRecord promoted = ObjectRecord.Decode(next[0].Value) with { NoncurrentSince = 0 };
        batch.Check(next[0].Key, next[0].Value).Delete(next[0].Key);
        if (promoted.IsNull)
        {
            batch.Delete(_nullRow);
        }

        SetNewest(batch, promoted);
    }

    private StoredObject SetNewest(KeyValueBatch batch, ObjectRecord record)
    {
        byte[] bytes = record.Encode();
        byte[] row = record.IsDeleteMarker ? _markerRow : _currentRow;
        if (record.IsDeleteMarker && _current is not null)
        {
            batch.Delete(_currentRow);
        }
        else if (!record.IsDeleteMarker && _marker is not null)
        {
            batch.Delete(_markerRow);
        }

        batch.Put(row, bytes);
        return new StoredObject(_key, row, bytes, record);
    }

    private void MoveToHistory(KeyValueBatch batch, ObjectRecord record, long since)
    {
        VersionId order = record.EffectiveOrder;
        batch.Put(Tables.HistoryKey(_bucket.Id, _key.Utf8, order), (record with { Order = order, NoncurrentSince = since }).Encode());
        if (record.IsNull)
        {
            batch.Put(_nullRow, order.ToArray());
        }
    }

    private async ValueTask RemoveOlderAsync(KeyValueBatch batch, VersionId order, CancellationToken cancellationToken)
    {
        byte[] row = Tables.HistoryKey(_bucket.Id, _key.Utf8, order);
        byte[]? bytes = await _store.GetAsync(row, cancellationToken);
        batch.Check(row, bytes);
        if (bytes is not null)
        {
            RemoveOlder(batch, ObjectRecord.Decode(bytes));
        }
    }

    private void RemoveOlder(KeyValueBatch batch, ObjectRecord older)
    {
        _ownership.Release(batch, older.Data);
        batch.Delete(Tables.HistoryKey(_bucket.Id, _key.Utf8, older.EffectiveOrder));
    }
}
