using System.Runtime.InteropServices;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>The free space of a file system, as statfs(2) reports it.</summary>
/// <param name="FreeBytes">Bytes that an unprivileged user can still write.</param>
/// <param name="Inodes">The total number of inodes; 0 where the file system creates them as needed.</param>
/// <param name="FreeInodes">How many files can still be created; meaningless when <paramref name="Inodes"/> is 0.</param>
/// <param name="Type">The magic number of the file system's type.</param>
public readonly partial record struct FileSystemSpace(long FreeBytes, long Inodes, long FreeInodes, long Type)
{
    /// <summary>The size of the file system in bytes.</summary>
    public long TotalBytes { get; init; }

    /// <summary>The id of the file system, which all its mounts have; 0 where there is none.</summary>
    public long Id { get; init; }

    private const long Ext = 0xEF53;
    private const long Xfs = 0x58465342;
    private const long Btrfs = 0x9123683E;
    private const int Size = 256; // The size of struct statfs, with room to spare.

    /// <summary>
    /// Whether room allocated to a file by fallocate(2) stays the file's, whatever others write, and is free once the file is removed: true for
    /// ext4 and XFS. Copy-on-write file systems (Btrfs, ZFS) need more room to use or free it; for others it is not known.
    /// </summary>
    public bool KeepsAllocations => Type is Ext or Xfs;

    /// <summary>Whether one sync of the whole file system is known to do what a sync of each file and directory does.</summary>
    public bool SyncsAsWhole => Type is Ext or Xfs or Btrfs;

    /// <summary>How many inodes growth leaves free: a 64th of all, at least 16 and at most 1024; 0 where they are not counted.</summary>
    public long ReservedInodes => Inodes == 0 ? 0 : Math.Clamp(Inodes / 64, 16, 1024);

    /// <summary>Reads the free space of the file system that holds a path.</summary>
    /// <exception cref="IOException">The path does not exist, or statfs(2) failed.</exception>
    public static unsafe FileSystemSpace Of(string path)
    {
        // The layout of 64-bit Linux: type, block size, blocks, free, free for users, inodes, free inodes, id, length of names, fragment size.
        long* fields = stackalloc long[Size / sizeof(long)];
        if (StatFs(path, fields) != 0)
        {
            throw FailedCall.Last("statfs", path);
        }

        long unit = fields[9] != 0 ? fields[9] : fields[1];
        return new FileSystemSpace(fields[4] * unit, fields[5], fields[6], fields[0]) { TotalBytes = fields[2] * unit, Id = fields[7] };
    }

    [LibraryImport("libc", EntryPoint = "statfs", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int StatFs(string path, long* fields);
}
