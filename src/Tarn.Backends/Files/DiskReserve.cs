using Tarn.Core.Blobs;

namespace Tarn.Backends.Files;

/// <summary>
/// Reserves room on a device, so that growth is refused while removals can still be written: a device that is
/// full to the last byte, or the last inode, cannot even record a delete.
/// </summary>
/// <param name="path">Any directory on the device.</param>
/// <param name="bytes">The bytes to keep free, along with <see cref="FileSystemSpace.ReservedInodes"/>; 0 for no reserve.</param>
public sealed class DiskReserve(string path, long bytes)
{
    /// <summary>Throws if writing <paramref name="more"/> bytes in a new file would use the reserve.</summary>
    /// <exception cref="StorageFullException">The write would use the reserve.</exception>
    public void ThrowIfShort(long more)
    {
        if (bytes == 0)
        {
            return;
        }

        FileSystemSpace space = FileSystemSpace.Of(path);
        if (space.FreeBytes - more < bytes)
        {
            throw new StorageFullException($"The disk that holds {path} has less than {bytes >> 20} MiB left, which are reserved for deletes.");
        }

        if (space.FreeInodes < space.ReservedInodes)
        {
            throw new StorageFullException($"The disk that holds {path} has less than {space.ReservedInodes} inodes left, which are reserved for deletes.");
        }
    }
}
