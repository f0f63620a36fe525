using System.Globalization;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>What the names of a database's files say (RocksDB's file/filename.cc).</summary>
internal static class RocksDbFiles
{
    private const string FirstManifest = "MANIFEST-000001";

    /// <summary>Whether there is a database: RocksDB goes by this file alone, and without it makes a new one over what is there.</summary>
    public static bool HasDatabase(string directory) => File.Exists(Path.Combine(directory, "CURRENT"));

    /// <summary>Its logs, in no order.</summary>
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

    /// <summary>A file that only a database that was in use has; null when there is none: a first start that was cut off leaves others.</summary>
    public static string? FindRemnant(string directory) => Directory.EnumerateFiles(directory).FirstOrDefault(static path =>
        Path.GetFileName(path) is var name
        && (name.EndsWith(".sst", StringComparison.Ordinal)
            || name.EndsWith(".blob", StringComparison.Ordinal)
            || name == SyncedPosition.FileName
            || (name.StartsWith("MANIFEST-", StringComparison.Ordinal) && name != FirstManifest)
            || name.EndsWith(".log", StringComparison.Ordinal)));
}
