using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Tarn.Core.Blobs;
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
