using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects;

/// <summary>An object as it was when it was looked up: immutable, and known to the store by the exact bytes it was read from.</summary>
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

    public ObjectKey Key { get; }

    /// <summary>Bytes.</summary>
    public long Size => Record.Size;

    /// <summary>To the second.</summary>
    public DateTimeOffset LastModified => DateTimeOffset.FromUnixTimeMilliseconds(Record.LastModified);

    public ETag ETag => Record.ETag;

    /// <summary>What clients call the version: "null" or an id.</summary>
    public string VersionName => Record.VersionName;

    public bool IsDeleteMarker => Record.IsDeleteMarker;

    /// <summary>Whether it was the newest version of its key.</summary>
    public bool IsLatest => _row[0] != Tables.History;

    public string OwnerId => Record.OwnerId;

    public ObjectMetadata Metadata => Record.Metadata;

    public string StorageClass => Record.Metadata.StorageClass;

    public Checksum? Checksum => Record.Checksum;

    /// <summary>Whether the object was made by a multipart upload and still knows its parts.</summary>
    public bool HasParts => Record.Data is ObjectData.Manifest;

    /// <summary>How many parts the multipart upload had; 0 for an object that was put whole.</summary>
    public int PartCount => Record.ETag.Parts;

    internal byte[] Row => _row;

    internal ObjectRecord Record => _record ??= ObjectRecord.Decode(_bytes);

    /// <summary>Whether both were read from the same bytes: not another version, and nothing of it changed in between.</summary>
    public bool IsSameVersionAs(StoredObject other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsSameAs(other._bytes);
    }

    /// <summary>Whether this is what the row still holds.</summary>
    internal bool IsSameAs(byte[] bytes) => _bytes.AsSpan().SequenceEqual(bytes);

    /// <summary>Makes the commit fail when the object changed since it was read.</summary>
    internal KeyValueBatch Guard(KeyValueBatch batch) => batch.Check(_row, _bytes);
}
