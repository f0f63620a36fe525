namespace Tarn.Core.Cache;

/// <summary>Where frames come from that are not cached. One source may be asked for several frames at once, and outlives the reader that it came with: a fetch belongs to the frame.</summary>
public interface IFrameSource
{
    /// <summary>Opens the bytes of a frame, or of whole blocks of one.</summary>
    /// <exception cref="FrameUnavailableException">The source does not give them; has its answer.</exception>
    ValueTask<IFrameStream> OpenAsync(FrameKey key, CancellationToken cancellationToken);
}

/// <summary>
/// The bytes of a frame, in order. Ends by itself when its source stalls: the cache has no time limit for fetches, and one that never ends keeps its memory, and the readers that wait for it.
/// </summary>
public interface IFrameStream : IAsyncDisposable
{
    /// <summary>Fills the memory with the next block, which is one of the blob's grid of 64 KiB, clipped to the frame.</summary>
    /// <param name="block">As long as the block.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The CRC64NVME that came with the block. The cache compares it with the bytes.</returns>
    ValueTask<ulong> ReadBlockAsync(Memory<byte> block, CancellationToken cancellationToken);
}

/// <summary>A source does not give a frame's bytes. Sources derive their own, which have their answer.</summary>
public class FrameUnavailableException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public FrameUnavailableException() : base("The source does not give the data.") { }

    /// <summary>Creates the exception with a message.</summary>
    public FrameUnavailableException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public FrameUnavailableException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>A block came damaged from the source: it does not match the checksum that came with it. Nothing of the frame is cached.</summary>
public sealed class FrameDamagedException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public FrameDamagedException() : base("Data came damaged from the source.") { }

    /// <summary>Creates the exception with a message.</summary>
    public FrameDamagedException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public FrameDamagedException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Creates the exception for a block.</summary>
    /// <param name="frame">The frame that has the block.</param>
    /// <param name="offset">The block's first byte, counted from the start of the blob's payload.</param>
    /// <param name="length">Bytes of the block.</param>
    public FrameDamagedException(FrameKey frame, long offset, int length)
        : base($"Bytes {offset}-{offset + length - 1} of blob {frame.Blob} came damaged: they do not match their checksum.") =>
        (Frame, Offset, Length) = (frame, offset, length);

    /// <summary>The frame that has the block.</summary>
    public FrameKey Frame { get; }

    /// <summary>The block's first byte, counted from the start of the blob's payload.</summary>
    public long Offset { get; }

    /// <summary>Bytes of the block.</summary>
    public int Length { get; }
}
