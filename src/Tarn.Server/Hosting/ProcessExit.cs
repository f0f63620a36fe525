using System.Runtime.InteropServices;

namespace Tarn.Server.Hosting;

/// <summary>Ends the process without running exit handlers or destructors, which could wait for threads. Acknowledged writes are already durable.</summary>
internal static partial class ProcessExit
{
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void Now(int code);
}
