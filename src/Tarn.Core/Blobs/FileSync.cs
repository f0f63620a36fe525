using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Blobs;

/// <summary>The calls of Linux that make files durable and .NET does not offer: fsync of a directory, early writeback.</summary>
public static partial class FileSync
{
    private const int ReadOnlyDirectoryCloseOnExec = 0x0 | 0x10000 | 0x80000; // O_RDONLY | O_DIRECTORY | O_CLOEXEC
    private const int ReadOnlyDirectoryCloseOnExecArm = 0x0 | 0x4000 | 0x80000; // Arm numbers O_DIRECTORY otherwise
    private const int GetFlags = 3; // F_GETFL
    private const int SetFlags = 4; // F_SETFL
    private const int Direct = 0x4000; // O_DIRECT
    private const int DirectArm = 0x10000; // and again on Arm
    private const uint StartWriteback = 2; // SYNC_FILE_RANGE_WRITE

    /// <summary>Makes the names in a directory durable (fsync(2) on its descriptor).</summary>
    /// <exception cref="IOException">The directory cannot be opened or synced.</exception>
    public static void Directory(string path)
    {
        int flags = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm
            ? ReadOnlyDirectoryCloseOnExecArm
            : ReadOnlyDirectoryCloseOnExec;
        int descriptor = Open(path, flags);
        if (descriptor < 0)
        {
            throw Failed("open", path);
        }

        using SafeFileHandle handle = new(descriptor, ownsHandle: true);
        if (Fsync(handle) != 0)
        {
            throw Failed("fsync", path);
        }
    }

    /// <summary>
    /// Asks the kernel to start writing a range to the device, without waiting. Only a hint: a file system that lacks
    /// it answers with an error that means nothing, since the fsync to come waits for the data in any case.
    /// </summary>
    public static void StartWritingBack(SafeFileHandle file, long offset, long length) =>
        _ = SyncFileRange(file, offset, length, StartWriteback);

    /// <summary>Makes writes to a file go past the page cache, or through it again (O_DIRECT). False where the file system cannot.</summary>
    public static bool TrySetDirect(SafeFileHandle file, bool direct)
    {
        int flag = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? DirectArm : Direct;
        int flags = Fcntl(file, GetFlags, 0);
        return flags >= 0 && Fcntl(file, SetFlags, direct ? flags | flag : flags & ~flag) == 0;
    }

    private static IOException Failed(string call, string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} of {path}: {Marshal.GetPInvokeErrorMessage(error)}", new Win32Exception(error));
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
