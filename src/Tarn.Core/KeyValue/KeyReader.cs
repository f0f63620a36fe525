using System.Buffers.Binary;

namespace Tarn.Core.KeyValue;

/// <summary>Reads a key of <see cref="KeyCodec"/>. Every method throws InvalidDataException on a key of another shape.</summary>
public ref struct KeyReader
{
    private ReadOnlySpan<byte> _rest;

    internal KeyReader(ReadOnlySpan<byte> key) => _rest = key;

    /// <summary>Whether all components were read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Reads one byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>Reads 4 bytes, big-endian.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));

    /// <summary>Reads 8 bytes, big-endian.</summary>
    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong)));

    /// <summary>Reads what <see cref="KeyWriter.Terminated"/> appended.</summary>
    public byte[] Terminated()
    {
        // Two passes: the first finds the end and counts the escaped zeros, so that one array of the right size is allocated.
        int zeros = 0;
        int end = 0;
        while (true)
        {
            int zero = _rest[end..].IndexOf(KeyCodec.Escape);
            if (zero < 0 || end + zero + 1 >= _rest.Length)
            {
                throw Malformed();
            }

            end += zero;
            byte kind = _rest[end + 1];
            if (kind == KeyCodec.Terminator)
            {
                break;
            }

            if (kind != KeyCodec.EscapedZero)
            {
                throw Malformed();
            }

            zeros++;
            end += 2;
        }

        ReadOnlySpan<byte> encoded = _rest[..end];
        _rest = _rest[(end + 2)..];
        return zeros == 0 ? encoded.ToArray() : Unescape(encoded, zeros);
    }

    /// <summary>Reads the next <paramref name="length"/> bytes as they are.</summary>
    public ReadOnlySpan<byte> Raw(int length) => Take(length);

    /// <summary>Reads all remaining bytes as they are.</summary>
    public ReadOnlySpan<byte> Raw() => Take(_rest.Length);

    private static byte[] Unescape(ReadOnlySpan<byte> encoded, int zeros)
    {
        byte[] value = new byte[encoded.Length - zeros];
        int length = 0;
        for (int i = 0; i < encoded.Length; i++)
        {
            value[length++] = encoded[i];
            if (encoded[i] == KeyCodec.Escape)
            {
                i++;
            }
        }

        return value;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw Malformed();
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private static InvalidDataException Malformed() => new("The key does not have the expected components.");
}
