using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Mirroring;

/// <summary>The stores of one side from one opening to its end. A side that is opened again is another copy, so that late failures of the old one are told apart.</summary>
internal sealed class MirrorCopy(int index, MirrorSide side, MirrorStores stores)
{
    /// <summary>0 for the data directory, 1 for the mirror.</summary>
    public int Index => index;

    public MirrorSide Side => side;

    public IKeyValueStore Metadata => stores.Metadata;

    public IBlobStore Blobs => stores.Blobs;

    /// <summary>The same blobs, where those are that were set aside.</summary>
    public ISetAsideStore Aside => stores.Aside;

    /// <summary>The same blobs, where damaged ones are replaced.</summary>
    public IReplacingBlobs Replacing => stores.Replacing;

    /// <summary>Whether a failure is the side's own; others are the process's or the caller's.</summary>
    public static bool IsOwn(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ObjectDisposedException && !DescriptorShortage.IsCauseOf(exception);

    /// <summary>Whether the metadata has room for a commit that adds.</summary>
    /// <exception cref="IOException">The device cannot be asked.</exception>
    public bool HasRoom(long bytes) => Metadata is not IReservingStore reserving || reserving.HasRoom(bytes);

    /// <summary>Commits a batch without checks.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="isSynced">Whether it must be on the device, also where commits are answered before: for what a mark says afterwards.</param>
    /// <returns>How it failed; null when it is done.</returns>
    public async Task<Exception?> CommitAsync(KeyValueBatch batch, bool isSynced = false)
    {
        try
        {
            await Metadata.CommitAsync(batch, CancellationToken.None);
            if (isSynced && Metadata is IFlushableStore store)
            {
                await store.FlushAsync();
            }

            return null;
        }
#pragma warning disable CA1031 // What a side's engine throws must not decide what becomes of the other side: the caller weighs both.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
    }

    public async ValueTask CloseAsync()
    {
        try
        {
            await Metadata.DisposeAsync();
        }
        finally
        {
            await Blobs.DisposeAsync();
        }
    }
}

/// <summary>Which copies are in use, at one moment.</summary>
/// <param name="Lead">Answers reads. It has everything.</param>
/// <param name="Second">Also gets all writes; null while there is one copy only.</param>
/// <param name="IsWhole">Whether the second copy has everything, and counts.</param>
internal sealed record MirrorView(MirrorCopy Lead, MirrorCopy? Second, bool IsWhole)
{
    /// <summary>The second copy, if it counts.</summary>
    public MirrorCopy? Twin => IsWhole ? Second : null;

    /// <summary>Whether a copy is in use, and counts.</summary>
    public bool Counts(MirrorCopy copy) => copy == Lead || copy == Twin;

    /// <summary>The other copy, if both count and the given one is one of them.</summary>
    public MirrorCopy? TwinOf(MirrorCopy copy) => copy == Lead ? Twin : copy == Twin ? Lead : null;
}
