using System.Buffers.Binary;
using Tarn.Core.Blobs;
using Tarn.Core.Hashing;
using Tarn.Core.Model;

namespace Tarn.Core.Cache;

/// <summary>
/// What a slab says of the frame in a slot, in 256 bytes; integers are big-endian. Names the slot and the slab's epoch, so that a header of before the slab was divided anew is none.
/// </summary>
/// <param name="Key">The frame.</param>
/// <param name="Bucket">The bucket that it was fetched for.</param>
/// <param name="Fetched">When, in milliseconds since 1970.</param>
/// <param name="Checksums">The CRC64NVME of each block.</param>
internal readonly record struct SlotHeader(FrameKey Key, ulong Bucket, long Fetched, ulong[] Checksums)
{
    public const int Size = 256;

    private const uint Magic = 0x536C6F74; // "Slot"
    private const int BlobAt = 8;
    private const int StartAt = 24;
    private const int BucketAt = 32;
    private const int FetchedAt = 40;
    private const int EpochAt = 48;
    private const int SlotAt = 56;
    private const int ChecksumsAt = 64;
    private const int OwnChecksumAt = Size - 8;

    public void Write(Span<byte> header, ulong epoch, int slot)
    {
        header.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(header, Magic);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], Key.Length);
        Key.Blob.Value.Write(header[BlobAt..]);
        BinaryPrimitives.WriteInt64BigEndian(header[StartAt..], Key.Start);
        BinaryPrimitives.WriteUInt64BigEndian(header[BucketAt..], Bucket);
        BinaryPrimitives.WriteInt64BigEndian(header[FetchedAt..], Fetched);
        BinaryPrimitives.WriteUInt64BigEndian(header[EpochAt..], epoch);
        BinaryPrimitives.WriteInt32BigEndian(header[SlotAt..], slot);
        for (int i = 0; i < Checksums.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(header[(ChecksumsAt + (8 * i))..], Checksums[i]);
        }

        BinaryPrimitives.WriteUInt64BigEndian(header[OwnChecksumAt..], Crc.Crc64Nvme.Of(header[..OwnChecksumAt]));
    }

    /// <summary>Reads a header; null when it is none, is damaged, or is of another slot or epoch.</summary>
    public static SlotHeader? TryRead(ReadOnlySpan<byte> header, ulong epoch, int slot)
    {
        if (BinaryPrimitives.ReadUInt32BigEndian(header) != Magic
            || BinaryPrimitives.ReadUInt64BigEndian(header[EpochAt..]) != epoch
            || BinaryPrimitives.ReadInt32BigEndian(header[SlotAt..]) != slot
            || BinaryPrimitives.ReadUInt64BigEndian(header[OwnChecksumAt..]) != Crc.Crc64Nvme.Of(header[..OwnChecksumAt]))
        {
            return null;
        }

        var key = new FrameKey(new BlobId(Id128.Read(header[BlobAt..])), BinaryPrimitives.ReadInt64BigEndian(header[StartAt..]), BinaryPrimitives.ReadInt32BigEndian(header[4..]));
        if (!key.IsValid)
        {
            return null;
        }

        ulong[] checksums = new ulong[key.Blocks];
        for (int i = 0; i < checksums.Length; i++)
        {
            checksums[i] = BinaryPrimitives.ReadUInt64BigEndian(header[(ChecksumsAt + (8 * i))..]);
        }

        return new SlotHeader(key, BinaryPrimitives.ReadUInt64BigEndian(header[BucketAt..]), BinaryPrimitives.ReadInt64BigEndian(header[FetchedAt..]), checksums);
    }
}
