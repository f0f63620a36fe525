using Tarn.Core.Blobs;

namespace Tarn.Core.Disks.Writing;

/// <summary>The file system of a disk has no room for a change. The message is for who asked for it.</summary>
public sealed class DiskFullException : StorageFullException
{
    /// <inheritdoc/>
    public DiskFullException() { }

    /// <inheritdoc/>
    public DiskFullException(string message) : base(message) { }

    /// <inheritdoc/>
    public DiskFullException(string message, Exception inner) : base(message, inner) { }
}
