using System.Security.Cryptography;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects;

/// <summary>An object or version as it was when it was looked up: immutable, and identified to the store by the exact bytes it was read from.</summary>
public sealed class StoredObject : IListedObject
{
    private readonly byte[] _row;
    private readonly byte[] _bytes;

    private ObjectRecord? _record;

    internal StoredObject(ObjectKey key, byte[] row, byte[] bytes, ObjectRecord? record = null)
    {
        Key = key;
        _row = row;
        _bytes = bytes;
        _record = record;
    }

    /// <inheritdoc/>
    public ObjectKey Key { get; }

    /// <summary>Bytes.</summary>
    public long Size => Record.Size;

    /// <summary>To the second.</summary>
    public DateTimeOffset LastModified => DateTimeOffset.FromUnixTimeMilliseconds(Record.LastModified);

    /// <summary>
    /// Whether it was written until a time, Unix microseconds. Exact for versions; what was written while the bucket kept none has a time to the second, and an upload in parts is there
    /// from its completion, which is known to the second.
    /// </summary>
    public bool WrittenBy(long microseconds) => Record.WrittenBy(microseconds);

    /// <inheritdoc/>
    public ETag ETag => Record.ETag;

    /// <summary>The version id that clients see: "null" or an id.</summary>
    public string VersionName => Record.VersionName;

    /// <summary>Whether it is a delete marker, which has no bytes.</summary>
    public bool IsDeleteMarker => Record.IsDeleteMarker;

    /// <summary>Whether it was the newest version of its key.</summary>
    public bool IsLatest => _row[0] != Tables.History;

    /// <inheritdoc/>
    public string OwnerId => Record.OwnerId;

    /// <summary>Headers, user metadata, tags and grants.</summary>
    public ObjectMetadata Metadata => Record.Metadata;

    /// <inheritdoc/>
    public string StorageClass => Record.Metadata.StorageClass;

    /// <inheritdoc/>
    public Checksum? Checksum => Record.Checksum;

    /// <summary>Whether the object has a manifest of the parts of its multipart upload.</summary>
    public bool HasParts => Record.Data is ObjectData.Manifest;

    /// <summary>How many parts the multipart upload had; 0 for an object put in one request.</summary>
    public int PartCount => Record.ETag.Parts;

    /// <summary>SHA-256 of all that is stored of it: an object that was replaced, or whose tags or list changed, has another.</summary>
    public byte[] Fingerprint() => FingerprintOf(_bytes);

    internal static byte[] FingerprintOf(byte[] value) => SHA256.HashData(value);

    internal byte[] Row => _row;

    /// <summary>What it was read from.</summary>
    internal byte[] Bytes => _bytes;

    internal ObjectRecord Record => _record ??= Rows.Decode(_row, _bytes, ObjectRecord.Decode);

    /// <summary>Whether both were read from the same bytes: the same version, unchanged in between.</summary>
    public bool IsSameVersionAs(StoredObject other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsSameAs(other._bytes);
    }

    /// <summary>Whether the row still holds what this was read from.</summary>
    internal bool IsSameAs(byte[] bytes) => _bytes.AsSpan().SequenceEqual(bytes);

    /// <summary>Makes the commit fail when the object changed since it was read.</summary>
    internal KeyValueBatch Guard(KeyValueBatch batch) => batch.Check(_row, _bytes);
}
