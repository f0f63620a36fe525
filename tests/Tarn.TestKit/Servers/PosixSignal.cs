using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tarn.TestKit.Servers;

/// <summary>Sends the signals that <see cref="Process"/> cannot.</summary>
public static partial class PosixSignal
{
    private const int Sigterm = 15;

    /// <summary>Asks a process to exit; a process that has already exited is not an error.</summary>
    public static void Terminate(Process process)
    {
        if (!process.HasExited)
        {
            _ = Kill(process.Id, Sigterm);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
