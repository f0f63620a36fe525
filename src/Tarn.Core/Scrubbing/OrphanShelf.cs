using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Maintenance;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// The blobs that nothing refers to, in the place of their own where scrubbing sets them aside. They are removed when their retention is over, unless a backup needs
/// them or metadata may be missing; a blob that is needed after all is brought back.
/// </summary>
public sealed class OrphanShelf
{
    private readonly IBlobStore _blobs;
    private readonly ISetAsideStore? _aside;
    private readonly OrphanNotes _notes;
    private readonly IBlobHolds _holds;
    private readonly IKeptOrphans _kept;
    private readonly Lock _lock = new();
    private volatile OrphanCount? _count;

    internal OrphanShelf(IKeyValueStore store, IBlobStore blobs, IBlobHolds holds, IKeptOrphans kept, ScrubOptions options, TimeProvider clock)
    {
        _blobs = blobs;
        _aside = blobs as ISetAsideStore;
        _notes = new OrphanNotes(store, options, clock);
        _holds = holds;
        _kept = kept;
        Drops = new OrphanDrops(this, new BlobHolders(store, clock) { Pause = options.OrphanPause / 10 });
    }

    /// <summary>Why nothing is removed by itself, whatever the last pass found; null when nothing forbids it.</summary>
    public string? KeptBecause => _kept.Reason;

    /// <summary>What is there; null before the first look.</summary>
    public OrphanCount? Count => _count;

    /// <summary>Removal by order of an operator.</summary>
    public OrphanDrops Drops { get; }

    /// <summary>For how long the store has been served in all, in milliseconds.</summary>
    internal Func<CancellationToken, ValueTask<long>> Served
    {
        set => _notes.Served = value;
    }

    /// <summary>Lists what was set aside, in the order of their ids. It looks at no more files than it lists, once the shelf was looked at as a whole.</summary>
    /// <param name="after">The last id of the page before; null for the first page.</param>
    /// <param name="limit">The largest number to return.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<OrphanBlob>> ListAsync(BlobId? after, int limit, CancellationToken cancellationToken)
    {
        var listed = new List<OrphanBlob>();
        if (_aside is null)
        {
            return listed;
        }

        if (_count is null)
        {
            await LookAsync(cancellationToken);
        }

        await foreach ((BlobId id, SetAsideRecord note) in _notes.ListAsync(after, limit, cancellationToken))
        {
            if (await OrphanBlob.FindAsync(_aside, id, note, cancellationToken) is { } orphan)
            {
                listed.Add(orphan);
                if (listed.Count == limit)
                {
                    break;
                }
            }
        }

        return listed;
    }

    /// <summary>Puts a blob back in its place; false when it was not set aside, or there is one in its place. If nothing refers to it, a later pass sets it aside again.</summary>
    /// <exception cref="IOException">It could not be moved.</exception>
    public async ValueTask<bool> BringBackAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (await LengthAsync(id, cancellationToken) is not { } length || await _blobs.FindAsync(id, cancellationToken) is not null
            || !await _aside!.BringBackAsync(id, cancellationToken))
        {
            return false;
        }

