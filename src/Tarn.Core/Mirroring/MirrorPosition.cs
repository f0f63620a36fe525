using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <summary>
/// The last group of commits, in a row of that same group: what a side lacks after a crash between the writes to both, and to which mark the metadata
/// belongs.
/// </summary>
/// <param name="Epoch">The epoch in which the group was written.</param>
/// <param name="Number">The group's number; later groups have higher ones.</param>
/// <param name="Before">The number of the group before it.</param>
/// <param name="Time">When it was written, Unix milliseconds.</param>
/// <param name="Keys">The keys that the group changed; none while one side goes on alone.</param>
internal sealed record MirrorPosition(ulong Epoch, ulong Number, ulong Before, long Time, IReadOnlyList<byte[]> Keys)
{
    private const byte Marker = 1;

    public static MirrorPosition None { get; } = new(0, 0, 0, 0, []);

    public byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker).Number(1, Number).Number(2, Before).Number(3, Time);
        foreach (byte[] key in Keys)
        {
            writer.Bytes(4, key);
        }

        return writer.Number(5, Epoch).ToArray();
    }

    public static MirrorPosition Decode(ReadOnlySpan<byte> bytes)
    {
        MirrorPosition position = None;
        var keys = new List<byte[]>();
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    position = position with { Number = reader.Number };
                    break;
                case 2:
                    position = position with { Before = reader.Number };
                    break;
                case 3:
                    position = position with { Time = reader.Signed };
                    break;
                case 4:
                    keys.Add(reader.Bytes.ToArray());
                    break;
                case 5:
                    position = position with { Epoch = reader.Number };
                    break;
                default:
                    break;
            }
        }

        return position with { Keys = keys };
    }
}
