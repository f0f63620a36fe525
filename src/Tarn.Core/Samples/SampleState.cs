using Tarn.Core.Records;

namespace Tarn.Core.Samples;

/// <summary>Up to where samples were written, so that a clock that goes back has none written twice.</summary>
/// <param name="Hour">The latest hour of which samples were written.</param>
/// <param name="IsOver">Whether that hour had ended; otherwise more may be added to its samples.</param>
internal sealed record SampleState(uint Hour, bool IsOver)
{
    private const byte Marker = 1;

    public byte[] Encode() => new RecordWriter(Marker).Number(1, (ulong)Hour).Number(2, IsOver ? 1UL : 0UL).ToArray();

    public static SampleState Decode(ReadOnlySpan<byte> bytes)
    {
        var state = new SampleState(0, false);
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            state = reader.Field switch
            {
                1 => state with { Hour = checked((uint)reader.Number) },
                2 => state with { IsOver = reader.Number != 0 },
                _ => state,
            };
        }

        return state;
    }
}
