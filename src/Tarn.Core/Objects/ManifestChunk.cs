using Tarn.Core.Records;

namespace Tarn.Core.Objects;

/// <summary>The persisted form of a run of a multipart object's parts: one row for up to <see cref="Capacity"/> of them.</summary>
internal static class ManifestChunk
{
    /// <summary>Parts per row: a row of about 40 KiB, and 20 rows for the largest object.</summary>
    public const int Capacity = 512;

    private const byte Marker = 1;

    public static byte[] Encode(IEnumerable<PartRecord> parts)
    {
        var writer = new RecordWriter(Marker);
        foreach (PartRecord part in parts)
        {
            writer.Nested(1, part.Write);
        }

        return writer.ToArray();
    }

    public static List<PartRecord> Decode(ReadOnlySpan<byte> bytes)
    {
        var parts = new List<PartRecord>(Capacity);
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                parts.Add(PartRecord.Read(reader.Nested()));
            }
        }

        return parts;
    }
}
