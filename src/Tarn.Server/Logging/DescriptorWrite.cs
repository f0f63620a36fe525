using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Server.Logging;

/// <summary>Writes to a descriptor of any kind, also one that was made non-blocking.</summary>
internal static partial class DescriptorWrite
{
    private const int Interrupted = 4; // EINTR
    private const int TryAgain = 11; // EAGAIN
    private const short Writable = 4; // POLLOUT

    /// <summary>Writes all bytes, waiting for as long as none are accepted.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="error">0, or the error that ended it (errno).</param>
    /// <returns>The number of bytes that were written.</returns>
    public static int All(SafeFileHandle descriptor, ReadOnlySpan<byte> bytes, out int error)
    {
        int done = 0;
        error = 0;
        while (done < bytes.Length && error == 0)
        {
            nint written = Write(descriptor, bytes[done..], (nuint)(bytes.Length - done));
            if (written >= 0)
            {
                done += (int)written;
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case TryAgain:
                    var poll = new PollDescriptor { Descriptor = (int)descriptor.DangerousGetHandle(), Events = Writable };
                    _ = Poll(ref poll, 1, -1);
                    break;
                case int other:
                    error = other;
                    break;
            }
        }

        return done;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeout);

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
