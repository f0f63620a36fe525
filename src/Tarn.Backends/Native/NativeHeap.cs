using System.Runtime.InteropServices;

namespace Tarn.Backends.Native;

/// <summary>The C library's heap, which native libraries allocate from.</summary>
internal static partial class NativeHeap
{
    // From glibc's malloc.h.
    private const int MapThreshold = -3;
    private const int ArenaMax = -8;

    private const int MapThresholdBytes = 256 << 10;

    /// <summary>
    /// Limits the heap to one arena per processor instead of glibc's eight, and maps large blocks, so that they are returned to the system
    /// when freed. Blocks that one thread allocates and another frees leave holes in many arenas, which doubled the size of caches and
    /// tables that all threads fill. Applies to the process; call it before the library creates threads.
    /// </summary>
    public static void KeepSmall()
    {
        // A refused option leaves the heap larger but correct.
        try
        {
            _ = SetOption(ArenaMax, Environment.ProcessorCount);
            _ = SetOption(MapThreshold, MapThresholdBytes);
        }
        catch (EntryPointNotFoundException)
        {
            // Other C libraries, such as musl, have neither these options nor arenas.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
