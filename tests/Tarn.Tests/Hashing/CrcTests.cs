using System.Runtime.Intrinsics.X86;
using System.Text;
using Tarn.Core.Hashing;

namespace Tarn.Tests.Hashing;

public sealed class CrcTests
{
    private const int LongestTried = 4096;

    public static TheoryData<ChecksumAlgorithm> Crcs { get; } = new(SlowCrc.Algorithms);

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, "CBF43926")]
    [InlineData(ChecksumAlgorithm.Crc32C, "E3069283")]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, "AE8B14860A799888")]
    public void Published_check_value(ChecksumAlgorithm algorithm, string expected)
    {
        byte[] data = Encoding.ASCII.GetBytes("123456789");

        Assert.Equal(expected, Convert.ToHexString(Hash(algorithm, data)));
        Assert.Equal(expected, Convert.ToHexString(SlowCrc.Hash(algorithm, data)));
    }

    /// <summary>RFC 3720, appendix B.4: 32 bytes each.</summary>
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "8A9136AA")]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "62A8AB43")]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "46DD794E")]
    public void Crc32c_of_the_iSCSI_examples(string data, string expected) =>
        Assert.Equal(expected, Convert.ToHexString(Hash(ChecksumAlgorithm.Crc32C, Convert.FromHexString(data))));

    [Theory]
    [MemberData(nameof(Crcs))]
    public void Every_length_equals_the_definition(ChecksumAlgorithm algorithm) =>
        EveryLength(algorithm, 0, Crc.For(algorithm).Update);

    [Theory]
    [MemberData(nameof(Crcs))]
    public void Every_length_by_tables_equals_the_definition(ChecksumAlgorithm algorithm) =>
        EveryLength(algorithm, 0, Crc.For(algorithm).UpdateByTables);

    [Theory]
    [MemberData(nameof(Crcs))]
    public void Every_length_by_128_bit_folding_equals_the_definition(ChecksumAlgorithm algorithm)
    {
        Assert.SkipUnless(Pclmulqdq.IsSupported, "This processor has no carry-less multiplication.");
        EveryLength(algorithm, CrcFolding.Minimum, Crc.For(algorithm).UpdateByFolding);
    }

    [Theory]
    [MemberData(nameof(Crcs))]
    public void Every_length_by_512_bit_folding_equals_the_definition(ChecksumAlgorithm algorithm)
    {
        Assert.SkipUnless(CrcFolding.IsWideSupported, "This processor has no carry-less multiplication of 512 bits.");
        EveryLength(algorithm, CrcFolding.WideMinimum, Crc.For(algorithm).UpdateByWideFolding);
    }

    [Theory]
    [MemberData(nameof(Crcs))]
    public void Any_alignment_any_register_and_longer_data_agree_on_every_path(ChecksumAlgorithm algorithm)
    {
        Random random = new(20260);
        byte[] data = Bytes(random, 70_000);
        Crc crc = Crc.For(algorithm);
        for (int round = 0; round < 400; round++)
        {
            ulong register = (ulong)random.NextInt64() & crc.Mask;
            int length = random.Next(CrcFolding.Minimum, round % 4 == 0 ? 65_000 : 2_000);
            ReadOnlySpan<byte> piece = data.AsSpan(random.Next(data.Length - length), length);

            ulong expected = crc.UpdateByTables(register, piece);
            Assert.Equal(expected, crc.Update(register, piece));
            if (Pclmulqdq.IsSupported)
            {
                Assert.Equal(expected, crc.UpdateByFolding(register, piece));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Crcs))]
    public void Pieces_make_the_whole(ChecksumAlgorithm algorithm)
    {
        Random random = new(4711);
        byte[] data = Bytes(random, 5_000);
        byte[] expected = SlowCrc.Hash(algorithm, data);
        using StreamHasher hasher = StreamHasher.Create(algorithm);
        for (int round = 0; round < 200; round++)
        {
            int longest = random.Next(1, 2_000);
            for (int at = 0; at < data.Length;)
            {
                int length = Math.Min(random.Next(longest + 1), data.Length - at);
                hasher.Append(data.AsSpan(at, length));
                at += length;
            }

            byte[] actual = new byte[hasher.HashSize];
            hasher.Finish(actual);
            Assert.Equal(expected, actual);
        }
    }

    internal static byte[] Hash(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> data)
    {
        using StreamHasher hasher = StreamHasher.Create(algorithm);
        hasher.Append(data);
        byte[] result = new byte[hasher.HashSize];
        hasher.Finish(result);
        return result;
    }

    internal static byte[] Bytes(Random random, int length)
    {
        byte[] data = new byte[length];
        random.NextBytes(data);
        return data;
    }

    private delegate ulong Updater(ulong register, ReadOnlySpan<byte> data);

    /// <summary>Compares all lengths from the shortest on; the definition's register is carried along, a byte at a time.</summary>
    private static void EveryLength(ChecksumAlgorithm algorithm, int shortest, Updater update)
    {
        Crc crc = Crc.For(algorithm);
        byte[] data = Bytes(new Random(7), LongestTried);
        ulong slow = SlowCrc.Start(algorithm);
        for (int length = 0; length <= LongestTried; length++)
        {
            if (length >= shortest)
            {
                byte[] actual = new byte[crc.Size];
                crc.Write(update(crc.Mask, data.AsSpan(0, length)) ^ crc.Mask, actual);
                Assert.True(SlowCrc.Value(algorithm, slow).AsSpan().SequenceEqual(actual), $"length {length}");
            }

            if (length < LongestTried)
            {
                slow = SlowCrc.Update(algorithm, slow, data.AsSpan(length, 1));
            }
        }
    }
}
