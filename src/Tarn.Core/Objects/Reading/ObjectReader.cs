using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Reading;

/// <summary>Finds objects and opens their bytes.</summary>
public sealed class ObjectReader
{
    /// <summary>How many times an object that is replaced while being opened is looked up.</summary>
    private const int MaxAttempts = 20;

    private readonly IKeyValueStore _store;
    private readonly CheckedBlobs _blobs;
    private readonly DamageList _damage;
    private readonly ManifestReader _manifests;
    private readonly InlineRows _inline;
    private readonly ContentHashing _hashing;

    internal ObjectReader(IKeyValueStore store, CheckedBlobs blobs, DamageList damage)
    {
        _store = store;
        _blobs = blobs;
        _damage = damage;
        _manifests = new ManifestReader(store, damage);
        _inline = new InlineRows(store, damage);
        var pieces = new PieceReader(blobs, damage);
        _hashing = new ContentHashing(pieces, new BareRanges(pieces, new BareSums()), _manifests, _inline, damage);
    }

    /// <summary>Looks up an object, in one read of one row; null when there is none.</summary>
    public async ValueTask<StoredObject?> FindAsync(Bucket bucket, ObjectKey key, CancellationToken cancellationToken)
    {
        byte[] row = Tables.CurrentKey(bucket.Id, key.Utf8);
        byte[]? bytes = await _store.GetAsync(row, cancellationToken);
        return bytes is null ? null : new StoredObject(key, row, bytes);
    }

    /// <summary>Looks up one version or, without a version, the current object. A version may be a delete marker.</summary>
    /// <returns>Null when there is no such version.</returns>
    public async ValueTask<StoredObject?> FindAsync(Bucket bucket, ObjectKey key, string? version, CancellationToken cancellationToken)
    {
        if (version is null || (bucket.Versioning == VersioningState.Never && version == VersionId.Null))
        {
            return await FindAsync(bucket, key, cancellationToken);
        }

        VersionId order = default;
        if (bucket.Versioning == VersioningState.Never || (version != VersionId.Null && !VersionId.TryParse(version, out order)))
        {
            return null;
        }

        byte[][] rows =
        [
            Tables.CurrentKey(bucket.Id, key.Utf8),
            Tables.MarkerKey(bucket.Id, key.Utf8),
            version == VersionId.Null ? Tables.NullVersionKey(bucket.Id, key.Utf8) : Tables.HistoryKey(bucket.Id, key.Utf8, order),
        ];
        byte[]?[] values = await _store.GetAsync(rows, cancellationToken);
        while (true)
        {
            if (await FindAmongAsync(bucket, key, version, rows, values, cancellationToken) is { } found)
            {
                return found;
            }

            // The reads are not one snapshot: the version may have moved between tables in between.
            byte[]?[] again = await _store.GetAsync(rows, cancellationToken);
            if (Same(values[0], again[0]) && Same(values[1], again[1]) && Same(values[2], again[2]))
            {
                return null;
            }

            values = again;
        }
    }

    /// <summary>Looks up a version in the rows that were read: the two of the key's newest version, and the version's own or the null version's place.</summary>
    private async ValueTask<StoredObject?> FindAmongAsync(
        Bucket bucket, ObjectKey key, string version, byte[][] rows, byte[]?[] values, CancellationToken cancellationToken)
    {
        for (int i = 0; i < 2; i++)
        {
            if (values[i] is { } bytes)
            {
                var newest = new StoredObject(key, rows[i], bytes);
                if (newest.VersionName == version)
                {
                    return newest;
                }
            }
        }

        (byte[] row, byte[]? older) = (rows[2], values[2]);
        if (version == VersionId.Null && older is not null)
        {
            row = Tables.HistoryKey(bucket.Id, key.Utf8, Rows.Decode(rows[2], older, VersionId.Read));
            older = await _store.GetAsync(row, cancellationToken);
        }

        if (older is null)
        {
            return null;
        }

        var found = new StoredObject(key, row, older);
        return found.VersionName == version ? found : null;
    }

    private static bool Same(byte[]? left, byte[]? right) =>
        left is null ? right is null : right is not null && left.AsSpan().SequenceEqual(right);

