using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Tarn.Load.Http;

/// <summary>
/// Receives bytes without copying them out of the kernel: recv with MSG_TRUNC on a TCP socket (tcp(7)). For large bodies that are not examined
/// the copy would cost several times what the server's sendfile does, and would be all that a run on shared processors measures.
/// </summary>
internal static partial class KernelDiscard
{
    /// <summary>Below this many bytes an ordinary receive, which gets a small body together with its head, is as fast.</summary>
    public const long Least = 64 * 1024;

    private const int Most = 4 * 1024 * 1024;
    private const int MsgTrunc = 0x20;
    private const int Interrupted = 4;
    private const int WouldBlock = 11;

    /// <summary>Discards at most <paramref name="wanted"/> bytes, blocking for the first; 0 at the connection's end.</summary>
    /// <exception cref="SocketException">The socket failed, or nothing came within its receive timeout.</exception>
    public static int Receive(Socket socket, long wanted)
    {
        while (true)
        {
            nint got = Recv(socket.SafeHandle, 0, (nuint)Math.Min(wanted, Most), MsgTrunc);
            if (got >= 0)
            {
                return (int)got;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw error == WouldBlock ? new SocketException((int)SocketError.TimedOut) : new IOException($"recv: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Recv(SafeHandle socket, nint buffer, nuint length, int flags);
}
