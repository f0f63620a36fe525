using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>
/// The Linux calls by which blobs are found, read and removed. .NET's throw when a file is missing, report a file that cannot be examined as missing,
/// and cannot read only what is cached.
/// </summary>
internal static partial class BlobCalls
{
    private const int ReadOnlyCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC
    private const int NoWait = 8; // RWF_NOWAIT
    private const int NotFound = 2; // ENOENT
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED
    private const uint WantedStamp = 0x200 | 0x100 | 0x80; // STATX_SIZE | STATX_INO | STATX_CTIME
    private const uint WantedFacts = 0x200 | 0x40; // STATX_SIZE | STATX_MTIME

    /// <summary>Opens a file for reading (open(2)); null when it does not exist.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? TryOpen(string path)
    {
        int descriptor = Open(path, ReadOnlyCloseOnExec);
        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        return ThrowUnlessMissing<SafeFileHandle?>("open", path);
    }

    /// <summary>Describes a file without opening it (statx(2)); null when it does not exist.</summary>
    /// <exception cref="IOException">It cannot be known whether it exists.</exception>
    public static unsafe FileFacts? TryStat(string path)
    {
        StatX found;
        if (StatXCall(CurrentDirectory, path, 0, WantedFacts, &found) == 0)
        {
            return new FileFacts(found.Size, DateTimeOffset.FromUnixTimeSeconds(found.Modified).AddTicks(found.ModifiedNanoseconds / 100));
        }

        return ThrowUnlessMissing<FileFacts?>("statx", path);
    }

    /// <summary>Tells an open file from others, and from itself before it was changed (statx(2)).</summary>
    /// <exception cref="IOException">It cannot be examined.</exception>
    public static unsafe FileStamp Stamp(SafeFileHandle file)
    {
        StatX found;
        if (StatXCall(file, "", EmptyPath, WantedStamp, &found) != 0)
        {
            throw FailedCall.Last("statx", "a blob's file");
        }

        return new FileStamp(
            found.Size, ((ulong)found.DeviceMajor << 32) | found.DeviceMinor, found.Number, unchecked((found.Changed * 1_000_000_000) + found.ChangedNanoseconds));
    }

    /// <summary>Asks the page cache to drop the pages of a run of bytes (posix_fadvise(2)); without effect where the file system cannot.</summary>
    public static void DropCached(SafeFileHandle file, long offset, long length) => _ = FAdvise(file, (nint)offset, (nint)length, DontNeed);

    /// <summary>Removes a file's name (unlink(2)); false when there is none.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public static bool TryUnlink(string path) => Unlink(path) == 0 || ThrowUnlessMissing<bool>("unlink", path);

    /// <summary>Reads what the page cache holds, without waiting for the device (preadv2(2) with RWF_NOWAIT).</summary>
    /// <returns>Bytes read; 0 when none are cached, at the end, where the file system cannot tell, or after an error.</returns>
    public static unsafe int ReadCached(SafeFileHandle file, long offset, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var vector = new IoVector { Start = start, Length = (nuint)buffer.Length };
            return (int)Math.Max(PReadV2(file, &vector, 1, (nint)offset, NoWait), 0);
        }
    }

    private static T? ThrowUnlessMissing<T>(string call, string path) =>
        Marshal.GetLastPInvokeError() == NotFound ? default : throw FailedCall.Last(call, path);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    // off_t is a long on the 64-bit systems that Tarn supports.
    [LibraryImport("libc", EntryPoint = "preadv2")]
    private static unsafe partial nint PReadV2(SafeFileHandle file, IoVector* vectors, int count, nint offset, int flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int StatXCall(int directory, string path, int flags, uint mask, StatX* result);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int StatXCall(SafeFileHandle file, string path, int flags, uint mask, StatX* result);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int FAdvise(SafeFileHandle file, nint offset, nint length, int advice);

    [LibraryImport("libc", EntryPoint = "unlink", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Unlink(string path);

    /// <summary>struct statx, which is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatX
    {
        [FieldOffset(32)]
        public ulong Number;

        [FieldOffset(40)]
        public long Size;

        [FieldOffset(96)]
        public long Changed;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        [FieldOffset(112)]
        public long Modified;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    private unsafe struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }
}

/// <summary>A file's length in bytes, and when it was last written.</summary>
internal readonly record struct FileFacts(long Length, DateTimeOffset Modified);

/// <summary>An open file's length in bytes, its device and inode, and when it was last changed, in nanoseconds since 1970.</summary>
internal readonly record struct FileStamp(long Length, ulong Device, ulong Number, long Changed);
