using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Tarn.Backends.Files;

/// <summary>What is left on a file system, as statfs(2) says it of any directory there.</summary>
/// <param name="FreeBytes">What a user without privileges may still write.</param>
/// <param name="Inodes">How many there are in all; 0 where the file system makes them as it needs them.</param>
/// <param name="FreeInodes">How many files can still be made; means nothing when <paramref name="Inodes"/> is 0.</param>
/// <param name="Type">The magic number of the kind of file system.</param>
public readonly partial record struct FileSystemSpace(long FreeBytes, long Inodes, long FreeInodes, long Type)
{
    private const long Ext = 0xEF53;
    private const long Xfs = 0x58465342;
    private const int Size = 256; // Of struct statfs, with room to spare.

    /// <summary>
    /// Whether room that fallocate(2) gave to a file is that file's, whatever others write, and is theirs once it is removed: of ext4 and
    /// XFS. Those that never overwrite in place (Btrfs, ZFS) need more room to use or free it; of others it is not known.
    /// </summary>
    public bool KeepsAllocations => Type is Ext or Xfs;

    /// <summary>How many inodes growth leaves free: a 64th, at least 16, at most 1024; 0 where they are not counted.</summary>
    public long ReservedInodes => Inodes == 0 ? 0 : Math.Clamp(Inodes / 64, 16, 1024);

    /// <exception cref="IOException">There is no such path, or the file system does not answer.</exception>
    public static unsafe FileSystemSpace Of(string path)
    {
        // As 64-bit Linux has it: type, block size, blocks, free, free for users, inodes, free inodes, id, length of names, fragment size.
        long* fields = stackalloc long[Size / sizeof(long)];
        if (StatFs(path, fields) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new IOException($"statfs of {path}: {Marshal.GetPInvokeErrorMessage(error)}", new Win32Exception(error));
        }

        long unit = fields[9] != 0 ? fields[9] : fields[1];
        return new FileSystemSpace(fields[4] * unit, fields[5], fields[6], fields[0]);
    }

    [LibraryImport("libc", EntryPoint = "statfs", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int StatFs(string path, long* fields);
}
