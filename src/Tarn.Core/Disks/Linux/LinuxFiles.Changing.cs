using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Linux;

/// <summary>The calls by which a tree is changed; names are single ones with a terminating zero, and no link is followed.</summary>
internal static unsafe partial class LinuxFiles
{
    private const int ReadWriteWithoutWaiting = 0x2 | 0x800 | 0x100; // O_RDWR | O_NONBLOCK | O_NOCTTY
    private const uint WithoutReplacing = 1; // RENAME_NOREPLACE
    private const int WriteAndSearch = 0x2 | 0x1; // W_OK | X_OK
    private const uint Unchanged = uint.MaxValue;

    private static readonly int RenameNumber = IsArm ? 276 : 316; // renameat2

    /// <summary>The user that this process acts as.</summary>
    public static uint CurrentUser => EffectiveUser();

    /// <summary>Opens a file by its name in a directory for reading and writing.</summary>
    public static int OpenForWriting(SafeFileHandle directory, ReadOnlySpan<byte> name, out SafeFileHandle? file)
    {
        fixed (byte* n = name)
        {
            return Result(OpenAt(directory, n, ReadWriteWithoutWaiting | CloseOnExec | NoFollow, 0), out file);
        }
    }

    /// <summary>Opens a file by its name in a directory for reading.</summary>
    public static int OpenNamed(SafeFileHandle directory, ReadOnlySpan<byte> name, out SafeFileHandle? file)
    {
        fixed (byte* n = name)
        {
            return Result(OpenAt(directory, n, ReadWithoutWaiting | CloseOnExec | NoFollow, 0), out file);
        }
    }

    /// <summary>Gives a file or directory another name, in one step (renameat2(2)).</summary>
    /// <param name="replaces">Whether what has the new name is replaced; otherwise that is an error (EEXIST). File systems without this step: EINVAL.</param>
    public static int Rename(SafeFileHandle from, ReadOnlySpan<byte> fromName, SafeFileHandle to, ReadOnlySpan<byte> toName, bool replaces)
    {
        fixed (byte* f = fromName)
        fixed (byte* t = toName)
        {
            return RenameAt2(RenameNumber, from, f, to, t, replaces ? 0 : WithoutReplacing) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Gives a file another name, besides its own, that nothing has yet (linkat(2)).</summary>
    public static int Link(SafeFileHandle from, ReadOnlySpan<byte> fromName, SafeFileHandle to, ReadOnlySpan<byte> toName)
    {
        fixed (byte* f = fromName)
        fixed (byte* t = toName)
        {
            return LinkAt(from, f, to, t, 0) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Gives an open file or directory to another group.</summary>
    public static int SetGroup(SafeFileHandle file, uint group) => ChangeOwner(file, Unchanged, group) == 0 ? Errno.None : Marshal.GetLastPInvokeError();

    /// <summary>Whether this process may create and remove names in an open directory, as far as the permissions tell.</summary>
    public static int CheckWritable(SafeFileHandle directory)
    {
        fixed (byte* self = "."u8)
        {
            return AccessAt(directory, self, WriteAndSearch, 0) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Makes the names in a directory durable. On file systems that cannot sync a directory (EINVAL) there is nothing more to do.</summary>
    /// <param name="directory">Open for reading.</param>
    public static int SyncDirectory(SafeFileHandle directory)
    {
        int error = SyncFile(directory) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        return error == Errno.Invalid ? Errno.None : error;
    }

    /// <summary>Makes what was written to a file durable (fsync(2)). Must not be repeated after a failure.</summary>
    public static int SyncFileBytes(SafeFileHandle file) => SyncFile(file) == 0 ? Errno.None : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint RenameAt2(nint number, SafeFileHandle from, byte* fromName, SafeFileHandle to, byte* toName, nuint flags);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    private static partial int LinkAt(SafeFileHandle from, byte* fromName, SafeFileHandle to, byte* toName, int flags);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChangeOwner(SafeFileHandle file, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true)]
    private static partial int AccessAt(SafeFileHandle directory, byte* name, int mode, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncFile(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
