using System.Text;
using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.Files;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>
/// The new data directory of a rebuild. Until the rebuild is finished it has a file that names the directory it is made from: a server does not start on it, and only a
/// rebuild from the same directory continues it.
/// </summary>
internal sealed class RebuildDirectory : IAsyncDisposable
{
    private readonly DataDirectory _data;
    private readonly string _marker;

    private RebuildDirectory(DataDirectory data, string marker)
    {
        _data = data;
        _marker = marker;
        Blobs = new FileBlobStore(data.Blobs, fsync: true);
        Blobs.SyncTogether();
        Metadata = RocksDbKeyValueStore.Open(data.Metadata, new RocksDbOptions());
        data.RaiseFormat();
    }

    public RocksDbKeyValueStore Metadata { get; }

    public FileBlobStore Blobs { get; }

    /// <summary>Creates the directory, or opens that of an interrupted rebuild from the same source.</summary>
    /// <exception cref="StartupException">The directory is not empty; it is a part of the source; it cannot be written.</exception>
    public static RebuildDirectory Open(string path, string source, IRandomSource random)
    {
        path = RealPath.Of(path);
        source = RealPath.Of(source);
        if ((path + "/").StartsWith(source.TrimEnd('/') + "/", StringComparison.Ordinal))
        {
            throw new StartupException($"the new data directory {path} must not be in {source}, of which nothing is changed");
        }

        DataDirectory? data = null;
        try
        {
            string marker = Path.Combine(path, DataDirectory.Rebuilding);
            if (File.Exists(marker))
            {
                string from = File.ReadAllText(marker).TrimEnd('\n');
                if (from != source)
                {
                    throw new StartupException($"{path} has an unfinished rebuild from {from}");
                }
            }
            else if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(entry => entry != marker + ".new"))
            {
                throw new StartupException($"{path} is not empty; a rebuild makes a new data directory");
            }
            else
            {
                DurableDirectory.Create(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                AtomicFile.Write(marker, Encoding.UTF8.GetBytes(source + "\n"));
            }

            // Links and mounts may give one directory two names. What an interrupted rebuild left is deleted, which must never be the source.
            ThrowIfSame(path, source);
            ThrowIfSame(Path.Combine(path, "blobs"), Path.Combine(source, "blobs"));
            data = DataDirectory.Open(path, random, isRebuild: true);
            var made = new RebuildDirectory(data, marker);
            data = null;
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            throw new StartupException($"cannot make the data directory {path}: {e.Message}", e);
        }
        finally
        {
            data?.Dispose();
        }
    }

    private static void ThrowIfSame(string made, string source)
    {
        if (!Directory.Exists(made))
        {
            return;
        }

        string probe = Path.GetRandomFileName();
        string path = Path.Combine(made, probe);
        try
        {
            File.WriteAllBytes(path, []);
            if (File.Exists(Path.Combine(source, probe)))
            {
                throw new StartupException($"{made} and {source} are one directory; a rebuild makes a new data directory");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Lets servers start on the directory.</summary>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public void Finish()
    {
        KeptOrphans.Keep(_data.Root, "The metadata was rebuilt from what blobs say of themselves: not all of it came back.");
        File.Delete(_marker);
        FileSync.Directory(_data.Root);
    }

    public async ValueTask DisposeAsync()
    {
        await Metadata.DisposeAsync();
        await Blobs.DisposeAsync();
        _data.Dispose();
    }
}
