using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Integrity;

/// <summary>The persisted form of damage to the data of one object or part. docs/design/records.md.</summary>
internal sealed record DamageRecord
{
    private const byte Marker = 1;

    public required DamageKind Kind { get; init; }

    public required ulong BucketId { get; init; }

    /// <summary>The key's UTF-8 bytes.</summary>
    public required byte[] Key { get; init; }

    /// <summary>The version as clients name it; null for a part.</summary>
    public string? Version { get; init; }

    /// <summary>The manifest through which the object has the data; null for another object and for a part.</summary>
    public Id128? Manifest { get; init; }

    /// <summary>The upload of a part that no object consists of yet; null for an object.</summary>
    public UploadId? Upload { get; init; }

    /// <summary>The number of such a part.</summary>
    public int PartNumber { get; init; }

    /// <summary>The first damaged byte of the data.</summary>
    public long Offset { get; init; }

    /// <summary>Bytes from there on that hold all the damage found; <see cref="long.MaxValue"/>: all the rest.</summary>
    public long Length { get; init; } = long.MaxValue;

    /// <summary>Unix milliseconds.</summary>
    public required long FirstSeen { get; init; }

    /// <summary>Unix milliseconds, to the hour or so.</summary>
    public required long LastSeen { get; init; }

    /// <summary>Damage to the data of an object or part that is met for the first time.</summary>
    /// <param name="holder">The object or part.</param>
    /// <param name="found">The damage.</param>
    /// <param name="now">Unix milliseconds.</param>
    public static DamageRecord Of(DataHolder holder, DamagedDataException found, long now) => new()
    {
        Kind = found.Kind, BucketId = holder.BucketId, Key = holder.Key.Utf8, Version = holder.Version, Manifest = holder.Manifest, Upload = holder.Upload,
        PartNumber = holder.PartNumber, Offset = found.Offset, Length = found.Length, FirstSeen = now, LastSeen = now,
    };

    public byte[] Encode()
    {
        RecordWriter written = new RecordWriter(Marker)
            .Number(1, (ulong)Kind)
            .Number(2, BucketId)
            .Bytes(3, Key)
            .Text(4, Version)
            .Number(7, Offset)
            .Number(8, Length)
            .Number(9, FirstSeen)
            .Number(10, LastSeen);
        RecordWriter writer = Manifest is { } manifest ? written.Id(11, manifest) : written;
        return (Upload is { } upload ? writer.Id(5, upload.Value).Number(6, PartNumber) : writer).ToArray();
    }

    /// <exception cref="RecordFormatException">The bytes are not such a record, or a newer Tarn wrote them.</exception>
    public static DamageRecord Decode(ReadOnlySpan<byte> bytes)
    {
        DamageKind kind = default;
        ulong bucket = 0;
        byte[] key = [];
        string? version = null;
        UploadId? upload = null;
        Id128? manifest = null;
        int part = 0;
        long offset = 0, length = 0, first = 0, last = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: kind = (DamageKind)reader.Number; break;
                case 2: bucket = reader.Number; break;
                case 3: key = reader.Bytes.ToArray(); break;
                case 4: version = reader.Text; break;
                case 5: upload = new UploadId(reader.Id); break;
                case 6: part = reader.Int32; break;
                case 7: offset = reader.Signed; break;
                case 8: length = reader.Signed; break;
                case 9: first = reader.Signed; break;
                case 10: last = reader.Signed; break;
                case 11: manifest = reader.Id; break;
            }
        }

        return new DamageRecord
        {
            Kind = kind, BucketId = bucket, Key = key, Version = version, Upload = upload, PartNumber = part,
            Manifest = manifest, Offset = offset, Length = length, FirstSeen = first, LastSeen = last,
        };
    }
}
