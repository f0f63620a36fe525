using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>What the rows say of the data whose ids begin with certain bytes.</summary>
internal sealed class PieceTable(CheckRun run, int first, int end)
{
    /// <summary>The blobs that rows mention.</summary>
    public Dictionary<Id128, Piece> Blobs { get; } = [];

    /// <summary>The manifests that rows mention.</summary>
    public Dictionary<Id128, Piece> Manifests { get; } = [];

    /// <summary>The rows of small objects that objects refer to.</summary>
    public Dictionary<Id128, Piece> Inline { get; } = [];

    /// <summary>Reads all rows that refer to data.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        foreach (byte table in (byte[])[Tables.Current, Tables.Marker, Tables.History, Tables.Part, Tables.Manifest, Tables.Reclaim])
        {
            await foreach (KeyValueEntry row in run.ScanAsync([table], [(byte)(table + 1)], cancellationToken))
            {
                if (RowDecoders.Problem(row) is null)
                {
                    Add(row);
                }
            }
        }
    }

    /// <summary>The range of keys of a table whose keys begin with these ids.</summary>
    public (byte[] From, byte[] To) Range(byte table) => ([table, (byte)first], end > byte.MaxValue ? [(byte)(table + 1)] : [table, (byte)end]);

    private void Add(KeyValueEntry row)
    {
        switch (row.Key[0])
        {
            case Tables.Part:
                Add(row.Key, Rows.Decode(row.Key, row.Value, PartRecord.Decode));
                break;
            case Tables.Manifest:
                Rows.Decode(row.Key, row.Value, ManifestChunk.Decode).ForEach(part => Add(row.Key, part));
                break;
            case Tables.Reclaim:
                Schedule(Rows.Decode(row.Key, row.Value, ReclaimRecord.Decode));
                break;
            default:
                Add(row.Key, Rows.Decode(row.Key, row.Value, ObjectRecord.Decode));
                break;
        }
    }

    private void Add(byte[] row, ObjectRecord record)
    {
        switch (record.Data)
        {
            case ObjectData.Inline inline:
                Of(Inline, inline.Row)?.Add(new Holder(row, 0, 0, record.Size, inline.IsSealed ? record.Size + InlineSeal.Size : 0, 0));
                break;
            case ObjectData.Extents extents:
                foreach (Extent extent in extents.List)
                {
                    Of(Blobs, extent.Blob.Value)?.Add(new Holder(row, extent.Reference, extent.Offset, extent.End, extent.Stored, 0));
                }

                break;
            case ObjectData.Manifest manifest:
                Of(Manifests, manifest.Id)?.Add(new Holder(row, manifest.Reference, 0, manifest.ChunkStarts.Count, 0, 0));
                break;
        }
    }

    private void Add(byte[] row, PartRecord part)
    {
        foreach (Extent extent in part.Extents)
        {
            Of(Blobs, extent.Blob.Value)?.Add(new Holder(row, extent.Reference, extent.Offset, extent.End, extent.Stored, part.Number));
        }
    }

    private void Schedule(ReclaimRecord record)
    {
        Dictionary<Id128, Piece>? of = record.Kind switch
        {
            ReclaimKind.Blob or ReclaimKind.PendingBlob => Blobs,
            ReclaimKind.Manifest => Manifests,
            _ => null,
        };
        if (of is not null && Of(of, record.Id) is { } piece)
        {
            piece.IsScheduled = true;
        }
    }

    private Piece? Of(Dictionary<Id128, Piece> pieces, Id128 id)
    {
        int begins = (int)(id.High >> 56);
        if (begins < first || begins >= end)
        {
            return null;
        }

        if (!pieces.TryGetValue(id, out Piece? piece))
        {
            piece = new Piece();
            pieces.Add(id, piece);
        }

        return piece;
    }
}
