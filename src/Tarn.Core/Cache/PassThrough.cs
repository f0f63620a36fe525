using System.Buffers;

namespace Tarn.Core.Cache;

/// <summary>Reads from a source without keeping anything: the blocks that a reader needs, one at a time, verified, straight into its buffer where that takes a whole one.</summary>
internal static class PassThrough
{
    /// <param name="key">The frame.</param>
    /// <param name="offset">Where, counted from the frame's start.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="checksums">Receives the checksums of the blocks that are read; has room for those of all blocks of the frame.</param>
    /// <param name="source">The source.</param>
    /// <param name="counters">Count what is fetched.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The buffer's length, of which the frame has all bytes.</returns>
    /// <exception cref="FrameUnavailableException">The source does not give them.</exception>
    /// <exception cref="FrameDamagedException">A block is damaged.</exception>
    public static async ValueTask<int> ReadAsync(
        FrameKey key, int offset, Memory<byte> buffer, ulong[] checksums, IFrameSource source, CacheCounters counters, CancellationToken cancellationToken)
    {
        int first = key.BlockOf(offset), last = key.BlockOf(offset + buffer.Length - 1);
        await using IFrameStream stream = await source.OpenAsync(key.Part(first, last), cancellationToken);
        for (int block = first; block <= last; block++)
        {
            int start = key.BlockStart(block), length = key.BlockStart(block + 1) - start;
            checksums[block] = start >= offset && start + length <= offset + buffer.Length
                ? await FetchedBlock.ReadAsync(stream, key, start, buffer.Slice(start - offset, length), cancellationToken)
                : await ReadPartAsync(stream, key, start, length, offset, buffer, cancellationToken);
            Interlocked.Add(ref counters.FetchedBytes, length);
        }

        return buffer.Length;
    }

    private static async ValueTask<ulong> ReadPartAsync(IFrameStream stream, FrameKey key, int start, int length, int offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        byte[] memory = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            ulong checksum = await FetchedBlock.ReadAsync(stream, key, start, memory.AsMemory(0, length), cancellationToken);
            int from = Math.Max(offset, start), to = Math.Min(offset + buffer.Length, start + length);
            memory.AsSpan(from - start, to - from).CopyTo(buffer.Span[(from - offset)..]);
            return checksum;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(memory);
        }
    }
}
