using System.Buffers.Binary;

namespace Tarn.Core.Acceleration;

/// <summary>
/// How bytes of a blob travel to an accelerator: the blocks of the blob's grid of <see cref="BlockSize"/>, clipped to the run that was asked for, each preceded by its CRC64NVME.
/// </summary>
public static class BlockFrames
{
    /// <summary>Bytes in a whole block.</summary>
    public const int BlockSize = 64 * 1024;

    /// <summary>Bytes of the checksum before each block.</summary>
    public const int ChecksumSize = 8;

    /// <summary>The most bytes of a blob in one request.</summary>
    public const int MaxRun = 1024 * 1024;

    /// <summary>How many blocks a run has.</summary>
    /// <param name="start">The run's first byte in the blob.</param>
    /// <param name="length">Bytes of the run, at least one.</param>
    public static int Count(long start, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return checked((int)(((start + length - 1) / BlockSize) - (start / BlockSize) + 1));
    }

    /// <summary>Bytes of a run with its checksums.</summary>
    /// <inheritdoc cref="Count"/>
    public static long StreamLength(long start, long length) => length + ((long)Count(start, length) * ChecksumSize);

    /// <summary>Bytes of the block that begins at an offset.</summary>
    /// <param name="offset">The first byte of the run, or the beginning of a block of the grid.</param>
    /// <param name="end">The byte after the run's last.</param>
    public static int LengthAt(long offset, long end) => (int)Math.Min(BlockSize - (offset % BlockSize), end - offset);

    /// <summary>Writes the checksum that precedes a block.</summary>
    public static void WriteChecksum(Span<byte> destination, ulong checksum) => BinaryPrimitives.WriteUInt64BigEndian(destination, checksum);

    /// <summary>Reads the checksum that precedes a block.</summary>
    public static ulong ReadChecksum(ReadOnlySpan<byte> source) => BinaryPrimitives.ReadUInt64BigEndian(source);
}