        Change(-1, -length);
        await _notes.RemoveAsync(id, cancellationToken);
        return true;
    }

    /// <summary>Looks at all that is there: counts it, notes what is not noted, because the metadata is older than the move, and forgets the notes of what is gone.</summary>
    /// <returns>What is there, with their lengths.</returns>
    internal async ValueTask<Dictionary<BlobId, long>> LookAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<BlobId, long>();
        if (_aside is not null)
        {
            await foreach (BlobInfo info in _aside.ListAsideAsync(cancellationToken))
            {
                found[info.Id] = info.Length;
            }

            await _notes.ReconcileAsync(found, async id => await LengthAsync(id, cancellationToken) is not null, cancellationToken);
        }

        lock (_lock)
        {
            _count = new OrphanCount(found.Count, found.Values.Sum());
        }

        return found;
    }

    /// <summary>Sets a blob aside to which nothing refers; false when it is gone, a backup needs it, or the store has no such place.</summary>
    /// <exception cref="IOException">It could not be moved, or there is no room to note it.</exception>
    internal async ValueTask<bool> SetAsideAsync(BlobId id, long length, CancellationToken cancellationToken)
    {
        if (_aside is null || _holds.IsHeld(id))
        {
            return false;
        }

        // Noted first: a blob without a note would be kept for another retention.
        await _notes.AddAsync(id, cancellationToken);
        if (await _aside.SetAsideAsync(id, cancellationToken))
        {
            Change(1, length);
            return true;
        }

        await _notes.RemoveAsync(id, cancellationToken);
        return false;
    }

    /// <summary>Removes what has been aside for longer than its retention and is still not needed.</summary>
    /// <param name="holders">Tells which blobs rows refer to.</param>
    /// <param name="failed">Is told what could not be removed.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    internal async ValueTask ExpireAsync(BlobHolders holders, Action<string> failed, CancellationToken cancellationToken)
    {
        Dictionary<BlobId, long> due = await LookAsync(cancellationToken);
        if (_kept.Reason is not null)
        {
            return;
        }

        foreach (BlobId id in due.Keys.ToArray())
        {
            if (!await _notes.IsOverAsync(id, cancellationToken))
            {
                due.Remove(id);
            }
        }

        await RemoveUnlessNeededAsync(due, holders, failed, cancellationToken);
    }

    /// <summary>Removes some blobs for good; those that rows of one instant refer to are brought back instead.</summary>
    /// <param name="blobs">The blobs, with their lengths.</param>
    /// <param name="holders">Tells which of them rows refer to.</param>
    /// <param name="failed">Is told what could neither be removed nor brought back.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What was done; null when it is not known whether rows refer to them: none is removed then.</returns>
    internal async ValueTask<OrphansDropped?> RemoveUnlessNeededAsync(
        Dictionary<BlobId, long> blobs, BlobHolders holders, Action<string> failed, CancellationToken cancellationToken)
    {
        KeyValuePair<BlobId, long>[] all = [.. blobs];
        bool isCertain = await holders.AreWithoutHoldersAsync(blobs, cancellationToken);
        var done = new OrphansDropped(0, 0, 0);
        foreach ((BlobId id, long length) in all)
        {
            try
            {
                if (await BlobRewrite.IsRightInPlaceAsync(_blobs, id, cancellationToken) is { } isRight)
                {
                    // Put there by hand, or by a cut-off move. One of them may be the last right copy.
                    if (isRight)
                    {
                        await RemoveAsync(id, cancellationToken);
                    }
                    else
                    {
                        failed($"The blob {id}, which was set aside, is kept: there is one in its place, too, which is not known to be right.");
                    }
                }
                else if (!blobs.ContainsKey(id))
                {
                    done = done with { BroughtBack = done.BroughtBack + (await BringBackAsync(id, cancellationToken) ? 1 : 0) };
                }
                else if (isCertain && await RemoveAsync(id, cancellationToken))
                {
                    done = done with { Blobs = done.Blobs + 1, Bytes = done.Bytes + length };
                }
            }
            catch (IOException e)
            {
                failed($"The blob {id}, which was set aside, can neither be removed nor brought back: {e.Message}");
            }
        }

        return isCertain ? done : null;
    }

    /// <summary>The length of a blob that was set aside; null when there is none with that id.</summary>
    internal ValueTask<long?> LengthAsync(BlobId id, CancellationToken cancellationToken) =>
        _aside is null ? ValueTask.FromResult<long?>(null) : BlobEnd.AsideLengthAsync(_aside, id, cancellationToken);

    /// <summary>Whether a backup needs a blob.</summary>
    internal bool IsHeld(BlobId id) => _holds.IsHeld(id);

    /// <summary>From now on what is set aside is removed once its retention is over: an operator has looked at it.</summary>
    internal void Release() => _kept.Release();

    private async ValueTask<bool> RemoveAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (_holds.IsHeld(id) || await LengthAsync(id, cancellationToken) is not { } length)
        {
            return false;
        }

        await _aside!.DropAsideAsync(id, cancellationToken);
        Change(-1, -length);
        await _notes.RemoveAsync(id, cancellationToken);
        return true;
    }

    private void Change(long blobs, long bytes)
    {
        lock (_lock)
        {
            _count = _count is { } count ? new OrphanCount(count.Blobs + blobs, count.Bytes + bytes) : null;
        }
    }
}
