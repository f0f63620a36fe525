using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// Reads ranges of bare data, which cannot be verified by themselves: the piece that a range is in is compared as a whole once, and its ranges then with the checksums of its blocks.
/// A read of the whole that was given up, since the client did not wait for it, is taken up by the next who needs it.
/// </summary>
internal sealed class BareRanges(PieceReader reader, BareSums sums)
{
    /// <summary>So many reads are kept that were given up.</summary>
    private const int MaxIdle = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<Id128, PieceVerification> _begun = [];
    private readonly List<Id128> _idle = [];

    /// <summary>Reads a range of a piece; returns false when the object was replaced and the bytes are gone.</summary>
    /// <param name="source">Whose it is.</param>
    /// <param name="piece">The piece.</param>
    /// <param name="from">The first byte in the piece.</param>
    /// <param name="to">The byte after the last.</param>
    /// <param name="take">Is given runs of bytes in their order, and where in the piece each begins; they may reach beyond the range.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="DamagedDataException">The piece, or a block of the range, is not what was stored.</exception>
    public async ValueTask<bool> ReadAsync(
        StoredObject source, StoredPiece piece, long from, long to, Action<ReadOnlySpan<byte>, long> take, CancellationToken cancellationToken)
    {
        if (await SumsAsync(source, piece, cancellationToken) is not { } table)
        {
            return false;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(BlobLayout.BlockSize);
        try
        {
            long before = reader.Met, start = from & -BlobLayout.BlockSize, end = Math.Min(piece.Size, (to + BlobLayout.BlockSize - 1) & -BlobLayout.BlockSize);
            for (long at = start; at < end;)
            {
                int filled = 0;
                bool isRight = true;
                bool Take(ReadOnlySpan<byte> bytes)
                {
                    while (isRight && !bytes.IsEmpty)
                    {
                        int length = BlockLength(piece, at), taken = Math.Min(length - filled, bytes.Length);
                        bytes[..taken].CopyTo(buffer.AsSpan(filled));
                        filled += taken;
                        bytes = bytes[taken..];
                        if (filled == length)
                        {
                            isRight = BareSums.Matches(table, at >> BlobLayout.BlockSizeLog2, buffer.AsSpan(0, length));
                            if (isRight)
                            {
                                take(buffer.AsSpan(0, length), at);
                                at += length;
                                filled = 0;
                            }
                        }
                    }

                    return isRight;
                }

                if (!await reader.ReadAsync(source, Extent.Slice(piece.Extents, at, end - at), canBeBare: true, again: false, Take, cancellationToken))
                {
                    return false;
                }

                if (!isRight)
                {
                    // Once more, only the block, around the page cache.
                    (filled, isRight) = (0, true);
                    List<Extent> block = Extent.Slice(piece.Extents, at, BlockLength(piece, at));
                    long bad = at;
                    if (!await reader.ReadAsync(source, block, canBeBare: true, again: true, Take, cancellationToken))
                    {
                        return false;
                    }

                    if (!isRight)
                    {
                        throw await reader.DamagedAsync(source, block, piece.Start + bad);
                    }

                    BlobReadErrors.Count();
                }
            }

            await reader.SoundAsync(source, Extent.Slice(piece.Extents, start, end - start), piece.Start + start, before, cancellationToken);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int BlockLength(StoredPiece piece, long at) => (int)Math.Min(BlobLayout.BlockSize, piece.Size - at);

    /// <summary>The checksums of the blocks of a piece; null when the object was replaced and the bytes are gone.</summary>
    private async ValueTask<byte[]?> SumsAsync(StoredObject source, StoredPiece piece, CancellationToken cancellationToken)
    {
        Id128 key = BareSums.KeyOf(piece.Extents);
        if (sums.Find(key) is { } known)
        {
            return known;
        }

        PieceVerification verification = Enter(key);
        bool isOver = false;
        try
        {
            await verification.Turn.WaitAsync(cancellationToken);
            try
            {
                if (sums.Find(key) is { } found)
                {
                    isOver = true;
                    return found;
                }

                BlockChecksummer? right = await verification.RunAsync(reader, source, piece, cancellationToken);
                isOver = true;
                return right is null ? null : sums.Add(key, right);
            }
            finally
            {
                verification.Turn.Release();
            }
        }
        finally
        {
            Leave(key, verification, isOver);
        }
    }

    private PieceVerification Enter(Id128 key)
    {
        lock (_lock)
        {
            if (!_begun.TryGetValue(key, out PieceVerification? verification))
            {
                verification = _begun[key] = new PieceVerification();
            }
            else if (verification.Users == 0)
            {
                _idle.Remove(key);
            }

            verification.Users++;
            return verification;
        }
    }

    private void Leave(Id128 key, PieceVerification verification, bool isOver)
    {
        lock (_lock)
        {
            if (--verification.Users > 0)
            {
                return;
            }

            if (isOver)
            {
                Forget(key);
                return;
            }

            _idle.Add(key);
            if (_idle.Count > MaxIdle)
            {
                Id128 oldest = _idle[0];
                _idle.RemoveAt(0);
                Forget(oldest);
            }
        }
    }

    private void Forget(Id128 key)
    {
        if (_begun.Remove(key, out PieceVerification? forgotten))
        {
            forgotten.Dispose();
        }
    }
}
