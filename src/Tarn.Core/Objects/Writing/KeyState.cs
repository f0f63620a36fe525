using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Writing;

/// <summary>The versions of one key as read. docs/design/versioning.md describes the states.</summary>
internal sealed class KeyState
{
    private readonly IKeyValueStore _store;
    private readonly Bucket _bucket;
    private readonly ObjectKey _key;

    private KeyState(IKeyValueStore store, Bucket bucket, ObjectKey key, KeyRow current, KeyRow marker, KeyRow nullVersion)
    {
        _store = store;
        _bucket = bucket;
        _key = key;
        (Current, Marker, Null) = (current, marker, nullVersion);
        Live = current.Value is null ? null : Rows.Decode(current.Key, current.Value, ObjectRecord.Decode);
        Newest = marker.Value is null ? Live : Rows.Decode(marker.Key, marker.Value, ObjectRecord.Decode);
    }

    /// <summary>The object that a request without a version sees; null when there is none.</summary>
    public ObjectRecord? Live { get; }

    /// <summary>The newest version, which may be a delete marker; null when the key has no version.</summary>
    public ObjectRecord? Newest { get; }

    /// <summary>The row of the live object.</summary>
    public KeyRow Current { get; }

    /// <summary>The row of a delete marker that is the newest version.</summary>
    public KeyRow Marker { get; }

    /// <summary>The row that holds the null version's place among the older versions.</summary>
    public KeyRow Null { get; }

    /// <summary>Whether the key may have more than one version.</summary>
    public bool KeepsVersions => _bucket.Versioning != VersioningState.Never;

    /// <summary>Whether a write creates the null version.</summary>
    public bool IsSuspended => _bucket.Versioning == VersioningState.Suspended;

    /// <summary>Reads a key: one row where versions were never kept, otherwise three in one round trip.</summary>
    public static async ValueTask<KeyState> ReadAsync(IKeyValueStore store, Bucket bucket, ObjectKey key, CancellationToken cancellationToken)
    {
        byte[] current = Tables.CurrentKey(bucket.Id, key.Utf8);
        if (bucket.Versioning == VersioningState.Never)
        {
            return new KeyState(store, bucket, key, new(current, await store.GetAsync(current, cancellationToken)), default, default);
        }

        byte[][] rows = [current, Tables.MarkerKey(bucket.Id, key.Utf8), Tables.NullVersionKey(bucket.Id, key.Utf8)];
        byte[]?[] values = await store.GetAsync(rows, cancellationToken);
        return new KeyState(store, bucket, key, new(rows[0], values[0]), new(rows[1], values[1]), new(rows[2], values[2]));
    }

    /// <summary>Makes the commit fail if the bucket or the key changed since they were read.</summary>
    public void Guard(KeyValueBatch batch)
    {
        _bucket.Guard(batch).Check(Current.Key, Current.Value);
        if (KeepsVersions)
        {
            batch.Check(Marker.Key, Marker.Value).Check(Null.Key, Null.Value);
        }
    }

    /// <summary>The row key of a version that is not the newest.</summary>
    public byte[] HistoryKey(VersionId order) => Tables.HistoryKey(_bucket.Id, _key.Utf8, order);

    /// <summary>Whether this place is older than the newest version's. Places are meaningful only while versioning is enabled.</summary>
    public bool Precedes(VersionId place) =>
        _bucket.Versioning == VersioningState.Enabled && Newest is not null && place < Newest.EffectiveOrder;

    /// <summary>Throws if a write would replace another owner's data: the object, or the null version where the write would replace that.</summary>
    /// <param name="ownerId">Canonical user id; null for no condition.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask ThrowIfNotOwnedByAsync(string? ownerId, CancellationToken cancellationToken)
    {
        if (ownerId is null)
        {
            return;
        }

        if ((Live is not null && Live.OwnerId != ownerId) || (await FindHiddenNullAsync(cancellationToken) is { } kept && kept.OwnerId != ownerId))
        {
            throw new S3Exception(S3Error.AccessDenied);
        }
    }

    /// <summary>Throws if a write would remove the version <c>null</c> although it is not the newest, so that whoever replaces the newest does not name it.</summary>
    /// <param name="keepsNull">Whether that matters.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <exception cref="S3Exception">InvalidRequest.</exception>
    public async ValueTask ThrowIfRemovesNullAsync(bool keepsNull, CancellationToken cancellationToken)
    {
        if (keepsNull && await FindHiddenNullAsync(cancellationToken) is not null)
        {
            throw new S3Exception(S3Error.InvalidRequest, "Versioning is suspended, and the version null of the key, which is not the newest, would be removed");
        }
    }

    /// <summary>The object that is the version <c>null</c> behind a newer one, where a write would remove it; null when there is none.</summary>
    private async ValueTask<ObjectRecord?> FindHiddenNullAsync(CancellationToken cancellationToken)
    {
        if (!IsSuspended)
        {
            return null;
        }

        KeyRow older = await FindOlderAsync(VersionId.Null, cancellationToken);
        return older.Value is not null && Rows.Decode(older.Key, older.Value, ObjectRecord.Decode) is { IsDeleteMarker: false } hidden ? hidden : null;
    }

    /// <summary>Finds the second newest version's row; null when there is none.</summary>
    public async ValueTask<KeyValueEntry?> SecondNewestAsync(CancellationToken cancellationToken)
    {
        // Starts at the newest version's place, not at the key's first row: after many removals of the newest, the rows before it are all tombstones.
        byte[] from = HistoryKey(Newest!.EffectiveOrder);
        byte[] end = KeyCodec.PrefixEnd(Tables.HistoryPrefix(_bucket.Id, _key.Utf8));
        IReadOnlyList<KeyValueEntry> next = await _store.ScanAsync(from, end, 1, reverse: false, cancellationToken);
        return next.Count == 0 ? null : next[0];
    }

    /// <summary>Finds a version that is not the newest by its id.</summary>
    /// <param name="version">"null" or a version id's text.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The version's row; its value is null when there is no such version.</returns>
    public async ValueTask<KeyRow> FindOlderAsync(string version, CancellationToken cancellationToken)
    {
        VersionId? order = version == VersionId.Null
            ? Null.Value is null ? null : Rows.Decode(Null.Key, Null.Value, VersionId.Read)
            : VersionId.TryParse(version, out VersionId parsed) ? parsed : null;
        if (order is null || !KeepsVersions)
        {
            return default;
        }

        byte[] row = HistoryKey(order.Value);
        return new KeyRow(row, await _store.GetAsync(row, cancellationToken));
    }
}

/// <summary>A row as read; the value is null when the row is absent.</summary>
internal readonly record struct KeyRow(byte[] Key, byte[]? Value);
