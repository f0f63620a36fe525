using System.Buffers.Binary;

namespace Tarn.Core.KeyValue;

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
