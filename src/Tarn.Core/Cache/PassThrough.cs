using System.Buffers;

namespace Tarn.Core.Cache;

/// <summary>Reads from a source without keeping anything: the blocks that a reader needs, one at a time, verified, straight into its buffer where that takes a whole one.</summary>
internal static class PassThrough
{
    /// <returns>The buffer's length, of which the frame has all bytes.</returns>
    /// <exception cref="FrameUnavailableException">The source does not give them.</exception>
    /// <exception cref="FrameDamagedException">A block is damaged.</exception>
    public static async ValueTask<int> ReadAsync(FrameKey key, int offset, Memory<byte> buffer, IFrameSource source, CacheCounters counters, CancellationToken cancellationToken)
    {
        int first = key.BlockOf(offset), last = key.BlockOf(offset + buffer.Length - 1);
        await using IFrameStream stream = await source.OpenAsync(key.Part(first, last), cancellationToken);
        for (int block = first; block <= last; block++)
        {
            int start = key.BlockStart(block), length = key.BlockStart(block + 1) - start;
            if (start >= offset && start + length <= offset + buffer.Length)
            {
                await FetchedBlock.ReadAsync(stream, key, start, buffer.Slice(start - offset, length), cancellationToken);
            }
            else
            {
                await ReadPartAsync(stream, key, start, length, offset, buffer, cancellationToken);
            }

            Interlocked.Add(ref counters.FetchedBytes, length);
        }

        return buffer.Length;
    }

    private static async ValueTask ReadPartAsync(IFrameStream stream, FrameKey key, int start, int length, int offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        byte[] memory = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await FetchedBlock.ReadAsync(stream, key, start, memory.AsMemory(0, length), cancellationToken);
            int from = Math.Max(offset, start), to = Math.Min(offset + buffer.Length, start + length);
            memory.AsSpan(from - start, to - from).CopyTo(buffer.Span[(from - offset)..]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(memory);
        }
    }
}
