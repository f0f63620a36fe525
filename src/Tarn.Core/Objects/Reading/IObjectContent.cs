using Tarn.Core.Blobs;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// The open bytes of one object, as runs that are each in memory or in one blob or file. For one reader at a time, which may start at any offset.
/// </summary>
public interface IObjectContent : IAsyncDisposable
{
    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>Returns the run that begins at <paramref name="offset"/>: at least one byte, at most <paramref name="length"/>, valid until the next call.</summary>
    ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken);
}

/// <summary>Bytes in memory, or a range of a source.</summary>
/// <param name="Memory">The bytes, if they are in memory.</param>
/// <param name="Source">What has them otherwise; it verifies what it can.</param>
/// <param name="Offset">The run's first byte in the source.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct ContentRun(ReadOnlyMemory<byte> Memory, IByteSource? Source, long Offset, long Length);
