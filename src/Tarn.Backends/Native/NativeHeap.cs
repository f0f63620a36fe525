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
    /// Gives the heap one arena for each processor, where glibc has eight, and has large blocks mapped, and so given back when
    /// they are freed. Blocks that one thread allocates and another frees leave holes in many arenas: caches and tables that
    /// all threads fill came to twice their size. For the process, before the library makes threads of its own.
    /// </summary>
    public static void KeepSmall()
    {
        // What is refused leaves the heap larger, and no less right.
        try
        {
            _ = SetOption(ArenaMax, Environment.ProcessorCount);
            _ = SetOption(MapThreshold, MapThresholdBytes);
        }
        catch (EntryPointNotFoundException)
        {
            // Other C libraries, such as musl, have neither the options nor the arenas.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
