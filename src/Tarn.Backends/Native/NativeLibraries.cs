using System.Reflection;
using System.Runtime.InteropServices;

namespace Tarn.Backends.Native;

/// <summary>Finds the native libraries behind this assembly's bindings under the names that distributions ship them.</summary>
internal static class NativeLibraries
{
    /// <summary>The name the RocksDB binding imports from.</summary>
    public const string RocksDb = "rocksdb";

    private static readonly Dictionary<string, string[]> Names = new(StringComparer.Ordinal)
    {
        // Debian 12 first, then what other releases and the upstream build install.
        [RocksDb] =
        [
            "librocksdb.so.7.8", "librocksdb.so.7", "librocksdb.so.8", "librocksdb.so.8.9", "librocksdb.so.9",
            "librocksdb.so.9.10", "librocksdb.so.10", "librocksdb.so",
        ],
    };

    // An assembly can have one resolver only, so all bindings share this one; the runtime runs this once.
    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>Puts the resolver in place; a binding calls it from its static constructor.</summary>
    public static void Register()
    {
        // Being called is what runs the static constructor.
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (!Names.TryGetValue(name, out string[]? candidates))
        {
            return 0;
        }

        foreach (string candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, searchPath, out nint handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException(
            $"The {name} library is not installed. Looked for {string.Join(", ", candidates)}."
            + (name == RocksDb ? " On Debian and Ubuntu: apt-get install librocksdb7.8 (or the release's librocksdb package)." : ""));
    }
}
