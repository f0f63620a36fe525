namespace Tarn.Core.Cache;

/// <summary>The calls on a slab's file, so that tests can make them fail.</summary>
internal interface ICacheFile : IDisposable
{
    /// <summary>Reads what is in memory, without waiting for the device; fewer bytes, or 0, when there is not all.</summary>
    int ReadCached(long offset, Span<byte> buffer);

    /// <summary>Reads up to the buffer's length; 0 only at the end of the file.</summary>
    /// <exception cref="IOException">The device failed.</exception>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Writes all bytes.</summary>
    /// <exception cref="IOException">The device failed.</exception>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Asks the kernel to begin to write a run of bytes to the device.</summary>
    void StartWritingBack(long offset, long length);

    /// <summary>Makes what was written durable.</summary>
    /// <exception cref="IOException">The device failed.</exception>
    void Sync();
}

/// <summary>Opens and removes files of slabs.</summary>
internal interface ICacheFiles
{
    /// <summary>Opens a file that exists, and gives it the length.</summary>
    /// <exception cref="IOException">The device failed.</exception>
    ICacheFile Open(string path, long length);

    /// <summary>Creates a file, with room for all its bytes.</summary>
    /// <exception cref="IOException">The device failed or is full; there is no file then.</exception>
    ICacheFile Create(string path, long length);

    /// <summary>Removes a file.</summary>
    /// <exception cref="IOException">The device failed.</exception>
    void Delete(string path);
}
