using Tarn.Core.Records;

namespace Tarn.Core.Objects;

/// <summary>The persisted form of a run of a multipart object's parts: one row for up to <see cref="Capacity"/> of them.</summary>
internal static class ManifestChunk
{
    /// <summary>Parts per row: a row of about 40 KiB, and 20 rows for the largest object.</summary>
    public const int Capacity = 512;

    private const byte Marker = 1;

    /// <summary>Divides the parts of an object into rows: the offset in the object at which each begins, and its value.</summary>
    public static (List<long> Starts, List<byte[]> Rows) Divide(IReadOnlyList<PartRecord> parts)
    {
        var starts = new List<long>();
        var rows = new List<byte[]>();
        long offset = 0;
        foreach (PartRecord[] chunk in parts.Chunk(Capacity))
        {
            starts.Add(offset);
            rows.Add(Encode(chunk));
            offset += chunk.Sum(static part => part.Size);
        }

        return (starts, rows);
    }

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
