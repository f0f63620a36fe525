using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <summary>The blobs of a mirror: written to both sides, read from the leading one or, where that fails, from the other, which then heals it.</summary>
internal sealed partial class MirroredBlobStore(Mirror mirror) : IBlobStore, IBlobRepair, ISetAsideStore, IReplacingBlobs
{
    private readonly ConcurrentDictionary<BlobId, MirroredBlobWriter> _writing = new();

    // Blobs that a side being filled lacks because their writers began before it. Guarded by Mirror.WhileNotJoining.
    private readonly HashSet<BlobId> _uncovered = [];

    // Blobs that were set aside or brought back since then, when that side may have had nothing to move. Guarded in the same way.
    private readonly HashSet<BlobId> _moved = [];

    public BlobCopier Copier { get; } = new();

    /// <summary>Whether a side that is being filled lacks blobs that were written meanwhile, or has some in another place. Called while no copy begins to count.</summary>
    public bool HasUncovered => _uncovered.Count > 0 || _moved.Count > 0;

    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) =>
        CreateAsync(id, blobs => blobs.CreateAsync(id, expectedLength, cancellationToken));

    public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) =>
        CreateAsync(id, blobs => blobs.CreateCopyAsync(id, length, isBare, cancellationToken));

    public async ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken)
    {
        MirrorView view = mirror.View;
        if (view.Twin is not { } twin)
        {
            return await view.Lead.Blobs.OpenAsync(id, cancellationToken);
        }

        IBlobReader? reader;
        try
        {
            reader = await view.Lead.Blobs.OpenAsync(id, cancellationToken);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            reader = await twin.Blobs.OpenAsync(id, cancellationToken);
            if (reader is null)
            {
                throw;
            }

            BeginRepair(id);
            return new MirroredBlobReader(this, id, twin, view.Lead, reader);
        }

        if (reader is not null)
        {
            return new MirroredBlobReader(this, id, view.Lead, twin, reader);
        }

        // It is missing here, or being deleted. If the other side cannot tell, nobody can, and that is no reason to lose it.
        reader = await twin.Blobs.OpenAsync(id, cancellationToken);
        if (reader is null)
        {
            return null;
        }

        BeginRepair(id);
        return new MirroredBlobReader(this, id, twin, view.Lead, reader);
    }

    public async ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken)
    {
        MirrorView view = mirror.View;
        try
        {
            if (await view.Lead.Blobs.FindAsync(id, cancellationToken) is { } found)
            {
                return found;
            }
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e) && view.Twin is not null)
        {
            // Whoever reads the blob heals this side. If the other has none, this one may have it.
            if (await view.Twin.Blobs.FindAsync(id, cancellationToken) is { } other)
            {
                return other;
            }

            throw;
        }

        return view.Twin is not { } twin ? null : await twin.Blobs.FindAsync(id, cancellationToken);
    }

    /// <summary>Seals the blob on both sides; true if a copy was bare. If one side has no room, the blob is sealed there when it is asked for again.</summary>
    public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) =>
        OnBothAsync(id, copy => copy.Blobs.SealAsync(id, tail, CancellationToken.None), note: null, cancellationToken);

    public async ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken)
    {
        await OnBothAsync(
            id,
            async copy =>
            {
                await copy.Blobs.DeleteAsync(id, CancellationToken.None);
                return true;
            },
            Tables.MirrorDeletedKey(id.Value),
            cancellationToken);
    }

    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => ListAsync(0, cancellationToken);

    /// <summary>Lists what either side has; of what both have, what the leading side knows.</summary>
    public async IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        MirrorView view = mirror.View;
        if (view.Twin is not { } twin)
        {
            await foreach (BlobInfo info in view.Lead.Blobs.ListAsync(fromDirectory, cancellationToken))
            {
                yield return info;
            }

            yield break;
        }

        await using var here = new BlobDirectories(view.Lead.Blobs.ListAsync(fromDirectory, cancellationToken));
        await using var there = new BlobDirectories(twin.Blobs.ListAsync(fromDirectory, cancellationToken));
        for (int directory = fromDirectory; directory < BlobDirectories.Count; directory++)
        {
            Dictionary<BlobId, BlobInfo> both = await there.ReadAsync(directory);
            foreach ((BlobId id, BlobInfo info) in await here.ReadAsync(directory))
            {
                both[id] = info;
            }

            foreach (BlobInfo info in both.Values)
            {
                yield return info;
            }
        }
    }

    public ValueTask DisposeAsync() => mirror.DisposeAsync();

    /// <summary>Forgets what an earlier fill left, before a new one begins to list blobs.</summary>
    public void BeginCovering() => mirror.WhileNotJoining(_ =>
    {
        _uncovered.Clear();
        _moved.Clear();
        return true;
    });

    public BlobId[] TakeUncovered() => Take(_uncovered);

    public BlobId[] TakeMoved() => Take(_moved);

    public bool IsBeingWritten(BlobId id) => _writing.ContainsKey(id);

    public void Written(BlobId id, MirroredBlobWriter writer) => _writing.TryRemove(KeyValuePair.Create(id, writer));

    /// <summary>Sees to it that a blob that was committed is on every side that counts, also on one that began to count while it was written.</summary>
    /// <exception cref="IOException">It is on no side that counts, or cannot be copied to all of them.</exception>
    public async ValueTask SettleAsync(BlobId id, List<MirrorCopy> committed)
    {
        while (mirror.WhileNotJoining(view => Lacking(view, id, committed)) is { } lacking)
        {
            try
            {
                if ((await EqualizeAsync(id, lacking.From, lacking.To, isSuspect: true, CancellationToken.None)).IsLacking)
                {
                    throw new MirrorSourceException($"The blob {id} was written to {lacking.From.Side.Name} and cannot be copied to {lacking.To.Side.Name}.");
                }

                committed.Add(lacking.To);
            }
            catch (Exception e) when (MirrorCopy.IsOwn(e) && e is not (MirrorSourceException or StorageFullException))
            {
                if (!await mirror.LoseAsync(lacking.To, e, side => Tables.MirrorSuspectKey(id.Value, side)))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Makes the copies of two sides of which one has everything the same, from the better one.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="from">The side that has everything.</param>
    /// <param name="to">The side that may lack the blob.</param>
    /// <param name="isSuspect">Whether the blob may be incomplete there although it does not show.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="MirrorSourceException">The side that has everything cannot be read any more.</exception>
    /// <exception cref="IOException">The other side failed.</exception>
    public async ValueTask<MirrorEqualized> EqualizeAsync(BlobId id, MirrorCopy from, MirrorCopy to, bool isSuspect, CancellationToken cancellationToken)
    {
        SemaphoreSlim held = await Copier.EnterAsync(id, cancellationToken);
        try
        {
            BlobSoundness here = await BlobCopier.JudgeAsync(from, id, isWhole: null, cancellationToken);
            BlobSoundness there = await BlobCopier.JudgeAsync(to, id, isWhole: null, cancellationToken);
            if (BlobCopier.MayReplace(there, here))
            {
                await HealHeldAsync(id, from, to, there, cancellationToken);
                return default;
            }

            if (BlobCopier.MayReplace(here, there)
                || (isSuspect && here == BlobSoundness.Unverifiable && there == here)
                || (here == BlobSoundness.Unverifiable && there == here && await IsLongerAsync(id, from, to, cancellationToken)))
            {
                return new MirrorEqualized(await BlobCopier.CopyHeldAsync(id, from, to, here, cancellationToken) ?? 0, IsLacking: false);
            }

            if (here is BlobSoundness.Damaged or BlobSoundness.Unreadable)
            {
                // No side is known to have it whole.
                mirror.Options.Events.HealFailed(from.Side.Name, id, new IOException($"the copy in {to.Side.Name} is no better"));
            }

            return new MirrorEqualized(0, IsLacking: here is BlobSoundness.Unreadable || there < here && there <= BlobSoundness.Unreadable);
        }
        finally
        {
            held.Release();
        }
    }

    /// <summary>Whether the first of two copies that nothing verifies is the longer one: the other was cut.</summary>
    private static async ValueTask<bool> IsLongerAsync(BlobId id, MirrorCopy one, MirrorCopy other, CancellationToken cancellationToken) =>
        await one.Blobs.FindAsync(id, cancellationToken) is { } first && await other.Blobs.FindAsync(id, cancellationToken) is { } second && first.Length > second.Length;

    private async ValueTask<IBlobWriter> CreateAsync(BlobId id, Func<IBlobStore, ValueTask<IBlobWriter>> create)
    {
        var writer = new MirroredBlobWriter(mirror, id);
        if (!_writing.TryAdd(id, writer))
        {
            throw new IOException($"The blob {id} is being written already.");
        }

        try
        {
            await writer.OpenAsync(create);
            return writer;
        }
        catch
        {
            await writer.DisposeAsync();
            throw;
        }
    }

    private (MirrorCopy From, MirrorCopy To)? Lacking(MirrorView view, BlobId id, List<MirrorCopy> committed)
    {
        MirrorCopy from = committed.Find(view.Counts) ?? throw new IOException($"The side of the mirror that the blob {id} was written to was lost meanwhile.");
        if (!committed.Contains(view.Lead))
        {
            return (from, view.Lead);
        }

        if (view.Second is null || committed.Contains(view.Second))
        {
            return null;
        }

        if (view.IsWhole)
        {
            return (from, view.Second);
        }

        _uncovered.Add(id);
        return null;
    }

    private BlobId[] Take(HashSet<BlobId> blobs) => mirror.WhileNotJoining(_ =>
    {
        BlobId[] taken = [.. blobs];
        blobs.Clear();
        return taken;
    });

    /// <summary>Changes a blob on all sides in use, the leading one first. A side where that fails is lost if the other succeeds.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="change">The change; made again, it does nothing. Not to be cancelled: it would be made on one side only.</param>
    /// <param name="note">The row that says to a fill what a side that is not in use lacks; null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    private async ValueTask<bool> OnBothAsync(BlobId id, Func<MirrorCopy, ValueTask<bool>> change, byte[]? note, CancellationToken cancellationToken)
    {
        SemaphoreSlim held = await Copier.EnterAsync(id, cancellationToken);
        try
        {
            bool done = false;
            bool isNoted = note is null;
            var changed = new List<MirrorCopy>(2);

            // A side may be taken in or lost meanwhile; one that is taken in later finds the note.
            while (true)
            {
                MirrorView view = mirror.View;
                if (view.Twin is null && !isNoted && changed.DistinctBy(static copy => copy.Index).Count() < 2)
                {
                    // Before the change, if the other side is away by then: a fill removes only what is known to be removed.
                    await mirror.NoteAsync(note!);
                    isNoted = true;
                    continue;
                }

                if (Next(view, changed) is not { } copy)
                {
                    break;
                }

                changed.Add(copy);
                try
                {
                    done |= await change(copy);
                }
                catch (Exception e) when (MirrorCopy.IsOwn(e) && !(e is StorageFullException && view.Counts(copy)))
                {
                    if (copy == view.Lead && view.Twin is { } twin)
                    {
                        // It is worse than the other only if the other succeeds.
                        changed.Add(twin);
                        done |= await change(twin);
                    }

                    if (!await mirror.LoseAsync(copy, e, note is null ? null : _ => note))
                    {
                        throw;
                    }
                }
            }

            return done;
        }
        finally
        {
            held.Release();
        }
    }

    private static MirrorCopy? Next(MirrorView view, List<MirrorCopy> changed) =>
        !changed.Contains(view.Lead) ? view.Lead : view.Second is { } second && !changed.Contains(second) ? second : null;
}

/// <summary>What became of two copies of a blob that were to be made the same.</summary>
/// <param name="Bytes">Bytes copied.</param>
/// <param name="IsLacking">Whether the blob may be on one side only, since a copy could not be read.</param>
internal readonly record struct MirrorEqualized(long Bytes, bool IsLacking);
