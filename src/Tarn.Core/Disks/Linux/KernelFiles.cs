using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Linux;

/// <summary>Reads files that the kernel generates, such as those in /proc: they report no size, and poll(2) tells when they change.</summary>
internal static unsafe partial class KernelFiles
{
    private const short PollUrgent = 0x2; // POLLPRI
    private const short PollError = 0x8; // POLLERR

    /// <summary>Reads a file to its end, whatever size it reports.</summary>
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

    /// <summary>Whether an open file has an exceptional condition (POLLPRI); reading it clears it.</summary>
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

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollFile* files, nuint count, int milliseconds);

    private struct PollFile
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }
}
