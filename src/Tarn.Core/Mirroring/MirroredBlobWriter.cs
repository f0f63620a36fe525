using System.Buffers;
using System.Runtime.ExceptionServices;
using Tarn.Core.Blobs;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <summary>Writes a blob to all sides in use. It is answered once every side that counts has it.</summary>
internal sealed class MirroredBlobWriter(Mirror mirror, BlobId id) : IBlobWriter
{
    // The leading side's writer first. One that failed is taken out.
    private readonly List<(MirrorCopy Copy, IBlobWriter Writer)> _writers = new(2);

    /// <summary>Creates the writers.</summary>
    /// <exception cref="IOException">No side that counts accepts the blob, or the failure is not a side's own.</exception>
    /// <exception cref="StorageFullException">A side that counts has no room.</exception>
    public async ValueTask OpenAsync(Func<IBlobStore, ValueTask<IBlobWriter>> create)
    {
        MirrorView view = mirror.View;
        Exception? onLead = null;
        try
        {
            _writers.Add((view.Lead, await create(view.Lead.Blobs)));
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e) && view.Twin is not null && e is not StorageFullException)
        {
            onLead = e;
        }

        if (view.Second is not { } second)
        {
            return;
        }

        try
        {
            _writers.Add((second, await create(second.Blobs)));
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e) && onLead is null && !(e is StorageFullException && view.IsWhole))
        {
            await mirror.LoseAsync(second, e);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e) && onLead is not null)
        {
            // Neither side accepts it: neither is worse than the other.
            throw e is StorageFullException ? e : onLead;
        }

        if (onLead is not null)
        {
            await mirror.LoseAsync(view.Lead, onLead);
        }
    }

    public async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_writers.Count == 1)
        {
            await _writers[0].Writer.WriteAsync(data, cancellationToken);
            return;
        }

        await OnAllAsync(data, static (writer, data, cancellationToken) => writer.WriteAsync(data, cancellationToken), null, cancellationToken);
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await OnAllAsync(0, static (writer, _, cancellationToken) => writer.CommitAsync(cancellationToken), side => Tables.MirrorSuspectKey(id.Value, side), cancellationToken);

        // From here on a fill sees to it as to any other blob.
        mirror.BlobStore.Written(id, this);
        await mirror.BlobStore.SettleAsync(id, [.. _writers.Select(static writer => writer.Copy)]);
    }

    public async ValueTask DisposeAsync()
    {
        mirror.BlobStore.Written(id, this);
        foreach ((MirrorCopy copy, IBlobWriter writer) in _writers)
        {
            try
            {
                await writer.DisposeAsync();
            }
            catch (Exception e) when (IsOwn(copy, e))
            {
                // What was given up could not be removed.
                if (!await mirror.LoseAsync(copy, e))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Whether a failure is the side's own. Once a side is lost and closed, whatever it throws is.</summary>
    private bool IsOwn(MirrorCopy copy, Exception e) =>
        MirrorCopy.IsOwn(e) || (e is not OperationCanceledException && !mirror.View.Counts(copy) && mirror.View.Second != copy);

    /// <summary>Whether a failure loses the side: not a lack of room on one that counts, which is the caller's, so that no side is lost for it.</summary>
    private bool IsLoss(MirrorCopy copy, Exception e) => IsOwn(copy, e) && !(e is StorageFullException && mirror.View.Counts(copy));

    private async ValueTask OnAllAsync<T>(
        T argument, Func<IBlobWriter, T, CancellationToken, ValueTask> act, Func<ulong, byte[]>? note, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_writers.Count == 0, this);

        // Both begin before either is waited for: each waits for another device.
        Task<Exception?> first = TryAsync(_writers[0].Writer, argument, act, cancellationToken);
        Exception? second = _writers.Count > 1 ? await TryAsync(_writers[1].Writer, argument, act, cancellationToken) : null;
        Exception? onFirst = await first;
        if (onFirst is not null && (second is not null || _writers.Count == 1 || !IsLoss(_writers[0].Copy, onFirst)))
        {
            ExceptionDispatchInfo.Throw(onFirst is StorageFullException ? onFirst : second as StorageFullException ?? onFirst);
        }

        if (second is not null && !IsLoss(_writers[1].Copy, second))
        {
            ExceptionDispatchInfo.Throw(second);
        }

        if ((onFirst ?? second) is { } failure)
        {
            (MirrorCopy copy, IBlobWriter writer) = _writers[onFirst is null ? 1 : 0];
            _writers.RemoveAt(onFirst is null ? 1 : 0);
            await DisposeQuietlyAsync(writer);
            if (!await mirror.LoseAsync(copy, failure, note))
            {
                ExceptionDispatchInfo.Throw(failure);
            }
        }
    }

    private static async Task<Exception?> TryAsync<T>(
        IBlobWriter writer, T argument, Func<IBlobWriter, T, CancellationToken, ValueTask> act, CancellationToken cancellationToken)
    {
        try
        {
            await act(writer, argument, cancellationToken);
            return null;
        }
#pragma warning disable CA1031 // The caller weighs the failures of both sides.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
    }

    private static async ValueTask DisposeQuietlyAsync(IBlobWriter writer)
    {
        try
        {
            await writer.DisposeAsync();
        }
#pragma warning disable CA1031 // Whatever a side that is lost throws must not fail the write that the other one has.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Its side is lost anyway; what it leaves behind goes when that side is opened again.
        }
    }
}
