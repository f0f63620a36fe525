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
    [InlineData("MD5")]
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
    public void Types_of_multipart_uploads(ChecksumAlgorithm algorithm, bool full, bool composite, ChecksumType standard)
    {
        Assert.Equal(full, ChecksumAlgorithms.Allows(algorithm, ChecksumType.FullObject));
        Assert.Equal(composite, ChecksumAlgorithms.Allows(algorithm, ChecksumType.Composite));
        Assert.Equal(standard, ChecksumAlgorithms.DefaultType(algorithm));
        Assert.False(ChecksumAlgorithms.Allows(algorithm, default));
    }

    [Fact]
    public void A_number_that_is_no_algorithm_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ChecksumAlgorithms.Name(default));
        Assert.Throws<ArgumentOutOfRangeException>(() => StreamHasher.Create(default));
    }
}
