using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;

namespace Tarn.Tests.Acceleration;

public sealed class BlockFrameTests
{
    private static readonly BlobId Blob = new(new Id128(0x0123456789abcdef, 0x0f1e2d3c4b5a6978));

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(0, 65536, 1)]
    [InlineData(0, 65537, 2)]
    [InlineData(65535, 1, 1)]
    [InlineData(65535, 2, 2)]
    [InlineData(1, 65536, 2)]
    [InlineData(1, 1048576, 17)]
    [InlineData(long.MaxValue - 1, 1, 1)]
    public void A_run_has_the_blocks_that_it_touches(long start, long length, int expected)
    {
        Assert.Equal(expected, BlockFrames.Count(start, length));
        Assert.Equal(length + (8 * expected), BlockFrames.StreamLength(start, length));
    }

    [Fact]
    public void The_blocks_of_random_runs_add_up_to_them()
    {
        Assert.Equal(BlobLayout.BlockSize, BlockFrames.BlockSize);
        var random = new Random(7);
        for (int round = 0; round < 10_000; round++)
        {
            long start = random.NextInt64(1L << 40), length = random.Next(1, BlockFrames.MaxRun + 1), end = start + length;
            int blocks = 0;
            for (long at = start; at < end; at += BlockFrames.LengthAt(at, end))
            {
                Assert.True(at == start || at % BlockFrames.BlockSize == 0);
                blocks++;
            }

            Assert.Equal(blocks, BlockFrames.Count(start, length));
        }
    }

    [Fact]
    public void A_checksum_is_big_endian()
    {
        byte[] bytes = new byte[8];
        BlockFrames.WriteChecksum(bytes, 0x0102030405060708);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], bytes);
        Assert.Equal(0x0102030405060708UL, BlockFrames.ReadChecksum(bytes));
    }

    [Fact]
    public void A_request_has_one_path()
    {
        var request = new BlockRequest(Blob, 65536, 1048576);
        Assert.Equal("/v1/blocks/0123456789abcdef0f1e2d3c4b5a6978/65536/1048576", request.Path);
        Assert.True(BlockRequest.TryParse(request.Path, out BlockRequest read));
        Assert.Equal(request, read);
    }

    [Theory]
    [InlineData("/v1/blocks/0123456789abcdef0f1e2d3c4b5a6978/0/0")]
    [InlineData("/v1/blocks/0123456789abcdef0f1e2d3c4b5a6978/0/1048577")]
    [InlineData("/v1/blocks/0123456789abcdef0f1e2d3c4b5a6978/-1/1")]
    [InlineData("/v1/blocks/0123456789abcdef0f1e2d3c4b5a6978/00/1")]
    [InlineData("/v1/blocks/0123456789abcdef0f1e2d3c4b5a6978/0/+1")]
    [InlineData("/v1/blocks/0123456789abcdef0f1e2d3c4b5a6978/0/1/")]
    [InlineData("/v1/blocks/0123456789abcdef0f1e2d3c4b5a6978/0/1/2")]
    [InlineData("/v1/blocks/0123456789abcdef0f1e2d3c4b5a6978/0/1?x")]
    [InlineData("/v1/blocks/0123456789abcdef0f1e2d3c4b5a6978/9223372036854775807/1")]
    [InlineData("/v1/blocks/0123456789ABCDEF0f1e2d3c4b5a6978/0/1")]
    [InlineData("/v1/blocks/0123456789abcdef0f1e2d3c4b5a697/0/1")]
    [InlineData("/v1/blocks//0/1")]
    [InlineData("/v1/blocks/")]
    [InlineData("/V1/blocks/0123456789abcdef0f1e2d3c4b5a6978/0/1")]
    public void Any_other_path_is_refused(string path) => Assert.False(BlockRequest.TryParse(path, out _));
}
