using Tarn.Core.Cache;

namespace Tarn.Tests.Cache;

public sealed class SlotHeaderTests
{
    private const ulong Epoch = 0x1122334455667788;

    private static readonly SlotHeader Header = new(
        new FrameKey(BlobContent.Blob(7), (3 << 20) + 1000, 200_000), 0xA1B2C3D4, 1_700_000_000_123, [0x0101010101010101, 0x0202020202020202, 0x0303030303030303, 0x0404040404040404]);

    [Fact]
    public void The_bytes_of_a_header_are_these()
    {
        Assert.Equal(
            "536C6F74" + "00030D40" + "0000000700000000" + "B86D04DB15948D13" + "00000000003003E8" + "00000000A1B2C3D4" + "0000018BCFE5687B" + "1122334455667788" + "00000005" + "00000000"
            + "0101010101010101" + "0202020202020202" + "0303030303030303" + "0404040404040404" + new string('0', 16 * 19) + "616060659A400AA4",
            Convert.ToHexString(Written()));
    }

    [Fact]
    public void The_bytes_of_a_slabs_header_are_these() =>
        Assert.Equal(
            "5461726E536C6162" + "0001" + "03" + "0000000000" + "0000000000200000" + "1122334455667788" + "0000000000000000" + "54C4A0E5EAAD3D72",
            Convert.ToHexString(new SlabLayout(2 << 20).Header(3, Epoch)));

    [Fact]
    public void A_header_is_read_as_it_was_written()
    {
        SlotHeader read = SlotHeader.TryRead(Written(), Epoch, 5)!.Value;
        Assert.Equal((Header.Key, Header.Bucket, Header.Fetched), (read.Key, read.Bucket, read.Fetched));
        Assert.Equal(Header.Checksums, read.Checksums);
    }

    [Fact]
    public void A_header_of_another_slot_or_epoch_is_none()
    {
        Assert.Null(SlotHeader.TryRead(Written(), Epoch, 4));
        Assert.Null(SlotHeader.TryRead(Written(), Epoch + 1, 5));
        Assert.Null(SlotHeader.TryRead(new byte[SlotHeader.Size], 0, 0));
    }

    [Fact]
    public void Every_changed_bit_is_noticed()
    {
        byte[] written = Written(), slab = new SlabLayout(2 << 20).Header(3, Epoch);
        for (int bit = 0; bit < written.Length * 8; bit++)
        {
            written[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(SlotHeader.TryRead(written, Epoch, 5));
            written[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        for (int bit = 0; bit < slab.Length * 8; bit++)
        {
            slab[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(new SlabLayout(2 << 20).TryRead(slab));
            slab[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal((3, Epoch), new SlabLayout(2 << 20).TryRead(slab));
        Assert.Null(new SlabLayout(4 << 20).TryRead(slab));
    }

    private static byte[] Written()
    {
        byte[] header = new byte[SlotHeader.Size];
        Header.Write(header, Epoch, 5);
        return header;
    }
}
