using System.Buffers.Binary;

namespace Tarn.Core.Hashing;

/// <summary>Computes a reflected CRC by tables, eight bytes at a time ("slicing by 8"): for short inputs and for any processor.</summary>
internal sealed class CrcTables
{
    /// <summary>Eight tables of 256: entry (k, b) is the register after byte b and k zero bytes.</summary>
    private readonly ulong[] _tables = new ulong[8 * 256];

    /// <param name="polynomial">The polynomial without its leading x⁶⁴, reflected.</param>
    public CrcTables(ulong polynomial)
    {
        for (int value = 0; value < 256; value++)
        {
            ulong register = (ulong)value;
            for (int bit = 0; bit < 8; bit++)
            {
                register = (register >> 1) ^ (polynomial & (0 - (register & 1)));
            }

            _tables[value] = register;
        }

        for (int i = 256; i < _tables.Length; i++)
        {
            ulong previous = _tables[i - 256];
            _tables[i] = (previous >> 8) ^ _tables[(byte)previous];
        }
    }

    /// <summary>The register after <paramref name="data"/>.</summary>
    public ulong Update(ulong register, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<ulong> t = _tables.AsSpan(0, 8 * 256);
        for (; data.Length >= 8; data = data[8..])
        {
            ulong word = register ^ BinaryPrimitives.ReadUInt64LittleEndian(data);
            register = t[(7 * 256) + (byte)word]
                ^ t[(6 * 256) + (byte)(word >> 8)]
                ^ t[(5 * 256) + (byte)(word >> 16)]
                ^ t[(4 * 256) + (byte)(word >> 24)]
                ^ t[(3 * 256) + (byte)(word >> 32)]
                ^ t[(2 * 256) + (byte)(word >> 40)]
                ^ t[256 + (byte)(word >> 48)]
                ^ t[(byte)(word >> 56)];
        }

        foreach (byte value in data)
        {
            register = (register >> 8) ^ t[(byte)register ^ value];
        }

        return register;
    }
}
