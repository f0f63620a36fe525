using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Files;

/// <summary>
/// The Linux calls that make files durable. .NET's own do not suffice: <c>RandomAccess.FlushToDisk</c> and
/// <c>FileStream.Flush(true)</c> ignore errors of fsync(2), and handles ignore those of close(2). A failed sync is never repeated: the
/// kernel reports an error once and may have dropped the data, so a second call would succeed without syncing it.
/// </summary>
public static partial class FileSync
{
    private const int ReadOnlyDirectoryCloseOnExec = 0x0 | 0x10000 | 0x80000; // O_RDONLY | O_DIRECTORY | O_CLOEXEC
    private const int ReadOnlyDirectoryCloseOnExecArm = 0x0 | 0x4000 | 0x80000; // O_DIRECTORY has another value on Arm
    private const int GetFlags = 3; // F_GETFL
    private const int SetFlags = 4; // F_SETFL
    private const int Direct = 0x4000; // O_DIRECT
    private const int DirectArm = 0x10000; // O_DIRECT on Arm
    /// <summary>EOPNOTSUPP.</summary>
    public const int NotSupported = 95;

    private const uint StartWriteback = 2; // SYNC_FILE_RANGE_WRITE

    /// <summary>Makes what was written to a file durable (fsync(2)).</summary>
    /// <param name="file">The file, open for writing.</param>
    /// <param name="path">The file's name in error messages.</param>
    /// <exception cref="IOException">The sync failed. The file's content on the device is unknown from then on.</exception>
    public static void File(SafeFileHandle file, string path)
    {
        if (Fsync(file) != 0)
        {
            throw FailedCall.Last("fsync", path);
        }
    }

    /// <summary>Closes a written file (close(2)): network file systems and quotas may report a failed write only here.</summary>
    /// <exception cref="IOException">The close failed. The descriptor is closed nevertheless.</exception>
    public static void Close(SafeFileHandle file, string path)
    {
        int descriptor = (int)file.DangerousGetHandle();
        file.SetHandleAsInvalid();
        if (CloseDescriptor(descriptor) != 0)
        {
            throw FailedCall.Last("close", path);
        }
    }

    /// <summary>Makes the entries of a directory durable (fsync(2) on its descriptor).</summary>
    /// <exception cref="IOException">The directory cannot be opened or synced.</exception>
    public static void Directory(string path)
    {
        using SafeFileHandle handle = OpenDirectory(path);
        if (Fsync(handle) != 0)
        {
            throw FailedCall.Last("fsync", path);
        }
    }

    /// <summary>
    /// Asks the kernel to start writing a range to the device, without waiting. It is only a hint, so an error from a file system that lacks
    /// it is ignored: the later fsync waits for the data in any case.
    /// </summary>
    public static void StartWritingBack(SafeFileHandle file, long offset, long length) =>
        _ = SyncFileRange(file, offset, length, StartWriteback);

    /// <summary>Allocates room for a file on the device without writing (fallocate(2)).</summary>
    /// <returns>The error number: 0 for success, <see cref="NotSupported"/> where the file system cannot.</returns>
    public static int Allocate(SafeFileHandle file, long bytes) => Fallocate(file, 0, 0, bytes) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Makes writes to a file bypass the page cache, or use it again (O_DIRECT). False where the file system cannot.</summary>
    public static bool TrySetDirect(SafeFileHandle file, bool direct)
    {
        int flag = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? DirectArm : Direct;
        int flags = Fcntl(file, GetFlags, 0);
        return flags >= 0 && Fcntl(file, SetFlags, direct ? flags | flag : flags & ~flag) == 0;
    }

    internal static SafeFileHandle OpenDirectory(string path)
    {
        int flags = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm
            ? ReadOnlyDirectoryCloseOnExecArm
            : ReadOnlyDirectoryCloseOnExec;
        int descriptor = Open(path, flags);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw FailedCall.Last("open", path);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
