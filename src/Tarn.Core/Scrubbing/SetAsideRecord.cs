using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>The persisted note that a blob was set aside. docs/design/records.md.</summary>
/// <param name="Since">When, Unix milliseconds.</param>
internal sealed record SetAsideRecord(long Since)
{
    private const byte Marker = 1;

    public byte[] Encode() => new RecordWriter(Marker).Number(1, Since).ToArray();

    /// <exception cref="RecordFormatException">The bytes are not such a record, or a newer Tarn wrote them.</exception>
    public static SetAsideRecord Decode(ReadOnlySpan<byte> bytes)
    {
        long since = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            since = reader.Field == 1 ? reader.Signed : since;
        }

        return new SetAsideRecord(since);
    }
}
