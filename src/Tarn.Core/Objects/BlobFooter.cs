using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects;

/// <summary>
/// What a blob says of itself, so that it can be told what it was when the metadata is lost. It is how things were when the blob was written: nothing
/// reads it while there is metadata. docs/design/blobs.md.
/// </summary>
internal sealed record BlobFooter
{
    private const byte Marker = 1;

    public required ulong BucketId { get; init; }

    public required string BucketName { get; init; }

    /// <summary>The object's key, or the key that a part's object is to have.</summary>
    public required ObjectKey Key { get; init; }

    /// <summary>Canonical user id.</summary>
    public required string OwnerId { get; init; }

    /// <summary>Headers and user metadata. Tags and access control lists are left out, since they change without the blob.</summary>
    public ObjectMetadata Metadata { get; init; } = ObjectMetadata.Empty;

    /// <summary>Microseconds since 1970, which is how version ids begin: by it the versions of a key are in order.</summary>
    public ulong Written { get; init; }

    /// <summary>The multipart upload of a part; null for a whole object.</summary>
    public UploadId? Upload { get; init; }

    /// <summary>1 to 10,000; 0 for a whole object.</summary>
    public int PartNumber { get; init; }

    /// <summary>MD5 of the payload.</summary>
    public byte[] Md5 { get; init; } = new byte[16];

    /// <summary>The checksum that the object or part was stored with.</summary>
    public Checksum? Checksum { get; init; }

    public byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker)
            .Number(1, BucketId)
            .Text(2, BucketName)
            .Bytes(3, Key.Utf8)
            .Text(4, OwnerId)
            .Number(5, Written)
            .Bytes(6, Md5);
        if (Checksum is { } checksum)
        {
            writer.Nested(7, checksum.Write);
        }

        if (Upload is { } upload)
        {
            writer.Id(8, upload.Value).Number(9, PartNumber);
        }

        MetadataCodec.Write(writer, Metadata with { Tags = [], Acl = null });
        return writer.ToArray();
    }

    /// <exception cref="RecordFormatException">The bytes are not a footer, or a newer Tarn wrote them.</exception>
    public static BlobFooter Decode(ReadOnlySpan<byte> bytes)
    {
        ulong bucketId = 0, written = 0;
        string bucketName = "", ownerId = "";
        byte[] key = [], md5 = new byte[16];
        Checksum? checksum = null;
        UploadId? upload = null;
        int part = 0;
        var metadata = new MetadataCodec();
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: bucketId = reader.Number; break;
                case 2: bucketName = reader.Text; break;
                case 3: key = reader.Bytes.ToArray(); break;
                case 4: ownerId = reader.Text; break;
                case 5: written = reader.Number; break;
                case 6: reader.Bytes16.CopyTo(md5); break;
                case 7: checksum = ChecksumCodec.Read(reader.Nested()); break;
                case 8: upload = new UploadId(reader.Id); break;
                case 9: part = reader.Int32; break;
                default: metadata.TryRead(ref reader); break;
            }
        }

        return new BlobFooter
        {
            BucketId = bucketId,
            BucketName = bucketName,
            Key = ObjectKey.FromUtf8(key),
            OwnerId = ownerId,
            Written = written,
            Md5 = md5,
            Checksum = checksum,
            Upload = upload,
            PartNumber = part,
            Metadata = metadata.Build(),
        };
    }
}
