using Tarn.Core.Cache;

namespace Tarn.Tests.Cache;

public sealed class FrameKeyTests
{
    [Theory]
    [InlineData(0, 1, 0, 0, 1)]
    [InlineData(0, 10_000_000, 0, 0, 1 << 20)]
    [InlineData(0, 10_000_000, (1 << 20) - 1, 0, 1 << 20)]
    [InlineData(0, 10_000_000, 1 << 20, 1 << 20, 1 << 20)]
    [InlineData(0, 10_000_000, 9_999_999, 9 << 20, 10_000_000 - (9 << 20))]
    [InlineData(100, 5_000_000, 100, 100, (1 << 20) - 100)]
    [InlineData(100, 5_000_000, 1 << 20, 1 << 20, 1 << 20)]
    [InlineData(1_500_000, 20, 1_500_010, 1_500_000, 20)]
    public void The_frame_of_a_byte_is_its_cell_of_the_grid_clipped_to_the_run(long offset, long length, long at, long start, int expected) =>
        Assert.Equal(new FrameKey(BlobContent.Blob(1), start, expected), FrameKey.Of(BlobContent.Blob(1), offset, length, at));

    [Theory]
    [InlineData(10, 5, 9)]
    [InlineData(10, 5, 15)]
    [InlineData(10, 0, 10)]
    [InlineData(-1, 5, 1)]
    [InlineData(1, -5, 1)]
    [InlineData(long.MaxValue, 5, long.MaxValue)]
    public void A_byte_outside_the_run_has_no_frame(long offset, long length, long at) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameKey.Of(BlobContent.Blob(1), offset, length, at));

    [Fact]
    public void Frames_follow_each_other_and_so_do_their_blocks()
    {
        var random = new Random(1);
        for (int run = 0; run < 300; run++)
        {
            long offset = random.Next(3_000_000), end = offset + 1 + random.Next(5_000_000);
            for (long at = offset; at < end;)
            {
                FrameKey key = FrameKey.Of(BlobContent.Blob(1), offset, end - offset, at);
                Assert.Equal(at, key.Start);
                Assert.True(key.IsValid);
                Assert.InRange(key.Blocks, 1, 16);
                Assert.Equal(key, FrameKey.Of(BlobContent.Blob(1), offset, end - offset, key.End - 1));
                Assert.Equal(key.Length, key.BlockStart(key.Blocks));
                for (int block = 0; block < key.Blocks; block++)
                {
                    int start = key.BlockStart(block), next = key.BlockStart(block + 1);
                    Assert.Equal(block, key.BlockOf(start));
                    Assert.Equal(block, key.BlockOf(next - 1));
                    Assert.True(block == 0 || (key.Start + start) % 65536 == 0);
                    Assert.Equal(new FrameKey(key.Blob, key.Start + start, next - start), key.Part(block, block));
                }

                Assert.Equal(key, key.Part(0, key.Blocks - 1));
                at = key.End;
            }
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 5)]
    [InlineData(0, (1 << 20) + 1)]
    [InlineData(1, 1 << 20)]
    [InlineData(long.MaxValue, 1)]
    public async Task Frames_that_cannot_be_are_refused(long start, int length)
    {
        await using CacheSetup setup = await CacheSetup.OpenAsync();
        var key = new FrameKey(BlobContent.Blob(1), start, length);
        await Assert.ThrowsAsync<ArgumentException>(async () => await setup.Cache.ReadAsync(key, 0, new byte[1], 1, CacheUse.Fill, setup.Source, default));
        Assert.Throws<ArgumentException>(() => setup.Cache.Prefetch(key, 1, setup.Source));
        Assert.Empty(setup.Source.Opened);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(65536, 0)]
    [InlineData(65537, 1)]
    [InlineData(131072, 1)]
    [InlineData(131073, 2)]
    [InlineData(262145, 3)]
    [InlineData(524288, 3)]
    [InlineData(524289, 4)]
    [InlineData(1048576, 4)]
    public void A_frame_gets_the_smallest_slot_that_holds_it(int length, int sizeClass)
    {
        Assert.Equal(sizeClass, SlabLayout.ClassOf(length));
        Assert.True(SlabLayout.SlotSize(sizeClass) >= length);
    }

    [Theory]
    [InlineData(32L << 20)]
    [InlineData(100_000_000)]
    [InlineData(1L << 32)]
    [InlineData(1L << 40)]
    public void A_capacity_is_of_enough_slabs_for_all_classes(long capacity)
    {
        SlabLayout layout = SlabLayout.For(capacity);
        Assert.InRange(capacity / layout.FileSize, 12, long.MaxValue);
        Assert.True(layout.DataAt >= SlabLayout.HeaderAt(layout.Slots(0)));
        Assert.Equal(0, layout.DataAt % 4096);
        Assert.Equal(layout.FileSize, layout.SlotAt(0, layout.Slots(0)));
    }
}
