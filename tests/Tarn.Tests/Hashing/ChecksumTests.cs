using Tarn.Core.Hashing;

namespace Tarn.Tests.Hashing;

public sealed class ChecksumTests
{
    private static readonly byte[] Bytes = [0xCB, 0xF4, 0x39, 0x26];

    [Fact]
    public void Text_is_base64_and_the_parts_when_composite()
    {
        Assert.Equal("y/Q5Jg==", new Checksum(ChecksumAlgorithm.Crc32, ChecksumType.FullObject, Bytes, 0).ToString());
        Assert.Equal("y/Q5Jg==-3", new Checksum(ChecksumAlgorithm.Crc32, ChecksumType.Composite, Bytes, 3).ToString());
        Assert.Equal("y/Q5Jg==", new Checksum(ChecksumAlgorithm.Crc32, ChecksumType.Composite, Bytes, 0).ToString());
    }

    [Fact]
    public void Equality_is_by_value()
    {
        Checksum one = new(ChecksumAlgorithm.Crc32, ChecksumType.Composite, [1, 2, 3, 4], 2);
        Checksum same = new(ChecksumAlgorithm.Crc32, ChecksumType.Composite, [1, 2, 3, 4], 2);

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, same with { Value = [1, 2, 3, 5] });
        Assert.NotEqual(one, same with { Parts = 3 });
        Assert.NotEqual(one, same with { Type = ChecksumType.FullObject });
        Assert.NotEqual(one, same with { Algorithm = ChecksumAlgorithm.Crc32C });
    }

    [Theory]
    [InlineData("y/Q5Jg==", 0)]
    [InlineData("y/Q5Jg==-1", 1)]
    [InlineData("y/Q5Jg==-10000", 10_000)]
    public void Reads_well_formed_text(string text, int expectedParts)
    {
        Assert.True(Checksum.TryParse(ChecksumAlgorithm.Crc32, text, out byte[]? value, out int parts));
        Assert.Equal(Bytes, value);
        Assert.Equal(expectedParts, parts);
    }

    [Fact]
    public void Reads_what_it_writes_for_every_algorithm()
    {
        Random random = new(3);
        foreach (ChecksumAlgorithm algorithm in ChecksumAlgorithms.All)
        {
            byte[] value = CrcTests.Bytes(random, ChecksumAlgorithms.HashSize(algorithm));
            Checksum checksum = new(algorithm, ChecksumType.Composite, value, random.Next(1, 10_001));

            Assert.True(Checksum.TryParse(algorithm, checksum.ToString(), out byte[]? read, out int parts));
            Assert.Equal(checksum, new Checksum(algorithm, ChecksumType.Composite, read, parts));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("y/Q5Jg")]
    [InlineData("y/Q5Jg=")]
    [InlineData("y/Q5Jh==")] // surplus bits
    [InlineData("y/Q5J===")]
    [InlineData("y_Q5Jg==")]
    [InlineData(" y/Q5Jg==")]
    [InlineData("y/Q5Jg==\n")]
    [InlineData("y/Q5 g==")]
    [InlineData("y/Q5JgA=")] // five bytes
    [InlineData("y/Q5Jg==-")]
    [InlineData("y/Q5Jg==-0")]
    [InlineData("y/Q5Jg==-01")]
    [InlineData("y/Q5Jg==-+1")]
    [InlineData("y/Q5Jg==- 1")]
    [InlineData("y/Q5Jg==-1-2")]
    [InlineData("y/Q5Jg==-10001")]
    [InlineData("y/Q5Jg==-99999999999")]
    [InlineData("-1")]
    public void Refuses_anything_else(string? text)
    {
        Assert.False(Checksum.TryParse(ChecksumAlgorithm.Crc32, text, out byte[]? value, out int parts));
        Assert.Null(value);
        Assert.Equal(0, parts);
    }
}
