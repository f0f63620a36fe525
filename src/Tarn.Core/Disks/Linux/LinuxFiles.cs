using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Linux;

/// <summary>
/// The Linux system calls that disks need and .NET does not offer: paths as bytes, resolved below a directory
/// (openat2(2)), statx(2), getdents64(2). Each returns an error number; 0 is success.
/// </summary>
internal static unsafe partial class LinuxFiles
{
    /// <summary>Bytes of the longest path that the kernel takes in one call, without its terminating zero (PATH_MAX).</summary>
    public const int MaxPath = 4095;

    /// <summary>
    /// Bytes of the longest name within a directory (NAME_MAX). Some file systems allow longer ones because they count characters:
    /// the 255 of an NTFS name are up to 765 bytes.
    /// </summary>
    public const int MaxName = 255;

    // Links resolve as if the descriptor were the root directory; the magic links of /proc do not resolve.
    private const ulong InRoot = 0x10 | 0x02; // RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
    private const ulong WithoutLinks = 0x04; // RESOLVE_NO_SYMLINKS
    private const ulong WithinMount = 0x01; // RESOLVE_NO_XDEV

    private const int OpenAt2Number = 437; // on every architecture
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int PathOnly = 0x200000; // O_PATH
    private const int ReadWithoutWaiting = 0x800 | 0x100; // O_RDONLY | O_NONBLOCK | O_NOCTTY
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int NotFollowing = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int RemoveDirectory = 0x200; // AT_REMOVEDIR
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS

    /// <summary>The kernel asks for a retry when something was renamed meanwhile; after this many retries the call fails.</summary>
    private const int MaxTries = 200;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly int DirectoryOnly = IsArm ? 0x4000 : 0x10000; // O_DIRECTORY
    private static readonly int NoFollow = IsArm ? 0x8000 : 0x20000; // O_NOFOLLOW
    private static readonly int GetEntriesNumber = IsArm ? 61 : 217; // getdents64

    /// <summary>Opens the directory that is a disk's root. Links in its path are followed, but it must not be a link itself.</summary>
    /// <param name="path">Absolute.</param>
    public static int OpenRoot(string path, out SafeFileHandle? root)
    {
        byte[] bytes = Terminated(path);
        fixed (byte* p = bytes)
        {
            return Result(Open(p, PathOnly | DirectoryOnly | NoFollow | CloseOnExec), out root);
        }
    }

    /// <summary>
    /// Opens a directory whose path had no links when it was stored: a link that is there now was created since, and is not followed.
    /// </summary>
    /// <param name="path">Absolute.</param>
    public static int OpenRealRoot(string path, out SafeFileHandle? root)
    {
        root = null;
        int error = OpenRoot("/", out SafeFileHandle? top);
        using (top)
        {
            return error == Errno.None ? OpenAt2(top!, Terminated(path), PathOnly | DirectoryOnly | CloseOnExec, WithoutLinks, out root) : error;
        }
    }

    /// <summary>Locates a file below the root without opening it (O_PATH): it can be examined without side effects.</summary>
    /// <param name="path">Relative, with a terminating zero.</param>
    public static int Locate(SafeFileHandle root, ReadOnlySpan<byte> path, bool followLinks, out SafeFileHandle? file) =>
        OpenAt2(root, path, PathOnly | CloseOnExec, followLinks ? InRoot : InRoot | WithoutLinks, out file);

    /// <summary>Opens a directory below the root for reading.</summary>
    public static int OpenDirectory(SafeFileHandle root, ReadOnlySpan<byte> path, bool followLinks, out SafeFileHandle? directory) =>
        OpenAt2(
            root, path, ReadWithoutWaiting | DirectoryOnly | CloseOnExec | (followLinks ? 0 : NoFollow),
            followLinks ? InRoot : InRoot | WithoutLinks, out directory);

    /// <summary>Opens a directory below the root for reading, unless it is in another mount than the root (EXDEV).</summary>
    public static int OpenDirectoryOfMount(SafeFileHandle root, ReadOnlySpan<byte> path, bool followLinks, out SafeFileHandle? directory) =>
        OpenAt2(
            root, path, ReadWithoutWaiting | DirectoryOnly | CloseOnExec | (followLinks ? 0 : NoFollow),
            InRoot | WithinMount | (followLinks ? 0 : WithoutLinks), out directory);

    /// <summary>Opens the directory that an open one is in now, for reading: not necessarily the one that it was found in.</summary>
    public static int OpenAbove(SafeFileHandle directory, bool withinMount, out SafeFileHandle? above) =>
        OpenAt2(directory, ".."u8, ReadWithoutWaiting | DirectoryOnly | CloseOnExec, WithoutLinks | (withinMount ? WithinMount : 0), out above);

