using System.Buffers.Binary;
using Tarn.Core.Hashing;
using Tarn.Core.Model;

namespace Tarn.Core.Blobs.Layout;

/// <summary>The last 64 bytes of a blob: where everything in it is, and which blob it is, under a checksum of their own.</summary>
/// <param name="Id">The blob, so that a file under another blob's name is recognized.</param>
/// <param name="PayloadLength">Bytes.</param>
/// <param name="FooterLength">Bytes.</param>
/// <param name="BlockSizeLog2">The base-2 logarithm of the block size.</param>
/// <param name="TailCrc">CRC64NVME of the block checksums and the footer.</param>
/// <param name="PayloadCrc">CRC64NVME of the payload.</param>
internal readonly record struct BlobTrailer(BlobId Id, long PayloadLength, int FooterLength, int BlockSizeLog2, ulong TailCrc, ulong PayloadCrc)
{
    private const byte Plain = 0;
    private const int Checked = BlobLayout.TrailerSize - BlobLayout.ChecksumSize;

    private static ReadOnlySpan<byte> Magic => "TarnBlob"u8;

    /// <summary>Bytes of the whole blob.</summary>
    public long StoredLength => PayloadLength + TableLength + FooterLength + BlobLayout.TrailerSize;

    /// <summary>Bytes in the block checksums.</summary>
    public long TableLength => BlobLayout.TableLength(PayloadLength, BlockSizeLog2);

    /// <summary>Writes the trailer into 64 bytes.</summary>
    public void Write(Span<byte> destination)
    {
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination[8..], BlobLayout.Version);
        destination[10] = Plain;
        destination[11] = (byte)BlockSizeLog2;
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], (uint)FooterLength);
        BinaryPrimitives.WriteInt64BigEndian(destination[16..], PayloadLength);
        Id.Value.Write(destination[24..]);
        BinaryPrimitives.WriteUInt64BigEndian(destination[40..], TailCrc);
        BinaryPrimitives.WriteUInt64BigEndian(destination[48..], PayloadCrc);
        BinaryPrimitives.WriteUInt64BigEndian(destination[Checked..], Crc.Crc64Nvme.Of(destination[..Checked]));
    }

    /// <summary>Reads the trailer of a blob.</summary>
    /// <param name="source">The blob's last 64 bytes.</param>
    /// <param name="storedLength">Bytes of the whole blob.</param>
    /// <param name="trailer">Receives the trailer.</param>
    /// <returns>False when they are not a trailer, or not that of a blob of this length.</returns>
    /// <exception cref="IOException">A newer build wrote the blob, in a layout or an encoding that this one does not know.</exception>
    public static bool TryRead(ReadOnlySpan<byte> source, long storedLength, out BlobTrailer trailer)
    {
        trailer = default;
        if (source.Length != BlobLayout.TrailerSize
            || !source.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt64BigEndian(source[Checked..]) != Crc.Crc64Nvme.Of(source[..Checked]))
        {
            return false;
        }

        int version = BinaryPrimitives.ReadUInt16BigEndian(source[8..]);
        if (version != BlobLayout.Version || source[10] != Plain)
        {
            throw new IOException($"A blob has layout {version} and encoding {source[10]}; this build reads layout {BlobLayout.Version} and encoding {Plain}.");
        }

        trailer = new BlobTrailer(
            new BlobId(Id128.Read(source[24..])),
            BinaryPrimitives.ReadInt64BigEndian(source[16..]),
            (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(source[12..]), int.MaxValue),
            source[11],
            BinaryPrimitives.ReadUInt64BigEndian(source[40..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[48..]));
        return trailer.BlockSizeLog2 is >= BlobLayout.MinBlockSizeLog2 and <= BlobLayout.MaxBlockSizeLog2
            && trailer.PayloadLength is >= 0 and <= long.MaxValue >> 1
            && trailer.StoredLength == storedLength;
    }
}
