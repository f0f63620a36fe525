using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;

namespace Tarn.Core.Cache;

/// <summary>
/// Names a frame, which is cached and fetched as one: the bytes from <paramref name="Start"/> on of a blob's payload. Frames are the blob's grid of 1 MiB, clipped to the run of bytes that an
/// object holds, so that bytes of other objects in the same blob are never fetched.
/// </summary>
/// <param name="Blob">The blob.</param>
/// <param name="Start">The offset of the first byte in the blob's payload.</param>
/// <param name="Length">Bytes, from 1 to <see cref="MaxLength"/>; none of them in another cell of the grid.</param>
public readonly record struct FrameKey(BlobId Blob, long Start, int Length)
{
    /// <summary>The most bytes in a frame, and the size of a cell of the grid.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>The most blocks in a frame.</summary>
    internal const int MaxBlocks = MaxLength / BlobLayout.BlockSize;

    /// <summary>The offset of the byte after the last.</summary>
    public long End => Start + Length;

    /// <summary>How many blocks of the blob's grid of 64 KiB the frame has bytes of.</summary>
    internal int Blocks => (int)(((End - 1) >> BlobLayout.BlockSizeLog2) - (Start >> BlobLayout.BlockSizeLog2)) + 1;

    /// <summary>Whether there can be such a frame.</summary>
    internal bool IsValid => Start >= 0 && Length is > 0 and <= MaxLength && Start <= long.MaxValue - Length && Start / MaxLength == (End - 1) / MaxLength;

    /// <summary>The frame that has a byte of a run of bytes.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="offset">Where the run begins in the blob's payload.</param>
    /// <param name="length">Bytes of the run.</param>
    /// <param name="at">The offset of the byte in the blob's payload, not in the run.</param>
    /// <exception cref="ArgumentOutOfRangeException">The run does not have the byte.</exception>
    public static FrameKey Of(BlobId blob, long offset, long length, long at)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue - offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(at, offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(at, offset + length);
        long cell = at & -MaxLength;
        long start = Math.Max(cell, offset);
        return new FrameKey(blob, start, (int)(Math.Min(offset + length - cell, MaxLength) - (start - cell)));
    }

    /// <summary>Which block has a byte of the frame.</summary>
    /// <param name="offset">The byte, counted from the frame's start.</param>
    internal int BlockOf(int offset) => (int)(((Start + offset) >> BlobLayout.BlockSizeLog2) - (Start >> BlobLayout.BlockSizeLog2));

    /// <summary>Where a block begins, counted from the frame's start; the frame's length after the last block.</summary>
    internal int BlockStart(int block) =>
        block == 0 ? 0 : (int)Math.Min(Length, (((Start >> BlobLayout.BlockSizeLog2) + block) << BlobLayout.BlockSizeLog2) - Start);

    /// <summary>A run of blocks as a frame of its own, for the source.</summary>
    internal FrameKey Part(int firstBlock, int lastBlock)
    {
        int start = BlockStart(firstBlock);
        return new FrameKey(Blob, Start + start, BlockStart(lastBlock + 1) - start);
    }

    /// <summary>64 bits that tell frames apart with little exception, as long as ids of blobs are random.</summary>
    internal ulong Fingerprint => Blob.Value.Low ^ ((ulong)Start * 0x9E3779B97F4A7C15) ^ (ulong)Length;

    /// <inheritdoc/>
    public override int GetHashCode() => Fingerprint.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"{Start}-{End - 1} of blob {Blob}";
}