    /// <summary>The delete marker that hides a key; null when there is none.</summary>
    public async ValueTask<StoredObject?> FindMarkerAsync(Bucket bucket, ObjectKey key, CancellationToken cancellationToken)
    {
        if (bucket.Versioning == VersioningState.Never)
        {
            return null;
        }

        byte[] row = Tables.MarkerKey(bucket.Id, key.Utf8);
        byte[]? bytes = await _store.GetAsync(row, cancellationToken);
        return bytes is null ? null : new StoredObject(key, row, bytes);
    }

    /// <summary>Looks up an object and opens the bytes that belong to it.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="version">The version; null for the current object.</param>
    /// <param name="cancellationToken">Cancels the lookup.</param>
    /// <returns>The object, or null when there is none; its content, which is also null for a delete marker.</returns>
    /// <exception cref="DamagedDataException">The bytes are missing, or not what was stored.</exception>
    public async ValueTask<(StoredObject? Object, IObjectContent? Content)> OpenAsync(
        Bucket bucket, ObjectKey key, string? version, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            StoredObject? found = await FindAsync(bucket, key, version, cancellationToken);
            if (found is null || found.IsDeleteMarker)
            {
                return (found, null);
            }

            if (await OpenAsync(found, always: false, cancellationToken) is { } content)
            {
                return (found, content);
            }

            await ThrowIfDataLostAsync(found, cancellationToken);
        }

