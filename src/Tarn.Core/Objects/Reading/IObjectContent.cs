using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// The open bytes of one object, as runs that are each in memory or in one blob, so that a transport can send a run as a range of a
/// file. For one reader at a time, which may start at any offset.
/// </summary>
public interface IObjectContent : IAsyncDisposable
{
    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>Returns the run that begins at <paramref name="offset"/>: at least one byte, at most <paramref name="length"/>, valid until the next call.</summary>
    ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken);
}

/// <summary>Bytes in memory, or a range of a blob.</summary>
public readonly record struct ContentRun(ReadOnlyMemory<byte> Memory, IBlobReader? Blob, long BlobOffset, long Length)
{
    /// <summary>The file that holds the run at <see cref="BlobOffset"/>; null when it is not in a file.</summary>
    public SafeFileHandle? File => Blob?.FileHandle;
}
