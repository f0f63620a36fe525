using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.Model;

namespace Tarn.Tests.Blobs;

/// <summary>The end of a blob: written and read back, frozen, and refused when anything in it changed.</summary>
public sealed class BlobTrailerTests
{
    private static readonly BlobId Id = new(new Id128(0x0102030405060708, 0x090A0B0C0D0E0F10));

    [Fact]
    public void The_tail_of_a_blob_is_the_bytes_that_were_frozen()
    {
        var sums = new BlockChecksummer();
        sums.Append("some bytes"u8);
        Assert.Equal(
            "EF5CE0D0746FF4EE" + "666F6F746572" + "5461726E426C6F62" + "0001" + "00" + "10" + "00000006" + "000000000000000A" + "0102030405060708090A0B0C0D0E0F10"
            + "E749CC2702819346" + "EF5CE0D0746FF4EE" + "936F3B15438BE9EE",
            Convert.ToHexString(BlobTail.Compose(Id, sums, "footer"u8)));
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var random = new Random(5);
        for (int round = 0; round < 500; round++)
        {
            var trailer = new BlobTrailer(
                new BlobId(new Id128((ulong)random.NextInt64(), (ulong)random.NextInt64())), random.NextInt64(1L << random.Next(1, 50)), random.Next(1 << 20),
                random.Next(BlobLayout.MinBlockSizeLog2, BlobLayout.MaxBlockSizeLog2 + 1), (ulong)random.NextInt64(), (ulong)random.NextInt64());
            byte[] bytes = new byte[BlobLayout.TrailerSize];
            trailer.Write(bytes);
            Assert.True(BlobTrailer.TryRead(bytes, trailer.StoredLength, out BlobTrailer read));
            Assert.Equal(trailer, read);
            Assert.False(BlobTrailer.TryRead(bytes, trailer.StoredLength + 1, out _));
            Assert.False(BlobTrailer.TryRead(bytes, trailer.StoredLength - 1, out _));
        }
    }

    [Fact]
    public void Any_bit_that_changed_is_noticed()
    {
        byte[] bytes = Compose([.. "some bytes"u8])[^BlobLayout.TrailerSize..];
        Assert.True(BlobTrailer.TryRead(bytes, 10 + 8 + 6 + 64, out _));
        for (int bit = 0; bit < 8 * bytes.Length; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(BlobTrailer.TryRead(bytes, 10 + 8 + 6 + 64, out _));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(10, 1)]
    public void A_layout_or_an_encoding_of_a_newer_build_is_no_damage(int at, byte value)
    {
        byte[] bytes = Compose([1])[^BlobLayout.TrailerSize..];
        bytes[at] = value;
        Crc.Crc64Nvme.Write(Crc.Crc64Nvme.Of(bytes.AsSpan(0, 56)), bytes.AsSpan(56));
        IOException refused = Assert.Throws<IOException>(() => BlobTrailer.TryRead(bytes, 1 + 8 + 6 + 64, out _));
        Assert.Contains("this build reads layout 1", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Compose(byte[] payload)
    {
        var sums = new BlockChecksummer();
        sums.Append(payload);
        return BlobTail.Compose(Id, sums, "footer"u8);
    }
}
