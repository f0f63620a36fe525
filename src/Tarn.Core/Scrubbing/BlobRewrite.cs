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

    /// <summary>So many bytes that only memory has right are kept while the blob is written.</summary>
    private const int MaxKept = 64 << 20;

    /// <summary>Writes the blob anew, if all of it can be had. The old one is in its place until the new one is durable and was read back from the device.</summary>
    /// <param name="held">What is held of the blob.</param>
    /// <param name="isShared">Whether others have it too: then the record does not know what the blob says of itself.</param>
    /// <param name="damaged">The damaged runs of its payload.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether the blob is whole and durable now; if not, it is as it was.</returns>
    /// <exception cref="IOException">It could not be read, written or replaced, or the device has other bytes than were written: it is as it was.</exception>
    public async ValueTask<bool> TryAsync(HeldData held, bool isShared, IReadOnlyList<DamagedDataException> damaged, CancellationToken cancellationToken)
    {
        BlobId id = held.Extent.Blob;
        if (blobs is not IReplacingBlobs store || shelf.IsHeld(id))
        {
            return false;
        }

        await using IBlobReader? reader = await blobs.OpenAsync(id, cancellationToken);
        BlobStamp? stamp = reader?.Stamp;
        if (reader is null or { IsBare: true } || (await BlobEnd.ReadTrailerAsync(id, reader, onDevice: false, cancellationToken)).Trailer is not { } trailer
            || trailer.PayloadLength < held.Extent.End || (held.Extent.Stored != 0 && held.Extent.Stored != reader.Length))
        {
            return false;
        }

        BlobEnd? end = (await BlobEnd.ReadAsync(id, reader, onDevice: false, cancellationToken)).End;
        bool isWhole = !isShared && held.Extent.Offset == 0 && held.Extent.Length == trailer.PayloadLength;
        if ((end is null ? isWhole ? held.Known?.Footer?.Encode() : null : end.Footer.ToArray()) is not { } footer)
        {
            return false;
        }

        var kept = new Dictionary<long, byte[]>();
        if (end is not null && !await KeepAsync(reader, end, damaged, kept, cancellationToken))
        {
            return false;
        }

        return await WriteAsync(
            store,
            id,
            stamp,
            trailer,
            (blocks, writer) => CopyAsync(reader, trailer, kept, blocks, writer, cancellationToken),
            blocks => BlobTail.Compose(id, blocks, footer),
            cancellationToken);
    }

    /// <summary>Writes a blob anew of which all copies are damaged, each in another place, from what each has right.</summary>
    /// <param name="held">What is held of the blob.</param>
    /// <param name="right">Reads the right bytes of the payload, from whichever copy has them.</param>
    /// <param name="copies">Opens the other copy.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether the leading copy is whole and durable now; if not, it is as it was.</returns>
    /// <exception cref="IOException">It could not be read, written or replaced, or no copy has some of it right: it is as it was.</exception>
    public async ValueTask<bool> TryMergeAsync(HeldData held, CheckedBlob right, IBlobRepair copies, CancellationToken cancellationToken)
    {
        BlobId id = held.Extent.Blob;
        if (blobs is not IReplacingBlobs store || shelf.IsHeld(id))
        {
            return false;
        }

        await using IBlobReader? reader = await blobs.OpenAsync(id, cancellationToken);

        // Of the copy that is replaced: a reader may go on with another one.
        BlobStamp? stamp = reader?.Stamp;
        if (reader is null or { IsBare: true } || copies.IsOther(reader))
        {
            return false;
        }

        await using IBlobReader? other = await copies.OpenOtherAsync(id, reader, cancellationToken);
        (BlobTrailer Trailer, byte[] Footer)[] ends = [.. new[] { await ReadFooterAsync(id, reader, cancellationToken), await ReadFooterAsync(id, other, cancellationToken) }.OfType<(BlobTrailer, byte[])>()];
        if (ends is not [(var trailer, _), ..] || trailer.PayloadLength != right.PayloadLength || trailer.PayloadLength < held.Extent.End
            || (held.Extent.Stored != 0 && held.Extent.Stored != trailer.StoredLength))
        {
            return false;
        }

        return await WriteAsync(
            store,
            id,
            stamp,
            trailer,
            (blocks, writer) => CopyAsync(right, trailer.PayloadLength, blocks, writer, cancellationToken),
            blocks => ends.Select(end => BlobTail.Compose(id, blocks, end.Footer)).FirstOrDefault(tail =>
                BlobTrailer.TryRead(tail.AsSpan()[^BlobLayout.TrailerSize..], trailer.StoredLength, out BlobTrailer composed) && composed == trailer),
            cancellationToken);
    }

    /// <summary>Replaces a blob with one of the same payload and footer, unless it is another one by now than the stamp says, or a backup has come to need it.</summary>
    private async ValueTask<bool> WriteAsync(
        IReplacingBlobs store, BlobId id, BlobStamp? replaced, BlobTrailer trailer, Func<BlockChecksummer, IBlobWriter, ValueTask<bool>> copy, Func<BlockChecksummer, byte[]?> compose,
        CancellationToken cancellationToken)
    {
        await using IBlobWriter writer = await store.CreateReplacementAsync(
            id, trailer.StoredLength, stamp => stamp == replaced && !shelf.IsHeld(id), written => IsRightAsync(written, id, pace, cancellationToken), cancellationToken);
        var blocks = new BlockChecksummer(trailer.PayloadLength);

        // The rows of those who have it say how long the blob is.
        if (!await copy(blocks, writer) || blocks.Whole != trailer.PayloadCrc
            || compose(blocks) is not { } tail || trailer.PayloadLength + tail.Length != trailer.StoredLength)
        {
            return false;
        }

        await writer.WriteAsync(new ReadOnlySequence<byte>(tail), cancellationToken);
        await writer.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Copies a payload; false when it ends too soon.</summary>
    private async ValueTask<bool> CopyAsync(CheckedBlob right, long length, BlockChecksummer blocks, IBlobWriter writer, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long at = 0; at < length;)
            {
                int wanted = (int)Math.Min(BufferSize, length - at);
                await pace.WaitAsync(wanted, 1, cancellationToken);
                Memory<byte> bytes = buffer.AsMemory(0, await right.ReadAsync(at, buffer.AsMemory(0, wanted), cancellationToken));
                if (bytes.IsEmpty)
                {
                    return false;
                }

                blocks.Append(bytes.Span);
                await writer.WriteAsync(new ReadOnlySequence<byte>(bytes), cancellationToken);
                at += bytes.Length;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The trailer of a copy, and what the copy has as its footer, which may be damaged; null when the trailer is, or cannot be read.</summary>
    private static async ValueTask<(BlobTrailer Trailer, byte[] Footer)?> ReadFooterAsync(BlobId id, IBlobReader? copy, CancellationToken cancellationToken)
    {
        try
        {
            if (copy is null or { IsBare: true } || (await BlobEnd.ReadTrailerAsync(id, copy, onDevice: true, cancellationToken)).Trailer is not { } trailer)
            {
                return null;
            }

            byte[] footer = new byte[trailer.FooterLength];
            bool isRead = await BlobEnd.FillAsync(copy, trailer.PayloadLength + trailer.TableLength, footer, onDevice: true, cancellationToken);
            return isRead ? (trailer, footer) : null;
        }
        catch (IOException)
        {
            // The other copy may have it.
            return null;
        }
    }

    /// <summary>Whether the device has the blob that is in its place as it was stored; false also when that cannot be known; null when there is none.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async ValueTask<bool?> IsRightInPlaceAsync(IBlobStore blobs, BlobId id, CancellationToken cancellationToken)
    {
        await using IBlobReader? reader = await blobs.OpenAsync(id, cancellationToken);
        return reader is null ? null : await IsRightAsync(reader, id, pace: null, cancellationToken);
    }

    /// <summary>Whether the device has a blob as it was stored, all of it; false also when that cannot be known, since it has no checksums.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    private static async ValueTask<bool> IsRightAsync(IBlobReader reader, BlobId id, ScrubPace? pace, CancellationToken cancellationToken) =>
        !reader.IsBare && await BlobVerifier.IsWholeAsync(id, reader, pace is null ? null : bytes => pace.WaitAsync(bytes, 1, cancellationToken), cancellationToken);

    /// <summary>
    /// Takes the blocks of the damaged runs that the device has wrong from where requests read them, before what is read and written next drives them out of the memory of the machine.
    /// </summary>
    /// <returns>Whether all of them are right, and not too many.</returns>
    private async ValueTask<bool> KeepAsync(
        IBlobReader reader, BlobEnd end, IReadOnlyList<DamagedDataException> damaged, Dictionary<long, byte[]> kept, CancellationToken cancellationToken)
    {
        int size = 1 << end.Trailer.BlockSizeLog2;
        foreach (DamagedDataException run in damaged)
        {
            long stop = Math.Min(new DamageRange(run.Offset, run.Length).End, end.Trailer.PayloadLength);
            for (long at = run.Offset & -(long)size; at < stop; at += size)
            {
                byte[] block = new byte[(int)Math.Min(size, end.Trailer.PayloadLength - at)];
                await pace.WaitAsync(block.Length, 1, cancellationToken);
                if (await BlobEnd.FillAsync(reader, at, block, onDevice: true, cancellationToken) && end.Matches(at / size, block))
                {
                    continue;
                }

                if ((kept.Count + 1L) * size > MaxKept
                    || !await BlobEnd.FillAsync(reader, at, block, onDevice: false, cancellationToken) || !end.Matches(at / size, block))
                {
                    return false;
                }

                kept[at / size] = block;
            }
        }

        return true;
    }

    /// <summary>Copies a payload with the blocks that were kept; false when it ends too soon.</summary>
    private async ValueTask<bool> CopyAsync(
        IBlobReader reader, BlobTrailer trailer, Dictionary<long, byte[]> kept, BlockChecksummer blocks, IBlobWriter writer, CancellationToken cancellationToken)
    {
        int size = 1 << trailer.BlockSizeLog2;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(BufferSize, size));
        try
        {
            for (long at = 0; at < trailer.PayloadLength;)
            {
                if (!kept.TryGetValue(at / size, out byte[]? right))
                {
                    int wanted = size;
                    while (wanted + size <= BufferSize && !kept.ContainsKey((at + wanted) / size))
                    {
                        wanted += size;
                    }

                    wanted = (int)Math.Min(wanted, trailer.PayloadLength - at);
                    await pace.WaitAsync(wanted, 1, cancellationToken);
                    if (!await BlobEnd.FillAsync(reader, at, buffer.AsMemory(0, wanted), onDevice: true, cancellationToken))
                    {
                        return false;
                    }

                    at += await WriteAsync(buffer.AsMemory(0, wanted));
                }
                else
                {
                    at += await WriteAsync(right);
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        async ValueTask<int> WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            blocks.Append(bytes.Span);
            await writer.WriteAsync(new ReadOnlySequence<byte>(bytes), cancellationToken);
            return bytes.Length;
        }
    }
}
