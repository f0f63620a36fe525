using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Tarn.Core.Blobs;

namespace Tarn.Core.Mirroring;

/// <summary>The blobs of a mirror: written to both sides, read from the leading one or, where that fails, from the other, which then heals it.</summary>
internal sealed class MirroredBlobStore(Mirror mirror) : IBlobStore, IBlobRepair
{
    private readonly ConcurrentDictionary<BlobId, MirroredBlobWriter> _writing = new();
    private readonly ConcurrentDictionary<BlobId, Task> _healing = new();

    // Blobs that a side being filled lacks because their writers began before it. Guarded by Mirror.WhileNotJoining.
    private readonly HashSet<BlobId> _uncovered = [];

    public BlobCopier Copier { get; } = new();

    /// <summary>Whether a side that is being filled lacks blobs that were written meanwhile. Called while no copy begins to count.</summary>
    public bool HasUncovered => _uncovered.Count > 0;

    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) =>
        CreateAsync(id, blobs => blobs.CreateAsync(id, expectedLength, cancellationToken));

    public ValueTask<IBlobWriter> CreateBareAsync(BlobId id, long length, CancellationToken cancellationToken) =>
        CreateAsync(id, blobs => blobs.CreateBareAsync(id, length, cancellationToken));

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

            Heal(id, view.Lead, twin);
            return reader;
        }

        if (reader is not null)
        {
            return new MirroredBlobReader(this, id, view, reader);
        }

        // It is missing here, or being deleted.
        reader = await AskAsync(twin, cancellationToken => twin.Blobs.OpenAsync(id, cancellationToken), cancellationToken);
        if (reader is not null)
        {
            Heal(id, view.Lead, twin);
        }

        return reader;
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
            // Whoever reads the blob heals this side.
            return await view.Twin.Blobs.FindAsync(id, cancellationToken);
        }

        return view.Twin is not { } twin ? null : await AskAsync(twin, cancellationToken => twin.Blobs.FindAsync(id, cancellationToken), cancellationToken);
    }

    public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) =>
        OnBothAsync(id, copy => copy.Blobs.SealAsync(id, tail, cancellationToken), cancellationToken);

    public async ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken) =>
        await OnBothAsync(
            id,
            async copy =>
            {
                await copy.Blobs.DeleteAsync(id, cancellationToken);
                return true;
            },
            cancellationToken);

    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => ListAsync(0, cancellationToken);

    public async IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (BlobInfo info in mirror.View.Lead.Blobs.ListAsync(fromDirectory, cancellationToken))
        {
            yield return info;
        }
    }

    public async ValueTask<bool> RepairAsync(BlobId id, BlobVerification isWhole, CancellationToken cancellationToken)
    {
        SemaphoreSlim held = await Copier.EnterAsync(id, cancellationToken);
        try
        {
            MirrorView view = mirror.View;
            bool here = await IsWholeAsync(view.Lead, id, isWhole, cancellationToken);
            if (view.Twin is not { } twin)
            {
                return here;
            }

            bool there = await IsWholeAsync(twin, id, isWhole, cancellationToken);
            if (here == there)
            {
                return here;
            }

            (MirrorCopy good, MirrorCopy bad) = here ? (view.Lead, twin) : (twin, view.Lead);
            return await HealHeldAsync(id, bad, good, cancellationToken);
        }
        finally
        {
            held.Release();
        }
    }

    public ValueTask DisposeAsync() => mirror.DisposeAsync();

    /// <summary>Waits for the copies that are being healed.</summary>
    public Task CloseAsync() => Task.WhenAll(_healing.Values);

    /// <summary>Forgets what an earlier fill left, before a new one begins to list blobs.</summary>
    public void BeginCovering() => mirror.WhileNotJoining(_ =>
    {
        _uncovered.Clear();
        return true;
    });

    public BlobId[] TakeUncovered() => mirror.WhileNotJoining(_ =>
    {
        BlobId[] taken = [.. _uncovered];
        _uncovered.Clear();
        return taken;
    });

    public bool IsBeingWritten(BlobId id) => _writing.ContainsKey(id);

    public void Written(BlobId id, MirroredBlobWriter writer) => _writing.TryRemove(KeyValuePair.Create(id, writer));

    /// <summary>Sees to it that a blob that was committed is on every side that counts, also on one that began to count while it was written.</summary>
    /// <exception cref="IOException">It is on no side that counts.</exception>
    public async ValueTask SettleAsync(BlobId id, List<MirrorCopy> committed)
    {
        while (mirror.WhileNotJoining(view => Lacking(view, id, committed)) is { } lacking)
        {
            try
            {
                await Copier.CopyAsync(id, lacking.From, lacking.To, always: true, CancellationToken.None);
                committed.Add(lacking.To);
            }
            catch (Exception e) when (MirrorCopy.IsOwn(e) && e is not MirrorSourceException)
            {
                await mirror.LoseAsync(lacking.To, e, id);
            }
        }
    }

    /// <summary>Rewrites a copy in the background, once at a time.</summary>
    public void Heal(BlobId id, MirrorCopy bad, MirrorCopy good)
    {
        var healed = new TaskCompletionSource();
        if (_healing.TryAdd(id, healed.Task))
        {
            _ = HealAsync(id, bad, good, healed);
        }
    }

    private async Task HealAsync(BlobId id, MirrorCopy bad, MirrorCopy good, TaskCompletionSource healed)
    {
        await Task.Yield();
        SemaphoreSlim held = await Copier.EnterAsync(id, CancellationToken.None);
        try
        {
            await HealHeldAsync(id, bad, good, CancellationToken.None);
        }
        finally
        {
            held.Release();
            _healing.TryRemove(id, out _);
            healed.SetResult();
        }
    }

    /// <summary>Rewrites a copy. Returns false if the other one could not be read.</summary>
    private async ValueTask<bool> HealHeldAsync(BlobId id, MirrorCopy bad, MirrorCopy good, CancellationToken cancellationToken)
    {
        try
        {
            if (await BlobCopier.CopyHeldAsync(id, good, bad, always: true, cancellationToken) is { } length)
            {
                mirror.Options.Events.Healed(bad.Side.Name, id, length);
            }

            return true;
        }
        catch (MirrorSourceException e)
        {
            mirror.Options.Events.HealFailed(bad.Side.Name, id, e);
            return false;
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            mirror.Options.Events.HealFailed(bad.Side.Name, id, e);
            return await mirror.LoseAsync(bad, e, id);
        }
    }

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

    /// <summary>Asks the other side for what the leading side does not have. If it cannot tell, it is lost, and does not have it either.</summary>
    private async ValueTask<T?> AskAsync<T>(MirrorCopy twin, Func<CancellationToken, ValueTask<T?>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(cancellationToken);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            await mirror.LoseAsync(twin, e);
            return default;
        }
    }

    private static async ValueTask<bool> IsWholeAsync(MirrorCopy copy, BlobId id, BlobVerification isWhole, CancellationToken cancellationToken)
    {
        try
        {
            await using IBlobReader? reader = await copy.Blobs.OpenAsync(id, cancellationToken);
            return reader is not null && await isWhole(reader, cancellationToken);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            return false;
        }
    }

    /// <summary>Changes a blob on the leading side, then on the other. A side where that fails is lost if the other succeeds.</summary>
    private async ValueTask<bool> OnBothAsync(BlobId id, Func<MirrorCopy, ValueTask<bool>> change, CancellationToken cancellationToken)
    {
        SemaphoreSlim held = await Copier.EnterAsync(id, cancellationToken);
        try
        {
            MirrorView view = mirror.View;
            if (view.Second is not { } second)
            {
                return await change(view.Lead);
            }

            bool done = false;
            Exception? onLead = null;
            try
            {
                done = await change(view.Lead);
            }
            catch (Exception e) when (MirrorCopy.IsOwn(e) && view.IsWhole)
            {
                onLead = e;
            }

            try
            {
                bool there = await change(second);
                done = onLead is null ? done : there;
            }
            catch (Exception e) when (MirrorCopy.IsOwn(e) && onLead is null)
            {
                await mirror.LoseAsync(second, e);
            }

            if (onLead is not null)
            {
                await mirror.LoseAsync(view.Lead, onLead);
            }

            return done;
        }
        finally
        {
            held.Release();
        }
    }
}
