using System.Runtime.InteropServices;

namespace Tarn.Server.Hosting;

/// <summary>Ends the process without asking anyone: no handlers, no destructors that wait for threads. What was answered is durable already.</summary>
internal static partial class ProcessExit
{
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void Now(int code);
}
