using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// Finds orphans: blobs that no row refers to, left by a power failure or an accepted loss of metadata. It sets them aside and removes none: where rows are
/// missing, a blob may be all that is left of an object.
/// </summary>
/// <remarks>
/// Blobs are read in slices, and all rows are read for each slice. References that move from row to row
/// meanwhile can be missed, so a blob counts only if two passes do not find it, nor one over a snapshot, and it still exists. The snapshot proves it: a blob that no row of one
/// instant refers to never gets a holder, since holders come from an announcement or from another holder.
/// </remarks>
internal sealed class OrphanScan
{
    /// <summary>Blobs that are moved between two rests: each move waits for the device several times.</summary>
    private const int MovesPerRest = 16;

    /// <summary>The minimum age of an orphan: a younger blob may belong to an upload that has not committed yet.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromDays(1);

    private readonly IKeyValueStore _store;
    private readonly IBlobStore _blobs;
    private readonly BlobHolders _holders;
    private readonly TimeProvider _clock;
    private volatile OrphanCount? _left;
    private bool _isUncertain;
    private int _moves;

    public OrphanScan(IKeyValueStore store, IBlobStore blobs, BlobHolders holders, TimeProvider clock)
    {
        _store = store;
        _blobs = blobs;
        _holders = holders;
        _clock = clock;
    }

    /// <summary>What the last finished count found and left where it is; null while there is none.</summary>
    public OrphanCount? Left => _left;

    /// <summary>Sets aside what was found, and returns whether it did; null: nothing is set aside.</summary>
    public Func<BlobId, long, CancellationToken, ValueTask<bool>>? SetAside { get; init; }

    /// <summary>Is told what could not be listed.</summary>
    public Action<string> Failed { get; init; } = static _ => { };

    /// <summary>The minimum number of blobs in a slice; those of one directory are always in the same slice.</summary>
    public int SliceBlobs { get; init; } = 200_000;

    /// <summary>Finishes the count in progress, or runs a new one.</summary>
    /// <returns>The result; null when a row or a directory could not be read: the blobs of an object whose row does not decode would count as orphans.</returns>
    public async Task<OrphanCount?> RunOnceAsync(CancellationToken cancellationToken)
    {
        OrphanCursor cursor = await LoadAsync(cancellationToken);
        _isUncertain = cursor.IsUncertain;
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

            if (++files % BlobHolders.Page == 0)
            {
                await _holders.RestAsync(cancellationToken);
            }
        }

        cursor = await CountAsync(cursor, slice, cancellationToken);
        if (_isUncertain)
        {
            await SaveAsync(new OrphanCursor { Finished = cursor.Finished, LastLeft = cursor.LastLeft, LastLeftBytes = cursor.LastLeftBytes }, cancellationToken);
            return null;
        }

        _left = new OrphanCount(cursor.Blobs - cursor.Moved, cursor.Bytes - cursor.MovedBytes);
        await SaveAsync(
            new OrphanCursor { Finished = _clock.GetUtcNow().ToUnixTimeMilliseconds(), LastLeft = _left.Blobs, LastLeftBytes = _left.Bytes }, cancellationToken);
        return new OrphanCount(cursor.Blobs, cursor.Bytes);
    }

    /// <summary>Adds the orphans of a slice to the cursor, empties the slice and saves the cursor.</summary>
    private async ValueTask<OrphanCursor> CountAsync(OrphanCursor cursor, Dictionary<BlobId, long> slice, CancellationToken cancellationToken)
    {
        for (int pass = 0; pass < 2 && slice.Count > 0; pass++)
        {
            _isUncertain |= !await _holders.RemoveHeldAsync(slice, cancellationToken);
        }

        bool isCertain = await _holders.AreWithoutHoldersAsync(slice, cancellationToken);
        foreach ((BlobId id, long length) in slice)
        {
            if (await IsThereAsync(id, cancellationToken))
            {
                cursor = cursor with { Blobs = cursor.Blobs + 1, Bytes = cursor.Bytes + length };
                if (isCertain && await SetAsideAsync(id, length, cancellationToken))
                {
                    cursor = cursor with { Moved = cursor.Moved + 1, MovedBytes = cursor.MovedBytes + length };
                }
            }
        }

        slice.Clear();
        _isUncertain |= !isCertain;
        cursor = cursor with { IsUncertain = _isUncertain };
        await SaveAsync(cursor, cancellationToken);
        return cursor;
    }

    private async ValueTask<bool> IsThereAsync(BlobId id, CancellationToken cancellationToken)
    {
        try
        {
            return await _blobs.FindAsync(id, cancellationToken) is not null;
        }
        catch (Exception e) when (BlobScrub.IsUnreadable(e))
        {
            _isUncertain = true;
            Failed($"The blob {id}, which nothing refers to, cannot be found: {e.Message}");
            return false;
        }
    }

    private async ValueTask<bool> SetAsideAsync(BlobId id, long length, CancellationToken cancellationToken)
    {
        if (SetAside is null)
        {
            return false;
        }

        try
        {
            if (!await SetAside(id, length, cancellationToken))
            {
                return false;
            }
        }
        catch (IOException e)
        {
            Failed($"The blob {id}, which nothing refers to, cannot be set aside: {e.Message}");
            return false;
        }

        if (++_moves % MovesPerRest == 0)
        {
            await _holders.RestAsync(cancellationToken);
        }

        return true;
    }

    private ValueTask NotListed(Exception e)
    {
        _isUncertain = true;
        Failed($"A directory of blobs cannot be listed as a whole: {e.Message}");
        return default;
    }

    /// <summary>Reads the progress, and what the last count found.</summary>
    public async ValueTask<OrphanCursor> LoadAsync(CancellationToken cancellationToken)
    {
        OrphanCursor cursor = await FindAsync(cancellationToken);
        if (_left is null && cursor.Finished > 0)
        {
            _left = new OrphanCount(cursor.LastLeft, cursor.LastLeftBytes);
        }

        return cursor;
    }

    /// <summary>The progress; that of a new count when it does not decode.</summary>
    private async ValueTask<OrphanCursor> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Rows.FindAsync(_store, Tables.OrphanCursorKey, OrphanCursor.Decode, cancellationToken) ?? new OrphanCursor();
        }
        catch (RecordFormatException e)
        {
            Failed(e.Message);
            return new OrphanCursor();
        }
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
