using System.Runtime.CompilerServices;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <summary>Blobs that nothing refers to are set aside on both sides. What either side has set aside is listed.</summary>
internal sealed partial class MirroredBlobStore
{
    public ValueTask<bool> SetAsideAsync(BlobId id, CancellationToken cancellationToken) =>
        MoveAsync(id, copy => SetAsideHeldAsync(copy, id, CancellationToken.None), cancellationToken);

    public ValueTask<bool> BringBackAsync(BlobId id, CancellationToken cancellationToken) =>
        MoveAsync(id, copy => BringBackHeldAsync(copy, id, CancellationToken.None), cancellationToken);

    public async ValueTask DropAsideAsync(BlobId id, CancellationToken cancellationToken)
    {
        await OnBothAsync(
            id,
            async copy =>
            {
                await copy.Aside.DropAsideAsync(id, CancellationToken.None);
                return true;
            },
            Tables.MirrorDeletedKey(id.Value),
            cancellationToken);
    }

    public async ValueTask<IBlobReader?> OpenAsideAsync(BlobId id, CancellationToken cancellationToken)
    {
        MirrorView view = mirror.View;
        try
        {
            if (await view.Lead.Aside.OpenAsideAsync(id, cancellationToken) is { } reader)
            {
                return reader;
            }
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e) && view.Twin is not null)
        {
            if (await view.Twin.Aside.OpenAsideAsync(id, cancellationToken) is { } other)
            {
                return other;
            }

            throw;
        }

        return view.Twin is not { } twin ? null : await twin.Aside.OpenAsideAsync(id, cancellationToken);
    }

    public async IAsyncEnumerable<BlobInfo> ListAsideAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        MirrorView view = mirror.View;
        var listed = new HashSet<BlobId>();
        foreach (MirrorCopy copy in view.Twin is { } twin ? (MirrorCopy[])[view.Lead, twin] : [view.Lead])
        {
            await foreach (BlobInfo info in copy.Aside.ListAsideAsync(cancellationToken))
            {
                if (listed.Add(info.Id))
                {
                    yield return info;
                }
            }
        }
    }

    /// <summary>Has a blob that was moved on the side that has everything in the same place on the other one, which may have had none to move.</summary>
    /// <returns>Bytes copied.</returns>
    /// <inheritdoc cref="EqualizeAsideAsync"/>
    public async ValueTask<long> EqualizeMovedAsync(BlobId id, MirrorCopy from, MirrorCopy to, CancellationToken cancellationToken) =>
        await EqualizeAsideAsync(id, from, to, cancellationToken) + (await EqualizeAsync(id, from, to, isSuspect: false, cancellationToken)).Bytes;

    /// <summary>Makes what a side that is filled has set aside the same as on the side that has everything. What only it has stays, as its blobs do.</summary>
    /// <returns>Bytes copied.</returns>
    /// <exception cref="MirrorSourceException">The side that has everything cannot be read any more.</exception>
    /// <exception cref="IOException">The other side failed.</exception>
    public async ValueTask<long> EqualizeAsideAsync(BlobId id, MirrorCopy from, MirrorCopy to, CancellationToken cancellationToken)
    {
        SemaphoreSlim held = await Copier.EnterAsync(id, cancellationToken);
        try
        {
            await using IBlobReader? source = await BlobCopier.ReadingAsync(() => from.Aside.OpenAsideAsync(id, cancellationToken));
            if (source is null)
            {
                if (await BlobCopier.ReadingAsync(() => from.Blobs.FindAsync(id, cancellationToken)) is not null)
                {
                    await BringBackHeldAsync(to, id, cancellationToken);
                }

                return 0;
            }

            if (await SetAsideHeldAsync(to, id, cancellationToken) || await IsAsideAsync(to, id, cancellationToken))
            {
                return 0;
            }

            await BlobCopier.CopyHeldAsync(id, source, to, verify: false, cancellationToken);
            await to.Aside.SetAsideAsync(id, cancellationToken);
            return source.Length;
        }
        finally
        {
            held.Release();
        }
    }

    /// <summary>Moves a blob on all sides in use; on one that is being filled, or was meanwhile, also if it did not have the blob yet.</summary>
    private async ValueTask<bool> MoveAsync(BlobId id, Func<MirrorCopy, ValueTask<bool>> move, CancellationToken cancellationToken)
    {
        MirrorView before = mirror.View;
        bool done = await OnBothAsync(id, move, note: null, cancellationToken);
        MirrorView view = mirror.WhileNotJoining(view =>
        {
            if (view is { Second: not null, IsWhole: false })
            {
                _moved.Add(id);
            }

            return view;
        });
        if (view.Twin is { } twin && view != before)
        {
            try
            {
                await EqualizeMovedAsync(id, view.Lead, twin, CancellationToken.None);
            }
            catch (Exception e) when (MirrorCopy.IsOwn(e) && e is not (MirrorSourceException or StorageFullException))
            {
                if (!await mirror.LoseAsync(twin, e))
                {
                    throw;
                }
            }
        }

        return done;
    }

    private static async ValueTask<bool> SetAsideHeldAsync(MirrorCopy copy, BlobId id, CancellationToken cancellationToken)
    {
        await KeepBetterAsync(copy, id, cancellationToken);
        return await copy.Aside.SetAsideAsync(id, cancellationToken);
    }

    private static async ValueTask<bool> BringBackHeldAsync(MirrorCopy copy, BlobId id, CancellationToken cancellationToken)
    {
        await KeepBetterAsync(copy, id, cancellationToken);
        return await copy.Aside.BringBackAsync(id, cancellationToken);
    }

    private static async ValueTask<bool> IsAsideAsync(MirrorCopy copy, BlobId id, CancellationToken cancellationToken)
    {
        await using IBlobReader? aside = await copy.Aside.OpenAsideAsync(id, cancellationToken);
        return aside is not null;
    }

    /// <summary>Leaves one copy of a blob that is in both places, as on a side that was away when it was moved, so that the other place is free for it.</summary>
    private static async ValueTask KeepBetterAsync(MirrorCopy copy, BlobId id, CancellationToken cancellationToken)
    {
        BlobSoundness aside, inPlace;
        await using (IBlobReader? reader = await copy.Aside.OpenAsideAsync(id, cancellationToken))
        await using (IBlobReader? other = reader is null ? null : await copy.Blobs.OpenAsync(id, cancellationToken))
        {
            if (reader is null || other is null)
            {
                return;
            }

            aside = await BlobVerifier.JudgeAsync(id, reader, pace: null, cancellationToken);
            inPlace = await BlobVerifier.JudgeAsync(id, other, pace: null, cancellationToken);
        }

        if (aside > inPlace)
        {
            await copy.Blobs.DeleteAsync(id, cancellationToken);
        }
        else
        {
            await copy.Aside.DropAsideAsync(id, cancellationToken);
        }
    }
}
