using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Objects.Integrity;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// Writes a blob anew of which the device has wrong bytes while all the right ones can still be had: the memory of the machine may have what the device no longer has, and a record may know
/// what a damaged footer said.
/// </summary>
internal sealed class BlobRewrite(IBlobStore blobs, OrphanShelf shelf, ScrubPace pace)
{
    private const int BufferSize = 1 << 20;

    /// <summary>Writes the blob anew, if all of it can be had.</summary>
    /// <param name="held">What is held of the blob.</param>
    /// <param name="damaged">The damaged runs of its payload: they are looked at first.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether the blob is whole and durable now; if not, it is as it was.</returns>
    /// <exception cref="IOException">It could not be read or written. It is as it was.</exception>
    public async ValueTask<bool> TryAsync(HeldData held, IReadOnlyList<DamagedDataException> damaged, CancellationToken cancellationToken)
    {
        BlobId id = held.Extent.Blob;
        if (blobs is not ISetAsideStore aside || shelf.IsHeld(id))
        {
            return false;
        }

        await using IBlobReader? reader = await blobs.OpenAsync(id, cancellationToken);
        if (reader is null or { IsBare: true } || (await BlobEnd.ReadTrailerAsync(id, reader, onDevice: false, cancellationToken)).Trailer is not { } trailer)
        {
            return false;
        }

        BlobEnd? end = (await BlobEnd.ReadAsync(id, reader, onDevice: false, cancellationToken)).End;
        bool isWhole = held.Extent.Offset == 0 && held.Extent.Length == trailer.PayloadLength;
        if (end?.Footer.ToArray() is not { } footer)
        {
            footer = isWhole ? held.Known?.Footer?.Encode() : null;
        }

        if (footer is null || (end is not null && !await AreRightAsync(reader, end, damaged, cancellationToken)))
        {
            return false;
        }

        await using IBlobWriter writer = await blobs.CreateAsync(id, reader.Length, cancellationToken);
        if (await CopyAsync(reader, trailer, writer, cancellationToken) is not { } blocks || blocks.Whole != trailer.PayloadCrc)
        {
            return false;
        }

        byte[] tail = BlobTail.Compose(id, blocks, footer);

        // The rows of those who have it say how long the blob is.
        if (trailer.PayloadLength + tail.Length != reader.Length)
        {
            return false;
        }

        await writer.WriteAsync(new ReadOnlySequence<byte>(tail), cancellationToken);
        return await ReplaceAsync(aside, id, writer, cancellationToken);
    }

    /// <summary>Whether the damaged runs are right by another way than from the device alone.</summary>
    private async ValueTask<bool> AreRightAsync(IBlobReader reader, BlobEnd end, IReadOnlyList<DamagedDataException> damaged, CancellationToken cancellationToken)
    {
        int size = 1 << end.Trailer.BlockSizeLog2;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            foreach (DamagedDataException run in damaged)
            {
                long stop = Math.Min(new DamageRange(run.Offset, run.Length).End, end.Trailer.PayloadLength);
                for (long at = run.Offset & -(long)size; at < stop; at += size)
                {
                    Memory<byte> block = buffer.AsMemory(0, (int)Math.Min(size, end.Trailer.PayloadLength - at));
                    await pace.WaitAsync(block.Length, 1, cancellationToken);
                    if (!await BlobEnd.FillAsync(reader, at, block, onDevice: false, cancellationToken) || !end.Matches(at / size, block.Span))
                    {
                        return false;
                    }
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<BlockChecksummer?> CopyAsync(IBlobReader reader, BlobTrailer trailer, IBlobWriter writer, CancellationToken cancellationToken)
    {
        var blocks = new BlockChecksummer(trailer.PayloadLength);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long at = 0; at < trailer.PayloadLength;)
            {
                Memory<byte> wanted = buffer.AsMemory(0, (int)Math.Min(BufferSize, trailer.PayloadLength - at));
                await pace.WaitAsync(wanted.Length, 1, cancellationToken);
                if (!await BlobEnd.FillAsync(reader, at, wanted, onDevice: false, cancellationToken))
                {
                    return null;
                }

                blocks.Append(wanted.Span);
                await writer.WriteAsync(new ReadOnlySequence<byte>(wanted), cancellationToken);
                at += wanted.Length;
            }

            return blocks;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Puts what was written in the place of the blob. The damaged one is set aside until the new one is durable: if this is cut off, or a request needs the blob in between, it comes
    /// back as it was.
    /// </summary>
    private static async ValueTask<bool> ReplaceAsync(ISetAsideStore aside, BlobId id, IBlobWriter writer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!await aside.SetAsideAsync(id, CancellationToken.None))
        {
            return false;
        }

        try
        {
            await writer.CommitAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            await aside.BringBackAsync(id, CancellationToken.None);
            throw;
        }

        await aside.DropAsideAsync(id, CancellationToken.None);
        return true;
    }
}
