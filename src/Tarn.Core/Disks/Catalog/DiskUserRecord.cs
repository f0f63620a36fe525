using Tarn.Core.Records;

namespace Tarn.Core.Disks.Catalog;

/// <summary>The persisted form of a disk's user, beside the record of its access key.</summary>
internal sealed record DiskUserRecord
{
    private const byte Marker = 1;

    /// <summary>A name for people; null when it has none.</summary>
    public string? Nickname { get; init; }

    public byte[] Encode() => new RecordWriter(Marker).Text(1, Nickname).ToArray();

    public static DiskUserRecord Decode(ReadOnlySpan<byte> bytes)
    {
        string? nickname = null;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                nickname = reader.Text;
            }
        }

        return new DiskUserRecord { Nickname = nickname };
    }
}