        throw new IOException($"An object in bucket {bucket.Name} was replaced {MaxAttempts} times while it was opened.");
    }

    /// <summary>Opens the bytes of an object that was looked up; null when it has been replaced since and the bytes are gone.</summary>
    /// <param name="found">The object.</param>
    /// <param name="always">Whether every byte is verified, whatever the mode: for digests, which would make damage look sound.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    internal async ValueTask<IObjectContent?> OpenAsync(StoredObject found, bool always, CancellationToken cancellationToken)
    {
        switch (found.Record.Data)
        {
            case ObjectData.Inline inline:
                return await _inline.ReadAsync(found, inline, verify: always || _blobs.Mode != VerifyReads.Off, cancellationToken) is { } bytes ? new MemoryContent(bytes) : null;
            case ObjectData.Extents extents:
                var content = new ExtentContent(_blobs, extents.List, found.Size, new ObjectDamage(_damage, found), always);
                return await content.TryOpenAsync(cancellationToken) ? content : null;
            case ObjectData.Manifest manifest:
                return new ManifestContent(
                    _blobs,
                    index => _manifests.ChunkAsync(found, manifest, index, cancellationToken),
                    manifest.ChunkStarts,
                    found.Size,
                    new ObjectDamage(_damage, found),
                    always);
            default:
                return new MemoryContent(ReadOnlyMemory<byte>.Empty);
        }
    }

    /// <summary>
    /// Tells a lost race from lost data when an object's bytes are missing. If the object was replaced since it was looked up, the caller
    /// tries again; if it still exists, its data is lost.
    /// </summary>
    /// <exception cref="DamagedDataException">The object still exists.</exception>
    internal async ValueTask ThrowIfDataLostAsync(StoredObject found, CancellationToken cancellationToken)
    {
        byte[]? now = await _store.GetAsync(found.Row, cancellationToken);
        if (now is not null && found.IsSameAs(now))
        {
            DamagedDataException? lost = found.Record.Data switch
            {
                ObjectData.Inline inline => new(DamageKind.Missing, inline.Row, $"Row {inline.Row} is missing."),
                ObjectData.Extents extents => CheckedBlobs.Missing(extents.List[0].Blob),

                // Whoever found a blob of many missing has looked whether the object was replaced: it was, by another with the same row.
                _ => null,
            };
            if (lost is not null)
            {
                throw await new ObjectDamage(_damage, found).ReportAsync(lost);
            }
        }
    }

    /// <summary>Feeds a range of an object to hashers, every byte verified; returns false when the object was replaced and its bytes are gone.</summary>
    /// <exception cref="DamagedDataException">The bytes are not what was stored.</exception>
    internal ValueTask<bool> HashAsync(StoredObject source, long offset, long length, StreamHasher[] hashers, CancellationToken cancellationToken) =>
        _hashing.AppendAsync(source, offset, length, hashers, cancellationToken);

    /// <summary>
    /// Throws if damage of an object's data is known, for answers that promise the data without reading it.
    /// </summary>
    /// <exception cref="DamagedDataException">The object's data is on the list of damage.</exception>
    public ValueTask ThrowIfDamagedAsync(StoredObject found, CancellationToken cancellationToken) =>
        _damage.IsKnownEmpty ? default : Check.ThrowIfListedAsync(found, cancellationToken);

    /// <summary>
    /// Checks, without reading it, that an object's data is there, with the right length, and not known to be damaged.
    /// </summary>
    /// <returns>False when the object was replaced since it was looked up and its data is gone.</returns>
    /// <exception cref="DamagedDataException">The data is not all there.</exception>
    internal ValueTask<bool> IsThereAsync(StoredObject found, CancellationToken cancellationToken) =>
        Check.IsThereAsync(found, cancellationToken);

    /// <summary>Checks the same of a part's data.</summary>
    /// <returns>False when the part was replaced or removed since it was looked up and its data is gone.</returns>
    /// <exception cref="DamagedDataException">The data is not all there.</exception>
    internal ValueTask<bool> IsThereAsync(DataHolder part, IReadOnlyList<Extent> extents, CancellationToken cancellationToken) =>
        Check.IsThereAsync(part, extents, cancellationToken);

    /// <summary>The bytes of a small object, verified, to be stored again; null when they are gone because it was replaced.</summary>
    /// <exception cref="DamagedDataException">They are not what was stored.</exception>
    internal ValueTask<ReadOnlyMemory<byte>?> InlineBytesAsync(StoredObject found, ObjectData.Inline inline, CancellationToken cancellationToken) =>
        _inline.ReadAsync(found, inline, verify: true, cancellationToken);

    /// <summary>Verifies the same on the copies of the store that are not read.</summary>
    /// <returns>Whether one was wrong; it is filled again.</returns>
    internal ValueTask<bool> VerifyOtherInlineAsync(StoredObject found, ObjectData.Inline inline, CancellationToken cancellationToken) =>
        _inline.VerifyOthersAsync(found, inline, cancellationToken);

    private StoredDataCheck Check => new(_blobs, _damage, _manifests, _inline);

    /// <summary>Finds one part of a multipart object by its place, counted from 1.</summary>
    /// <returns>The part and its offset in the object; null when there are fewer parts.</returns>
    public ValueTask<ObjectPart?> FindPartAsync(StoredObject found, int place, CancellationToken cancellationToken) =>
        _manifests.FindPartAsync(found, place, cancellationToken);

    /// <summary>Lists the parts of a multipart object after a place, in order; none for an object put in one request.</summary>
    public ValueTask<IReadOnlyList<ObjectPart>> ListPartsAsync(StoredObject found, int after, int limit, CancellationToken cancellationToken) =>
        _manifests.ListPartsAsync(found, after, limit, cancellationToken);

    /// <summary>Whether an object is in its place still, as it was looked up.</summary>
    internal async ValueTask<bool> IsUnchangedAsync(StoredObject found, CancellationToken cancellationToken) =>
        await _store.GetAsync(found.Row, cancellationToken) is { } now && found.IsSameAs(now);

    /// <summary>One row of an object's manifest.</summary>
    /// <exception cref="DamagedDataException">It is missing.</exception>
    internal ValueTask<List<PartRecord>> ChunkAsync(StoredObject found, ObjectData.Manifest manifest, int index, CancellationToken cancellationToken) =>
        _manifests.ChunkAsync(found, manifest, index, cancellationToken);

    /// <summary>Returns the runs of blobs that hold [offset, offset + length) of an object that is not inline.</summary>
    internal ValueTask<List<Extent>> ExtentsAsync(StoredObject found, long offset, long length, CancellationToken cancellationToken) =>
        _manifests.ExtentsAsync(found, offset, length, cancellationToken);
}
