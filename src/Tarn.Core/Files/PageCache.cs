using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Files;

/// <summary>The Linux calls about what of a file is in memory. .NET has none that reads only that.</summary>
public static partial class PageCache
{
    private const int NoWait = 8; // RWF_NOWAIT
    private const int TryAgain = 11; // EAGAIN
    private const int RandomOrder = 1; // POSIX_FADV_RANDOM
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <summary>Reads what the page cache holds, without waiting for the device (preadv2(2) with RWF_NOWAIT).</summary>
    /// <returns>Bytes read; 0 when none are cached, at the end, where the file system cannot tell, or after an error.</returns>
    public static unsafe int Read(SafeFileHandle file, long offset, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var vector = new IoVector { Start = start, Length = (nuint)buffer.Length };
            return (int)Math.Max(PReadV2(file, &vector, 1, (nint)offset, NoWait), 0);
        }
    }

    /// <summary>Whether the file system can tell what of a file is cached, so that <see cref="Read"/> returns 0 for nothing else.</summary>
    public static unsafe bool TellsWhatIsCached(SafeFileHandle file)
    {
        byte probe;
        var vector = new IoVector { Start = &probe, Length = 1 };
        return PReadV2(file, &vector, 1, 0, NoWait) >= 0 || Marshal.GetLastPInvokeError() == TryAgain;
    }

    /// <summary>Asks the page cache to drop the pages that hold a run of bytes (posix_fadvise(2)); without effect where the file system cannot.</summary>
    public static void Drop(SafeFileHandle file, long offset, long length)
    {
        // Only whole pages are dropped.
        long page = Environment.SystemPageSize;
        long start = offset & -page;
        long end = (offset + length + page - 1) & -page;
        _ = FAdvise(file, (nint)start, (nint)(end - start), DontNeed);
    }

    /// <summary>Asks for no more to be read through a descriptor than what is asked for (posix_fadvise(2)).</summary>
    public static void ReadNotAhead(SafeFileHandle file) => _ = FAdvise(file, 0, 0, RandomOrder);

    // off_t is a long on the 64-bit systems that Tarn supports.
    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    private static unsafe partial nint PReadV2(SafeFileHandle file, IoVector* vectors, int count, nint offset, int flags);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int FAdvise(SafeFileHandle file, nint offset, nint length, int advice);

    private unsafe struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }
}
