using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Maintenance;

/// <summary>
/// Counts orphans: blobs that no row refers to, left by a power failure or an accepted loss of metadata. It removes nothing: where rows are
/// missing, a blob may be all that is left of an object.
/// </summary>
/// <remarks>
/// Nothing leads from a blob to its row, so blobs are read in slices, and all rows are read for each slice. References that move from row to row
/// meanwhile can be missed, so a blob counts only if two passes do not find it and it still exists.
/// </remarks>
public sealed class OrphanScan
{
    private const int Page = 256;

    /// <summary>The time between two counts.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromDays(1);

    /// <summary>The minimum age of an orphan: a younger blob may belong to an upload that has not committed yet.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromDays(1);

    // Reclaim rows last: data that loses its holder during a pass moves there.
    private static readonly byte[] Holders = [Tables.Current, Tables.History, Tables.Part, Tables.Manifest, Tables.BlobReference, Tables.Reclaim];

    private readonly IKeyValueStore _store;
    private readonly IBlobStore _blobs;
    private readonly TimeProvider _clock;
    private volatile OrphanCount? _found;

    internal OrphanScan(IKeyValueStore store, IBlobStore blobs, TimeProvider clock)
    {
        _store = store;
        _blobs = blobs;
        _clock = clock;
    }

    /// <summary>The result of the last finished count; null while there is none.</summary>
    public OrphanCount? Found => _found;

    /// <summary>How long to wait after every 256 rows or files, so that the scan does not slow down requests.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The minimum number of blobs in a slice; those of one directory are always in the same slice.</summary>
    internal int SliceBlobs { get; init; } = 200_000;

    /// <summary>Counts once a day until cancelled, and continues where an earlier process stopped. Failures are reported and retried a day later.</summary>
    public async Task RunAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan wait = Rest;
            try
            {
                wait = await DueInAsync(cancellationToken);
                if (wait <= TimeSpan.Zero)
                {
                    await BackgroundSpan.RunAsync("CountOrphans", async span =>
                    {
                        await RunOnceAsync(cancellationToken);
                        span?.SetTag("tarn.blobs.orphans", Found?.Blobs);
                    });
                    wait = Rest;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }

            await Task.Delay(wait, _clock, cancellationToken);
        }
    }

    /// <summary>Finishes the count in progress, or runs a new one.</summary>
    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        OrphanCursor cursor = await LoadAsync(cancellationToken);
        DateTimeOffset young = _clock.GetUtcNow() - MinAge;
        var slice = new Dictionary<BlobId, long>();
        int files = 0;
        int directory = cursor.Directory;
        await foreach (BlobInfo blob in _blobs.ListAsync(cursor.Directory, cancellationToken))
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
        _found = new OrphanCount(cursor.Blobs, cursor.Bytes);
        await SaveAsync(
            new OrphanCursor { Finished = _clock.GetUtcNow().ToUnixTimeMilliseconds(), LastBlobs = cursor.Blobs, LastBytes = cursor.Bytes }, cancellationToken);
    }

    private async ValueTask<TimeSpan> DueInAsync(CancellationToken cancellationToken)
    {
        OrphanCursor cursor = await LoadAsync(cancellationToken);
        bool isBegun = cursor.Directory > 0;
        return cursor.Finished == 0 || isBegun
            ? TimeSpan.Zero
            : TimeSpan.FromMilliseconds(
                Math.Min(cursor.Finished + (long)Rest.TotalMilliseconds - _clock.GetUtcNow().ToUnixTimeMilliseconds(), (long)Rest.TotalMilliseconds));
    }

    /// <summary>Adds the orphans of a slice to the cursor, empties the slice and saves the cursor.</summary>
    private async ValueTask<OrphanCursor> CountAsync(OrphanCursor cursor, Dictionary<BlobId, long> slice, CancellationToken cancellationToken)
    {
        for (int pass = 0; pass < 2 && slice.Count > 0; pass++)
        {
            foreach (byte table in Holders)
            {
                await RemoveKnownAsync(table, slice, cancellationToken);
            }
        }

        foreach ((BlobId id, long length) in slice)
        {
            if (await _blobs.FindAsync(id, cancellationToken) is not null)
            {
                cursor = cursor with { Blobs = cursor.Blobs + 1, Bytes = cursor.Bytes + length };
            }
        }

        slice.Clear();
        await SaveAsync(cursor, cancellationToken);
        return cursor;
    }

    private async ValueTask RemoveKnownAsync(byte table, Dictionary<BlobId, long> slice, CancellationToken cancellationToken)
    {
        byte[] from = [table];
        byte[] end = [(byte)(table + 1)];
        while (slice.Count > 0)
        {
            IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(from, end, Page, reverse: false, cancellationToken);
            foreach (KeyValueEntry row in rows)
            {
                foreach (BlobId id in Known(table, row))
                {
                    slice.Remove(id);
                }
            }

            if (rows.Count < Page)
            {
                return;
            }

            from = [.. rows[^1].Key, 0];
            await PauseAsync(cancellationToken);
        }
    }

    private static IEnumerable<BlobId> Known(byte table, KeyValueEntry row) => table switch
    {
        Tables.Part => Rows.Decode(row.Key, row.Value, PartRecord.Decode).Extents.Select(static extent => extent.Blob),
        Tables.Manifest => Rows.Decode(row.Key, row.Value, ManifestChunk.Decode).SelectMany(static part => part.Extents).Select(static extent => extent.Blob),
        Tables.BlobReference => [new BlobId(Id128.Read(row.Key.AsSpan(1)))],
        Tables.Reclaim => [new BlobId(Rows.Decode(row.Key, row.Value, ReclaimRecord.Decode).Id)],
        _ => Rows.Decode(row.Key, row.Value, ObjectRecord.Decode).Data is ObjectData.Extents extents ? extents.List.Select(static extent => extent.Blob) : [],
    };

    private Task PauseAsync(CancellationToken cancellationToken) => Task.Delay(Pause, _clock, cancellationToken);

    private async ValueTask<OrphanCursor> LoadAsync(CancellationToken cancellationToken)
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
