using System.Buffers;
using System.Buffers.Binary;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;

namespace Tarn.Core.Consistency;

/// <summary>All of a blob that is not its payload.</summary>
/// <param name="Trailer">The trailer.</param>
/// <param name="Tail">The checksums of the blocks, and the footer.</param>
internal sealed record BlobEnd(BlobTrailer Trailer, byte[] Tail)
{
    /// <summary>What the blob says of itself.</summary>
    public ReadOnlySpan<byte> Footer => Tail.AsSpan((int)Trailer.TableLength);
}

/// <summary>Reads blobs from end to end, and verifies every byte: also those that no read of an object needs.</summary>
internal sealed class WholeBlob(BlobId id, IBlobReader reader, Action<long> read)
{
    private const int MaxTail = 1 << 28;

    /// <summary>Reads and verifies what follows the payload.</summary>
    /// <returns>What follows, or else what is wrong.</returns>
    /// <exception cref="IOException">The blob cannot be read, or a newer build wrote it.</exception>
    public async ValueTask<(BlobEnd? End, DataProblem? Problem)> ReadEndAsync(CancellationToken cancellationToken)
    {
        byte[] trailer = new byte[BlobLayout.TrailerSize];
        if (reader.Length < trailer.Length
            || !await FillAsync(reader.Length - trailer.Length, trailer, cancellationToken)
            || !BlobTrailer.TryRead(trailer, reader.Length, out BlobTrailer found))
        {
            return (null, new DataProblem(FindingKind.Damaged, "The blob does not end with its trailer."));
        }

        if (found.Id != id)
        {
            return (null, new DataProblem(FindingKind.WrongBlob, $"It is the blob {found.Id}."));
        }

        long length = reader.Length - trailer.Length - found.PayloadLength;
        byte[] tail = new byte[Math.Min(length, MaxTail)];
        bool isWhole = tail.Length == length && await FillAsync(found.PayloadLength, tail, cancellationToken) && Crc.Crc64Nvme.Of(tail) == found.TailCrc;
        return isWhole
            ? (new BlobEnd(found, tail), null)
            : (null, new DataProblem(FindingKind.Damaged, "The checksums of the blocks or the footer of the blob are damaged."));
    }

    /// <summary>Reads the payload and compares each block with its checksum.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    /// <exception cref="IOException">The blob cannot be read.</exception>
    public ValueTask<DataProblem?> PayloadProblemAsync(BlobEnd end, CancellationToken cancellationToken) => ReadPayloadAsync(end, null, cancellationToken);

    /// <summary>Reads the payload, compares each block with its checksum, and passes the block on from the very memory that was compared.</summary>
    /// <param name="end">What follows the payload.</param>
    /// <param name="write">Gets the blocks in order, up to the first that is damaged; null: nobody does.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    /// <exception cref="IOException">The blob cannot be read.</exception>
    public async ValueTask<DataProblem?> ReadPayloadAsync(BlobEnd end, Func<ReadOnlyMemory<byte>, ValueTask>? write, CancellationToken cancellationToken)
    {
        BlobTrailer trailer = end.Trailer;
        int blockSize = 1 << trailer.BlockSizeLog2;
        byte[] rented = ArrayPool<byte>.Shared.Rent(blockSize);
        try
        {
            long damaged = 0, firstDamaged = 0;
            for (long block = 0, at = 0; at < trailer.PayloadLength; block++, at += blockSize)
            {
                Memory<byte> bytes = rented.AsMemory(0, (int)Math.Min(blockSize, trailer.PayloadLength - at));
                if (!await FillAsync(at, bytes, cancellationToken))
                {
                    return new DataProblem(FindingKind.WrongLength, $"The blob ends in its block {block}.");
                }

                if (Crc.Crc64Nvme.Of(bytes.Span) != BinaryPrimitives.ReadUInt64BigEndian(end.Tail.AsSpan((int)block * BlobLayout.ChecksumSize)))
                {
                    firstDamaged = damaged++ == 0 ? block : firstDamaged;
                }
                else if (write is not null && damaged == 0)
                {
                    await write(bytes);
                }
            }

            return damaged == 0 ? null : new DataProblem(
                FindingKind.Damaged,
                $"{(damaged == 1 ? "One block does" : $"{damaged} blocks do")} not match the checksum, from byte {firstDamaged * blockSize} on.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private async ValueTask<bool> FillAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int filled = 0;
        while (filled < buffer.Length)
        {
            int count = await reader.ReadAsync(offset + filled, buffer[filled..], cancellationToken);
            if (count == 0)
            {
                return false;
            }

            filled += count;
        }

        read(filled);
        return true;
    }
}