    /// <summary>The absolute path of an open file or directory, without links, as it is now; ENAMETOOLONG beyond <see cref="MaxPath"/>.</summary>
    public static int PathOf(SafeFileHandle file, out byte[] path)
    {
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            return ReadLink(file, NameOf(file), out path);
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>Opens for reading the very file that <see cref="Locate"/> found, whatever has its name by now.</summary>
    public static int OpenLocated(SafeFileHandle located, out SafeFileHandle? file)
    {
        bool held = false;
        try
        {
            located.DangerousAddRef(ref held);
            fixed (byte* p = NameOf(located))
            {
                return Result(Open(p, ReadWithoutWaiting | CloseOnExec), out file);
            }
        }
        finally
        {
            if (held)
            {
                located.DangerousRelease();
            }
        }
    }

    /// <summary>Examines an open file.</summary>
    public static int Stat(SafeFileHandle file, out FileStat stat)
    {
        byte empty = 0;
        fixed (FileStat* s = &stat)
        {
            return StatX(file, &empty, EmptyPath, BasicStats, s) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Examines a name in a directory; for a link, the link itself.</summary>
    /// <param name="name">One name, with a terminating zero.</param>
    public static int StatName(SafeFileHandle directory, ReadOnlySpan<byte> name, out FileStat stat)
    {
        fixed (byte* n = name)
        fixed (FileStat* s = &stat)
        {
            return StatX(directory, n, NotFollowing, BasicStats, s) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Reads the next entries of a directory; none at its end.</summary>
    /// <param name="length">How many bytes of the buffer are entries.</param>
    public static int ReadEntries(SafeFileHandle directory, Span<byte> buffer, out int length)
    {
        fixed (byte* b = buffer)
        {
            nint read = GetEntries(GetEntriesNumber, directory, b, (nuint)buffer.Length);
            length = (int)Math.Max(read, 0);
            return read >= 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Opens a file for reading, links followed.</summary>
    /// <param name="path">Absolute.</param>
    public static int OpenForReading(string path, out SafeFileHandle? file)
    {
        fixed (byte* p = Terminated(path))
        {
            return Result(Open(p, CloseOnExec), out file);
        }
    }

    /// <summary>Removes a name from a directory.</summary>
    public static int Unlink(SafeFileHandle directory, ReadOnlySpan<byte> name, bool isDirectory)
    {
        fixed (byte* n = name)
        {
            return UnlinkAt(directory, n, isDirectory ? RemoveDirectory : 0) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Makes the next <see cref="ReadEntries"/> begin with the directory's first entry.</summary>
    public static int Rewind(SafeFileHandle directory) => Seek(directory, 0, 0) == 0 ? Errno.None : Marshal.GetLastPInvokeError();

    /// <summary>Resolves a path without links; null when nothing is there.</summary>
    public static string? RealPath(string path)
    {
        byte[] resolved = new byte[MaxPath + 1];
        fixed (byte* p = Terminated(path))
        fixed (byte* r = resolved)
        {
            return RealPath(p, r) == null ? null : Encoding.UTF8.GetString(resolved.AsSpan(0, resolved.AsSpan().IndexOf((byte)0)));
        }
    }

    /// <summary>Creates an exception for an error that no request caused.</summary>
    public static IOException Failed(string call, int error) =>
        new($"{call}: {Marshal.GetPInvokeErrorMessage(error)}", error);

    /// <summary>Throws if a call failed for a reason that no request caused.</summary>
    public static void ThrowIfFailed(string call, int error)
    {
        if (error != Errno.None)
        {
            throw Failed(call, error);
        }
    }

    private static int OpenAt2(SafeFileHandle root, ReadOnlySpan<byte> path, int flags, ulong resolve, out SafeFileHandle? opened)
    {
        var how = new OpenHow { Flags = (ulong)flags, Resolve = resolve };
        fixed (byte* p = path)
        {
            for (int tries = 1; ; tries++)
            {
                int error = Result((int)OpenAt2(OpenAt2Number, root, p, &how, (nuint)sizeof(OpenHow)), out opened);
                if (error is not (Errno.TryAgain or Errno.Interrupted) || tries == MaxTries)
                {
                    return error;
                }
            }
        }
    }

    private static int Result(int descriptor, out SafeFileHandle? file)
    {
        file = descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        return descriptor < 0 ? Marshal.GetLastPInvokeError() : Errno.None;
    }

    /// <summary>The name under which the kernel shows a held descriptor.</summary>
    private static byte[] NameOf(SafeFileHandle held) =>
        Terminated(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)held.DangerousGetHandle()}"));

    private static byte[] Terminated(string path) => [.. Encoding.UTF8.GetBytes(path), 0];
}
