using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Counts;

/// <summary>
/// Whether all counts of buckets are exact. Without a row they are not: a build that did not count wrote the store, or something was removed of which the size is
/// not known.
/// </summary>
/// <param name="Run">Names the count that is under way, or that ended.</param>
/// <param name="IsDone">Whether it ended, so that the counts are exact.</param>
internal sealed record RecountRecord(Id128 Run, bool IsDone)
{
    private const byte Marker = 1;

    public byte[] Encode() => new RecordWriter(Marker).Id(1, Run).Number(2, IsDone ? 1UL : 0UL).ToArray();

    public static RecountRecord Decode(ReadOnlySpan<byte> bytes)
    {
        var record = new RecountRecord(default, false);
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            record = reader.Field switch
            {
                1 => record with { Run = reader.Id },
                2 => record with { IsDone = reader.Number != 0 },
                _ => record,
            };
        }

        return record;
    }

    /// <summary>Has everything counted again, also if that is under way: the batch removes something of which the size is not known.</summary>
    public static KeyValueBatch Demand(KeyValueBatch batch) => batch.Delete(Tables.RecountKey);
}
