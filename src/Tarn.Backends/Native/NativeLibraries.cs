using System.Reflection;
using System.Runtime.InteropServices;

namespace Tarn.Backends.Native;

/// <summary>Finds the native libraries behind this assembly's bindings; their packages contain one file for each C library.</summary>
internal static class NativeLibraries
{
    /// <summary>The name the RocksDB binding imports from.</summary>
    public const string RocksDb = "rocksdb";

    // The runtime picks among the package's files by processor only, but there is one for musl and one for glibc.
    private const string RocksDbForMusl = "rocksdb-musl";

    // An assembly can have only one resolver, so all bindings share this one; the runtime runs this once.
    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>Installs the resolver; each binding calls it from its static constructor.</summary>
    public static void Register()
    {
        // The call itself runs the static constructor.
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name == RocksDb ? NativeLibrary.Load(HasGlibc() ? RocksDb : RocksDbForMusl, assembly, searchPath) : 0;

    // Only glibc has the function (gnu/libc-version.h). Other systems have one build of the library.
    private static bool HasGlibc() =>
        !OperatingSystem.IsLinux()
        || NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "gnu_get_libc_version", out _);
}
