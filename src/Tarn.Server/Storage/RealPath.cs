namespace Tarn.Server.Storage;

/// <summary>Finds out where a path leads when every symbolic link in it is followed.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>The path without symbolic links; components that do not exist stay as they are.</summary>
    /// <exception cref="IOException">A link cannot be followed, or leads to itself.</exception>
    public static string Of(string path) => Of(path, MaxLinks);

    private static string Of(string path, int links)
    {
        if (links == 0)
        {
            throw new IOException($"the path {path} has too many symbolic links");
        }

        string real = "/";
        foreach (string component in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, component);
            real = new DirectoryInfo(next).LinkTarget is { } target ? Of(Path.Combine(real, target), links - 1) : next;
        }

        return real;
    }
}
