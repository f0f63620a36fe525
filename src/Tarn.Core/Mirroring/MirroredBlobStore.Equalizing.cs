using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <content>How a blob comes to be the same on both sides, after an upload or while one is filled.</content>
internal sealed partial class MirroredBlobStore
{
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
            BlobSoundness here = await BlobCopier.JudgeAsync(from, id, cancellationToken);
            BlobSoundness there = await BlobCopier.JudgeAsync(to, id, cancellationToken);
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
}
