using Tarn.Backends.RocksDb.Interop;
using Tarn.Backends.RocksDb.Recovery;

namespace Tarn.Backends.RocksDb;

/// <summary>Copies an open database: finished files by hard links where the file system has them, the manifest and logs by copying.</summary>
internal static class RocksDbCheckpoint
{
    // Recent writes are flushed to a table first: that is less than their log, which would have to be copied.
    private const ulong AlwaysFlush = 0;

    /// <summary>Creates a copy with everything that is committed now.</summary>
    /// <returns>The number of the last change in it.</returns>
    /// <exception cref="IOException">It failed, and nothing is left of it.</exception>
    public static ulong Create(DatabaseHandle database, string directory, RocksDbOptions options)
    {
        if (Path.Exists(directory))
        {
            throw new IOException($"A checkpoint needs a directory that does not exist, and {directory} does.");
        }

        Copy(database, directory);
        try
        {
            // RocksDB reports no number, and whether a copy can be opened is best shown by opening it.
            RecoveryOutlook outlook = RocksDbOpener.Look(directory, options);
            new SyncedPosition(outlook.LastChange, outlook.FirstLog, IsRelaxed: false).Create(directory).Dispose();
            return outlook.LastChange;
        }
        catch (IOException)
        {
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    // RocksDB makes the copy under another name, syncs it and renames it.
    private static void Copy(DatabaseHandle database, string directory)
    {
        bool held = false;
        try
        {
            database.DangerousAddRef(ref held);
            nint checkpoint = RocksDbNative.CreateCheckpointObject(database, out nint error);
            if (error == 0)
            {
                RocksDbNative.CreateCheckpoint(checkpoint, directory, AlwaysFlush, out error);
                RocksDbNative.DestroyCheckpointObject(checkpoint);
            }

            if (error != 0)
            {
                throw RocksDbError.ToException(RocksDbError.Take(error));
            }
        }
        finally
        {
            if (held)
            {
                database.DangerousRelease();
            }
        }
    }
}
