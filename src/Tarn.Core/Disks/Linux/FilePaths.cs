namespace Tarn.Core.Disks.Linux;

/// <summary>Absolute paths without links or dots, compared as text.</summary>
public static class FilePaths
{
    /// <summary>Whether a path is a directory or something below it.</summary>
    public static bool IsWithin(string path, string directory)
    {
        string above = directory.TrimEnd('/') + "/";
        return (path.TrimEnd('/') + "/").StartsWith(above, StringComparison.Ordinal);
    }

    /// <summary>Whether one of two directories is the other or below it.</summary>
    public static bool Overlap(string one, string other) => IsWithin(one, other) || IsWithin(other, one);
}
