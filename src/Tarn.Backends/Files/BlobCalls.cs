using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>
/// The Linux calls by which blobs are named, found, opened and removed. .NET's copy a file that cannot be renamed, throw when one is missing, and report one
/// that cannot be examined as missing.
/// </summary>
internal static partial class BlobCalls
{
    private const int ReadOnlyWithoutWaiting = 0x80000 | 0x800; // O_RDONLY | O_CLOEXEC | O_NONBLOCK
    private const int NotFound = 2; // ENOENT
    private const int AlreadyExists = 17; // EEXIST
    private const int CrossDevice = 18; // EXDEV
    private const int NotPermitted = 1; // EPERM
    private const int InvalidArgument = 22; // EINVAL
    private const int NotImplemented = 38; // ENOSYS
    private const int TooManyLinks = 31; // EMLINK
    private const int NoReplace = 1; // RENAME_NOREPLACE
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint WantedStamp = 0x200 | 0x100 | 0x80 | 0x1; // STATX_SIZE | STATX_INO | STATX_CTIME | STATX_TYPE
    private const uint WantedFacts = 0x200 | 0x40 | 0x1; // STATX_SIZE | STATX_MTIME | STATX_TYPE
    private const uint WantedPlace = 0x1000 | 0x1; // STATX_MNT_ID | STATX_TYPE
    private const int NotFollowing = 0x100; // AT_SYMLINK_NOFOLLOW

    // Set once the C library is found to lack the call, as musl before 1.2.6 does.
    private static volatile bool _lacksRenameAt2;

    /// <summary>Opens a file for reading (open(2)); null when it does not exist. A pipe that has a file's name is opened without waiting for who writes to it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? TryOpen(string path)
    {
        int descriptor = Open(path, ReadOnlyWithoutWaiting);
        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        return ThrowUnlessMissing<SafeFileHandle?>("open", path);
    }

    /// <summary>Describes a file without opening it (statx(2)): its size and when it was last written. Null when it does not exist.</summary>
    /// <exception cref="IOException">It cannot be known whether it exists.</exception>
    public static unsafe FileStat? TryStat(string path)
    {
        FileStat found;
        return StatX(CurrentDirectory, path, 0, WantedFacts, &found) == 0 ? found : ThrowUnlessMissing<FileStat?>("statx", path);
    }

    /// <summary>Tells what has a name, and on which file system and mount it is (statx(2)). A symbolic link is not followed. Null when there is nothing.</summary>
    /// <exception cref="IOException">It cannot be known.</exception>
    public static unsafe FileStat? TryFindPlace(string path)
    {
        FileStat found;
        return StatX(CurrentDirectory, path, NotFollowing, WantedPlace, &found) == 0 ? found : ThrowUnlessMissing<FileStat?>("statx", path);
    }

    /// <summary>Tells an open file from others, and from itself before it was changed (statx(2)): its size, its identity and when it was last changed.</summary>
    /// <exception cref="IOException">It cannot be examined.</exception>
    public static unsafe FileStat Stat(SafeFileHandle file)
    {
        FileStat found;
        return StatX(file, "", EmptyPath, WantedStamp, &found) == 0 ? found : throw FailedCall.Last("statx", "a blob's file");
    }

    /// <summary>Gives a file another name, which no file has yet (renameat2(2) with RENAME_NOREPLACE). Never copies.</summary>
    /// <returns>False when there is a file with that name; nothing is changed then.</returns>
    /// <exception cref="IOException">It failed. The names must be on one file system.</exception>
    public static bool TryRename(string from, string to)
    {
        int error = RenameIfNew(from, to);
        if (error is InvalidArgument or NotImplemented or FileSync.NotSupported or NotPermitted)
        {
            // Not every file system can do both at once (NFS cannot, some of FUSE cannot), and a sandbox may not know the call. Ids are not used twice, so no file appears between the two calls.
            if (TryStat(to) is not null)
            {
                return false;
            }

            error = Rename(from, to) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }

        return error switch
        {
            0 => true,
            AlreadyExists => false,
            CrossDevice => throw new IOException(
                $"{to} is on another file system than {from}: all directories of a blob store must be on one, and none of them a mount of its own.",
                new Win32Exception(error)),
            _ => throw FailedCall.Of("rename", $"{from} to {to}", error),
        };
    }

    /// <summary>Gives a file another name, which it takes from the file that has it (rename(2)). Never copies.</summary>
    /// <exception cref="IOException">It failed, and nothing is changed.</exception>
    public static void Replace(string from, string to)
    {
        if (Rename(from, to) != 0)
        {
            throw FailedCall.Last("rename", $"{from} to {to}");
        }
    }

    /// <summary>Removes a file's name (unlink(2)); false when there is none.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public static bool TryUnlink(string path) => Unlink(path) == 0 || ThrowUnlessMissing<bool>("unlink", path);

    /// <summary>Removes the name of a file that could not be finished. Nothing refers to it, so what a second failure leaves is an orphan.</summary>
    /// <exception cref="IOException">It cannot be removed; says why the file was to go, too.</exception>
    public static void UnlinkAfter(Exception failure, string path)
    {
        try
        {
            TryUnlink(path);
        }
        catch (IOException second)
        {
            throw new IOException($"{failure.Message}; then {second.Message}", failure);
        }
    }

    /// <summary>Gives a file a second name (link(2)); false when the file system cannot, the names are on two of them, or there is no such file.</summary>
    /// <exception cref="IOException">It failed for another reason.</exception>
    public static bool TryLink(string from, string to)
    {
        if (Link(from, to) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() is NotFound or CrossDevice or NotPermitted or TooManyLinks or FileSync.NotSupported
            ? false
            : throw FailedCall.Last("link", from);
    }

    private static int RenameIfNew(string from, string to)
    {
        if (_lacksRenameAt2)
        {
            return NotImplemented;
        }

        try
        {
            return RenameAt2(CurrentDirectory, from, CurrentDirectory, to, NoReplace) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        catch (EntryPointNotFoundException)
        {
            _lacksRenameAt2 = true;
            return NotImplemented;
        }
    }

    private static T? ThrowUnlessMissing<T>(string call, string path) =>
        Marshal.GetLastPInvokeError() == NotFound ? default : throw FailedCall.Last(call, path);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int StatX(int directory, string path, int flags, uint mask, FileStat* result);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int StatX(SafeFileHandle file, string path, int flags, uint mask, FileStat* result);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RenameAt2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Link(string from, string to);
}
