using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;

namespace Tarn.Core.Mirroring;

/// <summary>Reads the copy of one side, and goes on with the other side's when that fails.</summary>
/// <param name="store">Has the failed copy rewritten.</param>
/// <param name="id">The blob.</param>
/// <param name="copy">The side that it is read from.</param>
/// <param name="other">The other side; null when there is none.</param>
/// <param name="first">The open blob; disposed with this.</param>
/// <param name="goesOn">Whether it goes on with the other side: not where the caller reads that too.</param>
internal sealed class MirroredBlobReader(MirroredBlobStore store, BlobId id, MirrorCopy copy, MirrorCopy? other, IBlobReader first, bool goesOn = true) : IBlobReader
{
    private readonly SemaphoreSlim _opening = new(1);
    private volatile IBlobReader? _second;

    public long Length => first.Length;

    public bool IsBare => first.IsBare;

    public long? TailAt => first.TailAt;

    public SafeFileHandle? FileHandle => Current.FileHandle;

    public BlobStamp Stamp => Current.Stamp;

    /// <summary>The side that is read at this moment.</summary>
    public MirrorCopy Copy => _second is null ? copy : other!;

    /// <summary>The side that is not.</summary>
    public MirrorCopy? Other => _second is null ? other : copy;

    private IBlobReader Current => _second ?? first;

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        ReadAsync(offset, buffer, onDevice: false, cancellationToken);

    public ValueTask<int> ReadDeviceAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        ReadAsync(offset, buffer, onDevice: true, cancellationToken);

    public int TryReadCached(long offset, Span<byte> buffer) => Current.TryReadCached(offset, buffer);

    public bool IsCached(long offset, long length) => Current.IsCached(offset, length);

    public void DropCached(long offset, long length) => Current.DropCached(offset, length);

    public async ValueTask DisposeAsync()
    {
        await first.DisposeAsync();
        if (_second is not null)
        {
            await _second.DisposeAsync();
        }

        _opening.Dispose();
    }

    private static ValueTask<int> ReadAsync(IBlobReader reader, long offset, Memory<byte> buffer, bool onDevice, CancellationToken cancellationToken) =>
        onDevice ? reader.ReadDeviceAsync(offset, buffer, cancellationToken) : reader.ReadAsync(offset, buffer, cancellationToken);

    private ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, bool onDevice, CancellationToken cancellationToken) =>
        _second is { } second ? ReadAsync(second, offset, buffer, onDevice, cancellationToken)
        : other is null || !goesOn ? ReadAsync(first, offset, buffer, onDevice, cancellationToken)
        : ReadFirstAsync(offset, buffer, onDevice, cancellationToken);

    private async ValueTask<int> ReadFirstAsync(long offset, Memory<byte> buffer, bool onDevice, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(first, offset, buffer, onDevice, cancellationToken);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            if (!await TryOpenOtherAsync(cancellationToken))
            {
                throw;
            }
        }

        return await ReadAsync(_second!, offset, buffer, onDevice, cancellationToken);
    }

    private async ValueTask<bool> TryOpenOtherAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_second is not null)
            {
                return true;
            }

            IBlobReader? opened = await other!.Blobs.OpenAsync(id, cancellationToken);
            if (opened is null)
            {
                return false;
            }

            // A copy of another length is damaged itself, or was sealed meanwhile.
            if (opened.Length != first.Length || opened.IsBare != first.IsBare || (opened.TailAt ?? first.TailAt) != (first.TailAt ?? opened.TailAt))
            {
                await opened.DisposeAsync();
                return false;
            }

            _second = opened;
            store.BeginRepair(id);
            return true;
        }
        finally
        {
            _opening.Release();
        }
    }
}
