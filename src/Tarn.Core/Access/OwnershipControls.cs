using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Access;

/// <summary>The stored setting of a bucket's object ownership.</summary>
public sealed record OwnershipControls(ObjectOwnership Ownership)
{
    private const byte Marker = 1;

    /// <summary>The setting of a bucket that was created before the setting existed, or whose setting was deleted.</summary>
    public static readonly OwnershipControls Default = new(ObjectOwnership.BucketOwnerEnforced);

    /// <summary>The persisted form: docs/design/records.md.</summary>
    public byte[] Encode() => new RecordWriter(Marker).Number(1, (ulong)Ownership).ToArray();

    /// <exception cref="RecordFormatException">The bytes are not a valid record of the setting, or were written by a newer build.</exception>
    public static OwnershipControls Decode(byte[] bytes)
    {
        ulong ownership = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            ownership = reader.Field == 1 ? reader.Number : ownership;
        }

        return ownership <= (ulong)ObjectOwnership.ObjectWriter
            ? new OwnershipControls((ObjectOwnership)ownership)
            : throw new RecordFormatException($"There is no object ownership {ownership}.");
    }
}
