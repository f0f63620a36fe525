using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>The persisted note that a blob was set aside. docs/design/records.md.</summary>
/// <param name="Since">When, Unix milliseconds.</param>
/// <param name="Served">For how long the store had been served then, in milliseconds (<see cref="ScrubState.Served"/>); 0 in the note of a build that did not count it: counting began later.</param>
internal sealed record SetAsideRecord(long Since, long Served)
{
    private const byte Marker = 1;

    public byte[] Encode() => new RecordWriter(Marker).Number(1, Since).Number(2, Served).ToArray();

    /// <exception cref="RecordFormatException">The bytes are not such a record, or a newer Tarn wrote them.</exception>
    public static SetAsideRecord Decode(ReadOnlySpan<byte> bytes)
    {
        var note = new SetAsideRecord(0, 0);
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            note = reader.Field switch
            {
                1 => note with { Since = reader.Signed },
                2 => note with { Served = reader.Signed },
                _ => note,
            };
        }

        return note;
    }
}
