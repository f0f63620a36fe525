using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// Finds orphans: blobs that no row refers to, left by a power failure or an accepted loss of metadata. It sets them aside and removes none: where rows are
/// missing, a blob may be all that is left of an object.
/// </summary>
/// <remarks>
/// Nothing leads from a blob to its row, so blobs are read in slices, and all rows are read for each slice. References that move from row to row
/// meanwhile can be missed, so a blob counts only if two passes do not find it, nor one over a snapshot, and it still exists. The snapshot proves it: a blob that no row of one
/// instant refers to never gets a holder, since holders come from an announcement or from another holder.
/// </remarks>
internal sealed class OrphanScan
{
    private const int Page = 256;

    /// <summary>The minimum age of an orphan: a younger blob may belong to an upload that has not committed yet.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromDays(1);

    // Reclaim rows last: data that loses its holder during a pass moves there.
    private static readonly byte[] Holders = [Tables.Current, Tables.History, Tables.Part, Tables.Manifest, Tables.BlobReference, Tables.Reclaim];

    private readonly IKeyValueStore _store;
    private readonly IBlobStore _blobs;
    private readonly TimeProvider _clock;
    private volatile OrphanCount? _found;

    public OrphanScan(IKeyValueStore store, IBlobStore blobs, TimeProvider clock)
    {
        _store = store;
        _blobs = blobs;
        _clock = clock;
    }

    /// <summary>The result of the last finished count; null while there is none.</summary>
    public OrphanCount? Found => _found;

    /// <summary>Sets aside what was found, and returns whether it did; null: nothing is set aside.</summary>
    public Func<BlobId, CancellationToken, ValueTask<bool>>? SetAside { get; init; }

    /// <summary>Is told what could not be listed or decoded.</summary>
    public Action<string> Failed { get; init; } = static _ => { };

    /// <summary>How long to wait after every 256 rows or files, so that the scan does not slow down requests.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The minimum number of blobs in a slice; those of one directory are always in the same slice.</summary>
    public int SliceBlobs { get; init; } = 200_000;

    /// <summary>Finishes the count in progress, or runs a new one.</summary>
    public async Task<OrphanCount> RunOnceAsync(CancellationToken cancellationToken)
    {
        OrphanCursor cursor = await LoadAsync(cancellationToken);
        DateTimeOffset young = _clock.GetUtcNow() - MinAge;
        var slice = new Dictionary<BlobId, long>();
        int files = 0;
        int directory = cursor.Directory;
        await foreach (BlobInfo blob in BlobWalk.RunAsync(_blobs, cursor.Directory, BlobWalk.Directories, NotListed, cancellationToken))
        {
            if (blob.Id.Directory != directory && slice.Count >= SliceBlobs)
            {
                cursor = await CountAsync(cursor with { Directory = blob.Id.Directory }, slice, cancellationToken);
            }

            directory = blob.Id.Directory;
            if (blob.Created < young)
            {
                slice[blob.Id] = blob.Length;
            }

            if (++files % Page == 0)
            {
                await PauseAsync(cancellationToken);
            }
        }

        cursor = await CountAsync(cursor, slice, cancellationToken);
        var found = new OrphanCount(cursor.Blobs, cursor.Bytes);
        _found = found;
        await SaveAsync(
            new OrphanCursor { Finished = _clock.GetUtcNow().ToUnixTimeMilliseconds(), LastBlobs = cursor.Blobs, LastBytes = cursor.Bytes }, cancellationToken);
        return found;
    }

    /// <summary>Adds the orphans of a slice to the cursor, empties the slice and saves the cursor.</summary>
    private async ValueTask<OrphanCursor> CountAsync(OrphanCursor cursor, Dictionary<BlobId, long> slice, CancellationToken cancellationToken)
    {
        for (int pass = 0; pass < 2 && slice.Count > 0; pass++)
        {
            await RemoveKnownAsync(_store, slice, cancellationToken);
        }

        bool isCertain = await AreWithoutHoldersAsync(slice, cancellationToken);
        foreach ((BlobId id, long length) in slice)
        {
            if (await _blobs.FindAsync(id, cancellationToken) is not null)
            {
                cursor = cursor with { Blobs = cursor.Blobs + 1, Bytes = cursor.Bytes + length };
                await SetAsideAsync(id, isCertain, cancellationToken);
            }
        }

        slice.Clear();
        await SaveAsync(cursor, cancellationToken);
        return cursor;
    }

