using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// A number that the metadata has and that the host raises along with another copy, kept beside the blobs: metadata whose number is the lower one is older than the
/// blobs, so that blobs without rows may be all that is left of objects.
/// </summary>
public static class MetadataEpoch
{
    /// <summary>The number; 0 when there is none, or its row does not decode.</summary>
    public static async ValueTask<long> ReadAsync(IKeyValueReader store, CancellationToken cancellationToken)
    {
        try
        {
            return (await Rows.FindAsync(store, Tables.EpochKey, EpochRecord.Decode, cancellationToken))?.Number ?? 0;
        }
        catch (RecordFormatException)
        {
            // Not known is taken for older: orphans are kept then.
            return 0;
        }
    }

    /// <summary>Changes the number, durably, but not with the space that is reserved for removals: the next start may need it.</summary>
    /// <exception cref="StorageFullException">There is no room.</exception>
    public static async ValueTask WriteAsync(IKeyValueStore store, long number, CancellationToken cancellationToken) =>
        await store.CommitAsync(new KeyValueBatch().Put(Tables.EpochKey, new EpochRecord(number).Encode()), cancellationToken);
}

/// <summary>The persisted number of <see cref="MetadataEpoch"/>. docs/design/records.md.</summary>
internal sealed record EpochRecord(long Number)
{
    private const byte Marker = 1;

    public byte[] Encode() => new RecordWriter(Marker).Number(1, Number).ToArray();

    /// <exception cref="RecordFormatException">The bytes are not such a record, or a newer Tarn wrote them.</exception>
    public static EpochRecord Decode(ReadOnlySpan<byte> bytes)
    {
        long number = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            number = reader.Field == 1 ? reader.Signed : number;
        }

        return new EpochRecord(number);
    }
}
