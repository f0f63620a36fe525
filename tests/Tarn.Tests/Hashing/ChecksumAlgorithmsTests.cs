using Tarn.Core.Hashing;

namespace Tarn.Tests.Hashing;

public sealed class ChecksumAlgorithmsTests
{
    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, 1, "CRC32", "x-amz-checksum-crc32", 4)]
    [InlineData(ChecksumAlgorithm.Crc32C, 2, "CRC32C", "x-amz-checksum-crc32c", 4)]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, 3, "CRC64NVME", "x-amz-checksum-crc64nvme", 8)]
    [InlineData(ChecksumAlgorithm.Sha1, 4, "SHA1", "x-amz-checksum-sha1", 20)]
    [InlineData(ChecksumAlgorithm.Sha256, 5, "SHA256", "x-amz-checksum-sha256", 32)]
    [InlineData(ChecksumAlgorithm.Sha512, 6, "SHA512", "x-amz-checksum-sha512", 64)]
    [InlineData(ChecksumAlgorithm.Md5, 7, "MD5", "x-amz-checksum-md5", 16)]
    [InlineData(ChecksumAlgorithm.XxHash64, 8, "XXHASH64", "x-amz-checksum-xxhash64", 8)]
    [InlineData(ChecksumAlgorithm.XxHash3, 9, "XXHASH3", "x-amz-checksum-xxhash3", 8)]
    [InlineData(ChecksumAlgorithm.XxHash128, 10, "XXHASH128", "x-amz-checksum-xxhash128", 16)]
    public void Names_sizes_and_persisted_numbers(ChecksumAlgorithm algorithm, byte number, string name, string header, int size)
    {
        Assert.Equal(number, (byte)algorithm);
        Assert.Equal(name, ChecksumAlgorithms.Name(algorithm));
        Assert.Equal(header, ChecksumAlgorithms.HeaderName(algorithm));
        Assert.Equal(size, ChecksumAlgorithms.HashSize(algorithm));

        Assert.True(ChecksumAlgorithms.TryParseName(name, out ChecksumAlgorithm parsed));
        Assert.Equal(algorithm, parsed);
        Assert.True(ChecksumAlgorithms.TryParseName(name.ToLowerInvariant(), out parsed));
        Assert.Equal(algorithm, parsed);
        Assert.True(ChecksumAlgorithms.TryParseHeader(header, out parsed));
        Assert.Equal(algorithm, parsed);

        using StreamHasher hasher = StreamHasher.Create(algorithm);
        Assert.Equal(size, hasher.HashSize);
    }

    [Fact]
    public void All_lists_each_once() => Assert.Equal(Enum.GetValues<ChecksumAlgorithm>(), ChecksumAlgorithms.All);

    [Fact]
    public void Persisted_types_keep_their_numbers()
    {
        Assert.Equal(1, (byte)ChecksumType.FullObject);
        Assert.Equal(2, (byte)ChecksumType.Composite);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("MD4")]
    [InlineData("CRC32 ")]
    [InlineData("CRC64")]
    public void Unknown_names_are_a_miss(string? name) => Assert.False(ChecksumAlgorithms.TryParseName(name, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("x-amz-checksum-")]
    [InlineData("x-amz-checksum-type")]
    [InlineData("x-amz-checksum-algorithm")]
    [InlineData("x-amz-checksum-mode")]
    [InlineData("crc32")]
    public void Other_headers_are_a_miss(string? header) => Assert.False(ChecksumAlgorithms.TryParseHeader(header, out _));

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, true, true, ChecksumType.Composite)]
    [InlineData(ChecksumAlgorithm.Crc32C, true, true, ChecksumType.Composite)]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, true, false, ChecksumType.FullObject)]
    [InlineData(ChecksumAlgorithm.Sha1, false, true, ChecksumType.Composite)]
    [InlineData(ChecksumAlgorithm.Sha256, false, true, ChecksumType.Composite)]
    [InlineData(ChecksumAlgorithm.Sha512, false, true, ChecksumType.Composite)]
    [InlineData(ChecksumAlgorithm.Md5, false, true, ChecksumType.Composite)]
    [InlineData(ChecksumAlgorithm.XxHash64, false, true, ChecksumType.Composite)]
    [InlineData(ChecksumAlgorithm.XxHash3, false, true, ChecksumType.Composite)]
    [InlineData(ChecksumAlgorithm.XxHash128, false, true, ChecksumType.Composite)]
    public void Types_of_multipart_uploads(ChecksumAlgorithm algorithm, bool full, bool composite, ChecksumType standard)
    {
        Assert.Equal(full, ChecksumAlgorithms.Allows(algorithm, ChecksumType.FullObject));
        Assert.Equal(composite, ChecksumAlgorithms.Allows(algorithm, ChecksumType.Composite));
        Assert.Equal(standard, ChecksumAlgorithms.DefaultType(algorithm));
        Assert.False(ChecksumAlgorithms.Allows(algorithm, default));
    }

    /// <summary>Published: RFC 1321, FIPS 180-4, and the xxHash project's own vectors (canonical, big-endian).</summary>
    [Theory]
    [InlineData(ChecksumAlgorithm.Md5, "", "d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData(ChecksumAlgorithm.Md5, "abc", "900150983cd24fb0d6963f7d28e17f72")]
    [InlineData(ChecksumAlgorithm.Sha512, "abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")]
    [InlineData(ChecksumAlgorithm.XxHash64, "", "ef46db3751d8e999")]
    [InlineData(ChecksumAlgorithm.XxHash64, "abc", "44bc2cf5ad770999")]
    [InlineData(ChecksumAlgorithm.XxHash3, "", "2d06800538d394c2")]
    [InlineData(ChecksumAlgorithm.XxHash3, "abc", "78af5f94892f3950")]
    [InlineData(ChecksumAlgorithm.XxHash128, "", "99aa06d3014798d86001c324468d497f")]
    [InlineData(ChecksumAlgorithm.XxHash128, "abc", "06b05ab6733a618578af5f94892f3950")]
    public void Published_vectors(ChecksumAlgorithm algorithm, string text, string hex)
    {
        using StreamHasher hasher = StreamHasher.Create(algorithm);
        byte[] value = new byte[hasher.HashSize];
        for (int round = 0; round < 2; round++)
        {
            foreach (char c in text)
            {
                hasher.Append([(byte)c]);
            }

            hasher.Finish(value);
            Assert.Equal(hex, Convert.ToHexStringLower(value));
        }
    }

    [Fact]
    public void A_number_that_is_no_algorithm_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ChecksumAlgorithms.Name(default));
        Assert.Throws<ArgumentOutOfRangeException>(() => StreamHasher.Create(default));
    }
}
