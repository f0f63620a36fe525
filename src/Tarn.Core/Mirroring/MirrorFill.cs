using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <summary>
/// Fills one side from the other while requests go on: from the beginning it gets all writes, page by page its rows are made those of the other side, directory
/// by directory its blobs, and then it counts. An interrupted fill is begun again; what is there already is compared, not copied.
/// </summary>
internal sealed class MirrorFill(Mirror mirror, MirrorCopy copy)
{
    private const int Copies = 4;
    private const int FirstPage = 256;
    private const int LargestPage = 4096;
    private const long PageBytes = 1 << 20;

    // Blobs that this side may lack, because no copy of them could be read.
    private readonly ConcurrentBag<BlobId> _unread = [];
    private int _page = FirstPage;
    private long _notCopied;
    private long _rows;
    private long _rowsWritten;
    private int _directories;
    private long _blobs;
    private long _bytes;

    public MirrorProgress Progress => new(
        Interlocked.Read(ref _rows), Interlocked.Read(ref _rowsWritten), Volatile.Read(ref _directories), Interlocked.Read(ref _blobs), Interlocked.Read(ref _bytes), Interlocked.Read(ref _notCopied));

    /// <exception cref="IOException">A side failed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await mirror.Committer.BetweenAsync(() =>
        {
            mirror.Admit(copy);
            return new(true);
        });
        mirror.BlobStore.BeginCovering();
        await FillMetadataAsync(cancellationToken);

        // First: a copy must not bring back what was deleted.
        await foreach (List<byte[]> deleted in NotesAsync(Tables.MirrorDeletedPrefix, cancellationToken))
        {
            await ForEachAsync(Blobs(deleted), DeleteAsync, cancellationToken);
        }

        // A row that names another side is of an earlier time: what it says of that side says nothing of this one.
        ulong side = mirror.Mark.Partner;
        await foreach (List<byte[]> suspects in NotesAsync(Tables.MirrorSuspectPrefix, cancellationToken))
        {
            await CopyAllAsync(Blobs(suspects.FindAll(row => Tables.MirrorSuspectSide(row) == side)), isSuspect: true, cancellationToken);
        }

        await FillAsideAsync(cancellationToken);
        await FillBlobsAsync(cancellationToken);
        await CopyUnreadAsync(cancellationToken);
        copy.Side.TakeFiles(mirror.View.Lead.Side);
        do
        {
            await CopyUncoveredAsync(cancellationToken);
            await MoveAsync(cancellationToken);
        }
        while (!await mirror.Committer.BetweenAsync(() => mirror.JoinAsync(copy, () => mirror.BlobStore.HasUncovered)));
    }

    /// <summary>
    /// Removes what was noted for this fill, in groups, once the side counts and for as long as it does. What stays has the next fill do again what it asks for.
    /// </summary>
    /// <exception cref="IOException">A side failed.</exception>
    public async Task RemoveNotesAsync(CancellationToken cancellationToken)
    {
        foreach (byte[] prefix in (byte[][])[Tables.MirrorDeletedPrefix, Tables.MirrorSuspectPrefix])
        {
            await foreach (List<byte[]> notes in NotesAsync(prefix, cancellationToken))
            {
                foreach (BlobId blob in Blobs(notes))
                {
                    // A deletion that noted it may be under way, and must be on this side too before the note goes.
                    (await mirror.BlobStore.Copier.EnterAsync(blob, cancellationToken)).Release();
                }

                if (!await mirror.Committer.BetweenAsync(() => mirror.RemoveNotesAsync(copy, notes)))
                {
                    return;
                }
            }
        }
    }

    private async Task FillMetadataAsync(CancellationToken cancellationToken)
    {
        byte[] from = [];
        while (from.Length == 0 || ByteStringComparer.Instance.Compare(from, Tables.MirrorPrefix) < 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] start = from;
            byte[] next = start;

            // Between two groups neither side changes, and what is compared stays equal, since all later groups go to both.
            await mirror.Committer.BetweenAsync(async () =>
            {
                next = await FillPageAsync(start);
                return true;
            });
            from = next;
        }
    }

    /// <summary>Makes the rows of a range those of the other side, and returns where the next range begins.</summary>
    private async ValueTask<byte[]> FillPageAsync(byte[] from)
    {
        IReadOnlyList<KeyValueEntry> page = await mirror.View.Lead.Metadata.ScanAsync(from, Tables.MirrorPrefix, _page, reverse: false, CancellationToken.None);
        var batch = new KeyValueBatch();
        byte[] end = await CompareAsync(page, from, page.Count < _page ? Tables.MirrorPrefix : [.. page[^1].Key, 0], batch);
        if (batch.Changes.Count > 0 && await copy.CommitAsync(batch) is { } failure)
        {
            throw failure as IOException ?? new IOException(failure.Message, failure);
        }

        long bytes = page.Sum(static entry => (long)entry.Key.Length + entry.Value.Length);
        _page = bytes > PageBytes ? Math.Max(_page / 2, 1) : Math.Min(_page * 2, LargestPage);
        Interlocked.Add(ref _rows, page.Count);
        Interlocked.Add(ref _rowsWritten, batch.Changes.Count);
        return end;
    }

    /// <summary>Collects the differences of a range, and returns how far they go: many rows that only this side has are removed in several groups.</summary>
    private async ValueTask<byte[]> CompareAsync(IReadOnlyList<KeyValueEntry> page, byte[] from, byte[] end, KeyValueBatch batch)
    {
        int next = 0;
        IReadOnlyList<KeyValueEntry> there;
        do
        {
            there = await copy.Metadata.ScanAsync(from, end, _page, reverse: false, CancellationToken.None);
            foreach (KeyValueEntry entry in there)
            {
                int order = 1;
                while (next < page.Count && (order = ByteStringComparer.Instance.Compare(page[next].Key, entry.Key)) < 0)
                {
                    batch.Put(page[next].Key, page[next].Value);
                    next++;
                }

                if (next == page.Count || order > 0)
                {
                    batch.Delete(entry.Key);
                    continue;
                }

                if (!page[next].Value.AsSpan().SequenceEqual(entry.Value))
                {
                    batch.Put(entry.Key, page[next].Value);
                }

                next++;
            }

            from = there.Count == 0 ? end : [.. there[^1].Key, 0];
            if (there.Count == _page && batch.Changes.Count >= LargestPage)
            {
                return from;
            }
        }
        while (there.Count == _page);

        for (; next < page.Count; next++)
        {
            batch.Put(page[next].Key, page[next].Value);
        }

        return end;
    }

    /// <summary>The rows that the leading side wrote for this fill, a page at a time.</summary>
    private async IAsyncEnumerable<List<byte[]>> NotesAsync(byte[] prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] from = prefix;
        byte[] end = KeyCodec.PrefixEnd(from);
        while (await mirror.View.Lead.Metadata.ScanAsync(from, end, FirstPage, reverse: false, cancellationToken) is { Count: > 0 } page)
        {
            from = [.. page[^1].Key, 0];
            yield return [.. page.Select(static entry => entry.Key)];
        }
    }

    /// <summary>What was set aside, or brought back, while this side was away. Before the other blobs, which need not be copied then.</summary>
    private async Task FillAsideAsync(CancellationToken cancellationToken)
    {
        MirrorCopy lead = mirror.View.Lead;
        HashSet<BlobId> aside = [.. await IdsAsync(lead.Aside.ListAsideAsync(cancellationToken)), .. await IdsAsync(copy.Aside.ListAsideAsync(cancellationToken))];
        await ForEachAsync(
            aside,
            async (blob, cancellation) => Interlocked.Add(ref _bytes, await mirror.BlobStore.EqualizeAsideAsync(blob, lead, copy, cancellation)),
            cancellationToken);
    }

    private static async Task<List<BlobId>> IdsAsync(IAsyncEnumerable<BlobInfo> listing)
    {
        var ids = new List<BlobId>();
        await foreach (BlobInfo blob in listing)
        {
            ids.Add(blob.Id);
        }

        return ids;
    }

    private async Task FillBlobsAsync(CancellationToken cancellationToken)
    {
        await using var here = new BlobDirectories(mirror.View.Lead.Blobs.ListAsync(cancellationToken));
        await using var there = new BlobDirectories(copy.Blobs.ListAsync(cancellationToken));
        for (int directory = 0; directory < BlobDirectories.Count; directory++)
        {
            Dictionary<BlobId, BlobInfo> wanted = await here.ReadAsync(directory);
            var differs = new List<BlobId>();
            foreach (BlobInfo found in (await there.ReadAsync(directory)).Values)
            {
                // What only this side has stays: what was removed on the other is known, and this may be the last copy of what was lost there.
                if (wanted.Remove(found.Id, out BlobInfo blob) && (blob.Length != found.Length || blob.IsBare != found.IsBare))
                {
                    differs.Add(found.Id);
                }
            }

            differs.AddRange(wanted.Keys);
            await CopyAllAsync(differs, isSuspect: false, cancellationToken);
            Volatile.Write(ref _directories, directory + 1);
        }
    }

    private static IEnumerable<BlobId> Blobs(IEnumerable<byte[]> rows) => rows.Select(static row => new BlobId(Id128.Read(row.AsSpan(Tables.MirrorSuspectPrefix.Length))));

    private Task CopyAllAsync(IEnumerable<BlobId> blobs, bool isSuspect, CancellationToken cancellationToken) => ForEachAsync(
        blobs,
        async (blob, cancellation) =>
        {
            // Whoever writes it now sees to both sides.
            if (!mirror.BlobStore.IsBeingWritten(blob) && !await CopyAsync(blob, isSuspect, cancellation))
            {
                _unread.Add(blob);
            }
        },
        cancellationToken);

    /// <summary>Copies what was written meanwhile on the leading side only. Without it this side does not count: its writer was promised that it would.</summary>
    private Task CopyUncoveredAsync(CancellationToken cancellationToken) => ForEachAsync(
        mirror.BlobStore.TakeUncovered(),
        async (blob, cancellation) =>
        {
            if (!mirror.BlobStore.IsBeingWritten(blob) && !await CopyAsync(blob, isSuspect: true, cancellation))
            {
                throw new MirrorSourceException($"The blob {blob} cannot be read from {mirror.View.Lead.Side.Name}, and was not copied.");
            }
        },
        cancellationToken);

    /// <summary>Puts into the right place what was set aside or brought back meanwhile, when this side may not have had it yet.</summary>
    private Task MoveAsync(CancellationToken cancellationToken) => ForEachAsync(
        mirror.BlobStore.TakeMoved(),
        async (blob, cancellation) => Interlocked.Add(ref _bytes, await mirror.BlobStore.EqualizeMovedAsync(blob, mirror.View.Lead, copy, cancellation)),
        cancellationToken);

    /// <summary>Returns false if the blob could not be read, so that this side may lack it.</summary>
    private async Task<bool> CopyAsync(BlobId blob, bool isSuspect, CancellationToken cancellationToken)
    {
        MirrorEqualized done = await mirror.BlobStore.EqualizeAsync(blob, mirror.View.Lead, copy, isSuspect, cancellationToken);
        Interlocked.Add(ref _bytes, done.Bytes);
        if (!done.IsLacking)
        {
            Interlocked.Increment(ref _blobs);
        }

        return !done.IsLacking;
    }

    /// <summary>Tries once more what could not be read: that may have been for a moment.</summary>
    private async Task CopyUnreadAsync(CancellationToken cancellationToken)
    {
        BlobId[] again = [.. _unread];
        _unread.Clear();
        await CopyAllAsync(again, isSuspect: false, cancellationToken);
        Interlocked.Exchange(ref _notCopied, _unread.Count);
    }

    private async ValueTask DeleteAsync(BlobId blob, CancellationToken cancellationToken)
    {
        SemaphoreSlim held = await mirror.BlobStore.Copier.EnterAsync(blob, cancellationToken);
        try
        {
            await copy.Blobs.DeleteAsync(blob, cancellationToken);
            await copy.Aside.DropAsideAsync(blob, cancellationToken);
            Interlocked.Increment(ref _blobs);
        }
        finally
        {
            held.Release();
        }
    }

    private static Task ForEachAsync(IEnumerable<BlobId> blobs, Func<BlobId, CancellationToken, ValueTask> act, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(blobs, new ParallelOptions { MaxDegreeOfParallelism = Copies, CancellationToken = cancellationToken }, act);
}
