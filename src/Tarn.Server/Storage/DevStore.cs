using System.Text;
using Tarn.Backends.RocksDb;
using Tarn.Core.Files;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>
/// The file <c>dev</c> in a data directory that was only ever served with the key of the documentation (<see cref="DevKey"/>). Without it that key is refused, since it would open the
/// data to everyone on the machine.
/// </summary>
internal static class DevStore
{
    private const string Name = "dev";

    /// <summary>Throws if the key of the documentation must not open this store. Writes nothing.</summary>
    /// <param name="root">The data directory.</param>
    /// <exception cref="StartupException">The store was served without <c>--dev</c>.</exception>
    public static void ThrowIfOther(string root)
    {
        bool isStore = StoreFormat.Exists(root) || RocksDbKeyValueStore.Exists(Path.Combine(root, "meta"));
        if (isStore && !File.Exists(PathIn(root)))
        {
            throw new StartupException(
                $"{Settings.Dev.Flag}: the store in {root} was served without {Settings.Dev.Flag}, and with it everyone on this machine could read and change all of its data. Serve it with its own root key, "
                + $"or choose another data directory. If nothing in it needs protection from the users of this machine, create the file {PathIn(root)}");
        }
    }

    /// <summary>Marks a store as one for the key of the documentation, or removes the mark, durably.</summary>
    /// <exception cref="IOException">The file cannot be written or removed.</exception>
    public static void Mark(string root, bool isDev)
    {
        string path = PathIn(root);
        if (isDev == File.Exists(path))
        {
            return;
        }

        if (isDev)
        {
            AtomicFile.Write(path, Encoding.ASCII.GetBytes("This store is served with the key of the documentation.\n"));
        }
        else
        {
            File.Delete(path);
            FileSync.Directory(root);
        }
    }

    private static string PathIn(string root) => Path.Combine(root, Name);
}
