namespace Tarn.Core.Files;

/// <summary>Makes directories whose names are on the device when the call returns.</summary>
public static class DurableDirectory
{
    private const UnixFileMode AsUmaskSays =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes the directory and those above it that are missing; one that is there already is left as it is.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="mode">The permissions of what is made; less what the umask takes.</param>
    /// <exception cref="IOException">It cannot be made, or its name cannot be synced; what was made is gone then.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Create(string path, UnixFileMode mode = AsUmaskSays)
    {
        var missing = new List<string>();
        for (string? at = Path.GetFullPath(path); at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
        {
            missing.Add(at);
        }

        Create(missing, missing, mode);
    }

    /// <summary>
    /// Makes <paramref name="path"/> below <paramref name="root"/>, and syncs the names of what is there already too: a process that
    /// died may have made them and not synced them.
    /// </summary>
    /// <exception cref="IOException">As of the other overload.</exception>
    public static void CreateBelow(string root, string path)
    {
        var all = new List<string>();
        var missing = new List<string>();
        for (string at = path; at.Length > root.Length; at = Path.GetDirectoryName(at)!)
        {
            all.Add(at);
            if (!Directory.Exists(at))
            {
                missing.Add(at);
            }
        }

        Create(all, missing, AsUmaskSays);
    }

    private static void Create(List<string> innermostFirst, List<string> missing, UnixFileMode mode)
    {
        try
        {
            for (int i = innermostFirst.Count - 1; i >= 0; i--)
            {
                Make(innermostFirst[i], mode);
                FileSync.Directory(Path.GetDirectoryName(innermostFirst[i])!);
            }
        }
        catch (IOException)
        {
            // A sync that is called again after it failed may succeed and have done nothing. Made anew, the name is written anew.
            foreach (string made in missing.Where(Directory.Exists))
            {
                Directory.Delete(made);
            }

            throw;
        }
    }

    private static void Make(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, mode);
        }
    }
}
