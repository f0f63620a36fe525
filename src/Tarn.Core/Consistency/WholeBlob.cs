using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;

namespace Tarn.Core.Consistency;

/// <summary>Reads blobs from end to end, and verifies every byte: also those that no read of an object needs.</summary>
internal sealed class WholeBlob(BlobId id, IBlobReader reader, Action<long> read)
{
    /// <summary>Reads and verifies what follows the payload.</summary>
    /// <returns>What follows, or else what is wrong.</returns>
    /// <exception cref="IOException">The blob cannot be read, or a newer build wrote it.</exception>
    public async ValueTask<(BlobEnd? End, DataProblem? Problem)> ReadEndAsync(CancellationToken cancellationToken)
    {
        (BlobEnd? end, DamagedDataException? damage) = await BlobEnd.ReadAsync(id, reader, onDevice: false, cancellationToken);
        if (end is null)
        {
            return (null, new DataProblem(damage!.Kind == DamageKind.WrongBlob ? FindingKind.WrongBlob : FindingKind.Damaged, damage.Message));
        }

        read(reader.Length - end.Trailer.PayloadLength);
        return (end, null);
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

                if (!end.Matches(block, bytes.Span))
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
        bool isFull = await BlobEnd.FillAsync(reader, offset, buffer, onDevice: false, cancellationToken);
        read(isFull ? buffer.Length : 0);
        return isFull;
    }
}
