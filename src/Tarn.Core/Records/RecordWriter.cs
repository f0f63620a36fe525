using System.Buffers;
using System.Text;

namespace Tarn.Core.Records;

/// <summary>
/// Writes one persisted record: a version marker, then fields, each a tag (number and kind) and a value.
/// A field with its default value is not written; a reader skips fields that it does not know.
/// docs/design/records.md describes the format.
/// </summary>
internal sealed class RecordWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(128);

    public RecordWriter(byte marker)
    {
        _buffer.GetSpan(1)[0] = marker;
        _buffer.Advance(1);
    }

    public RecordWriter Number(int field, ulong value)
    {
        if (value != 0)
        {
            Varint((ulong)field << 1);
            Varint(value);
        }

        return this;
    }

    public RecordWriter Number(int field, long value) => Number(field, checked((ulong)value));

    public RecordWriter Text(int field, string? value)
    {
        if (value is not null)
        {
            Bytes(field, Encoding.UTF8.GetBytes(value));
        }

        return this;
    }

    public RecordWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 1) | 1);
        Varint((ulong)value.Length);
        _buffer.Write(value);
        return this;
    }

    /// <summary>Writes a field that is itself a sequence of fields.</summary>
    public RecordWriter Nested(int field, Action<RecordWriter> write)
    {
        var inner = new RecordWriter();
        write(inner);
        return Bytes(field, inner._buffer.WrittenSpan);
    }

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    private RecordWriter()
    {
    }

    private void Varint(ulong value)
    {
        Span<byte> span = _buffer.GetSpan(10);
        int n = 0;
        while (value >= 0x80)
        {
            span[n++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[n++] = (byte)value;
        _buffer.Advance(n);
    }
}
