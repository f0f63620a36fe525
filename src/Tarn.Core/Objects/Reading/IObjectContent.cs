using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// The open bytes of one object, as runs that are each in memory or in one blob: so that a transport can send a run of a
/// file as a range of that file. Read by one reader, front to back or from any offset.
/// </summary>
public interface IObjectContent : IAsyncDisposable
{
    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>The run that begins at <paramref name="offset"/>: at least one byte, at most <paramref name="length"/>, valid until the next call.</summary>
    ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken);
}

/// <summary>Bytes in memory, or a range of a blob.</summary>
public readonly record struct ContentRun(ReadOnlyMemory<byte> Memory, IBlobReader? Blob, long BlobOffset, long Length)
{
    /// <summary>The file that holds the run at <see cref="BlobOffset"/>, when it is in a file.</summary>
    public SafeFileHandle? File => Blob?.FileHandle;
}
