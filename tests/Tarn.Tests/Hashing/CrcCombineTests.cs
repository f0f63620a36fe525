using Tarn.Core.Hashing;

namespace Tarn.Tests.Hashing;

public sealed class CrcCombineTests
{
    public static TheoryData<ChecksumAlgorithm> Crcs { get; } = new(SlowCrc.Algorithms);

    [Theory]
    [MemberData(nameof(Crcs))]
    public void Equals_the_crc_of_the_whole(ChecksumAlgorithm algorithm)
    {
        Random random = new(99);
        byte[] data = CrcTests.Bytes(random, 3_000);
        for (int round = 0; round < 300; round++)
        {
            int length = random.Next(data.Length + 1);
            int split = (round % 10) switch { 0 => 0, 1 => length, _ => random.Next(length + 1) };

            byte[] combined = Combine(
                algorithm, CrcTests.Hash(algorithm, data.AsSpan(0, split)), CrcTests.Hash(algorithm, data.AsSpan(split, length - split)),
                length - split);

            Assert.Equal(CrcTests.Hash(algorithm, data.AsSpan(0, length)), combined);
        }
    }

    [Theory]
    [MemberData(nameof(Crcs))]
    public void Nothing_added_on_either_side_changes_nothing(ChecksumAlgorithm algorithm)
    {
        byte[] nothing = CrcTests.Hash(algorithm, []);
        byte[] some = CrcTests.Hash(algorithm, [1, 2, 3]);

        Assert.Equal(some, Combine(algorithm, some, nothing, 0));
        Assert.Equal(some, Combine(algorithm, nothing, some, 3));
        Assert.Equal(nothing, Combine(algorithm, nothing, nothing, 0));
    }

    /// <summary>A ‖ (B ‖ C) = (A ‖ B) ‖ C, where B and C are up to terabytes; only the sum of their lengths is seen by the left side.</summary>
    [Theory]
    [MemberData(nameof(Crcs))]
    public void Is_associative_for_lengths_over_4_GiB(ChecksumAlgorithm algorithm)
    {
        Random random = new(5);
        int size = ChecksumAlgorithms.HashSize(algorithm);
        for (int round = 0; round < 100; round++)
        {
            byte[] a = CrcTests.Bytes(random, size);
            byte[] b = CrcTests.Bytes(random, size);
            byte[] c = CrcTests.Bytes(random, size);
            long lengthB = random.NextInt64(1L << 32, 1L << 61);
            long lengthC = random.NextInt64(1L << 32, 1L << 61);

            Assert.Equal(
                Combine(algorithm, a, Combine(algorithm, b, c, lengthC), lengthB + lengthC),
                Combine(algorithm, Combine(algorithm, a, b, lengthB), c, lengthC));
        }
    }

    /// <summary>Anchors the long lengths in data: 8 GiB of zeros by doubling 1 KiB equals one addition of 8 GiB.</summary>
    [Theory]
    [MemberData(nameof(Crcs))]
    public void Doubling_reaches_8_GiB(ChecksumAlgorithm algorithm)
    {
        byte[] zeros = CrcTests.Hash(algorithm, new byte[1024]);
        long length = 1024;
        byte[] prefix = CrcTests.Hash(algorithm, [1, 2, 3]);
        byte[] stepwise = Combine(algorithm, prefix, zeros, length);
        for (; length < 8L << 30; length *= 2)
        {
            stepwise = Combine(algorithm, stepwise, zeros, length);
            zeros = Combine(algorithm, zeros, zeros, length);
        }

        Assert.Equal(8L << 30, length);
        Assert.Equal(Combine(algorithm, prefix, zeros, length), stepwise);
    }

    [Fact]
    public void The_destination_may_be_an_operand()
    {
        byte[] a = CrcTests.Hash(ChecksumAlgorithm.Crc32, [1, 2]);
        byte[] b = CrcTests.Hash(ChecksumAlgorithm.Crc32, [3]);

        CrcCombine.Combine(ChecksumAlgorithm.Crc32, a, b, 1, a);

        Assert.Equal(CrcTests.Hash(ChecksumAlgorithm.Crc32, [1, 2, 3]), a);
    }

    [Fact]
    public void Refuses_what_makes_no_sense()
    {
        byte[] four = new byte[4];
        Assert.ThrowsAny<ArgumentException>(() => CrcCombine.Combine(ChecksumAlgorithm.Sha1, new byte[20], new byte[20], 1, new byte[20]));
        Assert.ThrowsAny<ArgumentException>(() => CrcCombine.Combine(ChecksumAlgorithm.Crc32, four, four, -1, new byte[4]));
        Assert.ThrowsAny<ArgumentException>(() => CrcCombine.Combine(ChecksumAlgorithm.Crc32, four, new byte[8], 1, new byte[4]));
        Assert.ThrowsAny<ArgumentException>(() => CrcCombine.Combine(ChecksumAlgorithm.Crc32, four, four, 1, new byte[3]));
    }

    private static byte[] Combine(ChecksumAlgorithm algorithm, byte[] crcA, byte[] crcB, long lengthB)
    {
        byte[] result = new byte[crcA.Length];
        CrcCombine.Combine(algorithm, crcA, crcB, lengthB, result);
        return result;
    }
}
