using System.Buffers.Binary;
using Tarn.Core.Hashing;
using Tarn.Core.Model;

namespace Tarn.Core.Objects;

/// <summary>
/// The checksum at the end of the row of a small object: CRC64NVME of the row's id and the bytes, so that neither bytes that changed nor those of
/// another row pass.
/// </summary>
internal static class InlineSeal
{
    /// <summary>Bytes in the checksum.</summary>
    public const int Size = 8;

    private static readonly Crc Crc = Crc.Crc64Nvme;

    /// <summary>Writes the checksum of a row.</summary>
    public static void Write(Id128 row, ReadOnlySpan<byte> bytes, Span<byte> destination) =>
        BinaryPrimitives.WriteUInt64BigEndian(destination, Of(row, bytes));

    /// <summary>The value of a row: the bytes followed by their checksum.</summary>
    public static byte[] Append(Id128 row, ReadOnlySpan<byte> bytes)
    {
        byte[] value = new byte[bytes.Length + Size];
        bytes.CopyTo(value);
        Write(row, bytes, value.AsSpan(bytes.Length));
        return value;
    }

    /// <summary>Whether the value of a row ends with its checksum.</summary>
    public static bool Matches(Id128 row, ReadOnlySpan<byte> value) =>
        value.Length >= Size && BinaryPrimitives.ReadUInt64BigEndian(value[^Size..]) == Of(row, value[..^Size]);

    private static ulong Of(Id128 row, ReadOnlySpan<byte> bytes)
    {
        Span<byte> id = stackalloc byte[Id128.Size];
        row.Write(id);
        return Crc.Update(Crc.Update(Crc.Mask, id), bytes) ^ Crc.Mask;
    }
}
