using Tarn.Core.Records;

namespace Tarn.Core.Disks.Catalog;

/// <summary>The persisted form of a disk's user, beside the access key that it is.</summary>
internal sealed record DiskUserRecord
{
    private const byte Marker = 1;

    /// <summary>What people call it; null when nobody named it.</summary>
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
