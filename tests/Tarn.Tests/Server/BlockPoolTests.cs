using System.Buffers;
using Tarn.Server.Hosting;

namespace Tarn.Tests.Server;

public sealed class BlockPoolTests
{
    [Fact]
    public void A_block_is_64_KiB_and_comes_back()
    {
        using var pool = new BlockPool(TimeProvider.System);
        IMemoryOwner<byte> first = pool.Rent();
        Assert.Equal(BlockPool.BlockSize, first.Memory.Length);
        first.Dispose();
        first.Dispose();
        Assert.Equal(1, pool.IdleBlocks);
        Assert.Same(first, pool.Rent(100));
        Assert.NotSame(first, pool.Rent());
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(BlockPool.BlockSize + 1));
    }

    [Fact]
    public void Only_what_stayed_idle_for_a_whole_interval_is_let_go()
    {
        using var pool = new BlockPool(TimeProvider.System);
        IMemoryOwner<byte>[] blocks = [pool.Rent(), pool.Rent(), pool.Rent()];
        foreach (IMemoryOwner<byte> block in blocks)
        {
            block.Dispose();
        }

        pool.Evict();
        Assert.Equal(3, pool.IdleBlocks);
        pool.Rent().Dispose();
        pool.Evict();
        Assert.Equal(1, pool.IdleBlocks);
        pool.Evict();
        Assert.Equal(0, pool.IdleBlocks);
    }
}
