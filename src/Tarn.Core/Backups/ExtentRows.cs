using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Backups;

/// <summary>Reads every run of a blob that rows hold.</summary>
internal static class ExtentRows
{
    private const int Page = 1000;

    /// <summary>Where blobs are held; delete markers hold none.</summary>
    private static readonly byte[] Holders = [Tables.Current, Tables.History, Tables.Part, Tables.Manifest];

    /// <param name="rows">The rows; nobody changes them meanwhile.</param>
    /// <param name="found">Gets the key of the row, the number of the part or 0, and the run.</param>
    /// <param name="unreadable">Gets each row that does not decode, and why.</param>
    /// <param name="cancellationToken">Ends the reads.</param>
    /// <exception cref="IOException">Rows cannot be read.</exception>
    public static async ValueTask ReadAsync(
        IKeyValueReader rows, Action<byte[], int, Extent> found, Action<byte[], string> unreadable, CancellationToken cancellationToken)
    {
        foreach (byte table in Holders)
        {
            await foreach (KeyValueEntry row in rows.AllAsync([table], [(byte)(table + 1)], Page, cancellationToken))
            {
                try
                {
                    Read(row, found);
                }
                catch (RecordFormatException e)
                {
                    unreadable(row.Key, e.Message);
                }
            }
        }
    }

    private static void Read(KeyValueEntry row, Action<byte[], int, Extent> found)
    {
        switch (row.Key[0])
        {
            case Tables.Part:
                Add(Rows.Decode(row.Key, row.Value, PartRecord.Decode));
                break;
            case Tables.Manifest:
                Rows.Decode(row.Key, row.Value, ManifestChunk.Decode).ForEach(Add);
                break;
            default:
                if (Rows.Decode(row.Key, row.Value, ObjectRecord.Decode).Data is ObjectData.Extents extents)
                {
                    foreach (Extent extent in extents.List)
                    {
                        found(row.Key, 0, extent);
                    }
                }

                break;
        }

        void Add(PartRecord part)
        {
            foreach (Extent extent in part.Extents)
            {
                found(row.Key, part.Number, extent);
            }
        }
    }
}