    /// <summary>Removes from some blobs those that a row of one instant refers to.</summary>
    /// <returns>Whether to the others certainly none does: all rows could be decoded.</returns>
    public async ValueTask<bool> AreWithoutHoldersAsync(Dictionary<BlobId, long> slice, CancellationToken cancellationToken)
    {
        if (slice.Count == 0)
        {
            return true;
        }

        await using IKeyValueSnapshot snapshot = await _store.OpenSnapshotAsync(cancellationToken);
        return await RemoveKnownAsync(snapshot, slice, cancellationToken);
    }

    private async ValueTask SetAsideAsync(BlobId id, bool isCertain, CancellationToken cancellationToken)
    {
        if (SetAside is null || !isCertain)
        {
            return;
        }

        try
        {
            await SetAside(id, cancellationToken);
        }
        catch (IOException e)
        {
            Failed($"The blob {id}, which nothing refers to, cannot be set aside: {e.Message}");
        }
    }

    private async ValueTask<bool> RemoveKnownAsync(IKeyValueReader rows, Dictionary<BlobId, long> slice, CancellationToken cancellationToken)
    {
        bool isComplete = true;
        foreach (byte table in Holders)
        {
            isComplete &= await RemoveKnownAsync(rows, table, slice, cancellationToken);
        }

        return isComplete;
    }

    private async ValueTask<bool> RemoveKnownAsync(IKeyValueReader reader, byte table, Dictionary<BlobId, long> slice, CancellationToken cancellationToken)
    {
        byte[] from = [table];
        byte[] end = [(byte)(table + 1)];
        bool isComplete = true;
        while (slice.Count > 0)
        {
            IReadOnlyList<KeyValueEntry> rows = await reader.ScanAsync(from, end, Page, reverse: false, cancellationToken);
            foreach (KeyValueEntry row in rows)
            {
                try
                {
                    foreach (BlobId id in Known(table, row))
                    {
                        slice.Remove(id);
                    }
                }
                catch (RecordFormatException e)
                {
                    isComplete = false;
                    Failed(e.Message);
                }
            }

            if (rows.Count < Page)
            {
                return isComplete;
            }

            from = [.. rows[^1].Key, 0];
            await PauseAsync(cancellationToken);
        }

        return isComplete;
    }

    private static IEnumerable<BlobId> Known(byte table, KeyValueEntry row) => table switch
    {
        Tables.Part => Rows.Decode(row.Key, row.Value, PartRecord.Decode).Extents.Select(static extent => extent.Blob),
        Tables.Manifest => Rows.Decode(row.Key, row.Value, ManifestChunk.Decode).SelectMany(static part => part.Extents).Select(static extent => extent.Blob),
        Tables.BlobReference => [new BlobId(Id128.Read(row.Key.AsSpan(1)))],
        Tables.Reclaim => [new BlobId(Rows.Decode(row.Key, row.Value, ReclaimRecord.Decode).Id)],
        _ => Rows.Decode(row.Key, row.Value, ObjectRecord.Decode).Data is ObjectData.Extents extents ? extents.List.Select(static extent => extent.Blob) : [],
    };

    private ValueTask NotListed(Exception e)
    {
        Failed($"A directory of blobs cannot be listed as a whole: {e.Message}");
        return default;
    }

    private Task PauseAsync(CancellationToken cancellationToken) => Task.Delay(Pause, _clock, cancellationToken);

    /// <summary>Reads the progress, and what the last count found.</summary>
    public async ValueTask<OrphanCursor> LoadAsync(CancellationToken cancellationToken)
    {
        OrphanCursor cursor = await Rows.FindAsync(_store, Tables.OrphanCursorKey, OrphanCursor.Decode, cancellationToken) ?? new OrphanCursor();
        if (_found is null && cursor.Finished > 0)
        {
            _found = new OrphanCount(cursor.LastBlobs, cursor.LastBytes);
        }

        return cursor;
    }

    private async ValueTask SaveAsync(OrphanCursor cursor, CancellationToken cancellationToken)
    {
        try
        {
            await _store.CommitAsync(new KeyValueBatch().Put(Tables.OrphanCursorKey, cursor.Encode()), cancellationToken);
        }
        catch (StorageFullException)
        {
            // The saved position matters only after a restart, which then starts further back.
        }
    }
}
