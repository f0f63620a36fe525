using Tarn.Core.Blobs;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects;

namespace Tarn.Core.Records;

/// <summary>The persisted form of one object.</summary>
internal sealed record ObjectRecord
{
    private const byte Marker = 1;

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Unix milliseconds; whole seconds, because that is what S3's headers can say.</summary>
    public required long LastModified { get; init; }

    public required ETag ETag { get; init; }

    public required string OwnerId { get; init; }

    public ObjectMetadata Metadata { get; init; } = ObjectMetadata.Empty;

    public Checksum? Checksum { get; init; }

    public ObjectData Data { get; init; } = ObjectData.Empty.Instance;

    /// <summary>The multipart upload that made the object: a repeated completion finds itself by it.</summary>
    public UploadId? Upload { get; init; }

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

        switch (Data)
        {
            case ObjectData.Inline inline:
                writer.Id(20, inline.Row);
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
        ObjectData data = ObjectData.Empty.Instance;
        List<Extent>? extents = null;
        BlobId? manifest = null;
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
                case 20: data = new ObjectData.Inline(reader.Id); break;
                case 21: (extents ??= []).Add(Extent.Read(reader.Nested())); break;
                case 22: manifest = reader.Id; break;
                case 23: manifestReference = reader.Number; break;
                case 24: starts.Add(ReadStart(reader.Nested()) + (starts.Count > 0 ? starts[^1] : 0)); break;
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
