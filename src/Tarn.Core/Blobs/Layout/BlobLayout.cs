namespace Tarn.Core.Blobs.Layout;

/// <summary>
/// What a blob consists of: payload, the checksums of its blocks, a footer and a trailer. docs/design/blobs.md has the layout and the reasons.
/// </summary>
internal static class BlobLayout
{
    /// <summary>The number of this layout. Blobs written before it have a payload and nothing else.</summary>
    public const ushort Version = 1;

    /// <summary>Bytes in the trailer, which ends every blob.</summary>
    public const int TrailerSize = 64;

    /// <summary>Bytes in the checksum of a block.</summary>
    public const int ChecksumSize = 8;

    /// <summary>The base-2 logarithm of the block size of new blobs.</summary>
    public const int BlockSizeLog2 = 16;

    /// <summary>Bytes in a block of a new blob; the last block may be shorter.</summary>
    public const int BlockSize = 1 << BlockSizeLog2;

    /// <summary>The block sizes that can be read: one block is read into memory as a whole.</summary>
    public const int MinBlockSizeLog2 = 12, MaxBlockSizeLog2 = 24;

    /// <summary>Bytes in the checksums of a payload's blocks.</summary>
    public static long TableLength(long payloadLength, int blockSizeLog2) => BlockCount(payloadLength, blockSizeLog2) * ChecksumSize;

    /// <summary>How many blocks a payload has.</summary>
    public static long BlockCount(long payloadLength, int blockSizeLog2) => (payloadLength + (1L << blockSizeLog2) - 1) >> blockSizeLog2;
}
