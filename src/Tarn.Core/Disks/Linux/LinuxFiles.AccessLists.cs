using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Linux;

/// <summary>The access control lists of files (acl(5)), as the kernel stores them: in extended attributes.</summary>
internal static unsafe partial class LinuxFiles
{
    private const int MaxAttribute = 65536; // XATTR_SIZE_MAX

    /// <summary>The group that this process acts as.</summary>
    public static uint CurrentGroup => EffectiveGroup();

    private static ReadOnlySpan<byte> AccessListName => "system.posix_acl_access"u8;

    private static ReadOnlySpan<byte> DefaultListName => "system.posix_acl_default"u8;

    /// <summary>Reads the access control list of an open file or directory; empty when it has none.</summary>
    /// <param name="isDefault">Of a directory, the list that is inherited by what is created in it.</param>
    public static int ReadAccessList(SafeFileHandle file, bool isDefault, out byte[] list)
    {
        list = [];
        fixed (byte* n = isDefault ? DefaultListName : AccessListName)
        {
            int error = Length(GetAttribute(file, n, null, 0), out _);
            if (error != Errno.None)
            {
                return HasNone(error) ? Errno.None : error;
            }

            byte[] buffer = new byte[MaxAttribute];
            fixed (byte* b = buffer)
            {
                error = Length(GetAttribute(file, n, b, MaxAttribute), out int length);
                list = buffer[..length];
                return HasNone(error) ? Errno.None : error;
            }
        }
    }

    /// <summary>Reads the access control list of what has a name in a directory; empty when it has none.</summary>
    /// <param name="name">One name, with a terminating zero.</param>
    public static int ReadAccessList(SafeFileHandle directory, ReadOnlySpan<byte> name, out byte[] list)
    {
        bool held = false;
        byte[] buffer = new byte[MaxAttribute];
        try
        {
            directory.DangerousAddRef(ref held);
            fixed (byte* p = (byte[])[.. NameOf(directory)[..^1], (byte)'/', .. name])
            fixed (byte* n = AccessListName)
            fixed (byte* b = buffer)
            {
                int error = Length(GetNamedAttribute(p, n, b, MaxAttribute), out int length);
                list = buffer[..length];
                return HasNone(error) ? Errno.None : error;
            }
        }
        finally
        {
            if (held)
            {
                directory.DangerousRelease();
            }
        }
    }

    /// <summary>Removes the access control list of an open file or directory, if it has one.</summary>
    /// <param name="isDefault">Of a directory, the list that is inherited by what is created in it.</param>
    public static int RemoveAccessList(SafeFileHandle file, bool isDefault)
    {
        fixed (byte* n = isDefault ? DefaultListName : AccessListName)
        {
            // Asked first: removing what is not there changes the time of the file on some file systems.
            int error = Length(GetAttribute(file, n, null, 0), out _);
            if (error == Errno.None)
            {
                error = RemoveAttribute(file, n) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
            }

            return HasNone(error) ? Errno.None : error;
        }
    }

    private static bool HasNone(int error) => error is Errno.NoData or Errno.NotSupported or Errno.NotImplemented;

    private static int Length(nint result, out int length)
    {
        length = (int)Math.Max(result, 0);
        return result >= 0 ? Errno.None : Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true)]
    private static partial nint GetAttribute(SafeFileHandle file, byte* name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true)]
    private static partial nint GetNamedAttribute(byte* path, byte* name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "fremovexattr", SetLastError = true)]
    private static partial int RemoveAttribute(SafeFileHandle file, byte* name);

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint EffectiveGroup();
}
