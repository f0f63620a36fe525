using System.Buffers;
using System.Collections.Concurrent;

namespace Tarn.Server.Hosting;

/// <summary>
/// A pool of pinned 64 KiB blocks. It keeps at most <see cref="MaxIdleBlocks"/> idle ones, and every
/// <see cref="EvictionInterval"/> frees those that were not needed since the last time.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>
{
    public const int BlockSize = 64 * 1024;

    /// <summary>The maximum number of idle blocks: 64 MiB.</summary>
    public const int MaxIdleBlocks = 1024;

    public static readonly TimeSpan EvictionInterval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentStack<Block> _idle = new();
    private readonly ITimer _timer;
    private int _idleCount;
    private int _fewestIdle;
    private volatile bool _disposed;

    public BlockPool(TimeProvider time) =>
        _timer = time.CreateTimer(static pool => ((BlockPool)pool!).Evict(), this, EvictionInterval, EvictionInterval);

    public override int MaxBufferSize => BlockSize;

    /// <summary>The number of idle blocks.</summary>
    internal int IdleBlocks => Volatile.Read(ref _idleCount);

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_idle.TryPop(out Block? block))
        {
            int left = Interlocked.Decrement(ref _idleCount);
            if (left < Volatile.Read(ref _fewestIdle))
            {
                Volatile.Write(ref _fewestIdle, left);
            }

            block.Lend();
            return block;
        }

        Volatile.Write(ref _fewestIdle, 0);
        return new Block(this);
    }

    /// <summary>Frees as many blocks as stayed idle throughout the last interval.</summary>
    internal void Evict()
    {
        for (int surplus = Math.Max(0, Volatile.Read(ref _fewestIdle)); surplus > 0 && _idle.TryPop(out _); surplus--)
        {
            Interlocked.Decrement(ref _idleCount);
        }

        Volatile.Write(ref _fewestIdle, IdleBlocks);
    }

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        _timer.Dispose();
        _idle.Clear();
    }

    private void Return(Block block)
    {
        if (_disposed)
        {
            return;
        }

        if (Interlocked.Increment(ref _idleCount) > MaxIdleBlocks)
        {
            Interlocked.Decrement(ref _idleCount);
            return;
        }

        _idle.Push(block);
    }

    private sealed class Block(BlockPool pool) : IMemoryOwner<byte>
    {
        // Pinned permanently, so that sockets need not pin it for every read.
        private readonly Memory<byte> _memory =
            System.Runtime.InteropServices.MemoryMarshal.CreateFromPinnedArray(
                GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true), 0, BlockSize);

        private int _lent = 1;

        public Memory<byte> Memory => _memory;

        public void Lend() => Volatile.Write(ref _lent, 1);

        // A second Dispose must not put the block into the pool twice: two requests would share it.
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _lent, 0) == 1)
            {
                pool.Return(this);
            }
        }
    }
}
