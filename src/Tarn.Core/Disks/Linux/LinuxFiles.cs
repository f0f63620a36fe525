using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Linux;

/// <summary>
/// The calls of Linux that disks are made of and .NET does not offer: paths as bytes, resolved below a directory
/// (openat2(2)), statx(2), getdents64(2). Each returns an error number; 0 is success.
/// </summary>
internal static unsafe partial class LinuxFiles
{
    /// <summary>Bytes of the longest path that the kernel takes in one call, without its terminating zero (PATH_MAX).</summary>
    public const int MaxPath = 4095;

    /// <summary>
    /// Bytes of the longest name within a directory (NAME_MAX). Some file systems have longer ones, for they count characters:
    /// the 255 of an NTFS name are up to 765 bytes.
    /// </summary>
    public const int MaxName = 255;

    // Links resolve as if the descriptor were the root of everything, and /proc's, which are no paths at all, do not.
    private const ulong InRoot = 0x10 | 0x02; // RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
    private const ulong WithoutLinks = 0x04; // RESOLVE_NO_SYMLINKS

    private const int OpenAt2Number = 437; // on every architecture
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int PathOnly = 0x200000; // O_PATH
    private const int ReadWithoutWaiting = 0x800 | 0x100; // O_RDONLY | O_NONBLOCK | O_NOCTTY
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int NotFollowing = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int RemoveDirectory = 0x200; // AT_REMOVEDIR
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS
    private const short PollUrgent = 0x2; // POLLPRI
    private const short PollError = 0x8; // POLLERR
    private const nuint GetFileSystemUuid = 0x80111500; // FS_IOC_GETFSUUID

    /// <summary>The kernel asks for another try when something was renamed meanwhile; a tree where it always is, is given up.</summary>
    private const int MaxTries = 200;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly int DirectoryOnly = IsArm ? 0x4000 : 0x10000; // O_DIRECTORY
    private static readonly int NoFollow = IsArm ? 0x8000 : 0x20000; // O_NOFOLLOW
    private static readonly int GetEntriesNumber = IsArm ? 61 : 217; // getdents64

    private static readonly Lazy<string?> Missing = new(Probe);

    /// <summary>Why disks cannot work here, for an operator; null when they can.</summary>
    public static string? WhyUnsupported => Missing.Value;

    /// <summary>Opens the directory that is a disk's root. Links on the way to it are followed; it is none itself.</summary>
    /// <param name="path">Absolute.</param>
    public static int OpenRoot(string path, out SafeFileHandle? root)
    {
        byte[] bytes = Terminated(path);
        fixed (byte* p = bytes)
        {
            return Result(Open(p, PathOnly | DirectoryOnly | NoFollow | CloseOnExec), out root);
        }
    }

    /// <summary>Opens a directory whose path had no links when it was noted: where there is one now, it was put there since, and is not followed.</summary>
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

    /// <summary>Names a file below the root without opening it: what it is can be asked, and nothing happens to it.</summary>
    /// <param name="path">Relative, with a terminating zero.</param>
    public static int Locate(SafeFileHandle root, ReadOnlySpan<byte> path, bool followLinks, out SafeFileHandle? file) =>
        OpenAt2(root, path, PathOnly | CloseOnExec, followLinks ? InRoot : InRoot | WithoutLinks, out file);

    /// <summary>Opens a directory below the root, to read what is in it.</summary>
    public static int OpenDirectory(SafeFileHandle root, ReadOnlySpan<byte> path, bool followLinks, out SafeFileHandle? directory) =>
        OpenAt2(
            root, path, ReadWithoutWaiting | DirectoryOnly | CloseOnExec | (followLinks ? 0 : NoFollow),
            followLinks ? InRoot : InRoot | WithoutLinks, out directory);

