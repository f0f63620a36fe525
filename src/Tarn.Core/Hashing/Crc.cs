using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;

namespace Tarn.Core.Hashing;

/// <summary>
/// One of S3's CRCs, computed in the fastest way that this processor supports.
/// All three are reflected, start with all ones and end by inverting.
/// </summary>
/// <remarks>
/// The 32-bit CRCs use the 64-bit implementation: a reflected CRC by P of degree 32 is the CRC by P·x³² of degree 64, register for
/// register, with the upper half of the register zero. So there is one implementation and three sets of constants.
/// Source of the parameters: the Catalogue of parametrised CRC algorithms (CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME).
/// </remarks>
internal sealed class Crc
{
    public static readonly Crc Crc32 = new(0xEDB88320, 4);
    public static readonly Crc Crc32C = new(0x82F63B78, 4);
    public static readonly Crc Crc64Nvme = new(0x9A6C9329AC4BC9B5, 8);

    private readonly CrcTables _tables;
    private readonly CrcFolding _folding;

    private Crc(ulong reflectedPolynomial, int size)
    {
        Size = size;
        Mask = ulong.MaxValue >> (64 - (8 * size));
        Field = new CrcField(reflectedPolynomial);
        _tables = new CrcTables(reflectedPolynomial);
        _folding = new CrcFolding(Field, _tables);
    }

    /// <summary>Bytes in a value.</summary>
    public int Size { get; }

    /// <summary>The initial register, and the value XORed with it at the end: as many ones as the CRC has bits.</summary>
    public ulong Mask { get; }

    /// <summary>Arithmetic modulo the polynomial.</summary>
    public CrcField Field { get; }

    /// <exception cref="ArgumentException">The algorithm is not a CRC.</exception>
    public static Crc For(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 => Crc32,
        ChecksumAlgorithm.Crc32C => Crc32C,
        ChecksumAlgorithm.Crc64Nvme => Crc64Nvme,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "Not a CRC."),
    };

    /// <summary>The register after <paramref name="data"/>.</summary>
    public ulong Update(ulong register, ReadOnlySpan<byte> data)
    {
        if (CrcFolding.IsWideSupported && data.Length >= CrcFolding.WideMinimum)
        {
            return _folding.UpdateWide(register, data);
        }

        return Pclmulqdq.IsSupported && data.Length >= CrcFolding.Minimum
            ? _folding.Update(register, data)
            : _tables.Update(register, data);
    }

    /// <summary>The value for <paramref name="data"/> as a whole.</summary>
    public ulong Of(ReadOnlySpan<byte> data) => Update(Mask, data) ^ Mask;

    /// <summary>Updates by 128-bit carry-less multiplication alone; for at least <see cref="CrcFolding.Minimum"/> bytes.</summary>
    internal ulong UpdateByFolding(ulong register, ReadOnlySpan<byte> data) => _folding.Update(register, data);

    /// <summary>Updates by 512-bit carry-less multiplication; for at least <see cref="CrcFolding.WideMinimum"/> bytes.</summary>
    internal ulong UpdateByWideFolding(ulong register, ReadOnlySpan<byte> data) => _folding.UpdateWide(register, data);

    /// <summary>Updates without any special instruction.</summary>
    internal ulong UpdateByTables(ulong register, ReadOnlySpan<byte> data) => _tables.Update(register, data);

    /// <summary>Reads a value: <see cref="Size"/> bytes, big-endian.</summary>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public ulong Read(ReadOnlySpan<byte> value)
    {
        if (value.Length != Size)
        {
            throw new ArgumentException($"A CRC must have {Size} bytes, not {value.Length}.", nameof(value));
        }

        return Size == 4 ? BinaryPrimitives.ReadUInt32BigEndian(value) : BinaryPrimitives.ReadUInt64BigEndian(value);
    }

    /// <summary>Writes a value: the first <see cref="Size"/> bytes of the destination, big-endian.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than that.</exception>
    public void Write(ulong value, Span<byte> destination)
    {
        if (destination.Length < Size)
        {
            throw new ArgumentException($"A CRC takes {Size} bytes, not {destination.Length}.", nameof(destination));
        }

        if (Size == 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination, value);
        }
    }
}
