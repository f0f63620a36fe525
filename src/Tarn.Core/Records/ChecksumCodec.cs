using Tarn.Core.Hashing;
using Tarn.Core.Model;

namespace Tarn.Core.Records;

/// <summary>Fields shared by several records: checksums and ids.</summary>
internal static class ChecksumCodec
{
    public static void Write(this Checksum checksum, RecordWriter writer) => writer
        .Number(1, (ulong)checksum.Algorithm)
        .Number(2, (ulong)checksum.Type)
        .Bytes(3, checksum.Value)
        .Number(4, checksum.Parts);

    public static Checksum Read(RecordReader reader)
    {
        ChecksumAlgorithm algorithm = default;
        ChecksumType type = default;
        byte[] value = [];
        int parts = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: algorithm = (ChecksumAlgorithm)reader.Number; break;
                case 2: type = (ChecksumType)reader.Number; break;
                case 3: value = reader.Bytes.ToArray(); break;
                case 4: parts = reader.Int32; break;
            }
        }

        return new Checksum(algorithm, type, value, parts);
    }

    public static RecordWriter Id(this RecordWriter writer, int field, Id128 id)
    {
        Span<byte> bytes = stackalloc byte[Id128.Size];
        id.Write(bytes);
        return writer.Bytes(field, bytes);
    }
}
