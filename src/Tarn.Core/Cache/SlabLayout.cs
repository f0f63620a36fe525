using System.Buffers.Binary;
using System.Numerics;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;

namespace Tarn.Core.Cache;

/// <summary>
/// How a slab's file is divided: its own header in the first 4 KiB, room for the headers of its slots, and the slots, all of one size class. Files are of one length, whatever their class, and the
/// room for headers is that of the smallest class. docs/design/block-cache.md has the layout.
/// </summary>
/// <param name="DataSize">Bytes of all slots of a slab: a power of two.</param>
internal readonly record struct SlabLayout(long DataSize)
{
    /// <summary>The size classes: slots of 64 KiB, 128, 256, 512 KiB and 1 MiB.</summary>
    public const int Classes = 5;

    /// <summary>Bytes of the slab's own header, and where those of its slots begin.</summary>
    public const int HeadersAt = 4096;

    private const long MaxDataSize = 256L << 20;
    private const ulong Magic = 0x5461726E536C6162; // "TarnSlab"
    private const ushort Format = 1;
    private const int HeaderSize = 48;

    /// <summary>Bytes of the file.</summary>
    public long FileSize => DataAt + DataSize;

    /// <summary>Where the slots begin.</summary>
    public long DataAt => HeadersAt + ((DataSize / BlobLayout.BlockSize * SlotHeader.Size + 4095) & -4096);

    /// <summary>The layout for a cache: 256 MiB in a slab, or less where that would be few slabs.</summary>
    public static SlabLayout For(long capacity) => new(Math.Min(MaxDataSize, (long)BitOperations.RoundUpToPowerOf2((ulong)capacity / 32 + 1)));

    /// <summary>The class of the smallest slots that hold a frame.</summary>
    public static int ClassOf(int length) => BitOperations.Log2((uint)(length + BlobLayout.BlockSize - 1) / BlobLayout.BlockSize * 2 - 1);

    /// <summary>Bytes of a slot.</summary>
    public static int SlotSize(int sizeClass) => BlobLayout.BlockSize << sizeClass;

    /// <summary>Slots of a slab.</summary>
    public int Slots(int sizeClass) => (int)(DataSize / SlotSize(sizeClass));

    /// <summary>Where a slot's bytes begin.</summary>
    public long SlotAt(int sizeClass, int slot) => DataAt + ((long)slot * SlotSize(sizeClass));

    /// <summary>Where a slot's header is.</summary>
    public static long HeaderAt(int slot) => HeadersAt + ((long)slot * SlotHeader.Size);

    /// <summary>Writes a slab's header.</summary>
    public byte[] Header(int sizeClass, ulong epoch)
    {
        byte[] header = new byte[HeaderSize];
        BinaryPrimitives.WriteUInt64BigEndian(header, Magic);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(8), Format);
        header[10] = (byte)sizeClass;
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(16), DataSize);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(24), epoch);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(HeaderSize - 8), Crc.Crc64Nvme.Of(header.AsSpan(0, HeaderSize - 8)));
        return header;
    }

    /// <summary>Reads a slab's header; null when it is none, damaged, or of another layout.</summary>
    public (int Class, ulong Epoch)? TryRead(ReadOnlySpan<byte> header) =>
        BinaryPrimitives.ReadUInt64BigEndian(header) == Magic
        && BinaryPrimitives.ReadUInt16BigEndian(header[8..]) == Format
        && header[10] < Classes
        && BinaryPrimitives.ReadInt64BigEndian(header[16..]) == DataSize
        && BinaryPrimitives.ReadUInt64BigEndian(header[(HeaderSize - 8)..]) == Crc.Crc64Nvme.Of(header[..(HeaderSize - 8)])
            ? (header[10], BinaryPrimitives.ReadUInt64BigEndian(header[24..]))
            : null;
}
