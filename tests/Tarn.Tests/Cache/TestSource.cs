using System.Collections.Concurrent;
using Tarn.Core.Cache;

namespace Tarn.Tests.Cache;

/// <summary>Gives the bytes of <see cref="BlobContent"/>, and does what a test wants in between.</summary>
internal sealed class TestSource : IFrameSource
{
    /// <summary>What was opened, in order.</summary>
    public ConcurrentQueue<FrameKey> Opened { get; } = new();

    /// <summary>How many streams are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Called before a stream is opened.</summary>
    public Func<FrameKey, Task>? Opening { get; set; }

    /// <summary>Called before a block is given; has the offset of the block in the blob.</summary>
    public Func<long, Task>? Giving { get; set; }

    /// <summary>The offset in the blob of a byte that comes damaged.</summary>
    public long? Damaged { get; set; }

    private int _open;

    public async ValueTask<IFrameStream> OpenAsync(FrameKey key, CancellationToken ct)
    {
        Opened.Enqueue(key);
        if (Opening is { } opening)
        {
            await opening(key).WaitAsync(ct);
        }

        Interlocked.Increment(ref _open);
        return new Stream(this, key);
    }

    private sealed class Stream(TestSource source, FrameKey key) : IFrameStream
    {
        private long _at = key.Start;

        public async ValueTask<ulong> ReadBlockAsync(Memory<byte> block, CancellationToken ct)
        {
            if (source.Giving is { } giving)
            {
                await giving(_at).WaitAsync(ct);
            }

            // What the cache asks for is the grid's next block.
            Assert.Equal(Math.Min(key.End, (_at & -65536) + 65536) - _at, block.Length);
            BlobContent.Fill(key.Blob, _at, block.Span);
            ulong checksum = BlobContent.Checksum(block.Span);
            if (source.Damaged is { } damaged && damaged >= _at && damaged < _at + block.Length)
            {
                block.Span[(int)(damaged - _at)] ^= 1;
            }

            _at += block.Length;
            return checksum;
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref source._open);
            return default;
        }
    }
}
