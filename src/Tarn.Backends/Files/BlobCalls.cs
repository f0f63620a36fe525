using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Backends.Files;

/// <summary>The Linux calls by which blobs are read: .NET throws when a file is missing, and cannot read only what is cached.</summary>
internal static partial class BlobCalls
{
    private const int ReadOnlyCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC
    private const int NoWait = 8; // RWF_NOWAIT
    private const int NotFound = 2; // ENOENT

    /// <summary>Opens a file for reading (open(2)); null when it does not exist.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? TryOpen(string path)
    {
        int descriptor = Open(path, ReadOnlyCloseOnExec);
        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        int error = Marshal.GetLastPInvokeError();
        return error == NotFound ? null : throw new IOException($"open of {path}: {Marshal.GetPInvokeErrorMessage(error)}", new Win32Exception(error));
    }

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

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    // off_t is a long on the 64-bit systems that Tarn supports.
    [LibraryImport("libc", EntryPoint = "preadv2")]
    private static unsafe partial nint PReadV2(SafeFileHandle file, IoVector* vectors, int count, nint offset, int flags);

    private unsafe struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }
}
