using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Blobs;

/// <summary>Bytes that may be sent straight from a file.</summary>
public interface IFileSource : IByteSource
{
    /// <summary>
    /// The file in which a run is at this moment: in memory, at the same offsets, and as right as what <see cref="IByteSource.ReadAsync"/> returns. Null when the run is to be read.
    /// </summary>
    ValueTask<SafeFileHandle?> FileAsync(long offset, long length);
}
