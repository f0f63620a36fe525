using Microsoft.Win32.SafeHandles;

namespace Tarn.S3.Reading;

/// <summary>A connection feature: the connection can send bytes of a file without copying them. Absent where the bytes have to be encrypted or framed.</summary>
public interface IFileOutput
{
    /// <summary>
    /// Says that the bytes that the body's writer is advanced by next are those of a file, which is kept open until they are sent. The answer has begun, and its writer was asked for memory.
    /// </summary>
    /// <param name="file">The file. What is sent of it is in memory.</param>
    /// <param name="offset">The first byte.</param>
    void Announce(SafeFileHandle file, long offset);
}
