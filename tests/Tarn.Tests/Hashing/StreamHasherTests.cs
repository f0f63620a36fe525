using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Hashing;

namespace Tarn.Tests.Hashing;

public sealed class StreamHasherTests
{
    [Fact]
    public void Md5_of_the_RFC_example()
    {
        using StreamHasher hasher = StreamHasher.CreateMd5();
        Assert.Equal(16, hasher.HashSize);
        Assert.Equal("900150983CD24FB0D6963F7D28E17F72", Hex(hasher, "abc"));
    }

    [Theory]
    [InlineData(ChecksumAlgorithm.Sha1, "A9993E364706816ABA3E25717850C26C9CD0D89D")]
    [InlineData(ChecksumAlgorithm.Sha256, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    public void Sha_of_the_FIPS_180_example(ChecksumAlgorithm algorithm, string expected)
    {
        using StreamHasher hasher = StreamHasher.Create(algorithm);
        Assert.Equal(expected, Hex(hasher, "abc"));
    }

    [Fact]
    public void Finishing_starts_afresh_and_the_rest_of_the_destination_is_left_alone()
    {
        List<StreamHasher> hashers = [StreamHasher.CreateMd5(), StreamHasher.CreateSharedMd5(), .. ChecksumAlgorithms.All.Select(StreamHasher.Create)];
        foreach (StreamHasher hasher in hashers)
        {
            string first = Hex(hasher, "first");
            string empty = Hex(hasher, "");
            Assert.NotEqual(first, empty);
            Assert.Equal(first, Hex(hasher, "first"));

            byte[] larger = new byte[hasher.HashSize + 1];
            larger[^1] = 0xEE;
            hasher.Append("fir"u8);
            hasher.Append("st"u8);
            hasher.Finish(larger);
            Assert.Equal(first, Convert.ToHexString(larger.AsSpan(0, hasher.HashSize)));
            Assert.Equal(0xEE, larger[^1]);

            Assert.ThrowsAny<ArgumentException>(() => hasher.Finish(new byte[hasher.HashSize - 1]));
            hasher.Dispose();
        }
    }

    [Fact]
    public async Task Bytes_added_on_another_thread_are_as_those_added_here()
    {
        byte[] data = CrcTests.Bytes(new Random(5), 100_000);
        List<StreamHasher> hashers = [StreamHasher.CreateMd5(), StreamHasher.CreateSharedMd5(), .. ChecksumAlgorithms.All.Select(StreamHasher.Create)];
        foreach (StreamHasher hasher in hashers)
        {
            hasher.Append(data);
            byte[] expected = hasher.Finish();
            await hasher.AppendAsync(new ReadOnlySequence<byte>(data, 0, 70_001));
            hasher.Append(new ReadOnlySequence<byte>(data, 70_001, data.Length - 70_001));
            Assert.Equal(expected, hasher.Finish());
            hasher.Dispose();
        }
    }

    [Fact]
    public void Composite_is_the_checksum_of_the_parts_checksums()
    {
        byte[][] sha256 = [SHA256.HashData("one"u8), SHA256.HashData("two"u8)];
        Assert.Equal(SHA256.HashData([.. sha256[0], .. sha256[1]]), CompositeChecksum.OfParts(ChecksumAlgorithm.Sha256, sha256));

        byte[][] crc32 = [CrcTests.Hash(ChecksumAlgorithm.Crc32, "one"u8), CrcTests.Hash(ChecksumAlgorithm.Crc32, "two"u8)];
        Assert.Equal(
            SlowCrc.Hash(ChecksumAlgorithm.Crc32, [.. crc32[0], .. crc32[1]]), CompositeChecksum.OfParts(ChecksumAlgorithm.Crc32, crc32));

        Assert.Throws<ArgumentException>(() => CompositeChecksum.OfParts(ChecksumAlgorithm.Crc32, [new byte[8]]));
    }

    [Fact]
    public void Full_object_is_the_checksum_of_the_whole()
    {
        Random random = new(12);
        byte[] data = CrcTests.Bytes(random, 40_000);
        foreach (ChecksumAlgorithm algorithm in SlowCrc.Algorithms)
        {
            List<(byte[], long)> parts = [];
            for (int at = 0, part = 0; at < data.Length; part++)
            {
                int length = Math.Min(part < 3 ? 5_000 : random.Next(9_000), data.Length - at);
                parts.Add((CrcTests.Hash(algorithm, data.AsSpan(at, length)), length));
                at += length;
            }

            Assert.Equal(SlowCrc.Hash(algorithm, data), CompositeChecksum.FullObject(algorithm, parts));
            Assert.Equal(SlowCrc.Hash(algorithm, []), CompositeChecksum.FullObject(algorithm, []));
        }

        Assert.ThrowsAny<ArgumentException>(() => CompositeChecksum.FullObject(ChecksumAlgorithm.Sha256, []));
        Assert.ThrowsAny<ArgumentException>(() => CompositeChecksum.FullObject(ChecksumAlgorithm.Crc32, [(new byte[8], 1)]));
    }

    [Fact]
    public void Multipart_etag_is_the_md5_of_the_parts_md5s()
    {
        byte[] one = MD5.HashData("one"u8);
        byte[] two = MD5.HashData("two"u8);

        Assert.Equal(MD5.HashData([.. one, .. two]), MultipartETag.Compute([one, two]));
        Assert.Throws<ArgumentException>(() => MultipartETag.Compute([new byte[15]]));
    }

    private static string Hex(StreamHasher hasher, string text)
    {
        hasher.Append(Encoding.ASCII.GetBytes(text));
        byte[] hash = new byte[hasher.HashSize];
        hasher.Finish(hash);
        return Convert.ToHexString(hash);
    }
}
