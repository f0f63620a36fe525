using System.Buffers.Binary;

namespace Tarn.Core.KeyValue;

/// <summary>
/// Encodes tuples as keys whose unsigned byte order is the order of the tuples, component by component.
/// Numbers are big-endian; a byte string that others follow is escaped and terminated, so that a prefix sorts first.
/// </summary>
public static class KeyCodec
{
    internal const byte Escape = 0x00;
    internal const byte EscapedZero = 0xFF;
    internal const byte Terminator = 0x01;

    /// <summary>Starts a key. Use the value that each call returns, not the one it was called on.</summary>
    /// <param name="scratch">Memory to build the key in, so that only the finished key is allocated; a longer key is built on the heap.</param>
    public static KeyWriter Write(Span<byte> scratch = default) => new(scratch);

    /// <summary>Starts to read a key, component by component.</summary>
    public static KeyReader Read(ReadOnlySpan<byte> key) => new(key);

    /// <summary>
    /// Returns the smallest key above every key that starts with <paramref name="prefix"/>: the exclusive end of a scan of them.
    /// </summary>
    /// <exception cref="ArgumentException">The prefix is empty or all 0xFF, so no key is above all of its keys.</exception>
    public static byte[] PrefixEnd(ReadOnlySpan<byte> prefix)
    {
        int last = prefix.LastIndexOfAnyExcept((byte)0xFF);
        if (last < 0)
        {
            throw new ArgumentException("No key is above every key with this prefix.", nameof(prefix));
        }

        byte[] end = prefix[..(last + 1)].ToArray();
        end[last]++;
        return end;
    }
}

/// <summary>Builds a key of <see cref="KeyCodec"/>; each call appends a component and returns the writer to continue with.</summary>
public ref struct KeyWriter
{
    private const int FirstAllocation = 96;

    private Span<byte> _buffer;
    private int _length;

    internal KeyWriter(Span<byte> scratch) => _buffer = scratch;

    /// <summary>Appends one byte.</summary>
    public KeyWriter Byte(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    /// <summary>Appends 4 bytes, big-endian.</summary>
    public KeyWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Reserve(sizeof(uint)), value);
        return this;
    }

    /// <summary>Appends 8 bytes, big-endian.</summary>
    public KeyWriter UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Reserve(sizeof(ulong)), value);
        return this;
    }

    /// <summary>Appends a byte string of any length and content that further components may follow.</summary>
    public KeyWriter Terminated(ReadOnlySpan<byte> value)
    {
        while (value.IndexOf(KeyCodec.Escape) is int zero and >= 0)
        {
            Span<byte> escaped = Reserve(zero + 2);
            value[..zero].CopyTo(escaped);
            escaped[zero] = KeyCodec.Escape;
            escaped[zero + 1] = KeyCodec.EscapedZero;
            value = value[(zero + 1)..];
        }

        Span<byte> rest = Reserve(value.Length + 2);
        value.CopyTo(rest);
        rest[^2] = KeyCodec.Escape;
        rest[^1] = KeyCodec.Terminator;
        return this;
    }

    /// <summary>Appends bytes as they are: for the last component, or one whose length is fixed.</summary>
    public KeyWriter Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        return this;
    }

    /// <summary>Returns the finished key.</summary>
    public readonly byte[] ToArray() => _buffer[.._length].ToArray();

    private Span<byte> Reserve(int count)
    {
        int start = _length;
        int end = checked(start + count);
        if (end > _buffer.Length)
        {
            byte[] larger = new byte[Math.Max(FirstAllocation, (int)Math.Min(Array.MaxLength, 2L * end))];
            _buffer[..start].CopyTo(larger);
            _buffer = larger;
        }

        _length = end;
        return _buffer[start..end];
    }
}

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
