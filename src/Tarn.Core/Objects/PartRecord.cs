using Tarn.Core.Counts;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects;

/// <summary>The persisted form of one uploaded part; also what a <see cref="ManifestChunk"/> holds for each part of an object.</summary>
internal sealed record PartRecord
{
    private const byte Marker = 1;

    /// <summary>1 to 10,000.</summary>
    public required int Number { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Unix milliseconds, whole seconds.</summary>
    public required long LastModified { get; init; }

    public required ETag ETag { get; init; }

    public Checksum? Checksum { get; init; }

    public IReadOnlyList<Extent> Extents { get; init; } = [];

    /// <summary>What it adds to the counts of its upload's bucket.</summary>
    public BucketCounts Counts => new() { UploadBytes = Size };

    public byte[] Encode()
    {
        var writer = new RecordWriter(Marker);
        Write(writer);
        return writer.ToArray();
    }

    public void Write(RecordWriter writer)
    {
        writer.Number(1, Number).Number(2, Size).Number(3, LastModified).Bytes(4, ETag.ToMd5());
        if (Checksum is { } checksum)
        {
            writer.Nested(5, checksum.Write);
        }

        foreach (Extent extent in Extents)
        {
            writer.Nested(6, extent.Write);
        }
    }

    public static PartRecord Decode(ReadOnlySpan<byte> bytes) => Read(new RecordReader(bytes, Marker));

    public static PartRecord Read(RecordReader reader)
    {
        int number = 0;
        long size = 0, lastModified = 0;
        ETag etag = default;
        Checksum? checksum = null;
        var extents = new List<Extent>(1);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: number = reader.Int32; break;
                case 2: size = reader.Signed; break;
                case 3: lastModified = reader.Signed; break;
                case 4: etag = Model.ETag.FromMd5(reader.Bytes16); break;
                case 5: checksum = ChecksumCodec.Read(reader.Nested()); break;
                case 6: extents.Add(Extent.Read(reader.Nested())); break;
            }
        }

        return new PartRecord
        {
            Number = number, Size = size, LastModified = lastModified, ETag = etag, Checksum = checksum, Extents = extents,
        };
    }
}
