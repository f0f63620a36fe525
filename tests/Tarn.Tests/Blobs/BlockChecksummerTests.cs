using System.Buffers.Binary;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;

namespace Tarn.Tests.Blobs;

public sealed class BlockChecksummerTests
{
    private const int Block = BlobLayout.BlockSize;

    public static TheoryData<int> Lengths { get; } =
        [0, 1, 255, Block - 1, Block, Block + 1, (2 * Block) - 1, 2 * Block, (5 * Block) + 777, 9 * Block];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Every_block_and_the_whole_have_the_checksum_of_their_bytes_however_they_arrive(int length)
    {
        var random = new Random(length);
        byte[] data = new byte[length];
        random.NextBytes(data);
        foreach (int most in new[] { 7, 4096, Block, 3 * Block, int.MaxValue })
        {
            foreach (long? expected in new long?[] { null, length, 1 })
            {
                // Pieces of a few bytes only where there are few bytes.
                if (most == 7 && length > 2 * Block)
                {
                    continue;
                }

                var sums = new BlockChecksummer(expected);
                for (int at = 0; at < length;)
                {
                    int piece = Math.Min(length - at, most == int.MaxValue ? length : random.Next(1, most + 1));
                    sums.Append(data.AsSpan(at, piece));
                    sums.Append([]);
                    at += piece;
                }

                AssertSums(sums, data);
            }
        }
    }

    [Fact]
    public void The_checksum_so_far_is_that_of_the_bytes_so_far()
    {
        byte[] data = new byte[(2 * Block) + 100];
        new Random(1).NextBytes(data);
        var sums = new BlockChecksummer();
        for (int at = 0; at < data.Length; at += 50_000)
        {
            sums.Append(data.AsSpan(at, Math.Min(50_000, data.Length - at)));
            AssertSums(sums, data[..Math.Min(at + 50_000, data.Length)]);
        }
    }

    private static void AssertSums(BlockChecksummer sums, byte[] data)
    {
        Assert.Equal(data.Length, sums.Length);
        Assert.Equal(BlobLayout.BlockCount(data.Length, BlobLayout.BlockSizeLog2), sums.Count);
        byte[] table = new byte[sums.Count * BlobLayout.ChecksumSize];
        sums.Write(table);
        for (int block = 0; block < sums.Count; block++)
        {
            Assert.Equal(
                Hash(data.AsSpan(block * Block, Math.Min(Block, data.Length - (block * Block)))),
                BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan(block * BlobLayout.ChecksumSize)));
        }

        Assert.Equal(Hash(data), sums.Whole);
        Assert.Equal(Hash(data), BinaryPrimitives.ReadUInt64BigEndian(sums.WholeBytes()));
    }

    /// <summary>By the hasher that clients' checksums are verified with, in one piece.</summary>
    private static ulong Hash(ReadOnlySpan<byte> data)
    {
        using StreamHasher hasher = StreamHasher.Create(ChecksumAlgorithm.Crc64Nvme);
        byte[] value = new byte[8];
        hasher.Append(data);
        hasher.Finish(value);
        return BinaryPrimitives.ReadUInt64BigEndian(value);
    }
}
