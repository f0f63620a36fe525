namespace Tarn.Core.Files;

/// <summary>Creates directories whose names are on the device when the call returns.</summary>
public static class DurableDirectory
{
    private const UnixFileMode AsUmaskSays =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Creates the directory and its missing parents; an existing one is left as it is.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="mode">The permissions of the directories created, before the umask applies.</param>
    /// <exception cref="IOException">It cannot be created, or its name cannot be synced; what was created is removed again.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not create it.</exception>
    public static void Create(string path, UnixFileMode mode = AsUmaskSays)
    {
        var missing = new List<string>();
        for (string? at = Path.GetFullPath(path); at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
        {
            missing.Add(at);
        }

        try
        {
            for (int i = missing.Count - 1; i >= 0; i--)
            {
                Make(missing[i], mode);
                FileSync.Directory(Path.GetDirectoryName(missing[i])!);
            }
        }
        catch (IOException)
        {
            // A sync repeated after a failure may succeed without doing anything. Creating the directory again writes the name again.
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
