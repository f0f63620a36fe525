using System.Buffers.Binary;
using System.IO.Hashing;

namespace Tarn.Core.Mirroring;

/// <summary>
/// What a side knows of its part in the mirror. It is outside the stores, so that it can be read where they are damaged. What a start may do with a
/// side is decided from marks alone.
/// </summary>
/// <param name="Side">The side's own number, random; a new disk gets a new one.</param>
/// <param name="Partner">The number of the side that it is mirrored with, or was; 0: none yet.</param>
/// <param name="Epoch">Raised whenever the two sides part or come together.</param>
/// <param name="Standing">What the side's content is worth.</param>
/// <param name="Since">When the mark was written.</param>
public sealed record MirrorMark(ulong Side, ulong Partner, ulong Epoch, MirrorStanding Standing, DateTimeOffset Since)
{
    /// <summary>Bytes of a mark: less than a sector.</summary>
    public const int Size = 48;

    private const uint Magic = 0x324D5254; // "TRM2"

    /// <summary>Writes the mark's bytes.</summary>
    public byte[] Encode()
    {
        byte[] bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        bytes[4] = (byte)Standing;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Since.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), Side);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), Partner);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Size - 4), Crc32.HashToUInt32(bytes.AsSpan(0, Size - 4)));
        return bytes;
    }

    /// <summary>Reads a mark; null when the bytes are none, or damaged.</summary>
    public static MirrorMark? Decode(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Size
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[(Size - 4)..]) == Crc32.HashToUInt32(bytes[..(Size - 4)])
        && bytes[4] is >= (byte)MirrorStanding.Together and <= (byte)MirrorStanding.Stale
            ? new MirrorMark(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
                (MirrorStanding)bytes[4],
                DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(bytes[16..])))
            : null;

    /// <summary>Whether two sides are those of one mirror.</summary>
    internal bool IsPairedWith(MirrorMark other) => Partner == other.Side && other.Partner == Side;

    /// <summary>
    /// Whether this side holds nothing that <paramref name="leader"/> lacks, by what both say: it is being filled from that side, or had everything
    /// together with it until that side went on.
    /// </summary>
    internal bool IsBehind(MirrorMark leader) => leader.Standing != MirrorStanding.Stale && (Standing switch
    {
        // A crash may come between the mark of the side that is filled and that of the leader, which then does not know its new partner yet.
        MirrorStanding.Stale => Partner == leader.Side && Epoch <= leader.Epoch,
        MirrorStanding.Together => IsPairedWith(leader) && Epoch < leader.Epoch,
        _ => false,
    });
}

/// <summary>What the content of a side is worth.</summary>
public enum MirrorStanding
{
    /// <summary>It has everything, unless the other side went on alone since.</summary>
    Together = 1,

    /// <summary>It has everything: it went on without the other side.</summary>
    Alone = 2,

    /// <summary>It is being filled from the other side, and is neither as it was nor as that one is.</summary>
    Stale = 3,
}
