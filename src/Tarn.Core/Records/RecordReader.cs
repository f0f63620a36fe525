using System.Text;
using Tarn.Core.Model;

namespace Tarn.Core.Records;

/// <summary>Reads what <see cref="RecordWriter"/> wrote, field by field, without allocating.</summary>
internal ref struct RecordReader
{
    private ReadOnlySpan<byte> _rest;

    /// <param name="record">The whole record.</param>
    /// <param name="marker">The newest version marker that the caller understands; older ones have lower numbers.</param>
    public RecordReader(ReadOnlySpan<byte> record, byte marker)
    {
        if (record.IsEmpty || record[0] == 0 || record[0] > marker)
        {
            throw new RecordFormatException($"A record has version marker {(record.IsEmpty ? 0 : record[0])}; this build reads 1 to {marker}.")
            {
                IsNewer = !record.IsEmpty && record[0] > marker,
            };
        }

        _rest = record[1..];
    }

    private RecordReader(ReadOnlySpan<byte> fields) => _rest = fields;

    /// <summary>The current field's number.</summary>
    public int Field { get; private set; }

    /// <summary>The current field's value when it is a number.</summary>
    public ulong Number { get; private set; }

    /// <summary>The current field's value when it is bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    public readonly long Signed => Number <= long.MaxValue ? (long)Number : throw OutOfRange();

    public readonly int Int32 => Number <= int.MaxValue ? (int)Number : throw OutOfRange();

    /// <summary>The current field's value when it is 16 bytes: an id or an MD5.</summary>
    public readonly ReadOnlySpan<byte> Bytes16 => Bytes.Length == 16 ? Bytes : throw OutOfRange();

    public readonly Id128 Id => Id128.Read(Bytes16);

    /// <summary>Moves to the next field; false at the end.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        ulong tag = Varint();
        if (tag >> 1 > int.MaxValue)
        {
            throw OutOfRange();
        }

        Field = (int)(tag >> 1);
        if ((tag & 1) == 0)
        {
            Number = Varint();
            Bytes = default;
            return true;
        }

        ulong length = Varint();
        if (length > (ulong)_rest.Length)
        {
            throw new RecordFormatException("A record is truncated inside a field.");
        }

        Number = 0;
        Bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }

    /// <summary>Reads the current field as a sequence of fields.</summary>
    public readonly RecordReader Nested() => new(Bytes);

    private static RecordFormatException OutOfRange() => new("A record's field does not have the shape that its number requires.");

    private ulong Varint()
    {
        ulong value = 0;
        for (int i = 0, shift = 0; i < _rest.Length && shift < 64; i++, shift += 7)
        {
            byte b = _rest[i];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw new RecordFormatException("A record is truncated inside a number.");
    }
}

/// <summary>A persisted record is damaged, or was written by a newer build.</summary>
public sealed class RecordFormatException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public RecordFormatException() { }

    /// <summary>Creates the exception with a message.</summary>
    public RecordFormatException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public RecordFormatException(string message, Exception inner) : base(message, inner) => IsNewer = inner is RecordFormatException { IsNewer: true };

    /// <summary>Whether a newer build may have written the record, which then is as it should be.</summary>
    public bool IsNewer { get; init; }
}