    /// <summary>Opens for reading what <see cref="Locate"/> found: that very file, whatever its name means by now.</summary>
    public static int OpenLocated(SafeFileHandle located, out SafeFileHandle? file)
    {
        bool held = false;
        try
        {
            located.DangerousAddRef(ref held);
            byte[] path = Terminated(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)located.DangerousGetHandle()}"));
            fixed (byte* p = path)
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

    /// <summary>What an open file is.</summary>
    public static int Stat(SafeFileHandle file, out FileStat stat)
    {
        byte empty = 0;
        fixed (FileStat* s = &stat)
        {
            return StatX(file, &empty, EmptyPath, BasicStats, s) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>What a name in a directory is; of a link, the link itself.</summary>
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

    /// <summary>Opens a file of the kernel's own for reading.</summary>
    /// <param name="path">Absolute.</param>
    public static int OpenForReading(string path, out SafeFileHandle? file)
    {
        fixed (byte* p = Terminated(path))
        {
            return Result(Open(p, CloseOnExec), out file);
        }
    }

    /// <summary>Reads a file from its beginning to its end, whatever its size is said to be.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] ReadAll(SafeFileHandle file)
    {
        byte[] buffer = new byte[16 * 1024];
        int length = 0;
        while (RandomAccess.Read(file, buffer.AsSpan(length), length) is > 0 and int read)
        {
            length += read;
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }
        }

        return buffer[..length];
    }

    /// <summary>Whether the kernel has something to tell of an open file that is no data (POLLPRI); the question ends it.</summary>
    public static bool HasUrgentEvent(SafeFileHandle file)
    {
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            var asked = new PollFile { Descriptor = (int)file.DangerousGetHandle(), Wanted = PollUrgent };
            return Poll(&asked, 1, 0) > 0 && (asked.Found & (PollUrgent | PollError)) != 0;
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>The file system id of statfs(2); 0 where there is none.</summary>
    public static ulong FileSystemNumber(SafeFileHandle file)
    {
        // struct statfs: seven words of sizes and counts come before the id. The kernel writes 120 bytes.
        ulong* words = stackalloc ulong[32];
        return StatFileSystem(file, words) == 0 ? words[7] : 0;
    }

    /// <summary>The UUID of the file system that an open file is in; null where it has none, or the kernel (before 6.9) does not say it.</summary>
    public static string? FileSystemUuid(SafeFileHandle file)
    {
        byte* answer = stackalloc byte[17];
        if (Control(file, GetFileSystemUuid, answer) != 0 || answer[0] != 16)
        {
            return null;
        }

        var uuid = new Guid(new ReadOnlySpan<byte>(answer + 1, 16), bigEndian: true);
        return uuid == Guid.Empty ? null : uuid.ToString("D");
    }

    /// <summary>Removes a name. For trees that are removed.</summary>
    public static int Unlink(SafeFileHandle directory, ReadOnlySpan<byte> name, bool isDirectory)
    {
        fixed (byte* n = name)
        {
            return UnlinkAt(directory, n, isDirectory ? RemoveDirectory : 0) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Makes the next <see cref="ReadEntries"/> begin with the directory's first entry.</summary>
    public static int Rewind(SafeFileHandle directory) => Seek(directory, 0, 0) == 0 ? Errno.None : Marshal.GetLastPInvokeError();

    /// <summary>The path without links; null when nothing is there.</summary>
    public static string? RealPath(string path)
    {
        byte[] resolved = new byte[MaxPath + 1];
        fixed (byte* p = Terminated(path))
        fixed (byte* r = resolved)
        {
            return RealPath(p, r) == null ? null : Encoding.UTF8.GetString(resolved.AsSpan(0, resolved.AsSpan().IndexOf((byte)0)));
        }
    }

    /// <summary>An exception for an error that is nobody's request's fault.</summary>
    public static IOException Failed(string call, int error) =>
        new($"{call}: {Marshal.GetPInvokeErrorMessage(error)}", error);

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

    private static string? Probe()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return "Disks need Linux on x64 or arm64.";
        }

        if (OpenRoot("/", out SafeFileHandle? root) is not Errno.None and int error)
        {
            return $"Disks cannot open the root directory: {Marshal.GetPInvokeErrorMessage(error)}.";
        }

        using (root)
        {
            error = Locate(root!, "."u8, followLinks: false, out SafeFileHandle? found);
            found?.Dispose();
            return error == Errno.None
                ? null
                : $"Disks need the system call openat2, which Linux has since 5.6 and this system refuses: {Marshal.GetPInvokeErrorMessage(error)}.";
        }
    }

    private static byte[] Terminated(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    private struct PollFile
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollFile* files, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int StatFileSystem(SafeFileHandle file, ulong* stat);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, byte* answer);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenAt2(nint number, SafeFileHandle directory, byte* path, OpenHow* how, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint GetEntries(nint number, SafeFileHandle directory, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatX(SafeFileHandle directory, byte* path, int flags, uint mask, FileStat* stat);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int origin);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true)]
    private static partial byte* RealPath(byte* path, byte* resolved);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(SafeFileHandle directory, byte* name, int flags);
}
