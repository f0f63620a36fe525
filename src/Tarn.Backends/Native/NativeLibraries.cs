using System.Reflection;
using System.Runtime.InteropServices;

namespace Tarn.Backends.Native;

/// <summary>Finds the native libraries behind this assembly's bindings, which come with their packages, one file for each kind of C library.</summary>
internal static class NativeLibraries
{
    /// <summary>The name the RocksDB binding imports from.</summary>
    public const string RocksDb = "rocksdb";

    // Of the package's files the runtime picks by processor only: it has the one for musl beside the one for glibc.
    private const string RocksDbForMusl = "rocksdb-musl";

    // An assembly can have one resolver only, so all bindings share this one; the runtime runs this once.
    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>Puts the resolver in place; a binding calls it from its static constructor.</summary>
    public static void Register()
    {
        // Being called is what runs the static constructor.
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name == RocksDb ? NativeLibrary.Load(HasGlibc() ? RocksDb : RocksDbForMusl, assembly, searchPath) : 0;

    // glibc alone has the function (gnu/libc-version.h). Other systems have one build of the library.
    private static bool HasGlibc() =>
        !OperatingSystem.IsLinux()
        || NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "gnu_get_libc_version", out _);
}
