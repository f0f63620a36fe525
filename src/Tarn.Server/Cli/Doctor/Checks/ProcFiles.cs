using System.Globalization;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>What the kernel tells in <c>/proc</c>.</summary>
/// <param name="root"><c>/proc</c>, but in tests.</param>
internal sealed class ProcFiles(string root)
{
    /// <summary>The text of a file; null where it is not there or may not be read.</summary>
    public string? Read(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another kernel, a container that hides it, or a process of another user.
            return null;
        }
    }

    /// <summary>The number in a file that has nothing else; null where there is none.</summary>
    public long? Number(string path) => long.TryParse(Read(path)?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>The arguments with which a process was started, its program among them; none where this user may not see them.</summary>
    public string[] ArgumentsOf(int process) =>
        Read(string.Create(CultureInfo.InvariantCulture, $"{process}/cmdline")) is { Length: > 0 } text ? text[..(text[^1] == '\0' ? ^1 : ^0)].Split('\0') : [];

    /// <summary>The working directory of a process; null where this user may not see it.</summary>
    public string? DirectoryOf(int process)
    {
        try
        {
            return new FileInfo(Path.Combine(root, process.ToString(CultureInfo.InvariantCulture), "cwd")).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>How many entries a directory has; null where it may not be read.</summary>
    public int? Count(string path)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(root, path)).Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The numbers of the sockets that a process has; null where this user may not see them.</summary>
    public HashSet<string>? SocketsOf(int process)
    {
        try
        {
            // Each is a link to socket:[123456].
            return
            [
                .. Directory.EnumerateFileSystemEntries(Path.Combine(root, process.ToString(CultureInfo.InvariantCulture), "fd")).Select(static file => new FileInfo(file).LinkTarget)
                    .OfType<string>().Where(static target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(static target => target["socket:[".Length..^1]),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// The process that has locked a data directory by flock(2), as a server does. The lock itself is not tried, and its file not even opened, which .NET does with a lock: a server that starts at that moment would be refused.
    /// Null also for a server in another container: the kernel shows locks of visible processes only.
    /// </summary>
    public int? ServerOf(string data) => FileFacts.Find(Path.Combine(data, "tarn.lock")) is { } file ? HolderOf(file) : null;

    /// <summary>The process that has locked a file by flock(2); null if none has. Source: proc_locks(5).</summary>
    public int? HolderOf(FileFacts file)
    {
        // 1: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF
        string inode = file.Inode.ToString(CultureInfo.InvariantCulture);
        foreach (string line in (Read("locks") ?? "").Split('\n'))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 6 && fields[1] == "FLOCK" && fields[3] == "WRITE" && fields[5].Split(':') is [var major, var minor, var held] && held == inode && IsDevice(file, major, minor)
                && int.TryParse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture, out int process))
            {
                return process;
            }
        }

        return null;
    }

    // Btrfs and overlay show files on other devices than locks.
    private static bool IsDevice(FileFacts file, string major, string minor) =>
        file.Major == 0 || (uint.TryParse(major, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint driver) && uint.TryParse(minor, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint number)
            && (driver, number) == (file.Major, file.Minor));
}
