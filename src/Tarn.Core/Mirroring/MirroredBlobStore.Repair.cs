using System.Collections.Concurrent;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <summary>What becomes of a copy that is damaged: it is rewritten from the other side.</summary>
internal sealed partial class MirroredBlobStore
{
    private readonly ConcurrentDictionary<BlobId, Task> _healing = new();

    /// <summary>Waits for the copies that are being healed.</summary>
    public Task CloseAsync() => Task.WhenAll(_healing.Values);

    public async ValueTask<IBlobReader?> OpenOtherAsync(BlobId id, IBlobReader damaged, CancellationToken cancellationToken)
    {
        if (damaged is not MirroredBlobReader { Other: { } other } reader || !mirror.View.Counts(other))
        {
            return null;
        }

        try
        {
            return await other.Blobs.OpenAsync(id, cancellationToken) is { } opened ? new MirroredBlobReader(this, id, other, reader.Copy, opened, goesOn: false) : null;
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            // It is no better than the one that is damaged, which the caller reports.
            mirror.Options.Events.HealFailed(reader.Copy.Side.Name, id, e);
            return null;
        }
    }

    public async ValueTask<CopyRepair> VerifyOthersAsync(BlobId id, Func<int, ValueTask> pace, CancellationToken cancellationToken)
    {
        if (mirror.View.Twin is not { } twin)
        {
            return CopyRepair.None;
        }

        // Without the lock: reading takes as long as the pace wants. What is bad then is judged again with it.
        BlobSoundness there;
        try
        {
            await using IBlobReader? reader = await twin.Blobs.OpenAsync(id, cancellationToken);
            there = await BlobVerifier.JudgeAsync(id, reader, pace, cancellationToken);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            there = BlobSoundness.Unreadable;
        }

        // A bare copy of a blob that has its checksums on the other side: there was no room for them when the other got them.
        return there == BlobSoundness.Whole || (there == BlobSoundness.Unverifiable && await IsBareAsync(mirror.View.Lead, id, cancellationToken)) || !mirror.View.Counts(twin)
            ? CopyRepair.None
            : (await RepairCopiesAsync(id, cancellationToken)).Repair;
    }

    public async ValueTask<bool> RepairAsync(BlobId id, CancellationToken cancellationToken) =>
        (await RepairCopiesAsync(id, cancellationToken)).IsReadable;

    private static async ValueTask<bool> IsBareAsync(MirrorCopy copy, BlobId id, CancellationToken cancellationToken)
    {
        try
        {
            return await copy.Blobs.FindAsync(id, cancellationToken) is not { IsBare: false };
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            // Then nothing can be made of it.
            return true;
        }
    }

    public bool IsOther(IBlobReader reader) => reader is MirroredBlobReader mirrored && mirrored.Copy != mirror.View.Lead;

    public void BeginRepair(BlobId id)
    {
        var repaired = new TaskCompletionSource();
        if (_healing.TryAdd(id, repaired.Task))
        {
            _ = RepairBehindAsync(id, repaired);
        }
    }

    private async ValueTask<(bool IsReadable, CopyRepair Repair)> RepairCopiesAsync(BlobId id, CancellationToken cancellationToken)
    {
        SemaphoreSlim held = await Copier.EnterAsync(id, cancellationToken);
        try
        {
            MirrorView view = mirror.View;
            BlobSoundness here = await BlobCopier.JudgeAsync(view.Lead, id, cancellationToken);
            BlobSoundness there = view.Twin is null ? BlobSoundness.Missing : await BlobCopier.JudgeAsync(view.Twin, id, cancellationToken);
            CopyRepair repair = CopyRepair.None;
            if (view.Twin is { } twin && (BlobCopier.MayReplace(here, there) || BlobCopier.MayReplace(there, here)))
            {
                (MirrorCopy good, MirrorCopy bad, BlobSoundness best) = here > there ? (view.Lead, twin, here) : (twin, view.Lead, there);
                bool isHealed = await HealHeldAsync(id, bad, good, best, cancellationToken);
                here = isHealed ? best : here;
                repair = isHealed ? CopyRepair.Done : CopyRepair.Failed;
            }
            else if (here is BlobSoundness.Damaged or BlobSoundness.Unreadable)
            {
                mirror.Options.Events.HealFailed(view.Lead.Side.Name, id, new IOException(view.Twin is null ? "there is no other copy" : "the copy of the other side is no better"));
                repair = CopyRepair.Failed;
            }

            return (here >= BlobSoundness.Unverifiable, repair);
        }
        finally
        {
            held.Release();
        }
    }

    private async Task RepairBehindAsync(BlobId id, TaskCompletionSource repaired)
    {
        await Task.Yield();
        try
        {
            await RepairAsync(id, CancellationToken.None);
        }
#pragma warning disable CA1031 // Nobody waits for it: the read that found the damage was answered.
        catch (Exception e)
#pragma warning restore CA1031
        {
            mirror.Options.Events.HealFailed(mirror.View.Lead.Side.Name, id, e);
        }
        finally
        {
            _healing.TryRemove(id, out _);
            repaired.SetResult();
        }
    }

    /// <summary>Rewrites a copy. Returns false if it could not be.</summary>
    private async ValueTask<bool> HealHeldAsync(BlobId id, MirrorCopy bad, MirrorCopy good, BlobSoundness expected, CancellationToken cancellationToken)
    {
        try
        {
            if (await BlobCopier.CopyHeldAsync(id, good, bad, expected, cancellationToken) is { } length)
            {
                mirror.Options.Events.Healed(bad.Side.Name, id, length);
            }

            return true;
        }
        catch (Exception e) when (e is MirrorSourceException or StorageFullException)
        {
            mirror.Options.Events.HealFailed(bad.Side.Name, id, e);
            return false;
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            mirror.Options.Events.HealFailed(bad.Side.Name, id, e);
            return await mirror.LoseAsync(bad, e, side => Tables.MirrorSuspectKey(id.Value, side));
        }
    }
}
