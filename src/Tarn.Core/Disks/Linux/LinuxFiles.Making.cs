using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Linux;

/// <summary>The calls by which a tree is made again; names are single ones with a terminating zero.</summary>
internal static unsafe partial class LinuxFiles
{
    private const int WriteNew = 0x1 | 0x40 | 0x80; // O_WRONLY | O_CREAT | O_EXCL
    private const uint OwnerOnlyFile = 0x180; // 0600
    private const uint OwnerOnlyDirectory = 0x1C0; // 0700
    private const long KeepTime = 0x3FFFFFFE; // UTIME_OMIT

    /// <summary>Creates a directory that only its owner may use.</summary>
    public static int MakeDirectory(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        fixed (byte* n = name)
        {
            return MakeDirectoryAt(directory, n, OwnerOnlyDirectory) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Creates a symbolic link.</summary>
    /// <param name="target">Where it leads, with a terminating zero.</param>
    public static int MakeLink(SafeFileHandle directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target)
    {
        fixed (byte* n = name)
        fixed (byte* t = target)
        {
            return SymbolicLinkAt(t, directory, n) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Creates a file that only its owner may use, open for writing.</summary>
    public static int MakeFile(SafeFileHandle directory, ReadOnlySpan<byte> name, out SafeFileHandle? file)
    {
        fixed (byte* n = name)
        {
            return Result(OpenAt(directory, n, WriteNew | CloseOnExec | NoFollow, OwnerOnlyFile), out file);
        }
    }

    /// <summary>Reads where a symbolic link leads, without a terminating zero.</summary>
    public static int ReadLink(SafeFileHandle directory, ReadOnlySpan<byte> name, out byte[] target)
    {
        byte[] buffer = new byte[MaxPath + 1];
        fixed (byte* n = name)
        fixed (byte* b = buffer)
        {
            nint length = ReadLinkAt(directory, n, b, (nuint)buffer.Length);
            target = length < 0 ? [] : buffer[..(int)length];
            return length >= 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Sets the permissions of an open file or directory.</summary>
    public static int SetPermissions(SafeFileHandle file, int permissions) => ChangeMode(file, (uint)permissions) == 0 ? Errno.None : Marshal.GetLastPInvokeError();

    /// <summary>Sets when the bytes of an open file or directory changed.</summary>
    public static int SetModified(SafeFileHandle file, FileTime modified)
    {
        // Two struct timespec: the time of the last access, which stays, and that of the last change.
        long* times = stackalloc long[] { 0, KeepTime, modified.Seconds, modified.Nanoseconds };
        return SetTimes(file, times) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MakeDirectoryAt(SafeFileHandle directory, byte* name, uint mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    private static partial int SymbolicLinkAt(byte* target, SafeFileHandle directory, byte* name);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(SafeFileHandle directory, byte* name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    private static partial nint ReadLinkAt(SafeFileHandle directory, byte* name, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int ChangeMode(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    private static partial int SetTimes(SafeFileHandle file, long* times);
}
