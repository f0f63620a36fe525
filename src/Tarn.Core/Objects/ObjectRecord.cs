using Tarn.Core.Counts;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects;

/// <summary>The persisted form of one object.</summary>
internal sealed record ObjectRecord
{
    private const byte Marker = 1;

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Unix milliseconds in whole seconds, the precision of S3's headers.</summary>
    public required long LastModified { get; init; }

    public required ETag ETag { get; init; }

    public required string OwnerId { get; init; }

    public ObjectMetadata Metadata { get; init; } = ObjectMetadata.Empty;

    public Checksum? Checksum { get; init; }

    public ObjectData Data { get; init; } = ObjectData.Empty.Instance;

    /// <summary>The multipart upload that created the object, by which a repeated completion is recognized.</summary>
    public UploadId? Upload { get; init; }

    /// <summary>The version's place among those of its key; null if it was written before versioning was ever enabled.</summary>
    public VersionId? Order { get; init; }

    /// <summary>Whether the version is called "null".</summary>
    public bool IsNull { get; init; } = true;

    /// <summary>A delete marker has no bytes; as the newest version it hides the key.</summary>
    public bool IsDeleteMarker { get; init; }

    /// <summary>What it adds to its bucket's counts while it is the newest version of its key.</summary>
    public BucketCounts CountsAsNewest => IsDeleteMarker ? new() { DeleteMarkers = 1 } : new() { Objects = 1, Bytes = Size };

    /// <summary>What it adds to them while it is an older version.</summary>
    public BucketCounts CountsAsOlder => IsDeleteMarker ? new() { DeleteMarkers = 1 } : new() { NoncurrentVersions = 1, NoncurrentBytes = Size };

    /// <summary>When a newer version replaced it, Unix milliseconds; 0 for the newest.</summary>
    public long NoncurrentSince { get; init; }

    /// <summary>The place among the key's versions; a version without one takes it from its modification time.</summary>
    public VersionId EffectiveOrder => Order ?? new VersionId((ulong)LastModified * 1000, 0);

    /// <summary>The version id that clients see.</summary>
    public string VersionName => IsNull ? VersionId.Null : EffectiveOrder.ToString();

    /// <inheritdoc cref="StoredObject.WrittenBy"/>
    public bool WrittenBy(long microseconds) => EffectiveOrder.Sequence <= (ulong)microseconds && LastModified * 1000 <= microseconds;

    /// <summary>Whether both are one version of a key: it may have moved among the others, and have got other tags or another list.</summary>
    public bool IsSameVersionAs(ObjectRecord other) => Unmoved().AsSpan().SequenceEqual(other.Unmoved());

    /// <summary>What stays of a version as long as it exists. Its data may be moved to other blobs.</summary>
    private byte[] Unmoved() => (this with
    {
        Order = EffectiveOrder, NoncurrentSince = 0, Data = ObjectData.Empty.Instance, Metadata = Metadata with { Tags = [], Acl = null },
    }).Encode();

    public byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker)
            .Number(1, Size)
            .Number(2, LastModified)
            .Bytes(3, ETag.ToMd5())
            .Number(4, ETag.Parts)
            .Text(5, OwnerId);
        MetadataCodec.Write(writer, Metadata);
        if (Checksum is { } checksum)
        {
            writer.Nested(6, checksum.Write);
        }

        if (Upload is { } upload)
        {
            writer.Id(7, upload.Value);
        }

        if (Order is { } order)
        {
            writer.Bytes(8, order.ToArray());
        }

        writer.Number(9, IsNull ? 0UL : 1UL).Number(10, IsDeleteMarker ? 1UL : 0UL).Number(11, NoncurrentSince);
        switch (Data)
        {
            case ObjectData.Inline inline:
                writer.Id(20, inline.Row).Number(25, inline.IsSealed ? 1UL : 0UL);
                break;
            case ObjectData.Extents extents:
                foreach (Extent extent in extents.List)
                {
                    writer.Nested(21, extent.Write);
                }

                break;
            case ObjectData.Manifest manifest:
                writer.Id(22, manifest.Id).Number(23, manifest.Reference);
                long previous = 0;
                foreach (long start in manifest.ChunkStarts)
                {
                    writer.Nested(24, w => w.Number(1, start - previous));
                    previous = start;
                }

                break;
        }

        return writer.ToArray();
    }

    public static ObjectRecord Decode(ReadOnlySpan<byte> bytes)
    {
        long size = 0, lastModified = 0;
        byte[] md5 = new byte[16];
        int parts = 0;
        string ownerId = "";
        Checksum? checksum = null;
        UploadId? upload = null;
        VersionId? order = null;
        bool isNull = true, isMarker = false;
        long noncurrentSince = 0;
        ObjectData data = ObjectData.Empty.Instance;
        List<Extent>? extents = null;
        Id128? manifest = null;
        ulong manifestReference = 0;
        var starts = new List<long>();
        var metadata = new MetadataCodec();

        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: size = reader.Signed; break;
                case 2: lastModified = reader.Signed; break;
                case 3: reader.Bytes16.CopyTo(md5); break;
                case 4: parts = reader.Int32; break;
                case 5: ownerId = reader.Text; break;
                case 6: checksum = ChecksumCodec.Read(reader.Nested()); break;
                case 7: upload = new UploadId(reader.Id); break;
                case 8: order = VersionId.Read(reader.Bytes16); break;
                case 9: isNull = reader.Number == 0; break;
                case 10: isMarker = reader.Number != 0; break;
                case 11: noncurrentSince = reader.Signed; break;
                case 20: data = new ObjectData.Inline(reader.Id, IsSealed: false); break;
                case 21: (extents ??= []).Add(Extent.Read(reader.Nested())); break;
                case 22: manifest = reader.Id; break;
                case 23: manifestReference = reader.Number; break;
                case 24: starts.Add(ReadStart(reader.Nested()) + (starts.Count > 0 ? starts[^1] : 0)); break;
                case 25: data = data is ObjectData.Inline row ? row with { IsSealed = reader.Number != 0 } : data; break;
                default: metadata.TryRead(ref reader); break;
            }
        }

        if (extents is not null)
        {
            data = new ObjectData.Extents(extents);
        }
        else if (manifest is { } id)
        {
            data = new ObjectData.Manifest(id, manifestReference, starts);
        }

        return new ObjectRecord
        {
            Size = size,
            LastModified = lastModified,
            ETag = Model.ETag.FromMd5(md5, parts),
            OwnerId = ownerId,
            Checksum = checksum,
            Upload = upload,
            Order = order,
            IsNull = isNull,
            IsDeleteMarker = isMarker,
            NoncurrentSince = noncurrentSince,
            Data = data,
            Metadata = metadata.Build(),
        };
    }

    private static long ReadStart(RecordReader reader)
    {
        long value = 0;
        while (reader.Next())
        {
            value = reader.Signed;
        }

        return value;
    }
}
