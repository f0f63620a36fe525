using System.Buffers.Binary;
using Tarn.Core.Hashing;
using Tarn.Core.Records;

namespace Tarn.Core.Logging;

/// <summary>Lines of one destination and day.</summary>
/// <param name="Number">The number of the destination within the segment.</param>
/// <param name="Destination">Where they go.</param>
/// <param name="Day">The day of the requests, in UTC, as <see cref="DateOnly.DayNumber"/>.</param>
/// <param name="Count">How many lines.</param>
/// <param name="Text">The lines, each with its end.</param>
internal readonly record struct SegmentLines(int Number, LogDestination Destination, int Day, int Count, ReadOnlyMemory<byte> Text);

/// <summary>What was read of a segment.</summary>
/// <param name="Lines">The lines.</param>
/// <param name="Whole">Bytes up to the first frame that is not whole.</param>
/// <param name="Strange">Bytes of frames that are whole, but not understood: a newer build wrote them.</param>
internal readonly record struct SegmentContent(IReadOnlyList<SegmentLines> Lines, int Whole, int Strange);

/// <summary>
/// The content of a segment: frames, each a length, a CRC-32C and a record, which either gives a destination its number or has lines for one. What follows a
/// frame that is incomplete or damaged is ignored: a crash can leave such an end. docs/design/access-logs.md
/// </summary>
internal static class SegmentFormat
{
    /// <summary>Bytes before a frame's record: its length and its CRC-32C, both little-endian.</summary>
    public const int HeaderSize = 8;

    private const byte Marker = 1;

    /// <summary>A frame that gives a destination its number.</summary>
    public static byte[] Destination(int number, LogDestination destination) =>
        Frame(new RecordWriter(Marker).Number(1, (ulong)number).Nested(2, destination.Write));

    /// <summary>A frame of lines.</summary>
    public static byte[] Lines(int number, int day, int count, ReadOnlySpan<byte> text) =>
        Frame(new RecordWriter(Marker).Number(1, (ulong)number).Number(3, (ulong)day).Number(4, (ulong)count).Bytes(5, text));

    /// <summary>Reads the lines of a segment up to its end or to the first frame that is not whole. What is whole and not understood is left out.</summary>
    public static SegmentContent Read(ReadOnlyMemory<byte> content)
    {
        var lines = new List<SegmentLines>();
        var destinations = new Dictionary<int, LogDestination>();
        int whole = 0, strange = 0;
        while (TakeFrame(content.Span[whole..]) is > 0 and int size)
        {
            try
            {
                Decode(content.Slice(whole + HeaderSize, size - HeaderSize), destinations, lines);
            }
            catch (RecordFormatException)
            {
                strange += size;
            }

            whole += size;
        }

        return new SegmentContent(lines, whole, strange);
    }

    /// <summary>The size of the frame at the beginning, its header included; 0 when it is not whole.</summary>
    private static int TakeFrame(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < HeaderSize)
        {
            return 0;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(rest);
        if (length == 0 || length > (uint)(rest.Length - HeaderSize))
        {
            return 0;
        }

        ReadOnlySpan<byte> record = rest.Slice(HeaderSize, (int)length);
        return BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) == (uint)Crc.Crc32C.Of(record) ? HeaderSize + (int)length : 0;
    }

    private static void Decode(ReadOnlyMemory<byte> record, Dictionary<int, LogDestination> destinations, List<SegmentLines> lines)
    {
        int number = 0, day = 0, count = 0;
        LogDestination? destination = null;
        ReadOnlyMemory<byte> text = default;
        var reader = new RecordReader(record.Span, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: number = reader.Int32; break;
                case 2: destination = LogDestination.Read(reader.Nested()); break;
                case 3: day = reader.Int32; break;
                case 4: count = reader.Int32; break;
                case 5: text = reader.Bytes.ToArray(); break;
            }
        }

        if (destination is not null)
        {
            destinations[number] = destination;
        }
        else if (destinations.TryGetValue(number, out LogDestination? known) && day <= DateOnly.MaxValue.DayNumber)
        {
            lines.Add(new SegmentLines(number, known, day, count, text));
        }
        else
        {
            throw new RecordFormatException("Lines of a segment have no destination or no day.");
        }
    }

    private static byte[] Frame(RecordWriter writer)
    {
        byte[] record = writer.ToArray();
        byte[] frame = new byte[HeaderSize + record.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), (uint)Crc.Crc32C.Of(record));
        record.CopyTo(frame, HeaderSize);
        return frame;
    }
}
