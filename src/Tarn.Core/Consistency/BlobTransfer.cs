using System.Buffers;
using Tarn.Core.Blobs;

namespace Tarn.Core.Consistency;

/// <summary>Brings blobs into the store that a rebuild makes, under their ids: linked where that was asked for and is possible, otherwise copied.</summary>
internal sealed class BlobTransfer(IBlobStore source, RebuildTarget target)
{
    private const int BufferSize = 1 << 20;

    /// <summary>Blobs that got a second name.</summary>
    public long Linked { get; private set; }

    /// <summary>Blobs that were copied.</summary>
    public long Copied { get; private set; }

    /// <summary>Makes durable what was brought into the new store.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public ValueTask SyncAsync() => target.SyncBlobsAsync?.Invoke() ?? ValueTask.CompletedTask;

    /// <summary>Brings a blob into the new store, of which no row there says yet that it is there. It is durable after <see cref="SyncAsync"/>.</summary>
    /// <exception cref="SourceUnreadableException">It cannot be read.</exception>
    public async ValueTask RunAsync(BlobId id, CancellationToken cancellationToken)
    {
        // What has its name was left by a rebuild that was cut off. Blobs are named before they are synced, so after a power failure it may be a part only.
        await target.Blobs.DeleteAsync(id, cancellationToken);
        if (target.TryLink?.Invoke(id) == true)
        {
            Linked++;
            return;
        }

        await using IBlobReader reader = await OpenAsync(source, id, cancellationToken);
        await using IBlobWriter writer = await target.Blobs.CreateAsync(id, reader.Length, cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long at = 0; at < reader.Length;)
            {
                int count = await ReadAsync(reader, id, at, buffer.AsMemory(0, BufferSize), cancellationToken);
                await writer.WriteAsync(new ReadOnlySequence<byte>(buffer, 0, count), cancellationToken);
                at += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        await writer.CommitAsync(cancellationToken);
        Copied++;
    }

    /// <summary>Removes a blob from the new store that no row there refers to.</summary>
    public ValueTask DropAsync(BlobId id, CancellationToken cancellationToken) => target.Blobs.DeleteAsync(id, cancellationToken);

    /// <summary>Opens a blob of the source.</summary>
    /// <exception cref="SourceUnreadableException">It cannot be opened, or is gone.</exception>
    public static async ValueTask<IBlobReader> OpenAsync(IBlobStore source, BlobId id, CancellationToken cancellationToken)
    {
        try
        {
            return await source.OpenAsync(id, cancellationToken) ?? throw new SourceUnreadableException($"The blob {id} is gone.");
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not SourceUnreadableException)
        {
            throw new SourceUnreadableException($"The blob cannot be opened: {e.Message}", e);
        }
    }

    private static async ValueTask<int> ReadAsync(IBlobReader reader, BlobId id, long at, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            int count = await reader.ReadAsync(at, buffer, cancellationToken);
            return count > 0 ? count : throw new SourceUnreadableException($"The blob {id} became shorter while it was copied.");
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not SourceUnreadableException)
        {
            throw new SourceUnreadableException($"The blob cannot be read: {e.Message}", e);
        }
    }
}
