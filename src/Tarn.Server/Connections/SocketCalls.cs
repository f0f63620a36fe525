using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Server.Connections;

/// <summary>The calls that send what a socket takes at once. .NET's own go over its event loop, and never send from a file without copying.</summary>
internal static partial class SocketCalls
{
    private const int DontWait = 0x40; // MSG_DONTWAIT
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int More = 0x8000; // MSG_MORE
    private const int TryAgain = 11; // EAGAIN
    private const int Interrupted = 4; // EINTR
    private const int GetFlags = 3; // F_GETFL
    private const int SetFlags = 4; // F_SETFL
    private const int NonBlocking = 0x800; // O_NONBLOCK

    /// <summary>Makes calls on a socket return instead of waiting, as .NET does itself with the first asynchronous call.</summary>
    /// <returns>False when the socket is closed.</returns>
    public static bool TryMakeNonBlocking(SafeSocketHandle socket)
    {
        int flags = Fcntl(socket, GetFlags, 0);
        return flags >= 0 && Fcntl(socket, SetFlags, flags | NonBlocking) >= 0;
    }

    /// <summary>Sends bytes (send(2)).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isMore">Whether more follow at once, so that the last packet may wait for them.</param>
    /// <returns>How many the socket took; 0 when it takes none now.</returns>
    /// <exception cref="IOException">The connection is gone.</exception>
    public static unsafe int Send(SafeSocketHandle socket, ReadOnlySpan<byte> bytes, bool isMore)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                nint sent = Send(socket, start, (nuint)bytes.Length, DontWait | NoSignal | (isMore ? More : 0));
                if (sent >= 0)
                {
                    return (int)sent;
                }

                if (HasToWait("send"))
                {
                    return 0;
                }
            }
        }
    }

    /// <summary>Sends bytes of a file (sendfile(2)).</summary>
    /// <returns>How many the socket took; 0 when it takes none now; −1 at the end of the file.</returns>
    /// <exception cref="IOException">The connection is gone, or the file cannot be read.</exception>
    public static unsafe int SendFile(SafeSocketHandle socket, SafeFileHandle file, long offset, int length)
    {
        while (true)
        {
            nint at = (nint)offset, sent = SendFile(socket, file, &at, (nuint)length);
            if (sent >= 0)
            {
                return sent == 0 ? -1 : (int)sent;
            }

            if (HasToWait("sendfile"))
            {
                return 0;
            }
        }
    }

    private static bool HasToWait(string call) => Marshal.GetLastPInvokeError() switch
    {
        TryAgain => true,
        Interrupted => false,
        _ => throw Failure(call),
    };

    private static IOException Failure(string call) => new($"{call}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static unsafe partial nint Send(SafeSocketHandle socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    private static unsafe partial nint SendFile(SafeSocketHandle socket, SafeFileHandle file, nint* offset, nuint length);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeSocketHandle socket, int command, int argument);
}
