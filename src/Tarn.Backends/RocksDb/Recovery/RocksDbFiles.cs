using System.Globalization;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>Recognizes a database's files by their names (RocksDB's file/filename.cc).</summary>
internal static class RocksDbFiles
{
    private const string FirstManifest = "MANIFEST-000001";

    /// <summary>Whether there is a database: RocksDB checks only this file, and without it creates a new database over existing files.</summary>
    public static bool HasDatabase(string directory) => File.Exists(Path.Combine(directory, "CURRENT"));

    /// <summary>Lists the logs, in no order.</summary>
    public static IEnumerable<(string Path, ulong Number)> Logs(string directory)
    {
        foreach (string path in Directory.EnumerateFiles(directory, "*.log"))
        {
            if (ulong.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            {
                yield return (path, number);
            }
        }
    }

    /// <summary>Finds a file that only a database that was in use has; null when there is none. An interrupted first start leaves only other files.</summary>
    public static string? FindRemnant(string directory) => Directory.EnumerateFiles(directory).FirstOrDefault(static path =>
        Path.GetFileName(path) is var name
        && (name.EndsWith(".sst", StringComparison.Ordinal)
            || name.EndsWith(".blob", StringComparison.Ordinal)
            || name == SyncedPosition.FileName
            || (name.StartsWith("MANIFEST-", StringComparison.Ordinal) && name != FirstManifest)
            || name.EndsWith(".log", StringComparison.Ordinal)));
}
