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

    [LibraryImport("libc", EntryPoint = "unlink", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Unlink(string path);

    /// <summary>struct statx, which is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatX
    {
        [FieldOffset(40)]
        public long Size;

        [FieldOffset(112)]
        public long Modified;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;
    }

    private unsafe struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }
}

/// <summary>A file's length in bytes, and when it was last written.</summary>
internal readonly record struct FileFacts(long Length, DateTimeOffset Modified);
