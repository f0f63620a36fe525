using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;

namespace Tarn.Core.Mirroring;

/// <summary>Reads a blob of the leading side, and goes on with the other side's copy when that fails.</summary>
internal sealed class MirroredBlobReader(MirroredBlobStore store, BlobId id, MirrorView view, IBlobReader first) : IBlobReader
{
    private readonly SemaphoreSlim _opening = new(1);
    private volatile IBlobReader? _other;

    public long Length => first.Length;

    public bool IsBare => first.IsBare;

    public SafeFileHandle? FileHandle => first.FileHandle;

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _other is { } other ? other.ReadAsync(offset, buffer, cancellationToken) : ReadFirstAsync(offset, buffer, cancellationToken);

    public int TryReadCached(long offset, Span<byte> buffer) => (_other ?? first).TryReadCached(offset, buffer);

    public async ValueTask DisposeAsync()
    {
        await first.DisposeAsync();
        if (_other is not null)
        {
            await _other.DisposeAsync();
        }

        _opening.Dispose();
    }

    private async ValueTask<int> ReadFirstAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await first.ReadAsync(offset, buffer, cancellationToken);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            if (!await TryOpenOtherAsync(cancellationToken))
            {
                throw;
            }
        }

        return await _other!.ReadAsync(offset, buffer, cancellationToken);
    }

    private async ValueTask<bool> TryOpenOtherAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_other is not null)
            {
                return true;
            }

            IBlobReader? other = await view.Second!.Blobs.OpenAsync(id, cancellationToken);
            if (other is null)
            {
                return false;
            }

            // A copy of another length is damaged itself, or was sealed meanwhile.
            if (other.Length != first.Length || other.IsBare != first.IsBare)
            {
                await other.DisposeAsync();
                return false;
            }

            _other = other;
            store.Heal(id, view.Lead, view.Second);
            return true;
        }
        finally
        {
            _opening.Release();
        }
    }
}
