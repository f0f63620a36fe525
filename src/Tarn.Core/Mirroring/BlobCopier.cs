using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;

namespace Tarn.Core.Mirroring;

/// <summary>
/// Copies blobs from one side to the other, never a worse copy over a better one. Copies, deletions and seals of one blob come one after another, so that
/// a copy never brings back what was deleted while it was made.
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

    /// <summary>How good a side's copy of a blob is. A failure to open it counts as unreadable.</summary>
    public static async ValueTask<BlobSoundness> JudgeAsync(MirrorCopy copy, BlobId id, CancellationToken cancellationToken)
    {
        try
        {
            await using IBlobReader? reader = await copy.Blobs.OpenAsync(id, cancellationToken);
            return await BlobVerifier.JudgeAsync(id, reader, pace: null, cancellationToken);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            return BlobSoundness.Unreadable;
        }
    }

    /// <summary>
    /// Whether one copy may take the place of another: a whole one of any, another one only where there is none. Of two damaged copies each may have what the other lacks, one that
    /// cannot be read now may be whole, and a copy that nothing verifies must not hide that the other is damaged.
    /// </summary>
    public static bool MayReplace(BlobSoundness better, BlobSoundness worse) =>
        better == BlobSoundness.Whole ? worse < BlobSoundness.Whole : better >= BlobSoundness.Damaged && worse == BlobSoundness.Missing;

    /// <summary>
    /// Writes what one side has of a blob to the other, beside what that has, and puts it in its place. For a caller that has entered, and knows that
    /// it is not worse.
    /// </summary>
    /// <param name="id">The blob.</param>
    /// <param name="from">The side to copy from.</param>
    /// <param name="to">The side to copy to.</param>
    /// <param name="expected">How good the copy must be, when it is read back.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Bytes copied; null when there is nothing to copy.</returns>
    /// <exception cref="MirrorSourceException">The side to copy from failed.</exception>
    /// <exception cref="IOException">The side to copy to failed.</exception>
    public static async ValueTask<long?> CopyHeldAsync(BlobId id, MirrorCopy from, MirrorCopy to, BlobSoundness expected, CancellationToken cancellationToken)
    {
        await using IBlobReader? reader = await ReadingAsync(() => from.Blobs.OpenAsync(id, cancellationToken));
        if (reader is null)
        {
            return null;
        }

        await CopyHeldAsync(id, reader, to, expected == BlobSoundness.Whole, cancellationToken);
        if (expected == BlobSoundness.Whole && await JudgeAsync(to, id, cancellationToken) != BlobSoundness.Whole)
        {
            throw new IOException($"{to.Side.Name}: what was written of the blob {id} is not what is read back");
        }

        return reader.Length;
    }

    /// <summary>Writes an open blob to another side, beside what that has, and puts it in its place.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="reader">Reads it.</param>
    /// <param name="to">The other side.</param>
    /// <param name="verify">Whether what is written is compared with the blob's checksums, before it takes the place of what is there.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="MirrorSourceException">It cannot be read, or is not right.</exception>
    /// <exception cref="IOException">The side to copy to failed.</exception>
    public static async ValueTask CopyHeldAsync(BlobId id, IBlobReader reader, MirrorCopy to, bool verify, CancellationToken cancellationToken)
    {
        await using IBlobWriter writer = await to.Blobs.CreateCopyAsync(id, reader.Length, reader.IsBare, cancellationToken);
        BlobDigest? digest = null;
        if (verify)
        {
            digest = await ReadingAsync(() => BlobVerifier.FindTrailerAsync(id, reader, pace: null, cancellationToken)) is { } trailer ? new BlobDigest(trailer) : throw NotRight(id);
        }

        await WriteAsync(reader, writer, digest, cancellationToken);
        if (digest is { Matches: false })
        {
            // It was when it was judged.
            throw NotRight(id);
        }

        await writer.CommitAsync(cancellationToken);
    }

    /// <summary>Has a failure to read told from one to write.</summary>
    public static async ValueTask<T> ReadingAsync<T>(Func<ValueTask<T>> read)
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

    private static MirrorSourceException NotRight(BlobId id) => new($"The blob {id} does not match its checksums.");

    private static async ValueTask WriteAsync(IBlobReader reader, IBlobWriter writer, BlobDigest? digest, CancellationToken cancellationToken)
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

                digest?.Append(buffer.AsSpan(0, count));
                await writer.WriteAsync(new ReadOnlySequence<byte>(buffer, 0, count), cancellationToken);
                at += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
