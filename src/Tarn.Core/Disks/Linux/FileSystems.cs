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
