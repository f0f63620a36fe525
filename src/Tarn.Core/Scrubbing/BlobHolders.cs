using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>Tells to which of some blobs no row refers. Nothing leads from a blob to its row, so it reads all rows.</summary>
internal sealed class BlobHolders(IKeyValueStore store, TimeProvider clock)
{
    /// <summary>Rows between two rests, and files of those who list blobs.</summary>
    public const int Page = 256;

    /// <summary>Rows between two rests while a snapshot is open: it keeps the metadata store from discarding what was overwritten and deleted, so it must not be open for long.</summary>
    private const int SnapshotPage = 4096;

    // Reclaim rows last: data that loses its holder during a pass moves there.
    private static readonly byte[] Walked = [Tables.Current, Tables.History, Tables.Part, Tables.Manifest, Tables.BlobReference, Tables.Reclaim];

    private long _rows;

    /// <summary>Is told what could not be read or decoded.</summary>
    public Action<string> Failed { get; set; } = static _ => { };

    /// <summary>How long a rest is; a tenth of it while a snapshot is open.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Tells how many requests are being served: rests are longer then.</summary>
    public Func<int> InFlight { get; set; } = static () => 0;

    /// <summary>Rows read so far.</summary>
    public long RowsRead => Interlocked.Read(ref _rows);

    /// <summary>Removes from some blobs those that a row refers to. References that move from row to row meanwhile can be missed.</summary>
    /// <returns>Whether all rows could be read.</returns>
    public ValueTask<bool> RemoveHeldAsync(Dictionary<BlobId, long> blobs, CancellationToken cancellationToken) => RemoveHeldAsync(store, Page, Pause, blobs, cancellationToken);

    /// <summary>Removes from some blobs those that a row of one instant refers to: the others never get a holder again.</summary>
    /// <returns>Whether that is certain: all rows could be read.</returns>
    public async ValueTask<bool> AreWithoutHoldersAsync(Dictionary<BlobId, long> blobs, CancellationToken cancellationToken)
    {
        if (blobs.Count == 0)
        {
            return true;
        }

        await using IKeyValueSnapshot snapshot = await store.OpenSnapshotAsync(cancellationToken);
        return await RemoveHeldAsync(snapshot, SnapshotPage, Pause / 10, blobs, cancellationToken);
    }

    /// <summary>Makes room for requests.</summary>
    public Task RestAsync(CancellationToken cancellationToken) => RestAsync(Pause, cancellationToken);

    private Task RestAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        Task.Delay(InFlight() > 0 ? pause * ScrubPace.Yielding : pause, clock, cancellationToken);

    private async ValueTask<bool> RemoveHeldAsync(
        IKeyValueReader reader, int page, TimeSpan pause, Dictionary<BlobId, long> blobs, CancellationToken cancellationToken)
    {
        bool isComplete = true;
        foreach (byte table in Walked)
        {
            byte[]? from = [table];
            while (from is not null && blobs.Count > 0)
            {
                IReadOnlyList<KeyValueEntry> rows;
                try
                {
                    rows = await reader.ScanAsync(from, [(byte)(table + 1)], page, reverse: false, cancellationToken);
                }
                catch (Exception e) when (BlobScrub.IsUnreadable(e))
                {
                    isComplete = false;
                    Failed($"Rows from {Tables.Describe(from)} on cannot be read, so what they refer to is not known: {e.Message}");
                    break;
                }

                isComplete &= RemoveHeld(table, rows, blobs);
                Interlocked.Add(ref _rows, rows.Count);
                from = rows.Count < page ? null : [.. rows[^1].Key, 0];
                if (from is not null)
                {
                    await RestAsync(pause, cancellationToken);
                }
            }
        }

        return isComplete;
    }

    private bool RemoveHeld(byte table, IReadOnlyList<KeyValueEntry> rows, Dictionary<BlobId, long> blobs)
    {
        bool isComplete = true;
        foreach (KeyValueEntry row in rows)
        {
            try
            {
                foreach (BlobId id in Held(table, row))
                {
                    blobs.Remove(id);
                }
            }
            catch (RecordFormatException e)
            {
                isComplete = false;
                Failed(e.Message);
            }
        }

        return isComplete;
    }

    private static IEnumerable<BlobId> Held(byte table, KeyValueEntry row) => table switch
    {
        Tables.Part => Rows.Decode(row.Key, row.Value, PartRecord.Decode).Extents.Select(static extent => extent.Blob),
        Tables.Manifest => Rows.Decode(row.Key, row.Value, ManifestChunk.Decode).SelectMany(static part => part.Extents).Select(static extent => extent.Blob),
        Tables.BlobReference => [new BlobId(Id128.Read(row.Key.AsSpan(1)))],
        Tables.Reclaim => [new BlobId(Rows.Decode(row.Key, row.Value, ReclaimRecord.Decode).Id)],
        _ => Rows.Decode(row.Key, row.Value, ObjectRecord.Decode).Data is ObjectData.Extents extents ? extents.List.Select(static extent => extent.Blob) : [],
    };
}
