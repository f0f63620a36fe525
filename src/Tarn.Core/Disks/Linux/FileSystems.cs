using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Linux;

/// <summary>What identifies the file system that an open file is in. .NET does not offer it.</summary>
internal static unsafe partial class FileSystems
{
    private const nuint GetFileSystemUuid = 0x80111500; // FS_IOC_GETFSUUID

    /// <summary>The id that statfs(2) reports for the file system that an open file is in; 0 where there is none.</summary>
    public static ulong Number(SafeFileHandle file)
    {
        // struct statfs: seven words of sizes and counts come before the id. The kernel writes 120 bytes.
        ulong* words = stackalloc ulong[32];
        return StatFileSystem(file, words) == 0 ? words[7] : 0;
    }

    /// <summary>The free space of the file system that an open file is in.</summary>
    /// <exception cref="IOException">It is not known.</exception>
    public static FileSystemRoom Room(SafeFileHandle file)
    {
        // struct statfs of 64-bit Linux: type, block size, blocks, free, free for users, inodes, free inodes, id, length of names, fragment size.
        ulong* words = stackalloc ulong[32];
        if (StatFileSystem(file, words) != 0)
        {
            throw LinuxFiles.Failed("fstatfs", Marshal.GetLastPInvokeError());
        }

        long unit = (long)(words[9] != 0 ? words[9] : words[1]);
        return new FileSystemRoom((long)words[2] * unit, (long)words[4] * unit, (long)words[5], (long)words[6]);
    }

    /// <summary>The UUID of the file system that an open file is in; null when it has none, or the kernel (before 6.9) does not report it.</summary>
    public static string? Uuid(SafeFileHandle file)
    {
        byte* answer = stackalloc byte[17];
        if (Control(file, GetFileSystemUuid, answer) != 0 || answer[0] != 16)
        {
            return null;
        }

        var uuid = new Guid(new ReadOnlySpan<byte>(answer + 1, 16), bigEndian: true);
        return uuid == Guid.Empty ? null : uuid.ToString("D");
    }

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int StatFileSystem(SafeFileHandle file, ulong* stat);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, byte* answer);
}

/// <summary>The free space of a file system.</summary>
/// <param name="TotalBytes">Its size.</param>
/// <param name="FreeBytes">Bytes that an unprivileged user can still write.</param>
/// <param name="Inodes">The total number of inodes; 0 where the file system creates them as needed.</param>
/// <param name="FreeInodes">How many files can still be created; meaningless when <paramref name="Inodes"/> is 0.</param>
internal readonly record struct FileSystemRoom(long TotalBytes, long FreeBytes, long Inodes, long FreeInodes);
