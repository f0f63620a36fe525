using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// The blobs that nothing refers to, in the place of their own where scrubbing sets them aside. They are removed when their retention is over, unless a backup needs
/// them or metadata may be missing; a blob that is needed after all is brought back.
/// </summary>
public sealed class OrphanShelf
{
    private readonly IKeyValueStore _store;
    private readonly IBlobStore _blobs;
    private readonly ISetAsideStore? _aside;
    private readonly IBlobHolds _holds;
    private readonly IKeptOrphans _kept;
    private readonly ScrubOptions _options;
    private readonly TimeProvider _clock;
    private volatile OrphanCount? _count;

    internal OrphanShelf(IKeyValueStore store, IBlobStore blobs, IBlobHolds holds, IKeptOrphans kept, ScrubOptions options, TimeProvider clock)
    {
        _store = store;
        _blobs = blobs;
        _aside = blobs as ISetAsideStore;
        _holds = holds;
        _kept = kept;
        _options = options;
        _clock = clock;
    }

    /// <summary>Why nothing is removed by itself; null when it is, once its retention is over.</summary>
    public string? KeptBecause => _kept.Reason;

    /// <summary>What was there at the last look; null before the first.</summary>
    public OrphanCount? Count => _count;

    /// <summary>Lists what was set aside, in the order of their ids.</summary>
    /// <param name="after">The last id of the page before; null for the first page.</param>
    /// <param name="limit">The largest number to return.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<OrphanBlob>> ListAsync(BlobId? after, int limit, CancellationToken cancellationToken)
    {
        var listed = new List<OrphanBlob>();
        foreach (BlobInfo info in (await InfosAsync(cancellationToken)).Where(info => after is null || Order(info.Id, after.Value) > 0).Order(ById).Take(limit))
        {
            listed.Add(await DescribeAsync(info, cancellationToken));
        }

        return listed;
    }

    /// <summary>Puts a blob back in its place; false when it was not set aside. If nothing refers to it, a later pass sets it aside again.</summary>
    /// <exception cref="IOException">It could not be moved.</exception>
    public async ValueTask<bool> BringBackAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (_aside is null || !await _aside.BringBackAsync(id, cancellationToken))
        {
            return false;
        }

