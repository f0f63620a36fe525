using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;

namespace Tarn.Core.Disks.Writing;

/// <summary>
/// Refuses writes that would leave less room on a disk's file system than is reserved: the server's own data may be there, and a file system
/// without a free byte or inode cannot even take deletes.
/// </summary>
/// <param name="reserve">Bytes to leave free; 0 for no reserve.</param>
internal sealed class DiskRoom(long reserve)
{
    /// <summary>A small file system keeps one part in this many: the reserve could be larger than all of it.</summary>
    private const int Part = 16;

    /// <summary>Throws if more bytes in a new file would use the reserve.</summary>
    /// <param name="disk">The disk. A tree that was made for it is where the server's data is, which needs the whole reserve.</param>
    /// <param name="within">Anything open in its file system.</param>
    /// <param name="more">Bytes.</param>
    /// <exception cref="DiskFullException">They would.</exception>
    public void ThrowIfShort(Disk disk, SafeFileHandle within, long more)
    {
        if (reserve == 0)
        {
            return;
        }

        FileSystemRoom room = FileSystems.Room(within);
        long kept = disk.IsAttached ? Math.Min(reserve, room.TotalBytes / Part) : reserve;
        if (room.FreeBytes - more < kept)
        {
            throw new DiskFullException($"the file system of {disk.Id} has only the {kept >> 20} MiB left that are reserved, or this would use them");
        }

        long inodes = room.Inodes == 0 ? 0 : Math.Clamp(room.Inodes / 64, 16, 1024);
        if (room.FreeInodes < inodes)
        {
            throw new DiskFullException($"the file system of {disk.Id} has less than {inodes} inodes left, which are reserved");
        }
    }
}
