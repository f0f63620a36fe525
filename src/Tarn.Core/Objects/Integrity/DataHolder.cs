using System.Buffers.Binary;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Integrity;

/// <summary>An object or a part whose data is read: the row as it was when it was looked up, and what it is called.</summary>
internal sealed record DataHolder
{
    public required byte[] Row { get; init; }

    /// <summary>What identifies the holder: the key of a part's row; of an object, that of its row among the older versions, whether or not it is one now.</summary>
    public required byte[] Place { get; init; }

    /// <summary>Whether the row still holds what was read from it.</summary>
    public required Func<byte[], bool> IsSame { get; init; }

    public required ulong BucketId { get; init; }

    public required ObjectKey Key { get; init; }

    /// <summary>The version as clients name it; null for a part.</summary>
    public string? Version { get; init; }

    /// <summary>The manifest of an object of parts, which copies of the object share; null for others.</summary>
    public Id128? Manifest { get; init; }

    public UploadId? Upload { get; init; }

    public int PartNumber { get; init; }

    /// <summary>The object as the holder of its data.</summary>
    public static DataHolder Of(StoredObject found)
    {
        ulong bucket = BinaryPrimitives.ReadUInt64BigEndian(found.Row.AsSpan(1));
        return new()
        {
            Row = found.Row,
            Place = Tables.HistoryKey(bucket, found.Key.Utf8, found.Record.EffectiveOrder),
            IsSame = found.IsSameAs,
            BucketId = bucket,
            Key = found.Key,
            Version = found.VersionName,
            Manifest = (found.Record.Data as ObjectData.Manifest)?.Id,
        };
    }

    /// <summary>A part of an upload in progress as the holder of its data.</summary>
    public static DataHolder Of(ulong bucketId, ObjectKey key, UploadId upload, PartRecord part, byte[] row, byte[] value) => new()
    {
        Row = row,
        Place = row,
        IsSame = now => now.AsSpan().SequenceEqual(value),
        BucketId = bucketId,
        Key = key,
        Upload = upload,
        PartNumber = part.Number,
    };
}