        await ForgetAsync(id, cancellationToken);
        return true;
    }

    /// <summary>Removes a blob that was set aside, at once, unless a row refers to it: then it is brought back.</summary>
    /// <exception cref="RecordFormatException">A row does not decode, so it is not known whether the blob is needed. It was left.</exception>
    /// <exception cref="IOException">It could not be removed.</exception>
    public async ValueTask<OrphanDrop> DropAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (_aside is null || _holds.IsHeld(id) || !await BlobFooterReader.IsAsideAsync(_aside, id, cancellationToken))
        {
            return OrphanDrop.NotThere;
        }

        if (await BringBackNeededAsync(new Dictionary<BlobId, long> { [id] = 0 }, cancellationToken) > 0)
        {
            return OrphanDrop.Needed;
        }

        return await RemoveAsync(id, cancellationToken) ? OrphanDrop.Dropped : OrphanDrop.NotThere;
    }

    /// <summary>
    /// Removes everything that was set aside and that no backup needs, and from now on what is set aside once its retention is over. What rows refer to is brought back.
    /// </summary>
    /// <returns>How much was removed, and how many were brought back.</returns>
    /// <exception cref="RecordFormatException">A row does not decode, so it is not known whether it needs any. Those were left.</exception>
    public async ValueTask<OrphansDropped> DropAllAsync(CancellationToken cancellationToken)
    {
        var without = new Dictionary<BlobId, long>();
        foreach (BlobInfo info in await InfosAsync(cancellationToken))
        {
            without[info.Id] = info.Length;
        }

        var dropped = new OrphansDropped(0, 0, await BringBackNeededAsync(without, cancellationToken));
        foreach ((BlobId id, long length) in without)
        {
            if (await RemoveAsync(id, cancellationToken))
            {
                dropped = dropped with { Blobs = dropped.Blobs + 1, Bytes = dropped.Bytes + length };
            }
        }

        _kept.Release();
        await LookAsync(cancellationToken);
        return dropped;
    }

    /// <summary>Brings back those of some blobs to which rows of one instant refer, and leaves the others in <paramref name="blobs"/>.</summary>
    /// <returns>How many were brought back.</returns>
    /// <exception cref="RecordFormatException">A row does not decode, so it is not known whether it refers to any of the others.</exception>
    private async ValueTask<long> BringBackNeededAsync(Dictionary<BlobId, long> blobs, CancellationToken cancellationToken)
    {
        string? unreadable = null;
        BlobId[] all = [.. blobs.Keys];
        var rows = new OrphanScan(_store, _blobs, _clock) { Pause = TimeSpan.Zero, Failed = message => unreadable ??= message };
        bool isCertain = await rows.AreWithoutHoldersAsync(blobs, cancellationToken);
        long back = 0;
        foreach (BlobId id in all.Where(id => !blobs.ContainsKey(id)))
        {
            back += await BringBackAsync(id, cancellationToken) ? 1 : 0;
        }

        return isCertain ? back : throw new RecordFormatException(unreadable ?? "A row does not decode.");
    }

    private async ValueTask<bool> RemoveAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (_holds.IsHeld(id) || !await BlobFooterReader.IsAsideAsync(_aside!, id, cancellationToken))
        {
            return false;
        }

        await _aside!.DropAsideAsync(id, cancellationToken);
        await ForgetAsync(id, cancellationToken);
        return true;
    }

    /// <summary>Counts what is there.</summary>
    /// <returns>What is there, in no order.</returns>
    internal async ValueTask<IReadOnlyList<BlobInfo>> LookAsync(CancellationToken cancellationToken)
    {
        List<BlobInfo> infos = await InfosAsync(cancellationToken);
        _count = new OrphanCount(infos.Count, infos.Sum(static info => info.Length));
        return infos;
    }

    /// <summary>Sets a blob aside to which nothing refers; false when it is gone, a backup needs it, or the store has no such place.</summary>
    /// <exception cref="IOException">It could not be moved, or there is no room to note it.</exception>
    internal async ValueTask<bool> SetAsideAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (_aside is null || _holds.IsHeld(id))
        {
            return false;
        }

        // Noted first: a blob without a note would be kept for another retention.
        await NoteAsync(id, cancellationToken);
        if (await _aside.SetAsideAsync(id, cancellationToken))
        {
            return true;
        }

        await ForgetAsync(id, cancellationToken);
        return false;
    }

    /// <summary>Removes what has been aside for longer than its retention and is still not needed.</summary>
    /// <param name="withoutHolders">Takes from some blobs those to which a row refers; false when that cannot be known.</param>
    /// <param name="failed">Is told what could not be removed.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    internal async ValueTask ExpireAsync(
        Func<Dictionary<BlobId, long>, CancellationToken, ValueTask<bool>> withoutHolders, Action<string> failed, CancellationToken cancellationToken)
    {
        IReadOnlyList<BlobInfo> infos = await LookAsync(cancellationToken);
        if (_kept.Reason is not null || infos.Count == 0)
        {
            return;
        }

        DateTimeOffset due = _clock.GetUtcNow() - _options.OrphanRetention;
        var over = new Dictionary<BlobId, long>();
        foreach (BlobInfo info in infos)
        {
            if (await SinceAsync(info.Id, cancellationToken) <= due)
            {
                over[info.Id] = info.Length;
            }
        }

        BlobId[] all = [.. over.Keys];
        if (over.Count == 0 || !await withoutHolders(over, cancellationToken))
        {
            return;
        }

        foreach (BlobId id in all)
        {
            try
            {
                _ = over.ContainsKey(id) ? await RemoveAsync(id, cancellationToken) : await BringBackAsync(id, cancellationToken);
            }
            catch (IOException e)
            {
                failed($"The blob {id}, which was set aside, can neither be removed nor brought back: {e.Message}");
            }
        }

        await LookAsync(cancellationToken);
    }

    private static Comparer<BlobInfo> ById { get; } = Comparer<BlobInfo>.Create(static (left, right) => Order(left.Id, right.Id));

    private static int Order(BlobId left, BlobId right) => (left.Value.High, left.Value.Low).CompareTo((right.Value.High, right.Value.Low));

    private async ValueTask<List<BlobInfo>> InfosAsync(CancellationToken cancellationToken)
    {
        var infos = new List<BlobInfo>();
        if (_aside is not null)
        {
            await foreach (BlobInfo info in _aside.ListAsideAsync(cancellationToken))
            {
                infos.Add(info);
            }
        }

        return infos;
    }

    private async ValueTask<OrphanBlob> DescribeAsync(BlobInfo info, CancellationToken cancellationToken)
    {
        var orphan = new OrphanBlob(info.Id, info.Length, await SinceAsync(info.Id, cancellationToken));
        try
        {
            if (await BlobFooterReader.ReadAsideAsync(_aside!, info.Id, cancellationToken) is { } bytes)
            {
                BlobFooter footer = BlobFooter.Decode(bytes);
                return orphan with
                {
                    Bucket = footer.BucketName,
                    Key = footer.Key,
                    Upload = footer.Upload,
                    PartNumber = footer.PartNumber,
                    Written = footer.Written == 0 ? null : DateTimeOffset.UnixEpoch.AddMicroseconds(footer.Written),
                };
            }
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            // It is listed without what it says of itself: that cannot be read.
        }

        return orphan;
    }

    /// <summary>When a blob was set aside. One of which that is not known, because the metadata is older than the move, counts from now on.</summary>
    private async ValueTask<DateTimeOffset> SinceAsync(BlobId id, CancellationToken cancellationToken)
    {
        byte[] row = Tables.SetAsideKey(id.Value);
        SetAsideRecord note = await Rows.FindAsync(_store, row, SetAsideRecord.Decode, cancellationToken) ?? await NoteAsync(id, cancellationToken);
        return DateTimeOffset.FromUnixTimeMilliseconds(note.Since);
    }

    private async ValueTask<SetAsideRecord> NoteAsync(BlobId id, CancellationToken cancellationToken)
    {
        var note = new SetAsideRecord(_clock.GetUtcNow().ToUnixTimeMilliseconds());
        await _store.CommitAsync(new KeyValueBatch().AsRemoval().Put(Tables.SetAsideKey(id.Value), note.Encode()), cancellationToken);
        return note;
    }

    private async ValueTask ForgetAsync(BlobId id, CancellationToken cancellationToken) =>
        await _store.CommitAsync(new KeyValueBatch().AsRemoval().Delete(Tables.SetAsideKey(id.Value)), cancellationToken);
}
