using System.Buffers;
using Tarn.Core.Blobs;

namespace Tarn.Core.Mirroring;

/// <summary>
/// Copies blobs from one side to the other. Copies, deletions and seals of one blob come one after another, so that a copy never brings back
/// what was deleted while it was made.
/// </summary>
internal sealed class BlobCopier
{
    private const int BufferBytes = 1 << 20;

    // Blobs share locks, so that there are never more than these.
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 256).Select(static _ => new SemaphoreSlim(1))];

    /// <summary>Waits until nobody else changes a blob on one side only. To be released once.</summary>
    public async ValueTask<SemaphoreSlim> EnterAsync(BlobId id, CancellationToken cancellationToken)
    {
        SemaphoreSlim held = _locks[(int)(id.Value.Low % (ulong)_locks.Length)];
        await held.WaitAsync(cancellationToken);
        return held;
    }

    /// <summary>Makes one side have exactly what the other has of a blob: its bytes, or nothing.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="from">Where it is right.</param>
    /// <param name="to">Where it may not be.</param>
    /// <param name="always">Whether a copy of the right length is replaced too.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Bytes copied; null when nothing had to be.</returns>
    /// <exception cref="MirrorSourceException">The side to copy from failed.</exception>
    /// <exception cref="IOException">The side to copy to failed.</exception>
    public async ValueTask<long?> CopyAsync(BlobId id, MirrorCopy from, MirrorCopy to, bool always, CancellationToken cancellationToken)
    {
        SemaphoreSlim held = await EnterAsync(id, cancellationToken);
        try
        {
            return await CopyHeldAsync(id, from, to, always, cancellationToken);
        }
        finally
        {
            held.Release();
        }
    }

    /// <summary>As <see cref="CopyAsync"/>, for a caller that has entered.</summary>
    public static async ValueTask<long?> CopyHeldAsync(BlobId id, MirrorCopy from, MirrorCopy to, bool always, CancellationToken cancellationToken)
    {
        BlobInfo? there = await to.Blobs.FindAsync(id, cancellationToken);
        await using IBlobReader? reader = await ReadingAsync(() => from.Blobs.OpenAsync(id, cancellationToken));
        if (reader is null)
        {
            await to.Blobs.DeleteAsync(id, cancellationToken);
            return null;
        }

        if (!always && there is { } same && same.Length == reader.Length && same.IsBare == reader.IsBare)
        {
            return null;
        }

        await using IBlobWriter writer = reader.IsBare
            ? await to.Blobs.CreateBareAsync(id, reader.Length, cancellationToken)
            : await to.Blobs.CreateAsync(id, reader.Length, cancellationToken);
        await WriteAsync(reader, writer, cancellationToken);

        // As late as possible: what is there may still be good for something.
        if (there is not null)
        {
            await to.Blobs.DeleteAsync(id, cancellationToken);
        }

        await writer.CommitAsync(cancellationToken);
        return reader.Length;
    }

    private static async ValueTask WriteAsync(IBlobReader reader, IBlobWriter writer, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(reader.Length, 1, BufferBytes));
        try
        {
            for (long at = 0; at < reader.Length;)
            {
                int count = await ReadingAsync(() => reader.ReadAsync(at, buffer, cancellationToken));
                if (count == 0)
                {
                    throw new MirrorSourceException("A blob ends before its length.");
                }

                await writer.WriteAsync(new ReadOnlySequence<byte>(buffer, 0, count), cancellationToken);
                at += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<T> ReadingAsync<T>(Func<ValueTask<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            throw new MirrorSourceException(e.Message, e);
        }
    }
}

/// <summary>What was to be copied could not be read.</summary>
internal sealed class MirrorSourceException : IOException
{
    public MirrorSourceException() { }

    public MirrorSourceException(string message) : base(message) { }

    public MirrorSourceException(string message, Exception inner) : base(message, inner) { }
}
